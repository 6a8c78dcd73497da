"""What is wrong in the padrón: asked for, decided by somebody else who compared it, and told once (R36–R41)."""

from datetime import date

import pytest

from cases import consultations, corrections, tasks
from cases.corrections import (
    AlreadyDecided,
    CannotAsk,
    CorrectionState,
    NoSuchCorrection,
    OwnRequest,
)
from cases.events import events_of
from cases.problem import TextMissing
from cases.tasks import TaskKind
from core.roles import Role

ANA, LUISA = "ana@ejemplo.gob.sv", "luisa@ejemplo.gob.sv"
DUI = "000162975"
BORN = date(1958, 7, 12)
DONE, REFUSED = CorrectionState.ACTUALIZADA, CorrectionState.RECHAZADA


@pytest.fixture
def tx(db):
    with db.begin() as tx:
        yield tx


@pytest.fixture
def left(tx, vault, clock):
    def left(subject: str = "FECHA_NACIMIENTO", document: str | None = DUI, detail: str = "") -> int:
        return consultations.open_case(tx, vault, clock.now(), subject, document, None, "dgs", None, detail)

    return left


@pytest.fixture
def ask(tx, vault, clock):
    def ask(case_id: int, proposed: date | None = BORN, detail: str = "Su DUI dice otra fecha") -> int:
        return corrections.ask(tx, vault, clock.now(), case_id, ANA, detail, proposed)

    return ask


@pytest.fixture
def decide(tx, vault, clock):
    def decide(number: int, state=DONE, actor: str = LUISA, source: str | None = "VENTANILLA", reason="Es la misma"):
        return corrections.decide(tx, vault, clock.now(), number, actor, state, reason, source)

    return decide


def test_it_is_the_coordinators_task_and_stands_in_the_history(tx, vault, left, ask):
    case = left()
    number = ask(case)
    (task,) = tasks.tasks_of(tx, vault, [case])[case]
    assert (task.kind, task.about, task.to_roles) == (TaskKind.CORRECTION, number, (Role.COORDINADOR,))
    assert events_of(tx, vault, case)[-1].text == "Su DUI dice otra fecha"


def test_who_has_no_history_is_the_technicians_too(tx, vault, left, ask):
    """R37."""
    case = left("SIN_HISTORIAL")
    ask(case, None)
    (task,) = tasks.tasks_of(tx, vault, [case])[case]
    assert task.to_roles == (Role.COORDINADOR, Role.TECNICO)


@pytest.mark.parametrize("proposed", [None, date(1899, 12, 31), date(2031, 1, 1)])
def test_a_date_of_birth_needs_one_of_somebody_alive(left, ask, proposed):
    with pytest.raises(CannotAsk, match="como está en el documento"):
        ask(left(), proposed)


def test_what_leads_to_no_correction_and_what_has_no_document(left, ask):
    for case in (left("C01", detail="Pregunta el precio del gas"), left("C11", None, "Su nombre está mal escrito")):
        with pytest.raises(CannotAsk, match="no lleva a una corrección"):
            ask(case)


def test_a_second_one_for_the_same_document_is_the_first(left, ask):
    assert ask(left()) == ask(left("C11", detail="Otra vez la fecha de nacimiento"), date(1958, 12, 7))


def test_whoever_asked_for_it_does_not_decide_it(left, ask, decide):
    """Or one person alone could hand an account over."""
    with pytest.raises(OwnRequest):
        decide(ask(left()), actor=ANA)


@pytest.mark.parametrize(("source", "reason"), [(None, "Es la misma"), ("LO_DIJO", "Es la misma"), ("VENTANILLA", " ")])
def test_it_is_compared_with_a_source_that_is_not_the_caller(left, ask, decide, source, reason):
    number = ask(left())
    with pytest.raises(TextMissing):
        decide(number, source=source, reason=reason)


def test_it_is_decided_once_and_its_task_ends(tx, vault, left, ask, decide):
    case = left()
    number = ask(case)
    assert decide(number).state is DONE
    assert tasks.tasks_of(tx, vault, [case]) == {}
    with pytest.raises(AlreadyDecided):
        decide(number, REFUSED, source=None, reason="No coincide")
    assert ask(left("C11", detail="La fecha de nacimiento sigue mal")) != number, "a new one may be asked for"


def test_who_was_told_is_told_once(tx, vault, clock, left, ask, decide):
    number = ask(left())
    assert corrections.untold(tx, vault) == []
    decide(number, REFUSED, source=None, reason="No coincide con el registro")
    assert [each.id for each in corrections.untold(tx, vault)] == [number]
    for _ in range(2):
        corrections.was_told(tx, vault, clock.now(), number, "Se le avisó por teléfono.")
    assert corrections.untold(tx, vault) == []
    said = [each.text for each in events_of(tx, vault, 1)]
    assert said.count("Se le avisó por teléfono.") == 1


def test_one_of_a_hidden_line_is_not_there(tx, vault, left, ask):
    number = ask(left())
    with pytest.raises(NoSuchCorrection):
        corrections.one(tx, vault, number, hidden_lines=frozenset({"dgs"}))
    assert corrections.waiting(tx, vault, hidden_lines=frozenset({"dgs"})) == []


def test_nothing_of_it_tells_who_it_is_about(tx, vault, left, ask):
    shown = repr(corrections.one(tx, vault, ask(left())))
    assert DUI not in shown and "1958" not in shown
