"""How soon the desk's pages showed what happened: from the moment that the database has it, in seconds, as a table."""

import os
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, select

from desk.states import LegRole, LegState
from desk.tables import leg, room
from drill.watching import Page


@dataclass(frozen=True)
class Figures:
    """Seconds: of each measure, in order; and how many calls there were when it was fullest."""

    measures: dict[str, list[float]]
    talking: int
    waiting: int

    @property
    def shown(self) -> list[list[float]]:
        """Of what happens and is then seen."""
        return [seconds for name, seconds in self.measures.items() if "→" in name]


def delays(
    tx: Connection, since: datetime, accounts: list[int], floor: Page, pages: list[Page]
) -> dict[str, list[float]]:
    """What happened from ``since`` on, as the supervisor's page (``floor``) and those of the operators showed it.
    ``accounts``: the operators', those with a page first."""
    entered = tx.execute(select(room.c.id, room.c.entered_at).where(room.c.entered_at >= since)).all()
    joined = (leg.c.role == LegRole.OPERATOR, leg.c.joined_at >= since, leg.c.state != LegState.WANTED)
    accepted = tx.execute(
        select(leg.c.room_id, leg.c.account_id, leg.c.joined_at).where(*joined).order_by(leg.c.id)
    ).all()
    own: list[float] = []
    for account_id, page in zip(accounts, pages, strict=False):
        theirs = [row.joined_at for row in accepted if row.account_id == account_id]
        own += [(after - at).total_seconds() for at, after in zip(theirs, page.talks, strict=False)]
    waits = [(f"wait-{row.id}", row.entered_at) for row in entered]
    talks = [(f"call-{row.room_id}", row.joined_at) for row in accepted]
    return {
        "entra a la cola → supervisión": _until_seen(floor, waits),
        "contestan → supervisión": _until_seen(floor, talks),
        "contestan → su propio puesto": sorted(own),
    }


def _until_seen(page: Page, happened: list[tuple[str, datetime]]) -> list[float]:
    return sorted((page.seen[what] - at).total_seconds() for what, at in happened if what in page.seen)


def percentile(known: list[float], share: float) -> float:
    """Of a list in order."""
    return known[min(len(known) - 1, int(len(known) * share))]


def show(figures: Figures) -> None:
    title = f"{figures.talking} conversaciones y {figures.waiting} en espera, {os.cpu_count()} núcleos; segundos"
    table = Table(title=title, title_justify="left")
    table.add_column("de lo que pasa a lo que se ve")
    for heading in ("p50", "p95", "máx", "veces"):
        table.add_column(heading, justify="right")
    for name, seconds in figures.measures.items():
        if seconds:
            values = (f"{percentile(seconds, share):.2f}" for share in (0.5, 0.95, 1.0))
            table.add_row(name, *values, str(len(seconds)))
    Console(width=110).print(table)


def is_soon_enough(figures: Figures) -> bool:
    """Whether 95 of a hundred things were shown within a second (issue 3, shown by)."""
    return all(seconds and percentile(seconds, 0.95) < 1.0 for seconds in figures.shown)
