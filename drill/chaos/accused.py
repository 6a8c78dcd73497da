"""What the service says that it did, read from its database as plain values: it is the accused, and not the witness."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, Row, select, text

from campaigns.tables import attempt, campaign, recipient
from core.privacy import Vault


@dataclass(frozen=True)
class Attempt:
    id: int
    recipient_id: int
    phone: int
    state: str
    outcome: str | None
    sid: str | None


@dataclass(frozen=True)
class Contact:
    """Somebody of a campaign: ``place`` in its list, from 0; ``collected``: their answer to the first question."""

    id: int
    campaign_id: int
    place: int
    is_final: bool
    outcome: str | None
    attempts: int
    collected: str | None


@dataclass(frozen=True)
class Job:
    """A background job that should not be there any more."""

    id: int
    task: str
    status: str


@dataclass(frozen=True)
class Accused:
    states: dict[int, str] = field(default_factory=dict)  #: of each campaign
    contacts: Sequence[Contact] = ()
    attempts: Sequence[Attempt] = ()
    jobs: Sequence[Job] = ()


#: Waiting without a date to wait for, being done, or given up. Procrastinate runs on the real clock.
#: One of the clock's work that was cut short is aborted where the next one waits, which does the same
#: (core/processes/worker.py).
_JOBS = text("""
    select id, task_name, status::text from procrastinate_jobs
    where status in ('doing', 'failed') or (status = 'aborted' and queueing_lock is null)
        or (status = 'todo' and coalesce(scheduled_at, '-infinity') < now() - interval '10 seconds')
    order by id
""")


def testimony(tx: Connection, vault: Vault, campaign_ids: Sequence[int]) -> Accused:
    """All that it says of these campaigns."""
    states = select(campaign.c.id, campaign.c.state).where(campaign.c.id.in_(campaign_ids))
    people = select(recipient).where(recipient.c.campaign_id.in_(campaign_ids))
    rows = tx.execute(people.order_by(recipient.c.campaign_id, recipient.c.row)).all()
    calls = select(attempt).where(attempt.c.campaign_id.in_(campaign_ids)).order_by(attempt.c.id)
    return Accused(
        {row.id: row.state for row in tx.execute(states)},
        [_contact(vault, row, rows) for row in rows],
        [Attempt(a.id, a.recipient_id, a.phone, a.state, a.outcome, a.remote_sid) for a in tx.execute(calls)],
        jobs_left(tx),
    )


def jobs_left(tx: Connection) -> list[Job]:
    return [Job(*row) for row in tx.execute(_JOBS)]


def _contact(vault: Vault, row: Row, rows: Sequence[Row]) -> Contact:
    first = next(each.row for each in rows if each.campaign_id == row.campaign_id)
    told = json.loads(vault.open(row.collected_sealed)) if row.collected_sealed is not None else {}
    place = row.row - first
    return Contact(row.id, row.campaign_id, place, row.is_final, row.outcome, row.attempts, told.get("1"))
