"""What the copy tells: how far the rehearsal has come, and at its end what was to be known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, Row, distinct, func, select

from campaigns.forecast.tariffs import Tariff
from campaigns.outcomes import Outcome
from campaigns.rehearsals.report import Hour
from campaigns.states import CampaignState
from campaigns.tables import attempt, campaign, recipient


@dataclass(frozen=True)
class Reached:
    """``done`` of ``total`` people have their final outcome; ``calls``: placed so far."""

    done: int
    total: int
    calls: int
    is_over: bool


@dataclass(frozen=True)
class Calls:
    """Of a campaign that is over. Seconds are the rehearsal's. ``kept_s``: that calls kept lines, ringing and all;
    ``extra_s``: of an answered call, beyond its own seconds and its ringing, on average."""

    placed: int
    answered: int
    seconds: int
    began_at: datetime | None
    ended_at: datetime | None
    minutes: int  #: in which any call began
    kept_s: float
    extra_s: float


def reached(tx: Connection, campaign_id: int, total: int) -> Reached:
    """How far it has come. ``total``: people of whom anybody is to be called."""
    left = select(func.count()).where(recipient.c.campaign_id == campaign_id, ~recipient.c.is_final)
    state = tx.execute(select(campaign.c.state).where(campaign.c.id == campaign_id)).scalar_one()
    open_ = tx.execute(left).scalar_one()
    calls = tx.execute(select(func.count()).where(*_placed(campaign_id))).scalar_one()
    return Reached(total - open_, total, calls, state == CampaignState.FINISHED)


def calls_of(tx: Connection, campaign_id: int, ring_s: float) -> Calls:
    """``ring_s``: how long whoever answers lets it ring."""
    talked = func.coalesce(attempt.c.duration_s, 0)
    kept = func.extract("epoch", attempt.c.ended_at - attempt.c.started_at)
    is_answered = talked > 0
    row: Row = tx.execute(
        select(
            func.count(),
            func.count().filter(is_answered),
            func.coalesce(func.sum(talked), 0),
            func.min(attempt.c.started_at),
            func.max(attempt.c.ended_at),
            func.count(distinct(func.date_trunc("minute", attempt.c.started_at))),
            func.coalesce(func.sum(kept), 0),
            func.coalesce(func.avg(kept - talked - ring_s).filter(is_answered), 0),
        ).where(*_placed(campaign_id))
    ).one()
    placed, answered, seconds, began, ended, minutes, kept_s, extra = row
    return Calls(placed, answered, seconds, began, ended, minutes, float(kept_s), max(float(extra), 0.0))


def hours_of(tx: Connection, campaign_id: int) -> list[Hour]:
    """The hours in which calls were placed, in order."""
    at = func.date_trunc("hour", attempt.c.started_at).label("at")
    answered = func.count().filter(attempt.c.duration_s > 0)
    query = select(at, func.count(), answered).where(*_placed(campaign_id)).group_by(at).order_by(at)
    return [Hour(*row) for row in tx.execute(query)]


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
    return attempt.c.campaign_id == campaign_id, attempt.c.remote_sid.is_not(None)


def _in_order(found: Mapping[str | None, int]) -> dict[str, int]:
    return {each.value: found[each.value] for each in Outcome if each.value in found}
