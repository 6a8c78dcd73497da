"""Whoever receives requests: acknowledges them, keeps their terms, and writes to the area that asked (R59–R61).

Everything here runs in jobs, after the change it follows was committed: a letter is never the reason why a campaign
could not change. Each is written once, however often the job is run.
"""

import json
import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, and_, case, func, select
from sqlalchemy.dialects.postgresql import insert

from campaigns import life
from campaigns.intake import comparing, letters
from campaigns.intake.tables import intake
from campaigns.outcomes import Outcome
from campaigns.states import TEXTS, CampaignState
from campaigns.tables import campaign, observation, recipient
from campaigns.upload.observations import CONTACTS_SHEET, Level, Observation
from core import audit, jobs, post
from core.clock import Clock
from core.countries import COUNTRIES
from core.database import Database
from core.mail_address import EMAIL_PRINT, valid_address
from core.privacy import Vault

log = logging.getLogger(__name__)

_NEVER_CALLED = (Outcome.ROW_IN_ERROR, Outcome.EXCLUDED, Outcome.DUPLICATE, Outcome.INVALID_PHONE)


@dataclass(frozen=True)
class Reception:
    """What receiving requests needs; the worker keeps one. ``days_to_correct``: calendar days; ``zone``: where the
    institution is."""

    db: Database
    vault: Vault
    clock: Clock
    public_url: str
    institution: str
    zone: ZoneInfo
    days_to_correct: int

    def tell(self, campaign_id: int, state: str) -> None:
        """What has to be written now that a campaign came to ``state``. Nothing for a campaign that is gone."""
        now = self.clock.now()
        with self.db.begin() as tx:
            query = select(campaign).where(campaign.c.id == campaign_id)
            row = tx.execute(query.with_for_update(key_share=True)).first()
            if row is None:
                return
            if state in (CampaignState.UNDER_REVIEW, CampaignState.RETURNED):
                self._acknowledge(tx, now, row)
                if row.replaces is not None:
                    jobs.defer(tx, "intake.compare", campaign_id=campaign_id)
            if state == CampaignState.RETURNED == row.state:
                self._give_back(tx, now, row)
            if state == CampaignState.APPROVED:
                self._post(tx, now, row, self._approval(tx, row))
            if state == CampaignState.CANCELLED and not _corrected_by(tx, campaign_id):
                self._post(tx, now, row, letters.cancelled(self._about(row), _reason(tx, row.id, state)))

    def watch_terms(self) -> int:
        """Reminds those whose term ends tomorrow, cancels those whose term is over; how many it cancelled."""
        waiting = select(campaign.c.id).join(intake, intake.c.campaign_id == campaign.c.id)
        waiting = waiting.where(campaign.c.state == CampaignState.RETURNED, intake.c.correct_by.is_not(None))
        with self.db.begin() as tx:
            found = tx.execute(waiting.order_by(campaign.c.id)).scalars().all()
        return sum(self._watch(campaign_id) for campaign_id in found)

    def tell_forgotten(self) -> int:
        """Tells of the returns whose term never began: their job was lost. How many. One that cannot be told of keeps
        no other waiting."""
        never = select(campaign.c.id).outerjoin(intake, intake.c.campaign_id == campaign.c.id)
        never = never.where(campaign.c.state == CampaignState.RETURNED, intake.c.correct_by.is_(None))
        with self.db.begin() as tx:
            found = tx.execute(never.order_by(campaign.c.id)).scalars().all()
        return sum(self._tell_late(campaign_id) for campaign_id in found)

    def _tell_late(self, campaign_id: int) -> bool:
        try:
            self.tell(campaign_id, CampaignState.RETURNED)
        except Exception as problem:
            log.error("nobody can be told of the return of campaign %s: %s", campaign_id, type(problem).__name__)
            return False
        return True

    def compare(self, campaign_id: int) -> None:
        """Compares a corrected file with the one it corrects, and keeps what came of it."""
        with self.db.begin() as tx:
            row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).first()
            if row is None or row.replaces is None:
                return
            made = comparing.compare(tx, self.vault, row.replaces, campaign_id)
            _keep(tx, campaign_id, comparison_sealed=self.vault.seal(json.dumps(made.as_json(), ensure_ascii=False)))

    def _watch(self, campaign_id: int) -> bool:
        """One of those, in a transaction of its own; whether it was cancelled."""
        now = self.clock.now()
        with self.db.begin() as tx:
            if life.state_of(tx, campaign_id, lock=True) != CampaignState.RETURNED:
                return False
            row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).one()
            kept = tx.execute(select(intake).where(intake.c.campaign_id == campaign_id)).one()
            today = now.astimezone(self._zone(row)).date()
            if today > kept.correct_by:
                why = f"no se corrigió hasta el {letters.long_day(kept.correct_by)}, el plazo que tenía"
                life.cancel(tx, now, campaign_id, "system", why)
                return True
            if kept.reminded_at is None and today >= kept.correct_by - timedelta(days=1):
                self._post(tx, now, row, letters.reminder(self._about(row), kept.correct_by))
                _keep(tx, campaign_id, reminded_at=now)
                audit.record(tx, now, "system", "campaign.reminded", "campaign", campaign_id)
            return False

    def _acknowledge(self, tx: Connection, now: datetime, row: Row) -> None:
        requester = _requester(self.vault, row)
        if requester:
            _keep(tx, row.id, requester_print=self.vault.fingerprint(EMAIL_PRINT, requester.lower()))
        when = f"{row.submitted_at.astimezone(self._zone(row)):%d/%m/%Y a las %H:%M}"
        self._post(tx, now, row, letters.receipt(self._about(row), row.recipients, _called(tx, row.id), when))

    def _give_back(self, tx: Connection, now: datetime, row: Row) -> None:
        kept = tx.execute(select(intake).where(intake.c.campaign_id == row.id)).first()
        if kept is not None and kept.correct_by is not None:
            return
        at = _returned_at(tx, row.id) or now
        correct_by = term(now, self._zone(row), self.days_to_correct)
        _keep(tx, row.id, returned_at=at, correct_by=correct_by, reminded_at=None)
        reason = _reason(tx, row.id, CampaignState.RETURNED)
        letter = letters.returned(self._about(row), reason, _groups(tx, row.id), _first(tx, row.id), correct_by)
        self._post(tx, now, row, letter)

    def _approval(self, tx: Connection, row: Row) -> letters.Letter:
        first_day = row.starts_at.astimezone(self._zone(row)).date()
        return letters.approved(self._about(row), _called(tx, row.id), first_day, row.ends_on)

    def _post(self, tx: Connection, now: datetime, row: Row, letter: letters.Letter) -> None:
        """To who asked and to who uploaded, once each."""
        told = []
        for to in addressees(self.vault, row):
            once = f"{letter.kind}:{row.id}:{self.vault.fingerprint(EMAIL_PRINT, to.lower()).hex()[:16]}"
            words = (letter.subject, letter.body)
            written = post.Letter(letter.kind, to, *words, line=None, campaign_id=row.id, once=once)
            told.append(post.leave(tx, self.vault, now, written))
        audit.record(tx, now, "system", "campaign.written_to", "campaign", row.id, kind=letter.kind, letters=len(told))

    def _about(self, row: Row) -> letters.About:
        name = "" if row.is_sensitive or row.mode == "OPERADOR" else " ".join(row.name.split())
        link = f"{self.public_url}/campanas/{row.id}/solicitud"
        return letters.About(number_of(row), name, link, self.institution, is_of_texts=row.mode == TEXTS)

    def _zone(self, row: Row) -> ZoneInfo:
        return COUNTRIES[row.country].zone if row.country in COUNTRIES else self.zone


