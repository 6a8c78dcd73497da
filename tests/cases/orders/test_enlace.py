"""The table of 7.2-01 and 7.2-02: what a household and its bill lead to (R10, R24, R25)."""

import pytest

from cases.attentions.household import Household
from cases.catalogue.order_kinds import OrderKind, SuborderKind
from cases.orders.enlace import MOST_LOOKED_UP, Finding, Known, decide

ANA, LUIS = "000162975", "045678903"
BILL, OTHER = "4407719", "5500012"
WHOLE = Household((ANA, LUIS), BILL)
CROWD = Household((ANA, *map(str, range(MOST_LOOKED_UP + 1))), BILL)


@pytest.mark.parametrize(
    ("household", "known", "found", "order"),
    [
        (Household(), Known(None, None), Finding.NO_DOCUMENTS, None),
        (Household((ANA,)), Known(None, None), Finding.NO_DOCUMENTS, None),
        (Household((), BILL), Known(None, None), Finding.NO_DOCUMENTS, None),
        (WHOLE, Known(None, None), Finding.NOBODY, OrderKind.ENLACE),
        (WHOLE, Known(BILL, ANA), Finding.SAME_LINK, OrderKind.MODIFICACION),
        (WHOLE, Known(OTHER, None), Finding.OTHER_BILL, OrderKind.CAMBIO_DE_RECIBO),
        (WHOLE, Known(None, LUIS), Finding.OTHER_PERSON, None),
        (WHOLE, Known(OTHER, LUIS), Finding.OTHER_PERSON, None),
        (WHOLE, Known(None, None, is_under_way=True), Finding.UNDER_WAY, None),
        (WHOLE, Known(OTHER, None, is_under_way=True), Finding.UNDER_WAY, None),
        (WHOLE, Known(None, None, has_linked_member=True), Finding.MEMBER_LINKED, None),
        (WHOLE, Known(BILL, ANA, has_linked_member=True), Finding.MEMBER_LINKED, None),
        (CROWD, Known(None, None), Finding.TOO_MANY, None),
    ],
)
def test_what_it_leads_to(household, known, found, order):
    finding = decide(ANA, household, known)
    assert (finding, finding.order) == (found, order)
    assert finding.sentence.endswith(".")


@pytest.mark.parametrize(
    ("kind", "steps"),
    [
        (OrderKind.ENLACE, (SuborderKind.RECEPCION, SuborderKind.REGISTRO)),
        (OrderKind.MODIFICACION, (SuborderKind.RECEPCION, SuborderKind.REGISTRO)),
        (OrderKind.CAMBIO_DE_RECIBO, (SuborderKind.DESACTIVACION, SuborderKind.RECEPCION, SuborderKind.REGISTRO)),
        (OrderKind.PIN_SUSTRACCION, ()),
    ],
)
def test_the_suborders_of_each_order(kind, steps):
    """R26."""
    assert kind.steps == steps
