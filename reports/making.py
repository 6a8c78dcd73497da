"""Makes the reports of campaigns, keeps them encrypted, sends word of them, and closes what is finished (R49).

Everything runs in a job that may be killed at any point and run again: a report is there whole, with its letter, or not
at all; of one campaign and one day there is one.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, insert, select

from campaigns import closing
from campaigns.intake.reception import number_of
from campaigns.one_person import IS_OF_A_PROCEDURE
from campaigns.states import CampaignState
from campaigns.tables import attempt, campaign
from core import audit, files
from core.clock import Clock
from core.database import Database, may_take_its_time
from core.logs import where
from core.privacy import Vault
from reports import sending
from reports.campaign import campaign_row, contacts, counted_of, report_of, zone_of
from reports.kinds import FINAL, period_due
from reports.pdf import pdf
from reports.periods import Period
from reports.tables import report
from reports.workbook import workbook

log = logging.getLogger(__name__)

MAKER = "system"
_UNDER_WAY = (CampaignState.RUNNING, CampaignState.PAUSED)


@dataclass(frozen=True)
class Maker:
    """What making reports needs; the worker keeps one. ``public_url``: of the console, for the links; ``zone``: where
    the institution is; ``people``: who works here, by their e-mail."""

    db: Database
    vault: Vault
    clock: Clock
    public_url: str
    institution: str
    zone: ZoneInfo
    people: Callable[[Connection], Mapping[str, str]] | None = None

    def watch(self) -> None:
        """Every campaign that is owed a report, or may be closed. One that fails does not keep the others from it."""
        with self.db.begin() as tx:
            wanted = (CampaignState.FINISHED, *_UNDER_WAY)
            query = select(campaign.c.id, campaign.c.state).where(campaign.c.state.in_(wanted), ~IS_OF_A_PROCEDURE)
            found = tx.execute(query.order_by(campaign.c.id)).all()
        for campaign_id, state in found:
            try:
                if state == CampaignState.FINISHED:
                    self.finish(campaign_id)
                else:
                    self.tell_of_progress(campaign_id)
            except Exception as error:  # the rest of them must not wait for it; the next round tries again
                log.error("the report of campaign %s: %s", campaign_id, where(error))

    def finish(self, campaign_id: int) -> bool:
        """Makes and sends the final report of a finished campaign unless that is done, and closes it once its letter
        left; whether it is closed now."""
        now = self.clock.now()
        with self.db.begin() as tx:
            row, made = campaign_row(tx, campaign_id), sending.final_of(tx, campaign_id)
        if row.state != CampaignState.FINISHED:
            return False
        if made is None:
            self.make(campaign_id, FINAL, now.astimezone(zone_of(row)).date())
            return False
        if made.mail_state != "sent":
            return False
        with self.db.begin() as tx:
            return closing.close(tx, now, campaign_id, made.mail_sent_at)

    def tell_of_progress(self, campaign_id: int) -> int | None:
        """Makes and sends the interim report that is due, if its days had calls; its id."""
        now = self.clock.now()
        with self.db.begin() as tx:
            row = campaign_row(tx, campaign_id)
            kind = self._kind(row)
            period = period_due(kind, now, zone_of(row))
            if period is None or not _had_calls(tx, campaign_id, period):
                return None
            if _made(tx, campaign_id, kind, period.last) is not None:
                return None
        return self.make(campaign_id, kind, period.last)

    def make(self, campaign_id: int, kind: str, until: date) -> int:
        """Makes one, keeps both of its files and sends word of it; its id. One that is there already is left as it is.

        Raises NoSuchCampaign.
        """
        now = self.clock.now()
        with self.db.begin() as tx:
            may_take_its_time(tx)  # a million contacts are a long workbook
            row = campaign_row(tx, campaign_id)
            name = f"informe-{number_of(row).replace(' ', '-')}-{kind.lower()}-{until:%Y-%m-%d}"
            found = counted_of(tx, self.vault, row)
            people = self.people(tx) if self.people else None
            told = report_of(tx, self.vault, now, row, self.institution, found, name, people)
            book = workbook(told, contacts(tx, self.vault, row))
        page = pdf(told)
        with self.db.begin() as tx:
            row = tx.execute(select(campaign).where(campaign.c.id == campaign_id).with_for_update()).one()
            if (before := _made(tx, campaign_id, kind, until)) is not None:
                return before.id
            kept = {
                "xlsx_file_id": files.keep(tx, self.vault, now, MAKER, f"{name}.xlsx", book),
                "pdf_file_id": files.keep(tx, self.vault, now, MAKER, f"{name}.pdf", page),
            }
            known = {"campaign_id": campaign_id, "kind": kind, "until": until, "name": name, "made_at": now}
            figures = asdict(found.counts)
            made = tx.execute(insert(report).values(**known, **kept, figures=figures).returning(report)).one()
            audit.record(tx, now, MAKER, "campaign.reported", "campaign", campaign_id, kind=kind, until=f"{until}")
            self.send(tx, now, row, made, sending.address_of(self.vault, row))
            return made.id

    def send(self, tx: Connection, now: datetime, row: Row, made: Row, to: str) -> int:
        """Leaves the letter about a report; its id."""
        return sending.send(
            tx, self.vault, now, row, made, to, public_url=self.public_url, institution=self.institution
        )

    def _kind(self, row: Row) -> str:
        request = json.loads(self.vault.open(row.request_sealed))["request"] or {}
        return str(request.get("periodicidad_reporte") or FINAL)


def _made(tx: Connection, campaign_id: int, kind: str, until: date) -> Row | None:
    """A final one is the only one; of the others there is one a day, or week."""
    query = select(report).where(report.c.campaign_id == campaign_id, report.c.kind == kind)
    return tx.execute(query if kind == FINAL else query.where(report.c.until == until)).first()


def _had_calls(tx: Connection, campaign_id: int, period: Period) -> bool:
    its_calls = select(attempt.c.id).where(attempt.c.campaign_id == campaign_id)
    began = its_calls.where(attempt.c.started_at >= period.since, attempt.c.started_at < period.until)
    return tx.execute(began.limit(1)).first() is not None