def number_of(row: Row) -> str:
    """What people call a request: its radicado, or its id where it was received before there were any."""
    return row.filing_number or f"Solicitud {row.id}"


def term(told_at: datetime, zone: ZoneInfo, days: int) -> date:
    """The last day on which a correction is taken: whole calendar days from the letter on, where the campaign is."""
    return told_at.astimezone(zone).date() + timedelta(days=days)


def refuse(tx: Connection, now: datetime, campaign_id: int, actor: str, reason: str) -> None:
    """The area does not accept the return: the request ends (R61). Raises NoSuchCampaign, NotAllowed."""
    if life.state_of(tx, campaign_id, lock=True) != CampaignState.RETURNED:
        raise life.NotAllowed("Solo se puede rechazar la devolución de una solicitud devuelta.")
    audit.record(tx, now, actor, "campaign.return_refused", "campaign", campaign_id, reason)
    life.cancel(tx, now, campaign_id, actor, f"no se aceptó la devolución: {reason}")


def kept_of(tx: Connection, campaign_id: int) -> Row | None:
    """What is kept of a request on its way."""
    return tx.execute(select(intake).where(intake.c.campaign_id == campaign_id)).first()


def is_requester(tx: Connection, vault: Vault, campaign_id: int, email: str) -> bool:
    """Whether the account of this e-mail is the one that the request names."""
    kept = kept_of(tx, campaign_id)
    return kept is not None and kept.requester_print == vault.fingerprint(EMAIL_PRINT, email.lower())


