"""How long the report of a month takes beside a million consultations and what is noted of ten million events.

The database is filled once (drill/busy.py) and kept under var/drill-reports: everything in it is of the four weeks that
are told of. Ends with 1 if the month, counted and drawn, takes longer than a minute.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import click
from sqlalchemy import text

from assembly import Parts, assemble
from campaigns.submission import submit
from core import migrate, postgres
from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from demo.invent import citizen, formato
from drill import busy
from reports.document import Document
from reports.pdf import pdf
from reports.period import Figures, counted, document
from reports.periods import Period
from reports.workbook import workbook
from settings import Settings

PLACE = Path("var/drill-reports")
MOST_S = 60.0
_HANDED_IN = datetime.fromisoformat("2026-10-05T10:00:00-06:00")
_ZONE = ZoneInfo("America/Tijuana")
_CAMPAIGNS, _ALIKE = 3, 500
_PEOPLE = """
insert into recipient (campaign_id, row, data_sealed, phones, person_print)
select campaign_id, 1000 + n, data_sealed, phones, sha256(n::text::bytea)
from (select distinct on (campaign_id) * from recipient) r, generate_series(1, :each) n
"""
_COUNTS = """
select (select count(*) from case_),
  (select count(*) from call) + (select count(*) from room) + (select count(*) from leg) +
  (select count(*) from room_event) + (select count(*) from presence_change) + (select count(*) from attempt)
"""

T = TypeVar("T")


def main() -> int:
    """Measures, prints, and returns 1 when the goal is missed."""
    told = argparse.ArgumentParser(prog="python -m drill.reporting", description=__doc__.splitlines()[0])
    told.add_argument("--cases", type=int, default=1_000_000)
    told.add_argument("--place", type=Path, default=PLACE, help="where the database is kept")
    asked = told.parse_args()
    was_running = postgres.is_running(asked.place)
    try:
        return _measure(_filled(asked.cases, asked.place))
    finally:
        if not was_running:
            postgres.stop(asked.place)


def _filled(cases: int, place: Path) -> Parts:
    place.mkdir(parents=True, exist_ok=True)
    url = postgres.create_database(postgres.ensure_running(place), f"reports_{cases}")
    migrate.upgrade(url)
    made = assemble(
        Settings.from_environment({"DATA_DIR": str(place), "DATABASE_URL": url}),
        Database(url),
        Vault("drill key"),
        FixedClock(_HANDED_IN),
    )
    with made.db.begin() as tx:
        there = tx.execute(text("select count(*) from case_")).scalar_one()
    if not there:
        _fill(made, cases)
    return made


def _fill(made: Parts, cases: int) -> None:
    first, last = date.fromisoformat(busy.FIRST), date.fromisoformat(busy.LAST)
    for number in range(_CAMPAIGNS):
        people = [citizen(number * _ALIKE + each) for each in range(_ALIKE)]
        data = formato(people, nombre_campana=f"Campaña {number}")
        submit(made.db, made.vault, made.clock, made.campaign_lines, "drill", f"{number}.csv", data)
    with made.db.begin() as tx:
        tx.execute(text("set local session_replication_role = replica"))
        tx.execute(text(_PEOPLE), {"each": cases // (2 * _CAMPAIGNS)})
        tx.execute(
            text(
                "update campaign c set starts_at = :first, ends_on = :last, state = 'running',"
                " recipients = (select count(*) from recipient r where r.campaign_id = c.id)"
            ),
            {"first": first, "last": last},
        )
        busy.crowd(tx, cases, is_whole=True)
    with made.db.at_once() as tx:
        tx.execute(text("vacuum analyze"))  # as the server does by itself, sooner or later


def _measure(made: Parts) -> int:
    with made.db.begin() as tx:
        cases, events = tx.execute(text(_COUNTS)).one()
    click.echo(f"{cases:,} consultas, {events:,} eventos, todos de las cuatro semanas")
    whole = Period(date.fromisoformat(busy.FIRST), date.fromisoformat(busy.LAST), _ZONE)
    spent = 0.0
    for name, period in (("un día", replace(whole, last=whole.first)), ("las cuatro semanas", whole)):
        found, counting = _timed(partial(_count, made, period))
        told = document(found, made.house, made_at=_HANDED_IN, name="informe")
        (pages, book), drawing = _timed(partial(_draw, told))
        click.echo(f"{name:20} contar {counting:6.1f} s, dibujar {drawing:5.1f} s ({pages:,} y {book:,} bytes)")
        spent = counting + drawing
    click.echo("" if spent <= MOST_S else f"no llega a la meta: {MOST_S:.0f} s")
    return int(spent > MOST_S)


def _count(made: Parts, period: Period) -> Figures:
    with made.db.begin() as tx:
        return counted(tx, made.house, period)


def _draw(told: Document) -> tuple[int, int]:
    return len(pdf(told)), len(workbook(told))


def _timed(do: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    made = do()
    return made, time.perf_counter() - began


if __name__ == "__main__":
    raise SystemExit(main())
