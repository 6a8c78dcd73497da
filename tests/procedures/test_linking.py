"""§7.2 of the procedure of the DGS, step by step: a household linked to its electricity bill (R10, R24–R27)."""

from datetime import datetime
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from assembly import Parts
from beneficiaries.imports import import_padron
from beneficiaries.registry import BillTaken
from cases import tasks
from cases.attentions import attentions
from cases.catalogue.order_kinds import OrderKind, SuborderKind
from cases.consultations.consultations import NoSuchCase, close_case
from cases.events import events_of
from cases.orders import orders
from cases.orders.enlace import MOST_LOOKED_UP, Finding
from cases.orders.order_links import Link, link_of
from cases.orders.orders import OrderState, OtherBillOpen
from cases.orders.suborders import StepsLeft
from cases.problem import TextMissing
from cases.tables import work_order
from cases.tasks import TaskKind
from core.documents import is_dui
from procedures.linking import CannotOpen, Linking, told_at_the_end

ANA, LUIS = "000162975", "045678903"
THIRD = "000000018"
BILL, OTHER = "4407719", "5500012"
OPERATOR = "ana@ejemplo.gob.sv"
WORDS = "Trajo los documentos de su hogar"


def next_dui(number: int) -> str:
    """One with its check digit, invented."""
    return next(f"{number:08}{digit}" for digit in range(10) if is_dui(f"{number:08}{digit}"))


@pytest.fixture
def linking(parts: Parts) -> Linking:
    return Linking(parts.db, parts.vault, parts.clock, parts.world.padron, "SV")


@pytest.fixture
def padron(parts: Parts):
    """Two people of one household: (document, bill) of whoever is linked."""

    def padron(**linked: str) -> None:
        rows = "".join(
            f"{document};{name};05/03/1960;ACTIVO;+50370001234\n"
            for document, name in (("00016297-5", "Ana López"), ("04567890-3", "Luis López"))
        )
        with parts.db.begin() as tx:
            heading = "documento;nombre;fecha_nacimiento;estado;telefono\n"
            import_padron(tx, parts.vault, parts.clock.now(), (heading + rows).encode(), "test")
        for who, bill in linked.items():
            parts.world.padron.link_bill({"ana": ANA, "luis": LUIS}[who], bill, "test")

    return padron


@pytest.fixture
def case(parts: Parts):
    """A consultation C09 as an operator saves it, with what was told of the household."""
    rooms = count(1)

    def case(household: str = f"{ANA}\n{LUIS}", bill: str = BILL, document: str = "00016297-5") -> int:
        with parts.db.begin() as tx:
            now, vault = parts.clock.now(), parts.vault
            line = parts.lines["dgs"]
            draft = attentions.open_draft(
                tx,
                vault,
                now,
                room_id=next(rooms),
                line="dgs",
                call_sid=None,
                phone="+50370001234",
                document=None,
                operator=OPERATOR,
                zone=line.zone,
            )
            told: dict[str, object] = {"subject": "C09", "caller_kind": "SOLICITANTE", "outcome": "PENDIENTE"}
            told |= {"detail": "Quiere inscribir a su hogar en el subsidio", "household": household, "bill": bill}
            told |= {"document": document, "has_conflict": False, "is_gift_offered": False}
            attentions.type_draft(tx, vault, now, draft, OPERATOR, **told)
            saved = attentions.save(tx, vault, now, draft, OPERATOR)
            assert isinstance(saved, attentions.Saved), saved
            return saved.case_id

    return case


def order(parts: Parts, number: int) -> orders.Order:
    with parts.db.begin() as tx:
        return orders.one_order(tx, parts.vault, number)


def test_a_household_without_any_link_is_inscribed(parts, linking, padron, case):
    """7.2-01 a, 02, 03, 04."""
    padron()
    consultation = case()
    assert linking.look(consultation).finding is Finding.NOBODY
    number = linking.open(consultation, OPERATOR, WORDS)
    opened = order(parts, number)
    assert (opened.kind, opened.case_id) == (OrderKind.ENLACE, consultation)
    assert [each.step for each in opened.steps] == [SuborderKind.RECEPCION, SuborderKind.REGISTRO]

    assert linking.close_step(number, SuborderKind.RECEPCION, OPERATOR, "DUI de dos personas y recibo") is False
    assert parts.world.padron.find(ANA).bill is None
    assert linking.close_step(number, SuborderKind.REGISTRO, OPERATOR, "Quedó en el sistema") is True
    assert parts.world.padron.find(ANA).bill == BILL
    assert order(parts, number).state is OrderState.CERRADA, "it closes when its suborders have (R26)"


