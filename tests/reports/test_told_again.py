"""What people do with a consultation later changes no figure of the days that are over (decision 0035)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from cases.attentions import attentions
from cases.attentions.attentions import Keep
from cases.consultations import consultations
from cases.orders import theft
from cases.tables import case_, task
from core.clock import FixedClock
from core.privacy import Vault
from reports.consultations import Consultations, Pendings, consultations_in, pendings_in
from reports.periods import Period
from tests.reports.days import SAN_SALVADOR

ANA, LUISA = "ana@ejemplo.gob.sv", "luisa@ejemplo.gob.sv"
ABOUT = ("000162975", "+50322334455", "dgs", None, "Pregunta cuánto cuesta el cilindro")
WRITTEN: dict[str, Any] = {
    "subject": "C01",
    "caller_kind": "BENEFICIARIO",
    "contact_name": "Alguien Inventado",
    "detail": "Pregunta el precio del cilindro de 25 libras",
    "has_conflict": False,
    "is_gift_offered": False,
    "outcome": "PENDIENTE",
}


@pytest.fixture
def tx(db):
    with db.begin() as tx:
        yield tx


@pytest.fixture
def told(tx: Connection, clock: FixedClock) -> Callable[[], tuple[list[Consultations], list[Pendings]]]:
    """The day on which this is asked for first, and the one after it; the same two each time."""
    first = clock.now().astimezone(SAN_SALVADOR).date()
    days = Period(first, first, SAN_SALVADOR), Period(first + timedelta(1), first + timedelta(1), SAN_SALVADOR)
    return lambda: (consultations_in(tx, days[0]), pendings_in(tx, days[1]))


@pytest.fixture
def left(tx: Connection, vault: Vault, clock: FixedClock) -> Callable[..., int]:
    """The line leaves a consultation; it is closed two hours later."""

    def left(subject: str = "C01") -> int:
        case_id = consultations.open_case(tx, vault, clock.now(), subject, *ABOUT)
        clock.advance(timedelta(hours=2))
        consultations.close_case(tx, vault, clock.now(), case_id, ANA, "Se le dijo el precio")
        return case_id

    return left


def write(tx: Connection, vault: Vault, clock: FixedClock, operator: str, **other: Any) -> int:
    """This operator's draft of the one call, filled in."""
    told: dict[str, Any] = {"line": "dgs", "call_sid": "CA1", "phone": ABOUT[1], "document": ABOUT[0]}
    draft = attentions.open_draft(tx, vault, clock.now(), room_id=1, operator=operator, zone=SAN_SALVADOR, **told)
    attentions.type_draft(tx, vault, clock.now(), draft, operator, **{**WRITTEN, **other})
    return draft


def test_one_that_is_opened_again_waited_before_and_waits_anew(tx, vault, clock, told, left):
    case_id = left()
    before = told()
    assert before[1] == [Pendings("dgs", due=1, in_time=1)]

    clock.advance(timedelta(days=5))
    consultations.open_again(tx, vault, clock.now(), case_id, ANA)

    assert told() == before
    anew = (clock.now() + timedelta(hours=24)).astimezone(SAN_SALVADOR).date()
    assert pendings_in(tx, Period(anew, anew, SAN_SALVADOR)) == [Pendings("dgs", due=1, in_time=0)]


def test_one_of_before_there_were_tasks_is_told_by_the_case(tx, vault, clock, told, left):
    case_id = left()
    before = told()
    tx.execute(task.delete().where(task.c.case_id == case_id))
    assert told() == before


def test_one_that_a_colleague_completes_otherwise_was_what_it_was(tx, vault, clock, told):
    first, second = write(tx, vault, clock, ANA), write(tx, vault, clock, LUISA, subject="C08")
    attentions.save(tx, vault, clock.now(), first, ANA)
    tx.execute(update(case_).values(script="Precios, versión 2"))
    before = told()
    assert [(each.subject, each.script, each.by_people) for each in before[0]] == [("C01", "Precios, versión 2", 1)]

    clock.advance(timedelta(days=3))
    standing = attentions.standing(tx, vault, 1)
    assert standing is not None
    attentions.save(tx, vault, clock.now(), second, LUISA, keep=Keep.MINE, seen=standing.newest)

    assert tx.execute(select(case_.c.subject)).scalar_one() == "C08"
    assert told() == before


@pytest.mark.parametrize("is_claimed", [True, False])
def test_a_redemption_that_becomes_a_claim_or_not_was_what_it_was(tx, vault, clock, told, left, is_claimed):
    case_id = left("C03" if is_claimed else "C10")
    before = told()

    clock.advance(timedelta(days=3))
    if is_claimed:
        theft.claim(tx, vault, clock.now(), case_id, ANA, "Nadie de la casa lo cobró")
    else:
        theft.decline(tx, vault, clock.now(), case_id, ANA, "Lo cobró su hija")

    assert tx.execute(select(case_.c.subject)).scalar_one() == ("C10" if is_claimed else theft.REDEMPTION)
    assert told() == before


def test_one_that_waits_and_is_declined_later_was_a_claim(tx, vault, clock, told):
    case_id = consultations.open_case(tx, vault, clock.now(), "C10", *ABOUT)
    before = told()

    clock.advance(timedelta(days=3))
    theft.decline(tx, vault, clock.now(), case_id, ANA, "Lo cobró su hija")

    assert [each.subject for each in before[0]] == ["C10"]
    assert told() == before
