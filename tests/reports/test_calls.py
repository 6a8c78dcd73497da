"""The calls of each line and day (R23): in, out, and whose they were not told."""

import csv
import io
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from click.testing import CliRunner
from sqlalchemy import func, insert, select

from core.post import post
from core.shell import Shell
from desk import rooms
from desk.states import LegRole, LegState, RoomKind, RoomState
from desk.tables import leg, room
from ivr.tables import call
from reports import calls
from reports.calls import Day
from reports.command import reports
from reports.outbound import dialled_in
from reports.periods import Period, Span, ends_in, last_of, name_of, period_of
from reports.tables import report
from tests.campaigns.builders import moment
from tests.reports.builders import called
from work import call_reports

ZONE = ZoneInfo("America/El_Salvador")
MONDAY = date(2026, 11, 23)


@pytest.fixture
def made(parts):
    return replace(call_reports(parts), recipients=("jefe@ejemplo.gob.sv",))


def rings(db, at: str, line: str = "dgs", sid: str = "") -> str:
    """A citizen's call that the machine took."""
    began = moment(at)
    sid = sid or f"CA{line}{began:%d%H%M%S}"
    answer = {"turn": 0, "tries": 0, "answer": {}}
    with db.begin() as tx:
        tx.execute(insert(call).values(sid=sid, line=line, direction="inbound", started_at=began, **answer))
    return sid


def asks(db, at: str, line: str = "dgs", waited: int | None = 20, kind: RoomKind = RoomKind.INBOUND, **more) -> None:
    """One that wanted a person, or that a person made; ``waited`` None: nobody took it; ``is_dialled``: whoever was to
    be called from the desk was."""
    began = moment(at)
    sid = rings(db, at, line) if kind == RoomKind.INBOUND else None
    answered = began + timedelta(seconds=waited) if waited is not None else None
    moments = {"place_since": began, "entered_at": began, "queued_at": began, "ended_at": began + timedelta(minutes=5)}
    state = {"line": line, "queue": "general", "kind": kind, "state": RoomState.ENDED, "call_sid": sid}
    with db.begin() as tx:
        room_id = rooms.add(tx, room, **moments, **state, answered_at=answered, ended_as="finished")
        if kind != RoomKind.INBOUND and more.get("is_dialled", True):
            asked = {"wanted_at": began, "asked_at": began, "ended_at": began}
            rooms.add(tx, leg, room_id=room_id, role=LegRole.CALLER, state=LegState.ENDED, **asked)


@pytest.fixture
def a_day(db, vault, clock) -> None:
    rings(db, "2026-11-23 09:00")
    rings(db, "2026-11-23 23:59")  # still Monday there, Tuesday in UTC
    asks(db, "2026-11-23 10:00", waited=20)
    asks(db, "2026-11-23 11:00", waited=40)
    asks(db, "2026-11-23 12:00", waited=None)
    asks(db, "2026-11-23 13:00", kind=RoomKind.OUTBOUND)
    asks(db, "2026-11-23 14:00", kind=RoomKind.CALLBACK, waited=None)
    asks(db, "2026-11-23 14:30", kind=RoomKind.CALLBACK, waited=None, is_dialled=False)  # it waits still
    asks(db, "2026-11-23 15:00", kind=RoomKind.CAMPAIGN)  # counted with its campaign
    rings(db, "2026-11-24 00:00")
    rings(db, "2026-11-23 09:30", line="linea131")
    called(db, vault, clock)


def test_every_figure_of_a_day(a_day, db, made):
    period = Period(MONDAY, MONDAY, ZONE)
    with db.begin() as tx:
        found = calls.days_of(tx, period, made.house.register, dialled_in(tx, period), made.hidden)
    assert found == [
        Day(
            "dgs", MONDAY, received=5, alone=2, asked=3, attended=2, abandoned=1, in_time=1, waited=60.0, talked=540.0,
            of_campaigns=12, campaigns_answered=8, of_desk=2, desk_answered=1,
        )
    ]  # fmt: skip


def test_of_a_line_for_some_roles_alone_nothing_is_told(a_day, db, made):
    assert "linea131" in made.hidden
    with db.begin() as tx:
        everything = calls.days_of(tx, Period(MONDAY, MONDAY, ZONE), made.house.register)
    assert [each.line for each in everything] == ["dgs", "linea131"]


@pytest.mark.parametrize(
    ("today", "day", "week", "month"),
    [
        ("2026-11-23", "2026-11-22", "2026-11-22", "2026-10-31"),
        ("2026-11-29", "2026-11-28", "2026-11-22", "2026-10-31"),
        ("2026-11-30", "2026-11-29", "2026-11-29", "2026-10-31"),
        ("2027-01-01", "2026-12-31", "2026-12-27", "2026-12-31"),
        ("2028-03-01", "2028-02-29", "2028-02-27", "2028-02-29"),
    ],
)
def test_which_periods_ended_last(today, day, week, month):
    found = [str(last_of(span, date.fromisoformat(today))) for span in Span]
    assert found == [day, week, month]


