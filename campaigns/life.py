"""One campaign's state, and the only way to change it: who, when, why are always written down."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Text, cast, func, literal_column, select, update

from campaigns import clearing
from campaigns.outcomes import Outcome
from campaigns.states import NEXT, AttemptState, CampaignState
from campaigns.tables import attempt, campaign, recipient
from campaigns.validation import keeping
from core import audit, jobs

#: Of what the requesting area is written (campaigns/intake/reception.py).
TOLD = frozenset({CampaignState.UNDER_REVIEW, CampaignState.RETURNED, CampaignState.APPROVED, CampaignState.CANCELLED})
KEPT_AFTER_RETURN = timedelta(days=30)  # answers (formato-v1, bank of security questions)


class NoSuchCampaign(Exception):
    """No hay ninguna campaña con ese número."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class NotAllowed(Exception):
    """The state, or the role, does not allow it. The message is a sentence in Spanish."""


def state_of(tx: Connection, campaign_id: int, *, lock: bool = False) -> CampaignState:
    """Its state; with ``lock``, nobody else can change it in this transaction. Raises NoSuchCampaign."""
    query = select(campaign.c.state).where(campaign.c.id == campaign_id)
    # Its key is not changed: whoever writes down what only names the campaign (an attempt, an answer, that somebody is
    # not to be called) waits for nobody who decides of it.
    state = tx.execute(query.with_for_update(key_share=True) if lock else query).scalar()
    if state is None:
        raise NoSuchCampaign
    return CampaignState(state)


def has_people_left(tx: Connection, campaign_id: int) -> bool:
    """Whether anybody of the campaign may still be called, or is being called.

    Asked by its order, which the index has: beside other long lists the server would read past all who are done with.
    """
    from_it_on = select(recipient.c.campaign_id).where(recipient.c.campaign_id >= campaign_id, ~recipient.c.is_final)
    return tx.execute(from_it_on.order_by(recipient.c.campaign_id).limit(1)).scalar() == campaign_id


def next_due(tx: Connection, campaign_id: int) -> datetime | None:
    """The earliest moment at which an attempt of the campaign is due, whether or not anybody may be called then."""
    due = (attempt.c.campaign_id == campaign_id, attempt.c.state == literal_column(f"'{AttemptState.DUE}'"))
    return tx.execute(select(func.min(attempt.c.due_at)).where(*due)).scalar()


def move(
    tx: Connection, now: datetime, campaign_id: int, to: CampaignState, actor: str, reason: str | None = None
) -> None:
    """Changes the state, if its table allows it. Raises NoSuchCampaign, NotAllowed."""
    state = state_of(tx, campaign_id, lock=True)
    if to not in NEXT[state]:
        raise NotAllowed(f"La campaña está {state.label.lower()}: no puede pasar a {to.label.lower()}.")
    tx.execute(update(campaign).where(campaign.c.id == campaign_id).values(state=to))
    audit.record(tx, now, actor, f"campaign.{to}", "campaign", campaign_id, reason, before=state)
    if to in TOLD:
        jobs.defer(tx, "intake.tell", campaign_id=campaign_id, state=to.value)


def running_or_scheduled(tx: Connection) -> list[int]:
    """Every campaign of which somebody is called, or will be on its day."""
    states = (CampaignState.RUNNING, CampaignState.SCHEDULED)
    return list(tx.execute(select(campaign.c.id).where(campaign.c.state.in_(states)).order_by(campaign.c.id)).scalars())


def pause(tx: Connection, now: datetime, campaign_id: int, actor: str) -> None:
    """Nothing more is dialled until it is resumed; calls in course go on."""
    move(tx, now, campaign_id, CampaignState.PAUSED, actor)


def resume(tx: Connection, now: datetime, campaign_id: int, actor: str) -> None:
    """Goes on where it was. Raises NotAllowed unless it was paused."""
    if state_of(tx, campaign_id, lock=True) != CampaignState.PAUSED:
        raise NotAllowed("La campaña no está pausada.")
    move(tx, now, campaign_id, CampaignState.RUNNING, actor)


def cancel(tx: Connection, now: datetime, campaign_id: int, actor: str, reason: str | None = None) -> None:
    """Ends it for good: what was not dialled yet never is; answers are purged, of a long list in the minutes after."""
    move(tx, now, campaign_id, CampaignState.CANCELLED, actor, reason)
    clearing.clear_if_short(tx, now, campaign_id)


def finish_if_done(tx: Connection, now: datetime, campaign_id: int, *, period_is_over: bool) -> bool:
    """Running → finished when nobody is left to call, or when the period ended and no call is live; and, where what was
    collected has to be validated (R65), when no answer waits for it. Of a long list whose period ended a part
    expires each time, and the last one finishes it."""
    if state_of(tx, campaign_id, lock=True) not in (CampaignState.RUNNING, CampaignState.PAUSED):
        return False
    if period_is_over:
        _expire_some(tx, now, campaign_id)
    if has_people_left(tx, campaign_id) or keeping.is_any_waiting(tx, campaign_id):
        return False
    move(tx, now, campaign_id, CampaignState.FINISHED, "dialer")
    tx.execute(update(campaign).where(campaign.c.id == campaign_id).values(finished_at=now))
    clearing.clear_if_short(tx, now, campaign_id)
    return True


def purge_returned(tx: Connection, now: datetime) -> int:
    """The answers of what was returned 30 days ago and never corrected; returns how many people's. What another
    dialer is at, or somebody decides of at this moment, is left for the next time."""
    returned = (
        select(campaign.c.id)
        .join(audit.audit, audit.audit.c.subject_id == cast(campaign.c.id, Text))
        .where(campaign.c.state == CampaignState.RETURNED, audit.audit.c.subject == "campaign")
        .where(audit.audit.c.action == f"campaign.{CampaignState.RETURNED}")
        .group_by(campaign.c.id)
        .having(func.max(audit.audit.c.at) <= now - KEPT_AFTER_RETURN)
    )
    mine = select(campaign.c.id).where(campaign.c.id.in_(returned)).with_for_update(skip_locked=True, key_share=True)
    ids = tx.execute(mine).scalars().all()
    stale = (recipient.c.campaign_id.in_(ids), recipient.c.answers.is_not(None))
    return tx.execute(update(recipient).where(*stale).values(answers=None)).rowcount


def _expire_some(tx: Connection, now: datetime, campaign_id: int) -> None:
    """The period ended: who was called keeps what happened on the line, who never was is `vencido`. A part of them."""
    left = (recipient.c.campaign_id == campaign_id, ~recipient.c.is_final)
    query = select(recipient.c.id).where(*left, recipient.c.id.not_in(clearing.on_the_line(campaign_id)))
    ids = tx.execute(query.limit(clearing.AT_ONCE)).scalars().all()
    clearing.withdraw(tx, now, campaign_id, clearing.one_of(attempt.c.recipient_id, ids))
    expired = {"is_final": True, "outcome": func.coalesce(recipient.c.outcome, Outcome.EXPIRED), "answers": None}
    tx.execute(update(recipient).where(clearing.one_of(recipient.c.id, ids)).values(**expired))
