"""What is wrong in the padrón: asked for, decided by somebody else who compared it, and told once (R36–R41)."""

from datetime import date

import pytest
from sqlalchemy import select

from cases import tasks
from cases.consultations import consultations
from cases.corrections import asking, corrections, deciding, telling
from cases.corrections.asking import CannotAsk
from cases.corrections.corrections import CorrectionState, NoSuchCorrection
from cases.corrections.deciding import AlreadyDecided, NotSeen, OwnRequest
from cases.corrections.proposed import Proposed
from cases.events import CorrectionAct, events_of
from cases.problem import TextMissing
from cases.tables import correction
from cases.tasks import TaskKind
from core.roles import Role

ANA, LUISA = "ana@ejemplo.gob.sv", "luisa@ejemplo.gob.sv"
DUI = "000162975"
BORN, NAME = Proposed(date(1958, 7, 12)), Proposed(name="Ana López")
BOTH = Proposed(BORN.birth_date, NAME.name)
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
    def ask(case_id: int, proposed: Proposed = BORN, detail: str = "Su DUI dice otra fecha") -> int:
        return asking.ask(tx, vault, clock.now(), case_id, ANA, detail, proposed).number

    return ask


@pytest.fixture
def decide(tx, vault, clock):
    def decide(number: int, state=DONE, actor: str = LUISA, source: str = "VENTANILLA", reason="Es la misma"):
        now = clock.now()
        deciding.reveal(tx, now, number, actor)
        if state is REFUSED:
            return deciding.refuse(tx, vault, now, number, actor, reason)
        deciding.begin(tx, vault, now, number, actor, reason=reason, source=source)
        return deciding.finish(tx, vault, now, number)

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
    ask(case, asking.NOTHING)
    (task,) = tasks.tasks_of(tx, vault, [case])[case]
    assert task.to_roles == (Role.COORDINADOR, Role.TECNICO)


@pytest.mark.parametrize("born", [None, date(1899, 12, 31), date(2031, 1, 1)])
def test_a_date_of_birth_needs_one_of_somebody_alive(left, ask, born):
    with pytest.raises(CannotAsk, match="como está en el documento"):
        ask(left(), Proposed(born))


@pytest.mark.parametrize("name", ["Ana 2", "A", "<b>Ana</b>", "Ana\u202e"])
def test_a_name_that_is_none_is_not_asked_for(left, ask, name):
    with pytest.raises(CannotAsk, match="el nombre"):
        ask(left("C11", detail="Su nombre está mal"), Proposed(BORN.birth_date, name))


@pytest.mark.parametrize(
    ("proposed", "label"),
    [(BORN, "Fecha de nacimiento"), (NAME, "Nombre"), (BOTH, "Fecha de nacimiento y nombre")],
)
def test_it_is_a_date_a_name_or_both(tx, vault, left, ask, proposed, label):
    """R18, type 11. In the database they are of the kind that the version before this one can read."""
    number = ask(left("C11", detail="Su documento dice otra cosa"), proposed)
    found = corrections.one(tx, vault, number)
    assert (found.proposed, found.label) == (proposed, label)
    assert tx.execute(select(correction.c.kind).where(correction.c.id == number)).scalar_one() == "BIRTH_DATE"


def test_what_is_wrong_with_a_pin_proposes_nothing(tx, vault, left, ask):
    number = ask(left("PIN_INVALIDO", detail="El sistema no lo acepta"), BOTH)
    assert not corrections.one(tx, vault, number).proposed


def test_what_leads_to_no_correction_and_what_has_no_document(left, ask):
    for case in (left("C01", detail="Pregunta el precio del gas"), left("C11", None, "Su nombre está mal escrito")):
        with pytest.raises(CannotAsk, match="no lleva a una corrección"):
            ask(case)


