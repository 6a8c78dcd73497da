"""The report of the calls, each day, week and month, into a folder and to those who wait for it (R23)."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from campaigns.intake.tables import EMAIL_PRINT
from campaigns.readers import is_open
from campaigns.workbooks import csv_in_pieces
from core import audit, mail
from core.clock import Clock
from core.database import Database
from core.privacy import Vault
from reports import calls
from reports.calls import Day, Period, Register
from reports.tables import report
from reports.workbook import workbook

KIND = "calls_report"  #: of its letters, on the page Correos
ACTOR = "system"
_CSV = (
    *("dia", "linea", "recibidas", "solo_maquina", "pidieron_persona", "atendidas", "abandonadas", "espera_media_s"),
    *("salientes_campanas", "contestadas_campanas", "salientes_puesto", "contestadas_puesto"),
)


class Span(StrEnum):
    """How many days one is of."""

    DAY = "diario"
    WEEK = "semanal"
    MONTH = "mensual"


@dataclass(frozen=True)
class CallReports:
    """What making them needs; the worker keeps one. ``names``: of the lines, by id; ``hidden``: lines of which
    nothing is told, since not everybody may know of their calls (R75); ``register``: of ivr/register.py."""

    db: Database
    vault: Vault
    clock: Clock
    folder: Path
    recipients: Sequence[str]
    public_url: str
    institution: str
    zone: ZoneInfo
    names: Mapping[str, str]
    hidden: frozenset[str]
    register: Register

    def watch(self) -> list[str]:
        """Makes those of the day, week and month that ended last, unless they are there; their names."""
        today = self.clock.now().astimezone(self.zone).date()
        return [name for span in Span if (name := self._once(span, last_of(span, today)))]

    def make(self, span: Span, last: date) -> list[Path]:
        """Writes the files of one period, in place of those that are there; tells nobody."""
        with self.db.begin() as tx:
            return self._write(tx, span, last)

    def _once(self, span: Span, last: date) -> str | None:
        """Of two that try at once one does it: the other waits for its row, and finds it."""
        now = self.clock.now()
        period = period_of(span, last, self.zone)
        name = name_of(span, last)
        with self.db.begin() as tx:
            mine = (report.c.campaign_id.is_(None), report.c.kind == span, report.c.until == last)
            if tx.execute(select(report.c.id).where(*mine)).first() is not None:
                return None
            row = insert(report).values(kind=span, until=last, name=name, made_at=now)
            if tx.execute(row.on_conflict_do_nothing().returning(report.c.id)).first() is None:
                return None
            self._write(tx, span, last)
            audit.record(tx, now, ACTOR, "reports.made", "report", name, letters=len(self.recipients))
            for to in self.recipients:
                self._post(tx, now, span, period, to)
        return name

    def _write(self, tx: Connection, span: Span, last: date) -> list[Path]:
        period, name = period_of(span, last, self.zone), name_of(span, last)
        days = calls.days_of(tx, period, self.register, self.hidden)
        closed = calls.closed_in(tx, period, is_open())
        told = calls.document(
            period, days, closed, self.names, made_at=self.clock.now(), institution=self.institution, name=name
        )
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        paths = [self.folder / f"{name}.xlsx", self.folder / f"{name}.csv"]
        _replace(paths[0], workbook(told))
        _replace(paths[1], b"".join(csv_in_pieces([_row(day) for day in days], _CSV, ";")))
        return paths

    def _post(self, tx: Connection, now: datetime, span: Span, period: Period, to: str) -> None:
        print_ = self.vault.fingerprint(EMAIL_PRINT, to.lower()).hex()[:16]
        link = f"{self.public_url}/informes?desde={period.first}&hasta={period.last}"
        told = (
            "Buen día:",
            f"Está listo el informe {span} de llamadas, {period.told}. Sus archivos están en la carpeta compartida.",
            f"También puede verlo aquí, con su cuenta:\n{link}",
            self.institution,
        )
        subject = f"Informe {span} de llamadas, {period.told}"
        once = f"{KIND}:{span}:{period.last}:{print_}"
        mail.post(tx, self.vault, now, KIND, to, subject, "\n\n".join(told) + "\n", once=once)


def last_of(span: Span, today: date) -> date:
    """The last day of the newest period that is over: yesterday, Sunday, the last of the month."""
    if span is Span.DAY:
        return today - timedelta(days=1)
    if span is Span.WEEK:
        return today - timedelta(days=today.weekday() + 1)
    return today.replace(day=1) - timedelta(days=1)


def period_of(span: Span, last: date, zone: ZoneInfo) -> Period:
    """The days of the period that ends on ``last``."""
    if span is Span.DAY:
        return Period(last, last, zone)
    return Period(last - timedelta(days=6) if span is Span.WEEK else last.replace(day=1), last, zone)


def name_of(span: Span, last: date) -> str:
    """``llamadas-diario-2026-11-22``, ``llamadas-semanal-2026-S47``, ``llamadas-mensual-2026-11``: always the same."""
    if span is Span.DAY:
        return f"llamadas-{span}-{last}"
    year, week, _ = last.isocalendar()
    return f"llamadas-{span}-{year}-S{week:02}" if span is Span.WEEK else f"llamadas-{span}-{last:%Y-%m}"


def ends_in(first: date, last: date) -> list[tuple[Span, date]]:
    """Every period that ends on one of these days."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [(span, day) for day in days for span in Span if last_of(span, day + timedelta(days=1)) == day]


def _row(day: Day) -> list[str | int | float | None]:
    wait = round(day.waited / day.attended) if day.attended else None
    incoming = [day.received, day.alone, day.asked, day.attended, day.abandoned, wait]
    return [str(day.day), day.line, *incoming, day.of_campaigns, day.campaigns_answered, day.of_desk, day.desk_answered]


def _replace(path: Path, data: bytes) -> None:
    """Whole or not at all: who opens the folder never finds half a file."""
    with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        file.write(data)
    with suppress(OSError):
        os.chmod(file.name, 0o640)
    os.replace(file.name, path)