@pytest.mark.parametrize(
    ("linked", "finding", "kind"),
    [
        ({"ana": BILL}, Finding.SAME_LINK, OrderKind.MODIFICACION),
        ({"ana": OTHER}, Finding.OTHER_BILL, OrderKind.CAMBIO_DE_RECIBO),
    ],
)
def test_whoever_has_a_link_already(parts, linking, padron, case, linked, finding, kind):
    """7.2-01 b, 02: the kind of order is not for anybody to choose (R25)."""
    padron(**linked)
    consultation = case()
    assert linking.look(consultation).finding is finding
    number = linking.open(consultation, OPERATOR, WORDS)
    assert order(parts, number).kind is kind
    for each in kind.steps:
        linking.close_step(number, each, OPERATOR, "Hecho")
    assert parts.world.padron.linked_to(BILL) == ANA
    assert parts.world.padron.linked_to(OTHER) is None


def test_somebody_else_on_that_bill_goes_to_a_window(linking, padron, case):
    """7.2-01 c."""
    padron(luis=BILL)
    consultation = case()
    assert linking.look(consultation).finding is Finding.OTHER_PERSON
    with pytest.raises(CannotOpen, match="Ventanilla"):
        linking.open(consultation, OPERATOR, WORDS)


def test_another_of_the_household_with_a_procedure_goes_to_a_window(linking, padron, case):
    """7.2-01: nobody else with a procedure of the household."""
    padron()
    linking.open(case(bill=OTHER, document="04567890-3"), OPERATOR, WORDS)
    assert linking.look(case()).finding is Finding.UNDER_WAY


def test_another_of_the_household_on_another_bill_goes_to_a_window(parts, linking, padron, case):
    """7.2-01: it was said that nobody of the household has a link, and the order was opened."""
    padron(luis=OTHER)
    consultation = case()
    assert linking.look(consultation).finding is Finding.MEMBER_LINKED
    with pytest.raises(CannotOpen, match="Ventanilla"):
        linking.open(consultation, OPERATOR, WORDS)
    parts.world.padron.link_bill(ANA, BILL, "test")
    assert linking.look(consultation).finding is Finding.MEMBER_LINKED, "also where who asks has a link of their own"


def test_whoever_is_named_in_the_open_order_of_another_goes_to_a_window(parts, linking, padron, case):
    """7.2-01: an order was known by who asked for it alone."""
    padron()
    first = linking.open(case(), OPERATOR, WORDS)
    again = case(household=LUIS, bill=OTHER, document="04567890-3")
    assert linking.look(again).finding is Finding.UNDER_WAY
    third = case(household=f"{THIRD}\n{LUIS}", bill=OTHER, document=THIRD)
    assert linking.look(third).finding is Finding.UNDER_WAY, "nor do others of theirs begin one"
    with parts.db.begin() as tx:
        orders.close_order(tx, parts.vault, parts.clock.now(), first, OPERATOR, "Se arrepintió")
        assert tx.execute(select(work_order.c.member_prints)).scalars().all() == [None], "once over"
    assert linking.look(again).finding is Finding.NOBODY
    assert linking.look(third).finding is Finding.NOBODY


def test_whoever_is_named_later_is_found_too(linking, padron, case):
    padron()
    assert linking.open(case(household=ANA), OPERATOR, WORDS) == linking.open(case(), OPERATOR, WORDS)
    assert linking.look(case(household=LUIS, bill=OTHER, document="04567890-3")).finding is Finding.UNDER_WAY


def test_the_padron_is_asked_of_twelve_others_at_most(parts, padron, case):
    padron()
    asked = []

    class Counting:
        def find(self, document: str):
            asked.append(document)
            return parts.world.padron.find(document)

        def linked_to(self, bill: str):
            return parts.world.padron.linked_to(bill)

    known: Any = Counting()
    linking = Linking(parts.db, parts.vault, parts.clock, known, "SV")
    household = [ANA, *(next_dui(number) for number in range(1, MOST_LOOKED_UP + 1))]
    assert linking.look(case(household="\n".join(household))).finding is Finding.NOBODY
    assert sorted(asked) == sorted(household)
    asked.clear()
    more = [*household, next_dui(MOST_LOOKED_UP + 1)]
    assert linking.look(case(household="\n".join(more))).finding is Finding.TOO_MANY
    assert len(asked) == 1 + MOST_LOOKED_UP


@pytest.mark.parametrize(("household", "bill"), [("", BILL), (ANA, "")])
def test_without_documents_there_is_no_procedure(linking, padron, case, household, bill):
    """R10."""
    padron()
    consultation = case(household, bill)
    assert linking.look(consultation).finding is Finding.NO_DOCUMENTS
    with pytest.raises(CannotOpen, match="sin ellos no hay trámite"):
        linking.open(consultation, OPERATOR, WORDS)