@pytest.mark.parametrize(
    ("again", "act", "said"),
    [
        (BORN, CorrectionAct.ASKED_AGAIN, "Insiste"),
        (Proposed(name="ANA LÓPEZ"), CorrectionAct.ASKED_AGAIN, "Insiste"),
        (BOTH, CorrectionAct.ASKED_AGAIN, "Insiste"),
        (Proposed(date(1958, 12, 7)), CorrectionAct.OTHER_DATA, "Dijo 07/12/1958.\nInsiste"),
        (Proposed(name="Ana Lopes"), CorrectionAct.OTHER_DATA, "Dijo Ana Lopes.\nInsiste"),
        (Proposed(date(1958, 12, 7), "Ana López"), CorrectionAct.OTHER_DATA, "Dijo 07/12/1958, Ana López.\nInsiste"),
    ],
)
def test_a_second_one_for_the_same_document_is_the_first_and_what_was_said_stays(
    tx, vault, clock, left, ask, again, act, said
):
    """Another date was dropped, and who asked was told that it had been asked for."""
    first, second = left(), left("C11", detail="Otra vez la fecha de nacimiento")
    number = ask(first, BOTH)
    asked = asking.ask(tx, vault, clock.now(), second, ANA, "Insiste", again)
    assert (asked.number, asked.act) == (number, act)
    assert corrections.one(tx, vault, number).proposed == BOTH
    for case in (first, second):
        last = events_of(tx, vault, case)[-1]
        assert (last.text, last.label) == (said, act.label)
        assert not {"1958", "Ana"} & set((last.masked or "").replace("/", " ").split()), "whoever compares sees them"
        assert last.facts["act"] in ("asked_again", "other_date"), "the version before this one reads no other"


@pytest.mark.parametrize(("first", "second"), [(BORN, NAME), (NAME, BORN), (NAME, BOTH)])
def test_what_adds_something_to_the_first_one_is_said(tx, vault, clock, left, ask, first, second):
    case = left("C11", detail="Su documento dice otra cosa")
    number = ask(case, first)
    asked = asking.ask(tx, vault, clock.now(), case, ANA, "Y también", second)
    assert (asked.number, asked.act) == (number, CorrectionAct.OTHER_DATA)
    assert corrections.one(tx, vault, number).proposed == first


def test_what_is_asked_for_again_takes_no_number(left, ask, decide):
    first = ask(left())
    for _ in range(3):
        ask(left("C11", detail="Otra vez la fecha de nacimiento"))
    decide(first)
    assert ask(left("C11", detail="La fecha de nacimiento sigue mal")) == first + 1


@pytest.mark.parametrize("state", [DONE, REFUSED])
def test_nobody_decides_what_they_have_not_seen(tx, vault, clock, left, ask, state):
    number = ask(left())
    deciding.reveal(tx, clock.now(), number, "eva@ejemplo.gob.sv")
    with pytest.raises(NotSeen):
        if state is DONE:
            deciding.begin(tx, vault, clock.now(), number, LUISA, reason="Es la misma", source="VENTANILLA")
        else:
            deciding.refuse(tx, vault, clock.now(), number, LUISA, "No coincide")


def test_whom_no_call_reached_is_told_by_somebody_and_then_it_is_over(tx, vault, clock, left, ask, decide):
    case = left()
    number = ask(case)
    decide(number, REFUSED, reason="No coincide")
    about = corrections.one(tx, vault, number)
    telling.leave(tx, vault, clock.now(), about, "Sin recibo.", role=Role.OPERADOR, person=ANA)
    owed = telling.left(tx, vault, number)
    assert owed and (telling.label_of(owed), owed.to_person) == ("Avisar a la persona", ANA)
    again = ask(case)
    assert [each.kind.label for each in tasks.tasks_of(tx, vault, [case])[case]] == [
        "Revisar una corrección del padrón"
    ]
    decide(again)
    assert telling.left(tx, vault, number), "another one of the case takes nothing of it away"
    telling.done(tx, vault, clock.now(), about, ANA, "Vino a la Ventanilla")
    assert (events_of(tx, vault, case)[-1].text, telling.left(tx, vault, number)) == ("Vino a la Ventanilla", None)
    with pytest.raises(tasks.NoSuchTask):
        telling.done(tx, vault, clock.now(), about, ANA, "Otra vez")


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


