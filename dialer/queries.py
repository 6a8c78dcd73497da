"""The dialer's statements: claiming what is due, and storing what came of asking. None commits.

Claim and store carry the lease's epoch: a holder that lost its trunk changes nothing (architecture, decision 6).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, insert, or_, select, text, update

from campaigns.attempts import phones_of
from campaigns.outcomes import Outcome
from campaigns.states import LIVE, AttemptState, CampaignState
from campaigns.tables import attempt, campaign, recipient
from core.privacy import Vault

ASKING_TAKES = timedelta(seconds=30)  # at the very most: the client's time-out is a third of it


@dataclass(frozen=True)
class Claimed:
    """An attempt written down as being asked, with what the rules need to know."""

    id: int
    campaign_id: int
    recipient_id: int
    phone: int
    to: str  #: E.164
    caller_id: str
    person_print: bytes | None
    phones: int  #: how many usable telephones the person has
    spent: int


#: The lease's row is shared until the claim commits: whoever takes the trunk over sees what was claimed before.
_CLAIM = text("""
    with held as (
        select 1 from lease where trunk = :trunk and epoch = :epoch and expires_at > clock_timestamp() for share
    ), due as (
        select id from attempt
        where campaign_id = :campaign and state = 'due' and due_at <= :now and exists (select 1 from held)
        order by due_at, id limit :limit for update skip locked
    ), claimed as (
        update attempt a set state = 'asking', asked_at = clock_timestamp(), started_at = :now, epoch = :epoch
        from due where a.id = due.id
        returning a.id, a.campaign_id, a.recipient_id, a.phone
    )
    select c.id, c.campaign_id, c.recipient_id, c.phone, r.data_sealed, r.person_print, r.phones, r.spent, p.caller_id
    from claimed c join recipient r on r.id = c.recipient_id join campaign p on p.id = c.campaign_id
    order by c.id