def addressees(vault: Vault, row: Row) -> list[str]:
    """Who is written to about a campaign: the address that the request names, and who uploaded it."""
    wanted = (_requester(vault, row), valid_address(row.submitted_by))
    return list(dict.fromkeys(each for each in wanted if each))


def _requester(vault: Vault, row: Row) -> str | None:
    fields: dict[str, Any] = json.loads(vault.open(row.request_sealed)).get("fields") or {}
    return valid_address(fields.get("correo_solicitante") or "")


def _keep(tx: Connection, campaign_id: int, **values: Any) -> None:
    row = insert(intake).values(campaign_id=campaign_id, **values)
    tx.execute(row.on_conflict_do_update(index_elements=["campaign_id"], set_=values))


def _called(tx: Connection, campaign_id: int) -> int:
    mine = (recipient.c.campaign_id == campaign_id, recipient.c.outcome.in_(_NEVER_CALLED))
    never = select(func.count()).where(*mine).scalar_subquery()
    return tx.execute(select(campaign.c.recipients - never).where(campaign.c.id == campaign_id)).scalar_one()


def _corrected_by(tx: Connection, campaign_id: int) -> bool:
    return tx.execute(select(campaign.c.id).where(campaign.c.replaces == campaign_id).limit(1)).first() is not None


def _reason(tx: Connection, campaign_id: int, state: str) -> str:
    """Why it last came to this state, in whoever's words."""
    trail = audit.history(tx, "campaign", campaign_id)
    return next((each["reason"] or "" for each in trail if each["action"] == f"campaign.{state}"), "")


def _returned_at(tx: Connection, campaign_id: int) -> datetime | None:
    trail = audit.history(tx, "campaign", campaign_id)
    return next((each["at"] for each in trail if each["action"] == "campaign.returned"), None)


def _errors_first() -> Any:
    return case((observation.c.level == Level.ERROR, 0), else_=1)


def _groups(tx: Connection, campaign_id: int) -> list[tuple[str, str, int]]:
    query = (
        select(observation.c.code, observation.c.level, func.count())
        .where(observation.c.campaign_id == campaign_id)
        .group_by(observation.c.code, observation.c.level)
        .order_by(_errors_first(), observation.c.code)
    )
    return [(code, level, count) for code, level, count in tx.execute(query)]


def _first(tx: Connection, campaign_id: int) -> list[Observation]:
    """The first observations to look at, the request's own before the rows'."""
    of_row = and_(observation.c.sheet == CONTACTS_SHEET, observation.c.cell.is_not(None))
    own_first = case((of_row, 1), else_=0)
    query = select(observation).where(observation.c.campaign_id == campaign_id)
    query = query.order_by(_errors_first(), own_first, observation.c.row, observation.c.id).limit(letters.FIRST_ROWS)
    names = ("code", "sheet", "row", "column", "cell", "value", "message", "suggestion")
    rows = tx.execute(query)
    return [Observation(level=Level(each.level), **{name: getattr(each, name) for name in names}) for each in rows]
