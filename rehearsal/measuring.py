"""What the copy tells: how far the rehearsal has come, and at its end what was to be known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from sqlalchemy import Connection, Row, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from campaigns.outcomes import Outcome
from campaigns.rehearsals.report import RehearsedHour
from campaigns.rules.facts import IS_CALL
from campaigns.states import CampaignState
from campaigns.tables import attempt, campaign, recipient
from core.database import Moment
from core.tariffs import Tariff

Span: TypeAlias = tuple[datetime, datetime]


@dataclass(frozen=True)
class Reached:
    """``done`` of ``total`` people have their final outcome; ``calls``: placed so far."""

    done: int
    total: int
    calls: int
    is_over: bool


@dataclass(frozen=True)
class Calls:
    """Of a campaign that is over. Seconds are the rehearsal's. ``extra_s``: that an answered call which began while the
    lines were full kept its own beyond its length and its ringing; the median, 0 where they never were full."""

    placed: int
    answered: int
    seconds: int
    began_at: datetime | None
    ended_at: datetime | None
    extra_s: float


def reached(tx: Connection, campaign_id: int, total: int) -> Reached:
    """How far it has come. ``total``: people of whom anybody is to be called."""
    left = select(func.count()).where(recipient.c.campaign_id == campaign_id, ~recipient.c.is_final)
    state = tx.execute(select(campaign.c.state).where(campaign.c.id == campaign_id)).scalar_one()
    open_ = tx.execute(left).scalar_one()
    calls = tx.execute(select(func.count()).where(*_placed(campaign_id))).scalar_one()
    return Reached(total - open_, total, calls, state == CampaignState.FINISHED)


def calls_of(tx: Connection, campaign_id: int, ring_s: float, full: Sequence[Span]) -> Calls:
    """``ring_s``: how long whoever answers lets it ring; ``full``: when the lines were (rehearsal/hurrying.py)."""
    talked = func.coalesce(attempt.c.duration_s, 0)
    row: Row = tx.execute(
        select(
            func.count(),
            func.count().filter(talked > 0),
            func.coalesce(func.sum(talked), 0),
            func.min(attempt.c.started_at),
            func.max(attempt.c.ended_at),
        ).where(*_placed(campaign_id))
    ).one()
    placed, answered, seconds, began, ended = row
    return Calls(placed, answered, seconds, began, ended, _extra_s(tx, campaign_id, ring_s, full))


def _extra_s(tx: Connection, campaign_id: int, ring_s: float, full: Sequence[Span]) -> float:
    kept = func.extract("epoch", attempt.c.ended_at - attempt.c.started_at)
    opens, closes = ([span[end] for span in full] for end in (0, 1))
    span = (
        func.unnest(literal(opens, ARRAY(Moment)), literal(closes, ARRAY(Moment)))
        .table_valued("opens", "closes")
        .render_derived()
    )
    query = select(func.percentile_cont(0.5).within_group(kept - attempt.c.duration_s - ring_s)).where(
        *_placed(campaign_id),
        attempt.c.duration_s > 0,
        select(1).where(attempt.c.started_at >= span.c.opens, attempt.c.started_at < span.c.closes).exists(),
    )
    return max(float(tx.execute(query).scalar() or 0.0), 0.0)


def hours_of(tx: Connection, campaign_id: int) -> list[RehearsedHour]:
    """The hours in which calls were placed, in order."""
    at = func.date_trunc("hour", attempt.c.started_at).label("at")
    answered = func.count().filter(attempt.c.duration_s > 0)
    query = select(at, func.count(), answered).where(*_placed(campaign_id)).group_by(at).order_by(at)
    return [RehearsedHour(*row) for row in tx.execute(query)]


def people_by_outcome(tx: Connection, campaign_id: int) -> dict[str, int]:
    """Final outcomes, in the contract's order."""
    query = select(recipient.c.outcome, func.count()).where(recipient.c.campaign_id == campaign_id)
    return _in_order(dict(tx.execute(query.where(recipient.c.is_final).group_by(recipient.c.outcome)).all()))


def calls_by_outcome(tx: Connection, campaign_id: int) -> dict[str, int]:
    """What came of each call, in the contract's order."""
    query = select(attempt.c.outcome, func.count()).where(*_placed(campaign_id)).group_by(attempt.c.outcome)
    return _in_order(dict(tx.execute(query).all()))


def cost_of(tx: Connection, campaign_id: int, tariff: Tariff) -> float:
    """Of all calls, each billed by itself, in the tariff's currency."""
    query = select(attempt.c.duration_s, func.count()).where(*_placed(campaign_id), attempt.c.duration_s > 0)
    rows = tx.execute(query.group_by(attempt.c.duration_s))
    return float(sum((tariff.cost(seconds) * calls for seconds, calls in rows), Decimal()))


def _placed(campaign_id: int) -> tuple:
    return attempt.c.campaign_id == campaign_id, attempt.c.remote_sid.is_not(None), IS_CALL


def _in_order(found: Mapping[str | None, int]) -> dict[str, int]:
    return {each.value: found[each.value] for each in Outcome if each.value in found}
