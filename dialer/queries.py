"""The dialer's statements: looking, claiming what is due, and storing what came of asking. None commits.

Claim and store carry the lease's epoch: a holder that lost its trunk changes nothing (architecture, decision 6).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Row, Text, bindparam, func, insert, literal_column, or_, select, text, update

from campaigns.attempts import of_account
from campaigns.due_again import due_again
from campaigns.rules.candidates import Candidate, candidate_of
from campaigns.rules.facts import CAMPAIGN_COLUMNS, IS_CALL, IS_LIVE
from campaigns.states import TEXTS, AttemptState, CampaignState, Channel
from campaigns.tables import attempt, campaign, lease
from core.closed_days import closed_day
from core.privacy import Vault
from core.segments import segments
from core.trunks import OPERATED, Trunk, Trunks

ASKING_TAKES = timedelta(seconds=30)  # at the very most: the client's time-out is a third of it


@dataclass(frozen=True)
class Taken:
    """An attempt that may be made until its hours close. ``caller_id`` is what the citizen's telephone shows; ``body``:
    of a text."""

    candidate: Candidate
    to_print: bytes
    caller_id: str
    until: datetime | None = None
    body: str | None = field(default=None, repr=False)


#: The lease's row is shared until the transaction ends: whoever takes the trunk over sees what was claimed before. Of a
#: campaign that was cancelled since the round's outset nobody is due, whatever is not withdrawn yet.
_DUE_IN_TURN = """
    with held as (
        select 1 from lease where trunk = :trunk and epoch = :epoch and expires_at > clock_timestamp() for share
    ), due as (
        select id, campaign_id, recipient_id, phone, due_at from attempt
        where campaign_id = :campaign and state = 'due' and due_at <= :now{} and exists (select 1 from held)
            and exists (select 1 from campaign where id = :campaign and state = 'running')
        order by due_at, id limit :limit for update skip locked
    )
    select d.id, d.campaign_id, d.recipient_id, d.phone,
        r.data_sealed, r.person_print, r.phones, r.spent, r.outcome, r.zone, r.preferred
    from due d join recipient r on r.id = d.recipient_id order by d.due_at, d.id
"""
_DUE = text(_DUE_IN_TURN.format(""))
#: Of a campaign that texts: what goes by one channel is found without what waits to go by the other.
DUE_BY = text(_DUE_IN_TURN.format(" and channel = :channel and channel is not null"))

_TAKE = text("""
    update attempt a set state = 'asking', asked_at = clock_timestamp(), started_at = :now, trunk = :trunk,
        carrier_account = :account, epoch = :epoch, to_print = t.to_print, caller_id = t.caller_id,
        segments = t.segments
    from unnest(cast(:ids as bigint[]), cast(:prints as bytea[]), cast(:callers as text[]),
        cast(:segments as smallint[])) t (id, to_print, caller_id, segments)
    where a.id = t.id
