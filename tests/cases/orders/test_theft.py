"""A redemption that was somebody else's: claimed, or not (R29, R35)."""

import pytest
from sqlalchemy import select

from cases import tasks
from cases.consultations.consultations import CaseState, NoSuchCase, close_case, one_case, open_case
from cases.events import EventKind, events_of
from cases.orders import orders, theft
from cases.orders.orders import OrderState
from cases.orders.theft import CannotClaim
from cases.problem import TextMissing
from cases.tables import case_
from core.privacy import Vault

DUI, ANA = "000162975", "ana@ejemplo.gob.sv"


@pytest.fixture
def tx(db):
    with db.begin() as tx:
        yield tx


@pytest.fixture
def case(tx, vault, clock):
    def case(subject: str = "C03", document: str | None = DUI) -> int:
        return open_case(tx, vault, clock.now(), subject, document, None, "dgs", None, "Le cobraron el mes pasado")

    return case


def state_of(tx, vault: Vault, number: int) -> tuple[str, str]:
    found = one_case(tx, vault, number)
    assert found is not None
    return found.subject.code, found.state


def last_of(tx, vault: Vault, number: int) -> tuple[EventKind, str | None]:
    event = events_of(tx, vault, number)[-1]
    return event.kind, event.text


@pytest.mark.parametrize("subject", sorted(theft.ASKED_IN))
def test_a_claim_opens_the_order_of_that_person_and_is_one_from_now_on(tx, vault, clock, case, subject):
    number = case(subject)
    order = theft.claim(tx, vault, clock.now(), number, ANA, "Nadie de la casa lo cobró")
    assert [each.id for each in orders.orders_of_case(tx, vault, number)] == [order]
    assert orders.open_order_of(tx, vault, DUI) == order
    assert state_of(tx, vault, number) == ("C10", CaseState.PENDIENTE)
    kind, text = last_of(tx, vault, number)
    assert kind is EventKind.ADDED and text == f"Reclama el cobro. Orden {order}. Nadie de la casa lo cobró"
    assert [each.kind for each in tasks.open_tasks(tx, vault)] == [tasks.TaskKind.CLOSE]


def test_said_twice_it_is_one_order(tx, vault, clock, case):
    number = case()
    first = theft.claim(tx, vault, clock.now(), number, ANA, "Reclama")
    assert theft.claim(tx, vault, clock.now(), number, ANA, "Reclama otra vez") == first


def test_a_case_without_a_document_is_told_whose_the_order_is(tx, vault, clock, case):
    number = case(document=None)
    with pytest.raises(CannotClaim, match="no tiene el DUI"):
        theft.claim(tx, vault, clock.now(), number, ANA, "Reclama")
    theft.claim(tx, vault, clock.now(), number, ANA, "Reclama", DUI)
    assert orders.has_open_order(tx, vault, DUI)


def test_whoever_declines_leaves_a_consultation_of_the_redemption_that_is_over(tx, vault, clock, case):
    number = case("C10")
    theft.decline(tx, vault, clock.now(), number, ANA, "Prefiere cambiar su PIN")
    assert state_of(tx, vault, number) == ("C08", CaseState.CERRADO)
    assert last_of(tx, vault, number) == (EventKind.CLOSED, "No quiso reclamar. Prefiere cambiar su PIN")
    assert not orders.has_open_order(tx, vault, DUI)
    assert tasks.open_tasks(tx, vault) == []


def test_of_a_case_that_is_closed_already_too(tx, vault, clock, case):
    number = case("C08")
    close_case(tx, vault, clock.now(), number, ANA, "Se le informó")
    theft.decline(tx, vault, clock.now(), number, ANA, "No reclama")
    assert last_of(tx, vault, number) == (EventKind.ADDED, "No quiso reclamar. No reclama")


def test_nobody_declines_what_stands_claimed(tx, vault, clock, case):
    number = case()
    order = theft.claim(tx, vault, clock.now(), number, ANA, "Reclama")
    with pytest.raises(CannotClaim, match="tiene abierta la orden"):
        theft.decline(tx, vault, clock.now(), number, ANA, "Ya no")
    assert orders.close_order(tx, vault, clock.now(), order, ANA, "Ya no reclama")
    assert orders.one_order(tx, vault, order).state is not OrderState.ABIERTA
    theft.decline(tx, vault, clock.now(), number, ANA, "Ya no")
    assert state_of(tx, vault, number) == ("C08", CaseState.CERRADO)


@pytest.mark.parametrize("is_of_a_case", [True, False])
def test_nor_over_an_order_that_came_of_another_case_or_of_none(tx, vault, clock, case, is_of_a_case):
    """A person has one such order: of the second case that claims it is the same, and only the first was asked."""
    first = case("C10") if is_of_a_case else None
    order = orders.open_order(tx, vault, clock.now(), DUI, ANA, "Le robaron", case_id=first)
    second = case("C08")
    assert theft.claim(tx, vault, clock.now(), second, ANA, "Le robaron") == order
    with pytest.raises(CannotClaim, match=f"tiene abierta la orden {order}"):
        theft.decline(tx, vault, clock.now(), second, ANA, "Ya no reclama")
    assert state_of(tx, vault, second) == ("C10", CaseState.PENDIENTE)


def test_a_case_that_has_no_document_is_asked_by_its_order(tx, vault, clock, case):
    number = case(document=None)
    theft.claim(tx, vault, clock.now(), number, ANA, "Reclama", DUI)
    with pytest.raises(CannotClaim, match="tiene abierta la orden"):
        theft.decline(tx, vault, clock.now(), number, ANA, "Ya no")


def test_what_cannot_be(tx, vault, clock, case):
    other = case("C01")
    for do in (theft.claim, theft.decline):
        with pytest.raises(CannotClaim, match="no se pregunta"):
            do(tx, vault, clock.now(), other, ANA, "Reclama")
        with pytest.raises(TextMissing):
            do(tx, vault, clock.now(), case(), ANA, "  ")
        with pytest.raises(NoSuchCase):
            do(tx, vault, clock.now(), 99, ANA, "Reclama")
    assert set(tx.execute(select(case_.c.subject)).scalars()) == {"C01", "C03"}
