"""The line left a case of a call before a person had it: they complete it, and the call leaves one (R17, R38)."""

import pytest
from sqlalchemy import select

from cases.attentions import attentions
from cases.consultations import consultations
from cases.consultations.consultations import CaseState
from cases.events import EventKind, events_of
from cases.tables import case_
from cases.tasks import TaskKind, open_tasks
from core.roles import Role
from tests.cases.conftest import ANA, DUI, LUISA, PHONE

DETAIL = "Dice que nació el 2 de mayo, como está en su documento"


@pytest.fixture
def left_by_line(tx, vault, clock):
    def left(subject: str = "SIN_HISTORIAL", call_sid: str = "CA1", line: str = "dgs") -> int:
        return consultations.open_case(tx, vault, clock.now(), subject, DUI, PHONE, line, call_sid, "Lo dejó la línea")

    return left


def test_the_draft_begins_with_what_it_is_about_and_says_so(tx, vault, left_by_line, answered):
    left_by_line("FECHA_NACIMIENTO")
    draft = attentions.draft(tx, vault, answered())
    assert draft.subject == "FECHA_NACIMIENTO"
    about = attentions.left_by_line(tx, draft)
    assert about is not None and about.code == "FECHA_NACIMIENTO"


@pytest.mark.parametrize(
    ("subject", "outcome", "roles"),
    [("SIN_HISTORIAL", "PENDIENTE", (Role.COORDINADOR, Role.TECNICO)), ("C03", "PENDIENTE", (Role.COORDINADOR,))],
)
def test_whoever_attends_it_completes_the_lines_case(
    tx, vault, left_by_line, answered, typed, save, subject, outcome, roles
):
    left = left_by_line()
    mine = answered()
    typed(mine, subject=subject, outcome=outcome, detail=DETAIL)
    assert save(mine) == attentions.Saved(left, CaseState(outcome))
    (row,) = tx.execute(select(case_)).all()
    assert (row.subject, row.state, row.opened_by, row.caller_kind) == (subject, outcome, "ivr", "BENEFICIARIO")
    assert vault.open(row.detail_sealed) == DETAIL
    last = events_of(tx, vault, left)[-1]
    assert (last.kind, last.actor, last.facts["was"]) == (EventKind.COMPLETED, ANA, "SIN_HISTORIAL")
    assert [each.to_roles for each in open_tasks(tx, vault, kinds=(TaskKind.CLOSE,))] == [roles]
    assert attentions.left_by_line(tx, attentions.draft(tx, vault, mine)) is None


def test_one_that_is_closed_with_the_call_is_closed(tx, vault, left_by_line, answered, typed, save):
    left, mine = left_by_line(), answered()
    typed(mine)
    assert save(mine) == attentions.Saved(left, CaseState.CERRADO)
    assert open_tasks(tx, vault) == []


def test_the_second_person_of_the_call_completes_the_same(tx, vault, left_by_line, answered, typed, save):
    left, mine = left_by_line(), answered()
    typed(mine, outcome="PENDIENTE", detail=DETAIL)
    hers = answered(operator=LUISA)
    assert not attentions.owes_answers_alone(tx, attentions.draft(tx, vault, mine)), "nobody of the call has saved"
    typed(hers, LUISA, subject="C03")
    assert [save(mine).case_id, save(hers, LUISA).case_id] == [left, left]
    assert tx.execute(select(case_.c.subject)).scalars().all() == ["C03"]


@pytest.mark.parametrize("other", [{"call_sid": "CA2"}, {"line": "linea131", "subject": "D01"}])
def test_of_another_call_nothing_is_taken_up(tx, vault, left_by_line, answered, typed, save, other):
    left = left_by_line(**other)
    mine = answered()
    assert attentions.draft(tx, vault, mine).subject is None
    typed(mine)
    assert save(mine).case_id == left + 1


def test_nor_one_that_a_person_opened_by_hand(tx, vault, clock, answered, typed, save):
    left = consultations.open_case(tx, vault, clock.now(), "SIN_HISTORIAL", DUI, PHONE, "dgs", "CA1", actor=LUISA)
    mine = answered()
    typed(mine)
    assert save(mine).case_id == left + 1
