"""What somebody must do by a time: whose it is, what falls due first, and that nothing is asked for twice."""

from datetime import timedelta

import pytest

from cases import tasks
from cases.consultations import consultations
from cases.problem import TextMissing
from cases.tables import task
from cases.tasks import NoSuchTask, TaskKind, TaskTaken
from core.roles import Role

ANA, LUISA, EVA = "ana@ejemplo.gob.sv", "luisa@ejemplo.gob.sv", "eva@ejemplo.gob.sv"
DUI = "000162975"


@pytest.fixture
def tx(db):
    with db.begin() as tx:
        yield tx


@pytest.fixture
def case(tx, vault, clock) -> int:
    return consultations.open_case(tx, vault, clock.now(), "C01", DUI, "+50370001234", "dgs", None, "Pregunta precios")


@pytest.fixture
def ask(tx, vault, clock):
    def ask(kind=TaskKind.UNIT, hours: float = 24, line: str = "dgs", **more) -> int:
        due = clock.now() + timedelta(hours=hours)
        return tasks.open_task(tx, vault, clock.now(), kind, line=line, due_at=due, actor=ANA, **more)

    return ask


@pytest.fixture
def waits(tx, vault):
    def waits(**asked) -> list[int]:
        return [each.id for each in tasks.open_tasks(tx, vault, **asked)]

    return waits


def test_a_consultation_that_waits_is_to_be_closed_within_24_hours(tx, vault, clock, case):
    """R73."""
    (closing,) = tasks.open_tasks(tx, vault)
    assert (closing.kind, closing.case_id, closing.due_at) == (TaskKind.CLOSE, case, clock.now() + timedelta(hours=24))
    assert consultations.close_case(tx, vault, clock.now(), case, LUISA, "Se dio el precio")
    assert tasks.open_tasks(tx, vault) == []


def test_one_that_is_opened_again_is_to_be_closed_again(tx, vault, clock, case):
    consultations.close_case(tx, vault, clock.now(), case, LUISA, "Se dio el precio")
    consultations.open_again(tx, vault, clock.now(), case, LUISA)
    assert [each.kind for each in tasks.open_tasks(tx, vault)] == [TaskKind.CLOSE]


def test_what_falls_due_first_comes_first_and_the_next_page_goes_on(tx, vault, ask, waits):
    late, soon, middle = ask(hours=30, about=1), ask(hours=2, about=2), ask(hours=9, about=3)
    assert waits() == [soon, middle, late]
    (first,) = tasks.open_tasks(tx, vault, limit=1)
    assert waits(after=(first.due_at, first.id)) == [middle, late]


def test_of_a_kind_there_is_one_a_case_which_falls_due_when_the_sooner_does(tx, vault, clock, ask, case, waits):
    first = ask(case_id=case, unit="Tesorería")
    assert ask(case_id=case, hours=3, unit="Otra unidad") == first
    (found,) = tasks.tasks_of(tx, vault, [case])[case]
    assert (found.unit, found.due_at) == ("Tesorería", clock.now() + timedelta(hours=3))


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        ({"roles": {Role.COORDINADOR}}, ["mine", "anybodys"]),
        ({"roles": {Role.DIRECTOR}}, ["directors"]),
        ({"roles": {Role.COORDINADOR}, "person": LUISA}, ["anybodys"]),
        ({"roles": {Role.OPERADOR}}, []),
        ({"hidden_lines": {"dgs"}}, ["directors"]),
        ({"kinds": (TaskKind.UNATTENDED,)}, ["directors"]),
        ({}, ["mine", "anybodys", "directors"]),
    ],
)
def test_who_sees_which(ask, waits, asked, seen):
    made = {
        "mine": ask(about=1, to_person=EVA, hours=1),
        "anybodys": ask(about=2, hours=2),
        "directors": ask(TaskKind.UNATTENDED, about=3, line="linea131", hours=3),
    }
    assert waits(**asked) == [made[name] for name in seen]


def test_it_ends_once_and_says_what_was_done(tx, vault, clock, ask):
    number = ask(about=1)
    with pytest.raises(TextMissing):
        tasks.end_task(tx, vault, clock.now(), number, LUISA, "  ")
    assert tasks.end_task(tx, vault, clock.now(), number, LUISA, "Se envió a Tesorería").ended_by == LUISA
    with pytest.raises(NoSuchTask):
        tasks.end_task(tx, vault, clock.now(), number, EVA, "Otra vez")
    with pytest.raises(NoSuchTask):
        tasks.hand_to(tx, clock.now(), number, EVA, EVA)
    assert ask(about=1) != number, "what ended is not in the way of a new one"


def test_one_person_takes_it_and_gives_it_back(tx, clock, ask, waits):
    number = ask(about=1)
    tasks.hand_to(tx, clock.now(), number, LUISA, LUISA)
    assert waits(roles={Role.COORDINADOR}, person=EVA) == []
    tasks.hand_to(tx, clock.now(), number, None, LUISA)
    assert waits(roles={Role.COORDINADOR}, person=EVA) == [number]


def test_of_two_who_take_it_the_second_is_told_who_has_it(tx, clock, ask, waits):
    """The page of the second was read before: theirs it became, and the first knew nothing."""
    number = ask(about=1)
    tasks.hand_to(tx, clock.now(), number, LUISA, LUISA)
    with pytest.raises(TaskTaken) as taken:
        tasks.hand_to(tx, clock.now(), number, EVA, EVA)
    assert taken.value.by == LUISA
    assert waits(roles={Role.COORDINADOR}, person=LUISA) == [number]
    tasks.hand_to(tx, clock.now(), number, EVA, EVA, instead_of=LUISA)
    assert waits(roles={Role.COORDINADOR}, person=EVA) == [number], "who saw that it was Luisa's takes it over"


def test_what_is_the_directions_outlives_the_case_that_somebody_closes(tx, vault, clock, case):
    """R80. Whoever was complained of closed the case, and nobody ever heard."""
    for kind in (TaskKind.UNIT, TaskKind.UNATTENDED):
        tasks.open_task(tx, vault, clock.now(), kind, line="dgs", case_id=case, actor=ANA)
    consultations.close_case(tx, vault, clock.now(), case, LUISA, "Se dio el precio")
    assert [each.kind for each in tasks.open_tasks(tx, vault)] == [TaskKind.UNATTENDED]


def test_what_a_version_before_tasks_left_is_taken_over_once(tx, vault, clock, case):
    tx.execute(task.delete())
    assert [tasks.adopt(tx, vault, clock.now()) for _ in range(2)] == [1, 0]
    (closing,) = tasks.open_tasks(tx, vault)
    assert (closing.kind, closing.case_id, closing.due_at) == (TaskKind.CLOSE, case, clock.now() + timedelta(hours=24))


def test_one_that_is_being_closed_gets_no_task_more(db, vault, clock):
    """It was opened between the closing of the case and that of its tasks, and was nobody's to end."""
    with db.begin() as tx:
        now = clock.now()
        case = consultations.open_case(tx, vault, now, "C01", DUI, None, "dgs", None, "Pregunta precios")
        tx.execute(task.delete())
    with db.begin() as closing:
        consultations.close_case(closing, vault, now, case, LUISA, "Se dio el precio")
        with db.begin() as tx:
            assert tasks.adopt(tx, vault, now) == 0
    with db.begin() as tx:
        assert tasks.adopt(tx, vault, now) == 0
        assert tasks.open_tasks(tx, vault) == []