""")


def claim(
    tx: Connection, vault: Vault, now: datetime, campaign_id: int, limit: int, trunk: str, epoch: int
) -> list[Claimed]:
    """Takes up to ``limit`` due attempts of a campaign and writes them down as asked, in one statement."""
    values = {"campaign": campaign_id, "now": now, "limit": limit, "trunk": trunk, "epoch": epoch}
    return [
        Claimed(
            id=row.id,
            campaign_id=row.campaign_id,
            recipient_id=row.recipient_id,
            phone=row.phone,
            to=phones_of(vault, row.data_sealed)[row.phone],
            caller_id=row.caller_id,
            person_print=row.person_print,
            phones=row.phones,
            spent=row.spent,
        )
        for row in tx.execute(_CLAIM, values)
    ]


def running_campaigns(tx: Connection, trunk: str) -> list:
    """The rows of the automatic campaigns that run on a trunk, the most urgent first."""
    columns = (
        *(campaign.c.id, campaign.c.country, campaign.c.hours_from, campaign.c.hours_to),
        *(campaign.c.weekdays, campaign.c.ends_on),
    )
    return list(
        tx.execute(
            select(*columns)
            .where(
                campaign.c.state == CampaignState.RUNNING,
                campaign.c.mode == "AUTOMATICA",
                campaign.c.trunk == trunk,
            )
            .order_by(campaign.c.priority, campaign.c.id)
        )
    )


def live_calls(tx: Connection, trunk: str) -> int:
    """Calls that are, or may be, on the lines of a trunk."""
    query = select(func.count()).where(attempt.c.trunk == trunk, attempt.c.state.in_(LIVE))
    return tx.execute(query).scalar_one()


def next_due(tx: Connection, campaign_id: int) -> datetime | None:
    """The earliest moment at which an attempt of the campaign is due."""
    query = select(func.min(attempt.c.due_at)).where(
        attempt.c.campaign_id == campaign_id, attempt.c.state == AttemptState.DUE
    )
    return tx.execute(query).scalar()


def store_placed(tx: Connection, epoch: int, placed: Sequence[tuple[int, str]]) -> None:
    """The carrier took these: (attempt id, call sid). A webhook that was faster changes nothing."""
    if not placed:
        return
    statement = (
        update(attempt)
        .where(attempt.c.id == bindparam("a"), attempt.c.epoch == epoch, attempt.c.state == AttemptState.ASKING)
        .values(state=AttemptState.PLACED, remote_sid=bindparam("sid"))
    )
    tx.execute(statement, [{"a": attempt_id, "sid": sid} for attempt_id, sid in placed])


def store_not_asked(tx: Connection, epoch: int, attempt_ids: Sequence[int], due_at: datetime) -> None:
    """The carrier said 429, or we never got to ask: it was never processed, so the same attempt may be asked later."""
    tx.execute(
        update(attempt)
        .where(attempt.c.id.in_(attempt_ids), attempt.c.epoch == epoch, attempt.c.state == AttemptState.ASKING)
        .values(state=AttemptState.DUE, due_at=due_at, asked_at=None, started_at=None)
    )


def is_being_asked(tx: Connection, epoch: int, attempt_id: int) -> bool:
    """Whether the attempt still waits for an answer to this holder of the trunk."""
    query = select(attempt.c.id).where(
        attempt.c.id == attempt_id, attempt.c.epoch == epoch, attempt.c.state == AttemptState.ASKING
    )
    return tx.execute(query.with_for_update()).first() is not None


def store_unknown(tx: Connection, epoch: int, attempt_ids: Sequence[int]) -> None:
    """Asked, and no answer came: only proof moves it from here."""
    tx.execute(
        update(attempt)
        .where(attempt.c.id.in_(attempt_ids), attempt.c.epoch == epoch, attempt.c.state == AttemptState.ASKING)
        .values(state=AttemptState.UNKNOWN)
    )


def orphans_become_unknown(tx: Connection, trunk: str, epoch: int) -> int:
    """What nobody asks any more: of an earlier holder that died, or of this one after longer than asking ever takes.

    A commit whose reply was lost, or a crash between claiming and asking: nobody knows whether it was asked.
    """
    forgotten = attempt.c.asked_at < func.clock_timestamp() - ASKING_TAKES
    return tx.execute(
        update(attempt)
        .where(attempt.c.trunk == trunk, attempt.c.state == AttemptState.ASKING)
        .where(or_(attempt.c.epoch < epoch, forgotten))
        .values(state=AttemptState.UNKNOWN)
    ).rowcount


def not_placed(tx: Connection, attempt_id: int, due_at: datetime) -> None:
    """Proven from a complete list that the carrier never had it: a new attempt takes its place."""
    row = tx.execute(
        update(attempt)
        .where(attempt.c.id == attempt_id, attempt.c.state == AttemptState.UNKNOWN)
        .values(state=AttemptState.NOT_PLACED, ended_at=due_at)
        .returning(attempt.c.campaign_id, attempt.c.recipient_id, attempt.c.phone, attempt.c.trunk)
    ).first()
    if row:
        tx.execute(insert(attempt).values(**row._mapping, due_at=due_at))


def exclude(tx: Connection, now: datetime, claimed: Claimed, outcome: Outcome) -> None:
    """A rule forbids this person for good: withdrawn before anyone was asked."""
    tx.execute(
        update(attempt)
        .where(attempt.c.id == claimed.id)
        .values(state=AttemptState.WITHDRAWN, ended_at=now, outcome=outcome)
    )
    tx.execute(update(recipient).where(recipient.c.id == claimed.recipient_id).values(is_final=True, outcome=outcome))


def move_phone(tx: Connection, claimed: Claimed, spent: int, phone: int) -> None:
    """This telephone may not be dialled: the same attempt goes to the person's next one."""
    tx.execute(
        update(attempt)
        .where(attempt.c.id == claimed.id)
        .values(state=AttemptState.DUE, phone=phone, asked_at=None, started_at=None)
    )
    tx.execute(update(recipient).where(recipient.c.id == claimed.recipient_id).values(spent=spent))
