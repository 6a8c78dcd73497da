"""After so many days a campaign no longer says who was called: what was counted stays, whoever it was of goes.

Of each person: their row of the upload with its telephones, the fingerprint of their document, what they answered. Of
each attempt: the fingerprint of the telephone, what the rules decided of it, and why an operator put it back. Of the
request: the compared rows, the values (masked) of what was noted, and the letters. Then, each in its own time: the
upload itself, the reports, and files of which nobody said what their columns are. Exclusions stay: whoever asked not to
be called asked it for good.

That nobody closed a list keeps nobody in it: its term runs from the end of its period too, once who asked for it was
told (reports/lapsing.py).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Select, Text, and_, cast, delete, func, or_, select, update

from campaigns.history.tables import rule_decision
from campaigns.intake import drafts
from campaigns.intake.tables import intake
from campaigns.rules.facts import IS_LIVE
from campaigns.states import CampaignState
from campaigns.tables import attempt, campaign, observation, operated_contact, recipient
from campaigns.validation.tables import collected_answer
from core import audit, files, post
from core.clock import Clock
from core.database import Database
from core.privacy import Vault
from reports.tables import report

AT_ONCE = 5000  # people of one transaction
ACTOR = "system"
OVER = (CampaignState.CLOSED, CampaignState.CANCELLED)
ENDED = (CampaignState.FINISHED, *OVER)
TOLD = "campaign.erasing_told"  #: in the trail of a list that nobody closed: who asked for it was told what comes
NOTICE = timedelta(days=7)
FOR_ITS_REPORT = timedelta(hours=12)  #: between the end of what nobody ended and its erasing


@dataclass(frozen=True)
class Kept:
    """For how long, from the closing (or the cancelling) of a campaign; of one that nobody closed, from the end of its
    period; of a report, from its making."""

    people: timedelta
    upload: timedelta
    reports: timedelta

    @property
    def first(self) -> timedelta:
        """When the first of a list's data goes."""
        return min(self.people, self.upload)

    @property
    def notice(self) -> timedelta:
        """How long before that who asked for a list is told."""
        return min(NOTICE, self.first)


@dataclass(frozen=True)
class Retention:
    """What erasing needs; the worker keeps one."""

    db: Database
    vault: Vault
    clock: Clock
    kept: Kept

    def purge(self) -> int:
        """Erases what is too old; how many campaigns, uploads and reports. A second run finds nothing; what was being
        done when one was killed is done again."""
        now = self.clock.now()
        done = 0
        for campaign_id in self._due(now, self.kept.people, "people_purged_at"):
            done += self._purge_people(campaign_id)
        for campaign_id in self._due(now, self.kept.upload, "file_removed_at"):
            with self.db.begin() as tx:
                done += remove_upload(tx, now, campaign_id)
        with self.db.begin() as tx:
            done += drafts.forget(tx, now - drafts.KEPT)
        with self.db.begin() as tx:
            letters = post.post.c.channel == post.Channel.MAIL
            of_no_campaign = and_(letters, post.post.c.campaign_id.is_(None))
            post.erase(tx, and_(of_no_campaign, post.post.c.queued_at <= now - self.kept.reports))
            return done + remove_reports(tx, now, now - self.kept.reports)

    def _due(self, now: datetime, kept: timedelta, marked: str) -> list[int]:
        """Campaigns that ended so long ago and are not marked yet. One of whose calls it is not known yet what became
        waits: the carrier is asked for it by its telephone."""
        before = now - kept
        lapsed = and_(told_by(now - self.kept.notice), is_past(before), campaign.c.id.in_(_ended(now - FOR_ITS_REPORT)))
        is_old = or_(campaign.c.id.in_(ended_by(before)), lapsed)
        is_anybody_called = select(attempt.c.id).where(attempt.c.campaign_id == campaign.c.id, IS_LIVE).exists()
        query = select(campaign.c.id).where(campaign.c[marked].is_(None), is_old, ~is_anybody_called)
        with self.db.begin() as tx:
            return list(tx.execute(query.order_by(campaign.c.id)).scalars())

    def _purge_people(self, campaign_id: int) -> bool:
        """A part of the people a transaction; the last one marks the campaign."""
        empty = self.vault.seal(json.dumps({"cells": [], "contact": None}))
        last: int | None = 0
        while last is not None:
            with self.db.begin() as tx:
                last = purge_some(tx, campaign_id, empty, last)
        with self.db.begin() as tx:
            post.erase(tx, post.post.c.campaign_id == campaign_id)
            return finish_purge(tx, self.clock.now(), campaign_id)


def ended_by(before: datetime) -> Select:
    """Ids of the campaigns that were closed or cancelled by then."""
    return _ended(before, OVER)


def told_by(before: datetime) -> ColumnElement[bool]:
    """Whether who asked for a campaign was told by then that what it keeps of people will be erased."""
    return campaign.c.id.in_(_trail(TOLD).having(func.max(audit.audit.c.at) <= before))