def test_while_it_is_being_made_nobody_else_decides_it(tx, vault, clock, left, ask, decide):
    """It was refused while the padrón was being changed, and its citizen was told so."""
    case = left()
    number = ask(case)
    deciding.reveal(tx, clock.now(), number, LUISA)
    deciding.begin(tx, vault, clock.now(), number, LUISA, reason="Es la misma", source="VENTANILLA")
    (begun,) = corrections.waiting(tx, vault)
    assert (begun.state, begun.decided_by) == (CorrectionState.CORRIGIENDO, LUISA)
    for state in (REFUSED, DONE):
        with pytest.raises(AlreadyDecided):
            decide(number, state, actor="eva@ejemplo.gob.sv")
    assert ask(case) == number, "and it is not asked for beside it"
    assert corrections.untold(tx) == [], "nobody is told before it stands in the padrón"
    done = deciding.finish(tx, vault, clock.now(), number)
    assert done and (done.state, done.decided_by, done.reason) == (DONE, LUISA, "Es la misma")
    assert deciding.finish(tx, vault, clock.now(), number) is None


def test_what_cannot_be_made_waits_to_be_decided_again(tx, vault, clock, left, ask, decide):
    case = left()
    number = ask(case)
    deciding.reveal(tx, clock.now(), number, LUISA)
    deciding.begin(tx, vault, clock.now(), number, LUISA, reason="Es la misma", source="VENTANILLA")
    for _ in range(2):
        deciding.give_back(tx, vault, clock.now(), number, "El padrón no tiene a esa persona.")
    assert [each.text for each in events_of(tx, vault, case)].count("El padrón no tiene a esa persona.") == 1
    assert tasks.tasks_of(tx, vault, [case])[case][0].kind is TaskKind.CORRECTION
    decide(number, REFUSED, source=None, reason="No está en el padrón")
    assert deciding.finish(tx, vault, clock.now(), number) is None


def test_a_case_that_is_closed_leaves_its_correction_to_whoever_had_it(tx, vault, clock, left, ask, decide):
    """It stayed SOLICITADA, with no task and no deadline."""
    case = left()
    number = ask(case)
    consultations.close_case(tx, vault, clock.now(), case, LUISA, "Ya se le atendió")
    assert [(each.kind, each.about) for each in tasks.open_tasks(tx, vault)] == [(TaskKind.CORRECTION, number)]
    decide(number)
    assert tasks.open_tasks(tx, vault) == []


@pytest.mark.parametrize("again", ["asked", "a minute later"])
def test_one_that_is_nobodys_task_is_somebodys_again(tx, vault, clock, left, ask, again):
    """As a version left it that ended the task with the case."""
    case = left("SIN_HISTORIAL")
    number = ask(case, asking.NOTHING)
    tasks.end_those_of(tx, clock.now(), case, LUISA, kinds=(TaskKind.CORRECTION,))
    if again == "asked":
        assert ask(case, asking.NOTHING) == number
    else:
        assert [corrections.give_tasks(tx, vault, clock.now()) for _ in range(2)] == [1, 0]
    (task,) = tasks.tasks_of(tx, vault, [case])[case]
    assert (task.about, task.to_roles) == (number, (Role.COORDINADOR, Role.TECNICO))


def test_who_was_told_is_told_once(tx, vault, clock, left, ask, decide):
    number = ask(left())
    assert corrections.untold(tx) == []
    decide(number, REFUSED, source=None, reason="No coincide con el registro")
    assert corrections.untold(tx) == [(number, None)]
    for _ in range(2):
        corrections.was_told(tx, vault, clock.now(), number, "Se le avisó por teléfono.")
    assert corrections.untold(tx) == []
    said = [each.text for each in events_of(tx, vault, 1)]
    assert said.count("Se le avisó por teléfono.") == 1


def test_one_of_a_hidden_line_is_not_there(tx, vault, left, ask):
    number = ask(left())
    with pytest.raises(NoSuchCorrection):
        corrections.one(tx, vault, number, hidden_lines=frozenset({"dgs"}))
    assert corrections.waiting(tx, vault, hidden_lines=frozenset({"dgs"})) == []


def test_nothing_of_it_tells_who_it_is_about(tx, vault, left, ask):
    shown = repr(corrections.one(tx, vault, ask(left(), BOTH)))
    assert not [each for each in (DUI, "1958", "López") if each in shown]
