"""The report of each day, week and month, into a folder and to those who wait for it (R23).

A period has one row. It waits until its files are in the folder: a folder that is down is tried again at the next turn,
however long that takes, and the page Informes says so meanwhile.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from campaigns.readers import is_open
from campaigns.workbooks import csv_in_pieces
from core import audit, post
from core.clock import Clock
from core.database import Database, may_take_its_time
from core.mail_address import EMAIL_PRINT
from reports import folder, period
from reports.calls import Day, is_anybody_on_the_line
from reports.pdf import pdf
from reports.period import House
from reports.periods import Period, Span, first_of, last_of, name_of, period_of
from reports.tables import report
from reports.workbook import workbook

log = logging.getLogger(__name__)

KIND = "calls_report"  #: of its letters, on the page Correos
ACTOR = "system"
MOST_MISSED = 31  # of days, weeks or months that an outage kept from being made
PATIENCE = timedelta(hours=6)  # with a conversation that goes on after midnight
_CSV = (
    *("dia", "linea", "recibidas", "solo_maquina", "pidieron_persona", "atendidas", "abandonadas", "espera_media_s"),
    *("salientes_campanas", "contestadas_campanas", "salientes_puesto", "contestadas_puesto"),
    *("atendidas_a_tiempo", "abandonos_cortos", "otra_salida", "transferidas", "operacion_media_s"),
)


@dataclass(frozen=True)
class CallReports:
    """What making them needs; the worker keeps one. ``folder``: where they are written; ``hidden``: lines of which
    nothing is told, since not everybody may know of their calls (R75)."""

    db: Database
    clock: Clock
    folder: Path
    recipients: Sequence[str]
    public_url: str
    zone: ZoneInfo
    house: House
    hidden: frozenset[str]

    def watch(self) -> list[str]:
        """Makes those that ended since the last one, and writes those that wait for the folder; names of what was
        written. After a folder that does not take one the others wait for the next turn."""
        with self.db.begin() as tx:
            for span in Span:
                self._begin(tx, span)
            waiting = waiting_for_the_folder(tx)
        done = []
        for row in waiting:
            try:
                self.make(Span(row.kind), row.until)
            except OSError as error:
                self._keep(row, folder.why_not(error))
                break
            self._tell(row)
            done.append(row.name)
        return done

    def make(self, span: Span, last: date) -> list[Path]:
        """Writes the files of one period, in place of those that are there; tells nobody. Raises OSError."""
        with self.db.begin() as tx:
            may_take_its_time(tx)
            files = self._files(tx, span, last)
        paths = folder.write(self.folder, files)
        with self.db.begin() as tx:
            there = (report.c.campaign_id.is_(None), report.c.kind == span, report.c.until == last)
            tx.execute(update(report).where(*there).values(waits_since=None, problem=None))
        return paths

    def _begin(self, tx: Connection, span: Span) -> None:
        """A row for each period that is over: of two that try at once one does it, the other finds it. One in which
        somebody is still on the line waits a while for its last figures."""
        now = self.clock.now()
        for last in self._owed(tx, span, now):
            when = period_of(span, last, self.zone)
            if now < when.until + PATIENCE and is_anybody_on_the_line(tx, when):
                return
            name = name_of(span, last)
            row = insert(report).values(kind=span, until=last, name=name, made_at=now, waits_since=now)
            if tx.execute(row.on_conflict_do_nothing().returning(report.c.id)).first() is not None:
                audit.record(tx, now, ACTOR, "reports.made", "report", name, letters=len(self.recipients))

    def _owed(self, tx: Connection, span: Span, now: datetime) -> list[date]:
        """The last days of the periods that ended and have no row, oldest first."""
        mine = (report.c.campaign_id.is_(None), report.c.kind == span)
        newest: date | None = tx.execute(select(func.max(report.c.until)).where(*mine)).scalar()
        found: list[date] = []
        last = last_of(span, now.astimezone(self.zone).date())
        while len(found) < (MOST_MISSED if newest else 1) and (newest is None or last > newest):
            found.append(last)
            last = first_of(span, last) - timedelta(days=1)
        return found[::-1]

    def _keep(self, row: Row, problem: str) -> None:
        """It waits for the folder, and whoever waits for it is told once that it can be looked at."""
        log.error("the report %s waits for its folder", row.name)
        with self.db.begin() as tx:
            tx.execute(update(report).where(report.c.id == row.id).values(problem=problem))
            self._post(tx, row, "Sus archivos se escribirán en la carpeta compartida en cuanto esta responda.")

    def _tell(self, row: Row) -> None:
        with self.db.begin() as tx:
            self._post(tx, row, "Sus archivos están en la carpeta compartida.")

    def _files(self, tx: Connection, span: Span, last: date) -> dict[str, bytes]:
        name, now = name_of(span, last), self.clock.now()
        found = period.counted(tx, self.house, period_of(span, last, self.zone), seen=is_open(), hidden=self.hidden)
        told = period.document(found, self.house, made_at=now, name=name)
        rows = csv_in_pieces([_row(day) for day in found.days], _CSV, ";")
        return {f"{name}.xlsx": workbook(told), f"{name}.pdf": pdf(told), f"{name}.csv": b"".join(rows)}

    def _post(self, tx: Connection, row: Row, where: str) -> None:
        span = Span(row.kind)
        when: Period = period_of(span, row.until, self.zone)
        link = f"{self.public_url}/informes?desde={when.first}&hasta={when.last}"
        told = (
            "Buen día:",
            f"Está listo el informe {span} de llamadas, {when.told}. {where}",
            f"También puede verlo aquí, con su cuenta:\n{link}",
            self.house.institution,
        )
        subject, body = f"Informe {span} de llamadas, {when.told}", "\n\n".join(told) + "\n"
        vault, now = self.house.vault, self.clock.now()
        for to in self.recipients:
            once = f"{KIND}:{span}:{when.last}:{vault.fingerprint(EMAIL_PRINT, to.lower()).hex()[:16]}"
            post.leave(tx, vault, now, post.Letter(KIND, to, subject, body, line=None, once=once))


def waiting_for_the_folder(tx: Connection) -> Sequence[Row]:
    """(id, kind, until, name, waits_since, problem) of those that are not in the folder yet, as they were begun."""
    columns = (report.c.id, report.c.kind, report.c.until, report.c.name, report.c.waits_since, report.c.problem)
    query = select(*columns).where(report.c.campaign_id.is_(None), report.c.waits_since.is_not(None))
    return tx.execute(query.order_by(report.c.id)).all()


def _row(day: Day) -> list[str | int | float | None]:
    attended = day.attended
    wait = round(day.waited / attended) if attended else None
    handled = round((day.talked + day.wrote) / attended) if attended else None
    incoming = [day.received, day.alone, day.asked, attended, day.abandoned, wait]
    outgoing = [day.of_campaigns, day.campaigns_answered, day.of_desk, day.desk_answered]
    return [str(day.day), day.line, *incoming, *outgoing, day.in_time, day.short, day.otherwise, day.moved, handled]