""")


def due(
    tx: Connection,
    vault: Vault,
    now: datetime,
    campaign_id: int,
    limit: int,
    trunk: str,
    epoch: int,
    channel: Channel | None = None,
) -> list[Candidate]:
    """Up to ``limit`` due attempts of a campaign, locked until the transaction ends; none without the lease.
    ``channel``: of those that go by it; None: of a campaign that only calls, all."""
    values = {"campaign": campaign_id, "now": now, "limit": limit, "trunk": trunk, "epoch": epoch}
    asked = (_DUE, values) if channel is None else (DUE_BY, values | {"channel": channel.value})
    return [candidate_of(vault, row) for row in tx.execute(*asked)]


def take(tx: Connection, now: datetime, trunk: str, account: str, epoch: int, taken: Sequence[Taken]) -> None:
    """Writes them down as being asked of this trunk's carrier, at this account of it, in one statement, to be committed
    before it is."""
    if taken:
        values = {
            "ids": [each.candidate.id for each in taken],
            "prints": [each.to_print for each in taken],
            "callers": [each.caller_id for each in taken],
            "segments": [segments(each.body).count if each.body is not None else None for each in taken],
        }
        tx.execute(_TAKE, {"now": now, "trunk": trunk, "account": account, "epoch": epoch, **values})


#: The automatic campaigns that run, the most urgent first.
_RUNNING = (
    select(*CAMPAIGN_COLUMNS)
    .where(campaign.c.state == CampaignState.RUNNING, campaign.c.mode.in_(["AUTOMATICA", TEXTS]))
    .order_by(campaign.c.is_urgent.desc(), campaign.c.priority, campaign.c.id)
)
#: Calls that are, or may be, on the lines of a trunk.
_LIVE = select(func.count()).where(attempt.c.trunk == bindparam("trunk"), IS_LIVE, IS_CALL)
#: Of an account that the trunk no longer has, nobody may hear the end: they take no line of the one it has now.
_LIVE_THERE = _LIVE.where(of_account(bindparam("account", type_=Text)))
_RESTING = select(func.array_agg(lease.c.trunk)).where(
    lease.c.trouble.is_not(None), lease.c.expires_at > func.clock_timestamp()
)
_CLOSED = select(func.array_agg(closed_day.c.day)).where(
    closed_day.c.country == campaign.c.country, closed_day.c.removed_at.is_(None)
)
_OUTSET = _RUNNING.add_columns(
    campaign.c.trouble,
    _LIVE_THERE.scalar_subquery().label("live"),
    _RESTING.scalar_subquery().label("resting"),
    _CLOSED.correlate(campaign).scalar_subquery().label("closed"),
)


@dataclass(frozen=True)
class Outset:
    """What a round begins with, as it is at ``now``: ``campaigns`` that the trunk carries, in their order (rows with
    ``CAMPAIGN_COLUMNS``), ``live`` calls on its lines, and the days that stand ``closed`` in these countries."""

    now: datetime
    campaigns: Sequence[Row]
    live: int
    closed: Mapping[str, frozenset[date]]


def outset(tx: Connection, trunks: Trunks, trunk: Trunk, now: datetime) -> Outset:
    """All of it in one statement: the dialer asks ten times a second. With no campaign, nobody counts the lines."""
    rows = tx.execute(_OUTSET, {"trunk": trunk.name, "account": trunk.account_sid}).all()
    live, resting = (rows[0].live, rows[0].resting or ()) if rows else (0, ())
    closed = {row.country: frozenset(row.closed or ()) for row in rows}
    return Outset(now, [row for row in rows if _carries(trunks, trunk, row, resting)], live, closed)


def _carries(trunks: Trunks, trunk: Trunk, row: Row, resting: Collection[str]) -> bool:
    """What it carries when all is well, even while it is in trouble: somebody has to find out that it is over. Beside
    that, what it stands in for while another rests."""
    campaign_ = (row.trunk, row.country, row.caller_ids or (row.caller_id,))
    carrying = {each.name for each in (trunks.carrying(*campaign_), trunks.carrying(*campaign_, resting)) if each}
    return trunk.is_active and trunk.name in carrying


def running_campaigns(tx: Connection) -> list[Row]:
    """The rows (``CAMPAIGN_COLUMNS``) of the automatic campaigns that run, the most urgent first."""
    return list(tx.execute(_RUNNING))


def live_calls(tx: Connection, trunk: str) -> int:
    """Calls that are, or may be, on the lines of a trunk."""
    return tx.execute(_LIVE, {"trunk": trunk}).scalar_one()


def is_anything_live(tx: Connection) -> bool:
    """Whether any trunk has a call on its lines, or a text on its way; the operators' telephones are nobody's trunk."""
    return tx.execute(select(attempt.c.id).where(attempt.c.trunk != OPERATED, IS_LIVE).limit(1)).first() is not None


_PLACED = text("""
    update attempt a set state = 'placed', remote_sid = p.sid
    from unnest(cast(:ids as bigint[]), cast(:sids as text[])) p (id, sid)
    where a.id = p.id and a.epoch = :epoch and a.state = 'asking'
