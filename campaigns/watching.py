"""What somebody who watches the dialling asks: what is due, on the lines, in doubt, and who holds each trunk.

Asked every few seconds beside a million people: each statement goes by an index, and counts no further than it must.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, bindparam, func, select, text

from campaigns.rules.calendar import is_open_anywhere
from campaigns.rules.facts import CAMPAIGN_COLUMNS, IS_CALL, IS_LIVE
from campaigns.states import AttemptState, CampaignState
from campaigns.tables import attempt, campaign, lease
from core.closed_days import every_closed_day
from core.trunks import OPERATED

MOST_COUNTED = 10_000  #: of a campaign: whoever waits for more than this many calls is told so
RECENT = timedelta(minutes=5)

#: The automatic campaigns that run, as dialer/queries.py has them; of what they do, the calls.
_RUNNING = select(*CAMPAIGN_COLUMNS).where(campaign.c.state == CampaignState.RUNNING, campaign.c.mode == "AUTOMATICA")
_COUNT_DUE = """
    select count(*) as people, min(due_at) as oldest from (
        select due_at from attempt where campaign_id = :campaign and state = 'due' and due_at <= :now
            and {}
        order by due_at limit :most
    ) due
"""
_DUE = text(_COUNT_DUE.format("channel is distinct from 'SMS'"))
_TEXTS_DUE = text(_COUNT_DUE.format("channel = 'SMS' and channel is not null"))
_TEXTING = select(*CAMPAIGN_COLUMNS).where(campaign.c.state == CampaignState.RUNNING, campaign.c.texting.is_not(None))
_LIVE = (
    select(attempt.c.trunk, attempt.c.state, func.count().label("calls"), func.min(attempt.c.asked_at).label("oldest"))
    .where(IS_LIVE, IS_CALL, attempt.c.trunk != OPERATED)
    .group_by(attempt.c.trunk, attempt.c.state)
)
_LEASES = select(
    lease.c.trunk,
    lease.c.owner,
    lease.c.epoch,
    lease.c.trouble,
    (lease.c.expires_at > func.clock_timestamp()).label("is_held"),
)
_RECENT = (
    select(func.coalesce(attempt.c.outcome, attempt.c.state).label("outcome"), func.count().label("calls"))
    .where(attempt.c.campaign_id == bindparam("campaign"), attempt.c.started_at > bindparam("since"), IS_CALL)
    .group_by(text("1"))
)

_TEXTS_RECENT = (
    select(attempt.c.outcome, func.count().label("texts"))
    .where(attempt.c.campaign_id == bindparam("campaign"), attempt.c.started_at > bindparam("since"), ~IS_CALL)
    .group_by(attempt.c.outcome)
)


@dataclass(frozen=True)
class Holder:
    """Who dials for a trunk: ``host`` is None while nobody does; ``trouble``: why it rests."""

    trunk: str
    host: str | None
    epoch: int
    trouble: str | None


@dataclass
class Due:
    """Of one trunk: calls whose moment has come, of campaigns that run. ``open``: those at whose place it is a legal
    hour. ``oldest``: since when the first of them waits."""

    people: int = 0
    open: int = 0
    oldest: datetime | None = None


@dataclass
class Lines:
    """Of one trunk: calls that are, or may be, on its lines; those in doubt, and since when (real time)."""

    live: int = 0
    unknown: int = 0
    oldest_unknown: datetime | None = None


@dataclass(frozen=True)
class Picture:
    """All of it, at one moment."""

    due: dict[str, Due] = field(default_factory=dict)
    recent: dict[str, int] = field(default_factory=dict)  #: calls begun in the last minutes, by outcome (or state)


def picture(tx: Connection, now: datetime) -> Picture:
    """Of the automatic campaigns that run, by the trunk that is theirs."""
    closed, found = every_closed_day(tx), Picture()
    for row in tx.execute(_RUNNING).all():
        due = found.due.setdefault(row.trunk, Due())
        waiting = tx.execute(_DUE, {"campaign": row.id, "now": now, "most": MOST_COUNTED}).one()
        due.people += waiting.people
        if waiting.people and is_open_anywhere(tx, row, now, closed=closed):
            due.open += waiting.people
            due.oldest = min(due.oldest or waiting.oldest, waiting.oldest)
        for each in tx.execute(_RECENT, {"campaign": row.id, "since": now - RECENT}):
            found.recent[each.outcome] = found.recent.get(each.outcome, 0) + each.calls
    return found


def texts(tx: Connection, now: datetime, since: datetime) -> tuple[dict[str, int], Counter[str | None]]:
    """Of the campaigns that run: by trunk the texts whose moment has come where the hour is legal; and those that were
    sent ``since``, by outcome (None: on their way)."""
    closed, due, recent = every_closed_day(tx), Counter[str](), Counter[str | None]()
    for row in tx.execute(_TEXTING).all():
        waiting = tx.execute(_TEXTS_DUE, {"campaign": row.id, "now": now, "most": MOST_COUNTED}).one()
        if waiting.people and is_open_anywhere(tx, row, now, closed=closed):
            due[row.trunk] += waiting.people
        for each in tx.execute(_TEXTS_RECENT, {"campaign": row.id, "since": since}):
            recent[each.outcome] += each.texts
    return dict(due), recent


def lines(tx: Connection) -> dict[str, Lines]:
    """By trunk; one without any call is not in it."""
    found: dict[str, Lines] = {}
    for row in tx.execute(_LIVE):
        here = found.setdefault(row.trunk, Lines())
        here.live += row.calls
        if row.state == AttemptState.UNKNOWN:
            here.unknown, here.oldest_unknown = row.calls, row.oldest
    return found


def holders(tx: Connection) -> list[Holder]:
    """Of every trunk that somebody ever held."""
    return [_holder(row) for row in tx.execute(_LEASES.order_by(lease.c.trunk))]


def unheld(tx: Connection, trunks: Sequence[str]) -> list[str]:
    """Of these trunks, those for which nobody dials."""
    held = {each.trunk for each in holders(tx) if each.host is not None}
    return [name for name in trunks if name not in held]


def _holder(row: Row) -> Holder:
    host = row.owner.split(":")[0] if row.is_held else None  # an owner is host:pid:uuid (dialer/lease.py)
    return Holder(row.trunk, host, row.epoch, row.trouble if row.is_held else None)