def test_an_order_of_another_bill_is_not_taken_for_this_one(parts, linking, padron, case):
    padron()
    first = linking.open(case(), OPERATOR, WORDS)
    again = case(bill=OTHER)
    assert (linking.look(again).finding, linking.look(again).other_order) == (Finding.NOBODY, first)
    with pytest.raises(OtherBillOpen, match=f"la orden {first}, de otro recibo"):
        linking.open(again, OPERATOR, WORDS)
    assert linking.open(case(), OPERATOR, WORDS) == first, "of the same bill it is the same"
    with parts.db.begin() as tx:
        orders.close_order(tx, parts.vault, parts.clock.now(), first, OPERATOR, "Era del recibo de su hermana")
    assert linking.look(again).other_order is None
    number = linking.open(again, OPERATOR, WORDS)
    with parts.db.begin() as tx:
        assert link_of(tx, parts.vault, number) == Link(ANA, OTHER)


def test_suborders_are_closed_in_their_order_and_say_what_was_done(parts, linking, padron, case):
    padron()
    number = linking.open(case(), OPERATOR, WORDS)
    with pytest.raises(StepsLeft):
        linking.close_step(number, SuborderKind.REGISTRO, OPERATOR, "Quedó")
    with pytest.raises(TextMissing):
        linking.close_step(number, SuborderKind.RECEPCION, OPERATOR, " ")
    linking.close_step(number, SuborderKind.RECEPCION, OPERATOR, "DUI y recibo")
    assert linking.close_step(number, SuborderKind.RECEPCION, OPERATOR, "Otra vez") is False
    assert [each.filled for each in order(parts, number).steps] == ["DUI y recibo", ""]


def closing_of(parts: Parts, number: int) -> list[str | None]:
    with parts.db.begin() as tx:
        owed = tasks.open_tasks(tx, parts.vault, kinds=[TaskKind.CLOSE])
    return [each.words for each in owed if each.case_id == number]


@pytest.mark.parametrize("is_closed", [False, True])
def test_the_consultation_waits_until_the_person_was_told(parts, linking, padron, case, is_closed):
    """R26, R27: one that was closed before its order waits again."""
    padron()
    consultation = case()
    number = linking.open(consultation, OPERATOR, WORDS)
    if is_closed:
        with parts.db.begin() as tx:
            close_case(tx, parts.vault, parts.clock.now(), consultation, OPERATOR, "Se le dieron los requisitos")
    linking.close_step(number, SuborderKind.RECEPCION, OPERATOR, "DUI y recibo")
    assert closing_of(parts, consultation) == ([] if is_closed else [None])
    linking.close_step(number, SuborderKind.REGISTRO, OPERATOR, "Quedó")
    told = "Diga a la persona: «A partir de diciembre gozará del subsidio. Puede consultar su trámite en diciembre.»"
    assert closing_of(parts, consultation) == [told]
    with parts.db.begin() as tx:
        assert events_of(tx, parts.vault, consultation)[-1].text == told


def test_a_case_that_led_to_its_order_leads_to_no_other(parts, linking, padron, case):
    padron()
    consultation = case()
    number = linking.open(consultation, OPERATOR, WORDS)
    assert linking.look(consultation).own_order == number
    for each in OrderKind.ENLACE.steps:
        linking.close_step(number, each, OPERATOR, "Hecho")
    assert linking.open(consultation, OPERATOR, "Otra vez") == number
    later = case()
    assert (linking.look(later).own_order, linking.look(later).finding) == (None, Finding.SAME_LINK)


def test_a_bill_that_was_taken_meanwhile_closes_nothing(parts, linking, padron, case):
    padron()
    number = linking.open(case(), OPERATOR, WORDS)
    linking.close_step(number, SuborderKind.RECEPCION, OPERATOR, "DUI y recibo")
    parts.world.padron.link_bill(LUIS, BILL, "test")
    with pytest.raises(BillTaken):
        linking.close_step(number, SuborderKind.REGISTRO, OPERATOR, "Quedó")
    assert order(parts, number).state is OrderState.ABIERTA


def test_one_that_is_ended_by_hand_with_suborders_open_is_annulled(parts, linking, padron, case):
    padron()
    number = linking.open(case(), OPERATOR, WORDS)
    with parts.db.begin() as tx:
        assert orders.close_order(tx, parts.vault, parts.clock.now(), number, OPERATOR, "Se arrepintió")
    assert order(parts, number).state is OrderState.ANULADA


def test_no_such_case(linking):
    with pytest.raises(NoSuchCase):
        linking.look(99)


@pytest.mark.parametrize(
    ("now", "month"), [("2026-11-23T10:00:00-06:00", "diciembre"), ("2026-12-31T23:00:00-06:00", "enero")]
)
def test_the_citizen_is_told_the_next_month_by_its_name(now, month):
    """R26, R27."""
    told = told_at_the_end(datetime.fromisoformat(now), "SV")
    assert told == f"A partir de {month} gozará del subsidio. Puede consultar su trámite en {month}."
