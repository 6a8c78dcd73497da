"""Whoever must do something by a time is told before, whoever supervises them after (R73, R74, R80, R87)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from assembly import Parts
from cases import tasks
from cases.consultations import consultations, escalations
from cases.corrections import asking, corrections
from cases.registers import entries
from cases.registers.books import Register, Told
from cases.registers.entries import BOOKS
from cases.tables import escalation, task
from cases.tasks import TaskKind
from core.clock import FixedClock
from core.closed_days import DayKind, close
from core.post import post
from core.roles import Role
from desk import promised
from procedures.reminding import Reminders
from tests.desk.test_promises import readings_of_closed_days

PEOPLE = {
    Role.COORDINADOR: ["carla@ejemplo.gob.sv", "celia@ejemplo.gob.sv"],
    Role.SUPERVISOR: ["sara@ejemplo.gob.sv"],
    Role.DIRECTOR: ["diana@ejemplo.gob.sv"],
}
ANA = "ana@ejemplo.gob.sv"
DUI, PHONE = "000162975", "+50370001234"


@pytest.fixture
def reminders(parts: Parts) -> Reminders:
    def people(_tx, roles, _line):
        return [email for role in roles for email in PEOPLE.get(role, [])]

    return Reminders(parts.db, parts.vault, parts.clock, parts.world.desk, "https://linea.ejemplo", people)


@pytest.fixture
def told(parts: Parts):
    """The letters that were left since the last look: (to, what they say it is)."""
    seen: set[int] = set()

    def told() -> list[tuple[str, str]]:
        with parts.db.begin() as tx:
            rows = [row for row in tx.execute(select(post).order_by(post.c.id)).all() if row.id not in seen]
        seen.update(row.id for row in rows)
        return [(parts.vault.open(row.to_sealed).split("@")[0], row.subject) for row in rows]

    return told


@pytest.fixture
def left(parts: Parts):
    def left(line: str = "dgs", phone: str | None = PHONE, subject: str = "C01") -> int:
        with parts.db.begin() as tx:
            now, detail = parts.clock.now(), "Pregunta cuánto cuesta el cilindro"
            return consultations.open_case(tx, parts.vault, now, subject, DUI, phone, line, None, detail)

    return left


def wait(parts: Parts, hours: float) -> None:
    assert isinstance(parts.clock, FixedClock)
    parts.clock.jump_to(parts.clock.now() + timedelta(hours=hours))


def test_at_20_hours_the_coordinators_and_after_24_who_supervises(parts, reminders, told, left):
    """R74: the clock's hours."""
    case = left()
    wait(parts, 19.9)
    assert (reminders.watch(), told()) == (0, [])
    wait(parts, 0.2)
    soon = f"Caso {case}: vence pronto"
    assert (reminders.watch(), told()) == (1, [("carla", soon), ("celia", soon)])
    assert (reminders.watch(), told()) == (0, []), "once"
    wait(parts, 4)
    assert (reminders.watch(), told()) == (1, [("sara", f"Caso {case}: está vencida")])
    assert (reminders.watch(), told()) == (0, [])


def test_what_is_overdue_of_a_line_that_is_for_no_supervisor_goes_to_the_direction(parts, reminders, told, left):
    """R74, R75: it would be overdue and nobody told."""

    def people(_tx, roles, line):
        return [email for role in roles if role is not Role.SUPERVISOR or line == "dgs" for email in PEOPLE[role]]

    restricted = replace(reminders, people=people)
    theirs, ours = left("linea131", subject="D01"), left()
    wait(parts, 24)
    restricted.watch()
    said = {(to, what) for to, what in told() if what.endswith("está vencida")}
    assert said == {("diana", f"Caso {theirs}: está vencida"), ("sara", f"Caso {ours}: está vencida")}


def test_what_is_closed_in_time_is_told_of_to_nobody(parts, reminders, told, left):
    case = left()
    with parts.db.begin() as tx:
        consultations.close_case(tx, parts.vault, parts.clock.now(), case, ANA, "Se dio el precio vigente")
    wait(parts, 30)
    assert (reminders.watch(), told()) == (0, [])


