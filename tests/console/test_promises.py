"""Casos: a call promised for an hour, told of on its case and on Tareas, and taken back (R79, R87)."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from cases.consultations import consultations
from cases.consultations.consultations import close_case
from core import audit, closed_days
from core.closed_days import DayKind
from core.roles import Role
from desk.tables import promise

DUI, PHONE = "000162975", "+50370001234"
WORDS = "Preguntar si ya le atendieron"


@pytest.fixture
def opened(centre, db, vault, clock):
    """Of the desk's own lines; ``centre``: there is one."""

    def opened(line: str = "dgs", phone: str | None = PHONE) -> int:
        with db.begin() as tx:
            return consultations.open_case(tx, vault, clock.now(), "C01", DUI, phone, line, None, "Pregunta precios")

    return opened


@pytest.fixture
def operator(as_role):
    return as_role(Role.OPERADOR)


@pytest.fixture
def after(clock, office):
    def after(hours: float) -> datetime:
        return (clock.now() + timedelta(hours=hours)).astimezone(office.zone).replace(second=0, microsecond=0)

    return after


def promises_of(db) -> list:
    with db.begin() as tx:
        return list(tx.execute(select(promise).order_by(promise.c.id)))


def ask(browser, case_id: int, at: datetime | str, words: str = WORDS) -> str:
    when = at if isinstance(at, str) else at.strftime("%Y-%m-%dT%H:%M")
    told = {"when": when, "words": words}
    return browser.post(f"/casos/{case_id}/seguimiento", data=told, follow_redirects=True).text


def test_two_calls_are_promised_and_both_are_told_of(operator, opened, after, db):
    """Thursday's was swallowed by Tuesday's while the screen said that it was promised."""
    case_id = opened()
    for hours, words in ((5, WORDS), (53, "Dar el resultado")):
        page = ask(operator, case_id, after(hours), words)
        assert "Quedó prometida" in page and words in page and f"{after(hours):%d/%m/%Y %H:%M}" in page
    rows = promises_of(db)
    assert [(row.due_at, row.case_id, row.made_by) for row in rows] == [
        (after(hours), case_id, "operador@ejemplo.gob.sv") for hours in (5, 53)
    ]
    assert all(told in operator.get("/casos/tareas").text for told in (WORDS, "Dar el resultado", f"Caso {case_id}"))


@pytest.mark.parametrize(
    ("when", "hours"),
    [
        ("2026-11-24T22:00", "El martes 24/11/2026, desde esta línea, se llama de 08:00 a 18:00."),
        ("2026-11-24T07:59", "La primera hora después es el martes 24/11/2026 a las 08:00."),
        ("2026-11-24T18:00", "La primera hora después es el miércoles 25/11/2026 a las 08:00."),
        ("2026-11-29T03:00", "El domingo 29/11/2026, desde esta línea, no se llama. La primera hora después es el"),
    ],
)
def test_outside_the_hours_of_its_line_none_is_promised_and_when_it_may_be_is_said(operator, opened, db, when, hours):
    """It was accepted for a Sunday at 03:00, with «a esa hora suena en un puesto»."""
    page = ask(operator, opened(), when)
    assert "A esa hora no se puede llamar: no se prometió nada." in page and hours in page
    assert promises_of(db) == []


def test_nor_for_a_day_that_was_closed_since(operator, opened, db, clock):
    with db.begin() as tx:
        tuesday = date(2026, 11, 24)
        closed_days.close(tx, clock.now(), "eva@ejemplo.gob.sv", "SV", tuesday, tuesday, "Asueto", DayKind.ASUETO)
    assert "La primera hora después es el miércoles 25/11/2026" in ask(operator, opened(), "2026-11-24T10:00")
    assert promises_of(db) == []


@pytest.mark.parametrize("when", ["", "2026-11-23T09:00", "2027-11-23T09:00", "mañana"])
def test_not_for_one_that_went_by_nor_for_next_year(operator, opened, db, when):
    page = ask(operator, opened(), when)
    assert "no se prometió nada" in page or "en 60 días como máximo" in page
    assert promises_of(db) == []


def test_a_case_without_a_telephone_is_promised_nothing(operator, opened, after, db):
    case_id = opened(phone=None)
    assert "Prometer una llamada" not in operator.get(f"/casos/{case_id}/historia").text
    assert "no tiene un teléfono al que llamar" in ask(operator, case_id, after(5))
    assert promises_of(db) == []


def test_one_of_a_line_that_is_not_here_any_more_is_promised_nothing(operator, opened, after, db):
    assert "ya no está en el servicio" in ask(operator, opened("otra"), after(5))
    assert promises_of(db) == []


def test_it_is_kept_when_its_case_is_closed(operator, opened, after, db, vault, clock):
    """What was promised to a citizen is not undone by what is done at a screen about something else."""
    case_id = opened()
    ask(operator, case_id, after(5))
    with db.begin() as tx:
        close_case(tx, vault, clock.now(), case_id, "eva@ejemplo.gob.sv", "Se dio el precio")
    assert [row.state for row in promises_of(db)] == ["WAITING"]


def test_one_that_is_not_needed_is_taken_back_once(operator, opened, after, db):
    case_id = opened()
    ask(operator, case_id, after(5))
    (row,) = promises_of(db)
    for told in ("Ya no se le llamará", "ya se hizo"):
        page = operator.post(f"/casos/promesas/{row.id}/retirar", follow_redirects=True).text
        assert told in page and "Ya no hacía falta" in page
    assert WORDS not in operator.get("/casos/tareas").text
    with db.begin() as tx:
        done = [each["action"] for each in audit.history(tx, "case", case_id)]
    assert [each for each in done if "promise" in each] == ["case.promise_taken_back", "case.call_promised"]


def test_of_a_line_that_is_not_theirs_nobody_sees_or_takes_back_any(as_role, opened, after, db):
    case_id, supervisor = opened("linea131"), as_role(Role.SUPERVISOR)
    ask(supervisor, case_id, after(5))
    (row,) = promises_of(db)
    assert WORDS in supervisor.get("/casos/tareas").text
    stranger = as_role(Role.ADMIN)
    assert WORDS not in stranger.get("/casos/tareas").text
    assert stranger.post(f"/casos/promesas/{row.id}/retirar").status_code == 404
    assert stranger.post(f"/casos/promesas/{row.id + 1}/retirar").status_code == 404
    assert [each.state for each in promises_of(db)] == ["WAITING"]
