"""Consultation C12: a person whom the padrón has as «No activo» or «−1 No generado» is made active (R18)."""

from typing import Any

import pytest
from sqlalchemy import insert, select

from assembly import Parts
from beneficiaries.imports import import_padron
from beneficiaries.registry import Standing, UnknownBeneficiary
from cases.attentions import attentions
from cases.consultations.consultations import CaseState, close_case, one_case, open_case
from cases.events import events_of
from cases.problem import TextMissing
from cases.tables import attention
from core.audit import audit
from procedures.activating import IS_ACTIVE, NO_DOCUMENT, NOT_HERE, OWN, Activating, CannotActivate
from tests.cases.conftest import SAN_SALVADOR

ANA, NOBODY = "000162975", "045678903"
OPERATOR, ROSA, EVA = (f"{name}@ejemplo.gob.sv" for name in ("ana", "rosa", "eva"))
WORDS = "Acta de Ventanilla del 20 de noviembre"


@pytest.fixture
def activating(parts: Parts) -> Activating:
    return Activating(parts.db, parts.vault, parts.clock, parts.world.padron)


@pytest.fixture
def case(parts: Parts):
    """Of Ana, who stands so in the padrón, as an operator wrote it."""

    def case(
        subject: str = "C12", document: str | None = ANA, standing: Standing = Standing.NO_ACTIVO, by: str = OPERATOR
    ) -> int:
        row = f"00016297-5;Ana López;05/03/1960;{standing};+50370001234\n"
        with parts.db.begin() as tx:
            heading = "documento;nombre;fecha_nacimiento;estado;telefono\n"
            import_padron(tx, parts.vault, parts.clock.now(), (heading + row).encode(), "test")
            about = (subject, document, None, "dgs", None, "Dice que no le llega el subsidio")
            return open_case(tx, parts.vault, parts.clock.now(), *about, actor=by)

    return case


def standing_of(parts: Parts, document: str = ANA) -> Standing:
    found = parts.world.padron.find(document)
    assert found is not None
    return found.standing


@pytest.mark.parametrize("standing", [Standing.NO_ACTIVO, Standing.NO_GENERADO])
def test_they_are_active_and_the_case_says_with_what_it_was_compared(parts, activating, case, standing):
    number = case(standing=standing)
    assert activating.look(number, ROSA) is standing
    activating.activate(number, ROSA, WORDS)
    assert standing_of(parts) is Standing.ACTIVO
    with parts.db.begin() as tx:
        found = one_case(tx, parts.vault, number)
        assert found is not None and found.state is CaseState.CERRADO
        assert events_of(tx, parts.vault, number)[-1].text == f"Quedó activa en el padrón. {WORDS}"
        trail = [(row.action, row.actor) for row in tx.execute(select(audit).order_by(audit.c.id))]
    assert ("standing.set", f"case:{number}") in trail and ("case.closed", ROSA) in trail


def test_a_case_that_the_pin_line_left_leads_there_too(parts, activating, case):
    activating.activate(case("NO_ACTIVO", by="ivr"), ROSA, WORDS)
    assert standing_of(parts) is Standing.ACTIVO


@pytest.mark.parametrize(
    ("told", "actor", "why"),
    [
        ({"subject": "C01"}, ROSA, NOT_HERE),
        ({"document": None}, ROSA, NO_DOCUMENT),
        ({}, OPERATOR, OWN),
        ({"standing": Standing.ACTIVO}, ROSA, IS_ACTIVE),
    ],
)
def test_what_the_case_does_not_allow_is_said_and_not_done(parts, activating, case, told, actor, why):
    number = case(**told)
    with pytest.raises(CannotActivate) as refused:
        activating.look(number, actor)
    assert str(refused.value) == why
    if why != IS_ACTIVE:
        with pytest.raises(CannotActivate):
            activating.activate(number, actor, WORDS)
        assert standing_of(parts) is Standing.NO_ACTIVO


@pytest.mark.parametrize("is_passed_on", [False, True])
def test_nor_is_it_activated_by_whoever_wrote_in_it_after_another_opened_it(parts, activating, case, is_passed_on):
    """The case was opened by an operator; a supervisor attended the person too, and then activated them alone."""
    number, now = case(), parts.clock.now()
    call: dict[str, Any] = {"line": "dgs", "call_sid": "CA1", "phone": None, "document": ANA, "zone": SAN_SALVADOR}
    with parts.db.begin() as tx:
        tx.execute(insert(attention).values(**_of_the_case(parts, number)))
        hers = attentions.open_draft(tx, parts.vault, now, room_id=1, operator=ROSA, **call)
        attentions.type_draft(tx, parts.vault, now, hers, ROSA, detail="Yo la conozco")
        if is_passed_on:
            attentions.reassign(tx, parts.vault, now, hers, ROSA)
    with pytest.raises(CannotActivate) as refused:
        activating.activate(number, ROSA, WORDS)
    assert str(refused.value) == OWN
    activating.activate(number, EVA, WORDS)


def _of_the_case(parts: Parts, number: int) -> dict[str, object]:
    """What its operator kept of the conversation."""
    where = {"room_id": 1, "line": "dgs", "channel": "VOZ", "zone": SAN_SALVADOR.key, "operator": OPERATOR}
    typed = parts.vault.seal("{}")
    return {**where, "case_id": number, "typed_sealed": typed, "opened_at": parts.clock.now(), "typed_at": None}


def test_said_twice_it_is_done_once(parts, activating, case):
    number = case()
    activating.activate(number, ROSA, WORDS)
    with pytest.raises(CannotActivate):
        activating.activate(number, ROSA, WORDS)


def test_a_case_that_is_closed_activates_nobody(parts, activating, case):
    number = case()
    with parts.db.begin() as tx:
        close_case(tx, parts.vault, parts.clock.now(), number, ROSA, "Remitida a Ventanilla")
    with pytest.raises(CannotActivate):
        activating.activate(number, ROSA, WORDS)
    assert standing_of(parts) is Standing.NO_ACTIVO


def test_without_words_nothing_is_done(parts, activating, case):
    with pytest.raises(TextMissing):
        activating.activate(case(), ROSA, "  ")
    assert standing_of(parts) is Standing.NO_ACTIVO


def test_somebody_who_is_not_in_the_padron_is_not_activated_and_the_case_waits(parts, activating, case):
    number = case(document=NOBODY)
    assert activating.look(number, ROSA) is None
    with pytest.raises(UnknownBeneficiary):
        activating.activate(number, ROSA, WORDS)
    with parts.db.begin() as tx:
        found = one_case(tx, parts.vault, number)
    assert found is not None and found.state is CaseState.PENDIENTE