def test_one_that_waits_for_a_correction_alerts_nobody_until_its_citizen_knows(parts, reminders, told, left):
    """R39–R41. The one of the correction does: it is what somebody is late with."""
    case = left(subject="PIN_INVALIDO")
    with parts.db.begin() as tx:
        asked = asking.ask(tx, parts.vault, parts.clock.now(), case, ANA, "El sistema dice que no es válido")
        (owed,) = tasks.open_tasks(tx, parts.vault, kinds=(TaskKind.CORRECTION,))
    late = ("sara", f"Caso {case}: está vencida")
    wait(parts, 24)
    assert (reminders.watch(), told()) == (1, [late]), "the correction's own, and not the closing of its case"
    with parts.db.begin() as tx:
        tasks.end_task(tx, parts.vault, parts.clock.now(), owed.id, ANA, "Se decidió")
    assert (reminders.watch(), told()) == (1, []), "the minute gives the undecided one its task again"
    with parts.db.begin() as tx:
        corrections.was_told(tx, parts.vault, parts.clock.now(), asked.number, "Se le avisó")
    assert (reminders.watch(), told()) == (1, [late])


def test_on_a_friday_what_falls_due_while_the_line_is_closed(parts, reminders, told, left):
    """R74. Línea 131 attends from Monday to Friday until 15:30: at 20 hours it is Saturday."""
    at = datetime.fromisoformat("2026-11-27T10:00:00-06:00")  # a Friday
    parts.clock.jump_to(at)
    case = left("linea131", subject="D01")
    assert told() == []
    parts.clock.jump_to(at.replace(hour=11, minute=15))
    assert (reminders.watch(), told()) == (0, [])
    parts.clock.jump_to(at.replace(hour=11, minute=45))
    closed = f"Caso {case}: vence cuando la línea esté cerrada"
    assert (reminders.watch(), told()) == (1, [("carla", closed), ("celia", closed)])


def test_on_the_eve_of_a_day_that_a_supervisor_closed(parts, reminders, told, left):
    """R74. As on a Friday: at 20 hours nobody is there."""
    at = datetime.fromisoformat("2026-11-24T15:00:00-06:00")  # a Tuesday
    parts.clock.jump_to(at)
    case, tomorrow = left("linea131", subject="D01"), date(2026, 11, 25)
    assert (reminders.watch(), told()) == (0, [])
    with parts.db.begin() as tx:
        close(tx, at, "sara@ejemplo.gob.sv", "SV", tomorrow, tomorrow, "Asueto", DayKind.ASUETO)
    closed = f"Caso {case}: vence cuando la línea esté cerrada"
    assert (reminders.watch(), told()) == (1, [("carla", closed), ("celia", closed)])


def test_what_falls_due_while_the_line_attends_is_told_of_at_20_hours(parts, reminders, told, left):
    """R74. At 20 hours it is six in the morning, and when it falls due Línea 131 attends again."""
    at = datetime.fromisoformat("2026-11-23T10:00:00-06:00")  # a Monday
    parts.clock.jump_to(at)
    case = left("linea131", subject="D01")
    parts.clock.jump_to(at.replace(hour=15))
    assert (reminders.watch(), told()) == (0, [])
    wait(parts, 15.1)
    soon = f"Caso {case}: vence pronto"
    assert (reminders.watch(), told()) == (1, [("carla", soon), ("celia", soon)])


def test_what_is_one_persons_is_told_to_them_alone(parts, reminders, told, left):
    left()
    with parts.db.begin() as tx:
        (closing,) = tasks.open_tasks(tx, parts.vault)
        tasks.hand_to(tx, parts.clock.now(), closing.id, "celia@ejemplo.gob.sv", "celia@ejemplo.gob.sv")
    wait(parts, 21)
    reminders.watch()
    assert [to for to, _ in told()] == ["celia"]


def test_who_was_not_attended_is_the_directions_who_are_told_at_once(parts, reminders, told, left):
    """R80. Whoever was complained of closed the case before the letter of the 20 hours, and there was none."""
    case = left("linea131", subject="D01")
    with parts.db.begin() as tx:
        escalations.to_director(tx, parts.vault, parts.clock.now(), case, ANA, "Le gritaron")
        consultations.close_case(tx, parts.vault, parts.clock.now(), case, ANA, "Se le dio el precio")
    assert (reminders.watch(), told()) == (1, [("diana", f"Caso {case}: llegó a Dirección")])
    assert (reminders.watch(), told()) == (0, []), "once"
    wait(parts, 24.1)
    overdue = f"Caso {case}: está vencida"
    assert (reminders.watch(), told()) == (1, [("diana", overdue), ("sara", overdue)])