def is_past(before: datetime) -> ColumnElement[bool]:
    """Whether a campaign's last day, or whoever it called last, is as long ago."""
    return or_(campaign.c.finished_at <= before, campaign.c.ends_on < before.date())


def _ended(before: datetime, states: Sequence[CampaignState] = ENDED) -> Select:
    moved = _trail(*(f"campaign.{state}" for state in states)).where(campaign.c.state.in_(states))
    return moved.having(func.max(audit.audit.c.at) <= before)


def _trail(*actions: str) -> Select:
    """Ids of the campaigns that have one of these in their trail."""
    return (
        select(campaign.c.id)
        .join(audit.audit, audit.audit.c.subject_id == cast(campaign.c.id, Text))
        .where(audit.audit.c.subject == "campaign", audit.audit.c.action.in_(actions))
        .group_by(campaign.c.id)
    )


def purge_some(tx: Connection, campaign_id: int, empty: bytes, after: int) -> int | None:
    """Erases the next people of a campaign whose ids are above ``after``, at most AT_ONCE; the last id, or None when
    there are no more. ``empty``: what stands in place of their row."""
    query = select(recipient.c.id).where(recipient.c.campaign_id == campaign_id, recipient.c.id > after)
    ids = tx.execute(query.order_by(recipient.c.id).limit(AT_ONCE)).scalars().all()
    if not ids:
        return None
    mine = (recipient.c.campaign_id == campaign_id, recipient.c.id.between(ids[0], ids[-1]))
    of_calls = select(attempt.c.id).join(recipient, recipient.c.id == attempt.c.recipient_id).where(*mine)
    put_back = (operated_contact.c.attempt_id.in_(of_calls), operated_contact.c.reason_sealed.is_not(None))
    tx.execute(update(operated_contact).where(*put_back).values(reason_sealed=None))
    nothing = dict.fromkeys(("person_print", "answers", "collected_sealed", "zone", "preferred"))
    tx.execute(update(recipient).where(*mine).values(**nothing, data_sealed=empty))
    answers = update(collected_answer).where(collected_answer.c.recipient_id.in_(select(recipient.c.id).where(*mine)))
    tx.execute(answers.values(given_print=b"", corrected_sealed=None))
    tx.execute(delete(rule_decision).where(rule_decision.c.attempt_id.in_(of_calls)))
    theirs = (attempt.c.recipient_id.in_(select(recipient.c.id).where(*mine)), attempt.c.to_print.is_not(None))
    tx.execute(update(attempt).where(*theirs).values(to_print=None))
    return ids[-1]


def finish_purge(tx: Connection, now: datetime, campaign_id: int) -> bool:
    """Erases what is kept of the rows beside the people, and writes down that it was done, with how many; False where
    somebody else did."""
    row = tx.execute(select(campaign).where(campaign.c.id == campaign_id).with_for_update()).one()
    if row.people_purged_at is not None:
        return False
    tx.execute(update(observation).where(observation.c.campaign_id == campaign_id).values(value=None))
    tx.execute(update(intake).where(intake.c.campaign_id == campaign_id).values(comparison_sealed=None))
    tx.execute(update(campaign).where(campaign.c.id == campaign_id).values(people_purged_at=now))
    people = tx.execute(select(func.count()).where(recipient.c.campaign_id == campaign_id)).scalar_one()
    calls = tx.execute(select(func.count()).where(attempt.c.campaign_id == campaign_id)).scalar_one()
    audit.record(tx, now, ACTOR, "campaign.people_purged", "campaign", campaign_id, people=people, attempts=calls)
    return True


def remove_upload(tx: Connection, now: datetime, campaign_id: int) -> bool:
    """The file that was handed in, for good; False where somebody else did."""
    row = tx.execute(select(campaign).where(campaign.c.id == campaign_id).with_for_update()).one()
    if row.file_removed_at is not None:
        return False
    files.remove(tx, row.file_id)
    tx.execute(update(campaign).where(campaign.c.id == campaign_id).values(file_removed_at=now))
    audit.record(tx, now, ACTOR, "campaign.file_removed", "campaign", campaign_id, files=1)
    return True


def remove_reports(tx: Connection, now: datetime, before: datetime) -> int:
    """The files of the reports that were made by then; that they were made stays. How many."""
    old = (report.c.made_at <= before, report.c.removed_at.is_(None))
    rows = tx.execute(select(report).where(*old).with_for_update(skip_locked=True)).all()
    kept = [file_id for row in rows for file_id in (row.xlsx_file_id, row.pdf_file_id) if file_id is not None]
    tx.execute(delete(files.stored_file).where(files.stored_file.c.id.in_(kept)))
    gone = {"xlsx_file_id": None, "pdf_file_id": None, "removed_at": now}
    tx.execute(update(report).where(report.c.id.in_([row.id for row in rows])).values(**gone))
    for row in rows:
        if row.campaign_id is not None:
            facts = {"kind": row.kind, "until": f"{row.until}"}
            audit.record(tx, now, ACTOR, "campaign.report_removed", "campaign", row.campaign_id, **facts)
    return len(rows)
