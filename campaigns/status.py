"""How a campaign stands, as numbers: what the CLI prints and the screens show."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, case, cast, func, select

from campaigns.life import NoSuchCampaign
from campaigns.outcomes import LABELS, Outcome
from campaigns.rules.explaining import why_campaign
from campaigns.rules.why import Why
from campaigns.states import LIVE, CampaignState
from campaigns.tables import attempt, campaign, observation, recipient


@dataclass(frozen=True)
class Status:
    """``recipients`` = ``pending`` + ``live`` + final outcomes; ``attempts`` = calls placed."""

    id: int
    name: str
    state: CampaignState
    recipients: int
    pending: int
    attempts: int
    live: int
    outcomes: dict[str, int]  #: final ones, by code
    observations: dict[str, int]
    waiting_because: list[Why]

    @property
    def done(self) -> int:
        return sum(self.outcomes.values())

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state.value,
            "recipients": self.recipients,
            "pending": self.pending,
            "attempts": self.attempts,
            "live": self.live,
            "outcomes": self.outcomes,
            "observations": self.observations,
            "waiting_because": [why.as_json() for why in self.waiting_because],
        }


def status_of(tx: Connection, now: datetime, campaign_id: int, cap: int | None = None) -> Status:
    """One campaign's numbers. ``cap``: live calls that its trunk allows. Raises NoSuchCampaign."""
    row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).first()
    if row is None:
        raise NoSuchCampaign
    outcomes = _final_outcomes(tx, campaign_id)
    live = _live(tx, campaign_id)
    return Status(
        id=row.id,
        name=row.name,
        state=CampaignState(row.state),
        recipients=row.recipients,
        pending=row.recipients - live - sum(outcomes.values()),
        attempts=_placed(tx, campaign_id),
        live=live,
        outcomes=outcomes,
        observations=_observations(tx, campaign_id),
        waiting_because=why_campaign(tx, now, row, cap=cap, live=live),
    )


def calls_a_minute(tx: Connection, campaign_id: int, last: int = 60) -> list[tuple[datetime, int]]:
    """Calls placed in each of the last minutes in which there were any, oldest first."""
    minute = func.date_trunc("minute", attempt.c.started_at).label("minute")
    query = (
        select(minute, func.count())
        .where(attempt.c.campaign_id == campaign_id, attempt.c.remote_sid.is_not(None))
        .group_by(minute)
        .order_by(minute.desc())
        .limit(last)
    )
    return [(at, count) for at, count in reversed(tx.execute(query).all())]


def reached(tx: Connection, campaign_id: int) -> dict[str, int]:
    """People called, reached, verified, and who heard the message: the four figures of the live page."""
    spoke = recipient.c.outcome.like("contacto%")
    verified = recipient.c.outcome.in_(
        (Outcome.MESSAGE_PARTIAL, Outcome.MESSAGE_COMPLETE, Outcome.COLLECTED, Outcome.NO_MORE_CALLS)
    )
    heard = recipient.c.outcome.in_((Outcome.MESSAGE_COMPLETE, Outcome.COLLECTED))
    counted = [
        cast(func.coalesce(func.sum(case((condition, 1), else_=0)), 0), Integer).label(name)
        for name, condition in {
            "called": recipient.c.attempts > 0,
            "reached": spoke,
            "verified": verified,
            "heard": heard,
        }.items()
    ]
    return dict(tx.execute(select(*counted).where(recipient.c.campaign_id == campaign_id)).one()._mapping)


def label_of(outcome: str) -> str:
    """The outcome as people read it."""
    return LABELS[Outcome(outcome)]


def _final_outcomes(tx: Connection, campaign_id: int) -> dict[str, int]:
    query = (
        select(recipient.c.outcome, func.count())
        .where(recipient.c.campaign_id == campaign_id, recipient.c.is_final)
        .group_by(recipient.c.outcome)
    )
    found = {outcome: count for outcome, count in tx.execute(query)}
    return {outcome.value: found[outcome.value] for outcome in Outcome if outcome.value in found}


def _live(tx: Connection, campaign_id: int) -> int:
    return tx.execute(
        select(func.count()).where(attempt.c.campaign_id == campaign_id, attempt.c.state.in_(LIVE))
    ).scalar_one()


def _placed(tx: Connection, campaign_id: int) -> int:
    return tx.execute(
        select(func.count()).where(attempt.c.campaign_id == campaign_id, attempt.c.remote_sid.is_not(None))
    ).scalar_one()


def _observations(tx: Connection, campaign_id: int) -> dict[str, int]:
    query = (
        select(observation.c.level, func.count())
        .where(observation.c.campaign_id == campaign_id)
        .group_by(observation.c.level)
    )
    return {"error": 0, "aviso": 0, **{level: count for level, count in tx.execute(query)}}