def test_what_nobody_may_be_told_of_is_told_once_there_is_somebody(parts, reminders, told, left, caplog):
    """It was marked as told of."""
    case, nobody = left(), replace(reminders, people=lambda _tx, _roles, _line: [])
    with parts.db.begin() as tx:
        escalations.to_director(tx, parts.vault, parts.clock.now(), case, ANA, "Le gritaron")
    assert nobody.watch() == 0
    wait(parts, 20.1)
    assert nobody.watch() == 0
    assert reminders.watch() == 2
    assert {to for to, _ in told()} == {"carla", "celia", "diana"}
    wait(parts, 4)
    assert (nobody.watch(), told()) == (0, [])
    assert "nobody may be told of 2 overdue tasks" in caplog.text
    assert (reminders.watch(), {to for to, _ in told()}) == (2, {"sara", "diana"})


def test_whoever_it_is_handed_to_is_told_who_takes_it_knows(parts, reminders, told, left):
    left()
    with parts.db.begin() as tx:
        (closing,) = tasks.open_tasks(tx, parts.vault)
        tasks.hand_to(tx, parts.clock.now(), closing.id, "celia@ejemplo.gob.sv", "celia@ejemplo.gob.sv")
    wait(parts, 21)
    reminders.watch()
    assert [to for to, _ in told()] == ["celia"]
    with parts.db.begin() as tx:
        tasks.hand_to(tx, parts.clock.now(), closing.id, None, "celia@ejemplo.gob.sv")
    reminders.watch()
    assert [to for to, _ in told()] == ["carla"], "she gave it back, and her colleague had heard nothing"


def test_what_an_older_version_promised_is_a_promise_with_its_hour_and_its_words(parts, reminders, told, left):
    """R79, R87. Those that nobody can be called for stay first in the order, and were in the way of all others."""
    mute, case, at = left(phone=None), left(), parts.clock.now() + timedelta(hours=2)
    with parts.db.begin() as tx:
        for about in (mute, case):
            told_then = {"line": "dgs", "case_id": about, "due_at": at, "words": "Preguntar si ya le atendieron"}
            tasks.open_task(tx, parts.vault, parts.clock.now(), TaskKind.FOLLOW_UP, **told_then, actor=ANA)
    assert [reminders.watch() for _ in range(2)] == [2, 0], "it is brought over, and whoever has the other is told"
    with parts.db.begin() as tx:
        (owed,) = promised.of_case(tx, parts.vault, case)
        assert [each.case_id for each in tasks.open_tasks(tx, parts.vault, kinds=(TaskKind.FOLLOW_UP,))] == [mute]
    assert (owed.line, owed.due_at, owed.made_by, owed.words) == ("dgs", at, ANA, "Preguntar si ya le atendieron")


class TestOfTheRegisters:
    """R87, R88: «Volver a llamar» and «Próxima llamada» come at their hour."""

    @pytest.fixture
    def noted(self, parts):
        """An entry of Ana's, in two hours; its number."""

        def noted(register: Register, case_id: int | None = None) -> int:
            now = parts.clock.now()
            book, line = BOOKS[register], "dgs"
            texts = {each.name: "40" if each.is_number else "Por escrito" for each in book.fields}
            told = Told(next(iter(book.kinds)), now, None, now + timedelta(hours=2), texts)
            with parts.db.begin() as tx:
                return entries.write(
                    tx, parts.vault, now, book, told, line=line, person=ANA, actor=ANA, case_id=case_id
                )

        return noted

    def test_about_a_case_with_a_telephone_it_rings(self, parts, reminders, left, noted):
        case = left()
        number = noted(Register.DIARIA, case)
        reminders.watch()
        with parts.db.begin() as tx:
            assert promised.of_case(tx, parts.vault, case) == []
        wait(parts, 2)
        for _ in range(2):
            reminders.watch()
        with parts.db.begin() as tx:
            (owed,) = promised.of_case(tx, parts.vault, case)
            assert tasks.open_tasks(tx, parts.vault, kinds=tasks.AT_ITS_HOUR) == []
        assert owed.words == f"Anotación {number}, caso {case}" and owed.made_by == ANA

    @pytest.mark.parametrize(
        ("register", "phone"), [(Register.DIARIA, None), (Register.GESTIONES, PHONE)], ids=["mute", "authority"]
    )
    def test_any_other_is_told_to_whoever_is_to_call(self, parts, reminders, told, left, noted, register, phone):
        noted(register, left(phone=phone))
        reminders.watch()
        told()
        wait(parts, 2)
        for _ in range(2):
            reminders.watch()
        (task_id, letters) = self.one_task(parts), told()
        assert (ANA.split("@")[0], f"Tarea {task_id}: es para ahora") in letters
        assert len(letters) == len(set(letters))

    def one_task(self, parts: Parts) -> int:
        with parts.db.begin() as tx:
            (owed,) = tasks.open_tasks(tx, parts.vault, kinds=tasks.AT_ITS_HOUR)
        return owed.id