""")


def store_placed(tx: Connection, epoch: int, placed: Sequence[tuple[int, str]]) -> None:
    """The carrier took these: (attempt id, call sid). A webhook that was faster changes nothing."""
    if placed:
        ids, sids = zip(*placed, strict=True)
        tx.execute(_PLACED, {"epoch": epoch, "ids": list(ids), "sids": list(sids)})


def store_not_asked(tx: Connection, now: datetime, epoch: int, attempt_ids: Sequence[int], due_at: datetime) -> None:
    """The carrier said 429, or we never got to ask: it was never processed, so the same attempt may be asked later."""
    if not attempt_ids:
        return
    mine = (attempt.c.id.in_(attempt_ids), attempt.c.epoch == epoch, attempt.c.state == AttemptState.ASKING)
    due_again(tx, now, *mine, due_at=due_at)


def say_troubles(tx: Connection, told: Mapping[int, str | None]) -> None:
    """What ails these campaigns (by id) at the carrier; None: nothing any more."""
    for campaign_id, trouble in sorted(told.items()):
        tx.execute(update(campaign).where(campaign.c.id == campaign_id).values(trouble=trouble))


def is_being_asked(tx: Connection, epoch: int, attempt_id: int) -> bool:
    """Whether the attempt still waits for an answer to this holder of the trunk."""
    query = select(attempt.c.id).where(
        attempt.c.id == attempt_id, attempt.c.epoch == epoch, attempt.c.state == AttemptState.ASKING
    )
    return tx.execute(query.with_for_update()).first() is not None


def store_unknown(tx: Connection, epoch: int, attempt_ids: Sequence[int]) -> None:
    """Asked, and no answer came: only proof moves it from here."""
    if not attempt_ids:
        return
    tx.execute(
        update(attempt)
        .where(attempt.c.id.in_(attempt_ids), attempt.c.epoch == epoch, attempt.c.state == AttemptState.ASKING)
        .values(state=AttemptState.UNKNOWN)
    )


def orphans_become_unknown(tx: Connection, trunk: str, epoch: int) -> int:
    """What nobody asks any more: of an earlier holder that died, or of this one after longer than asking ever takes.

    A commit whose reply was lost, or a crash between claiming and asking: nobody knows whether it was asked. One that
    somebody holds at this moment, a webhook say, is looked at the next time.
    """
    forgotten = attempt.c.asked_at < func.clock_timestamp() - ASKING_TAKES
    orphans = (
        select(attempt.c.id)
        .where(attempt.c.trunk == trunk, attempt.c.state == literal_column(f"'{AttemptState.ASKING}'"))
        .where(or_(attempt.c.epoch < epoch, forgotten))
        .order_by(attempt.c.id)
        .with_for_update(key_share=True, skip_locked=True)
    )
    return tx.execute(update(attempt).where(attempt.c.id.in_(orphans)).values(state=AttemptState.UNKNOWN)).rowcount


def not_placed(tx: Connection, attempt_id: int, now: datetime) -> None:
    """Proven from a complete list that the carrier never had it: a new attempt takes its place, due ``now``."""
    row = tx.execute(
        update(attempt)
        .where(attempt.c.id == attempt_id, attempt.c.state == AttemptState.UNKNOWN)
        .values(state=AttemptState.NOT_PLACED, ended_at=now)
        .returning(*(attempt.c[name] for name in ("campaign_id", "recipient_id", "phone", "trunk", "channel")))
    ).first()
    if row:
        another = insert(attempt).values(**row._mapping, due_at=now).returning(attempt.c.id)
        due_again(tx, now, attempt.c.id == tx.execute(another).scalar_one())