@pytest.mark.parametrize(
    ("span", "last", "name", "first"),
    [
        (Span.DAY, "2026-11-22", "llamadas-diario-2026-11-22", "2026-11-22"),
        (Span.WEEK, "2026-11-22", "llamadas-semanal-2026-S47", "2026-11-16"),
        (Span.WEEK, "2027-01-03", "llamadas-semanal-2026-S53", "2026-12-28"),
        (Span.MONTH, "2026-11-30", "llamadas-mensual-2026-11", "2026-11-01"),
    ],
)
def test_a_name_is_always_the_same(span, last, name, first):
    day = date.fromisoformat(last)
    assert name_of(span, day) == name
    assert str(period_of(span, day, ZONE).first) == first


def test_by_date_every_period_that_ends_there():
    found = ends_in(date(2026, 11, 28), date(2026, 11, 30))
    assert [(span.value, last.day) for span, last in found] == [
        *[("diario", 28), ("diario", 29), ("semanal", 29), ("diario", 30), ("mensual", 30)]
    ]


def test_each_is_made_once_and_told_once(a_day, db, clock, made):
    clock.jump_to(moment("2026-11-24 00:37"))
    names = ["llamadas-diario-2026-11-23", "llamadas-semanal-2026-S47", "llamadas-mensual-2026-10"]
    assert made.watch() == names
    assert made.watch() == []
    clock.advance(timedelta(days=1))
    assert made.watch() == ["llamadas-diario-2026-11-24"]

    assert sorted(path.name for path in made.folder.iterdir()) == sorted(
        f"{name}.{kind}" for name in [*names, "llamadas-diario-2026-11-24"] for kind in ("csv", "pdf", "xlsx")
    )
    with db.begin() as tx:
        assert tx.execute(select(func.count()).where(post.c.kind == "calls_report")).scalar_one() == 4
        letter = tx.execute(select(post).order_by(post.c.id)).first()
        assert tx.execute(select(func.count()).select_from(report)).scalar_one() == 4
    body = made.house.vault.open(letter.body_sealed)
    assert f"{made.public_url}/informes?desde=2026-11-23&hasta=2026-11-23" in body


def test_the_files_say_the_day(a_day, clock, made):
    paths = made.make(Span.DAY, MONDAY)
    assert [path.stat().st_mode & 0o777 for path in paths] == [0o640] * 3  # whoever shares the folder reads them
    [told] = csv.DictReader(io.StringIO(paths[2].read_text("utf-8-sig")), delimiter=";")
    assert told["linea"] == "dgs"
    assert (told["recibidas"], told["atendidas"], told["abandonadas"], told["espera_media_s"]) == ("5", "2", "1", "30")
    assert (told["salientes_campanas"], told["salientes_puesto"]) == ("12", "2")
    book = openpyxl.load_workbook(paths[0])
    assert book.sheetnames == [
        *("Informe", "Por línea", "Por día", "Atención", "Atención por día", "Indicadores", "Campañas"),
        *("Entrantes", "Salientes"),
    ]


def test_made_again_by_date_it_takes_the_place_of_the_one_before(a_day, db, clock, made):
    first = made.make(Span.DAY, MONDAY)
    before = first[2].read_bytes()
    rings(db, "2026-11-23 16:00")
    assert made.make(Span.DAY, MONDAY) == first
    assert first[2].read_bytes() != before
    assert not list(made.folder.glob("*.part"))
    with db.begin() as tx:
        assert tx.execute(select(func.count()).select_from(post)).scalar_one() == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--from", "2026-11-22"], ["diario-2026-11-22", "semanal-2026-S47"]),
        (["--from", "2026-11-20", "--to", "2026-11-21"], ["diario-2026-11-20", "diario-2026-11-21"]),
    ],
)
def test_the_command(parts, options, told):
    answer = CliRunner().invoke(reports, ["make", *options], obj=shell(parts))
    assert answer.exit_code == 0, answer.output
    assert [line.rpartition("llamadas-")[2] for line in answer.output.splitlines()] == [
        f"{each}.{kind}" for each in told for kind in ("xlsx", "pdf", "csv")
    ]


@pytest.mark.parametrize("options", [["--from", "2026-11-23"], ["--from", "2026-11-20", "--to", "2026-11-19"], []])
def test_the_command_says_what_is_wrong(parts, options):
    answer = CliRunner().invoke(reports, ["make", *options], obj=shell(parts))
    assert answer.exit_code == 2
    assert "Error" in answer.output


def shell(parts):
    return Shell(lambda: parts.settings, lambda: parts, lambda: parts, lambda: "cli:prueba")