def test_one_without_a_telephone_is_told_of_when_it_is_late(parts, reminders, told, left):
    case = left(phone=None)
    with parts.db.begin() as tx:
        at = parts.clock.now() + timedelta(hours=1)
        tasks.open_task(tx, parts.vault, at, TaskKind.FOLLOW_UP, line="dgs", case_id=case, due_at=at, actor=ANA)
    wait(parts, 1)
    reminders.watch()
    assert told() == [("sara", f"Caso {case}: está vencida")]


def test_all_of_them_are_told_of_in_one_turn_whatever_their_number(parts, reminders, told):
    """Two hundred were a turn's most, as they fall due: those of a line that closes sooner waited behind them."""
    now = parts.clock.now()
    with parts.db.begin() as tx:
        for n in range(230):
            tasks.open_task(tx, parts.vault, now, TaskKind.UNATTENDED, line="dgs", about=n, actor=ANA)
    wait(parts, 20.1)
    with readings_of_closed_days(parts.db) as readings:
        assert reminders.watch() == 230
    assert len(readings) == 1, "whatever there is to be done, once a turn"
    assert {to for to, _ in told()} == {"diana"}


def test_one_that_cannot_be_told_of_keeps_nobody_from_theirs(parts, reminders, told, caplog):
    now = parts.clock.now()
    with parts.db.begin() as tx:
        for n in range(3):
            tasks.open_task(tx, parts.vault, now, TaskKind.UNATTENDED, line="dgs", about=n, words="x", actor=ANA)
        tx.execute(update(task).where(task.c.about == 0).values(words_sealed=b"not what was sealed"))
    wait(parts, 20.1)
    assert reminders.watch() == 2
    assert len(told()) == 2
    assert "CannotOpen" in caplog.text


def test_an_escalation_of_a_version_before_tasks_is_a_task(parts, reminders, left):
    """R19. It was said that they were brought over, and none was."""
    case, now = left(), parts.clock.now()
    with parts.db.begin() as tx:
        told_then = {"kind": "UNIT", "to_role": "COORDINADOR", "unit": "Tesorería", "made_by": ANA, "made_at": now}
        reason = parts.vault.seal("Pide su pago")
        tx.execute(insert(escalation).values(case_id=case, reason_sealed=reason, **told_then))
    assert [reminders.watch() for _ in range(2)] == [1, 0]
    with parts.db.begin() as tx:
        (found,) = tasks.tasks_of(tx, parts.vault, [case])[case]
    assert (found.kind, found.to_roles, found.unit) == (TaskKind.UNIT, (Role.COORDINADOR,), "Tesorería")
    assert (found.words, found.due_at) == ("Pide su pago", now + timedelta(hours=24))


def test_no_letter_says_anything_of_a_person(parts, reminders, left):
    left()
    wait(parts, 21)
    reminders.watch()
    with parts.db.begin() as tx:
        letters = tx.execute(select(post.c.subject, post.c.body_sealed)).all()
    assert letters
    for letter in letters:
        written = f"{letter.subject} {parts.vault.open(letter.body_sealed)}"
        assert not [word for word in (DUI, "00016297", "70001234", "cilindro") if word in written]
