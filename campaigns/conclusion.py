"""What came of an attempt is written down, and what follows: nothing more, or the next attempt.

Few statements, each made once: every call comes to its end, and to put one together anew costs more than to run it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, bindparam, func, insert, literal_column, select, update

from campaigns.outcomes import Outcome
from campaigns.rules.calendar import window_for
from campaigns.rules.followup import FINAL, Final, Followup, Past, Retry, what_follows
from campaigns.rules.policy import policy_of
from campaigns.rules.texts import what_follows_here
from campaigns.states import LIVE, AttemptState, CampaignState, Channel, Texting
from campaigns.tables import attempt, campaign, recipient
from core.closed_days import closed_day

#: Nothing is known yet of what came of it. Its states are written out, so that the server plans it once.
IS_OPEN = attempt.c.state.in_([literal_column(f"'{state}'") for state in (AttemptState.DUE, *LIVE)])
FACTS = ("remote_status", "duration_s", "refused_code")
_ENDED = (
    update(attempt)
    .where(attempt.c.id == bindparam("attempt"), IS_OPEN)
    .values(state=AttemptState.ENDED, **{name: bindparam(name) for name in ("ended_at", "outcome", *FACTS)})
    .returning(*(attempt.c[name] for name in ("campaign_id", "recipient_id", "phone", "trunk", "started_at")))
    .cte("ended")
)
_CLOSED = (
    select(func.array_agg(closed_day.c.day))
    .where(closed_day.c.country == campaign.c.country, closed_day.c.removed_at.is_(None))
    .correlate(campaign)
    .scalar_subquery()
)
_OF_THE_CAMPAIGN = ("state", "texting", "max_attempts", "country", "hours_from", "hours_to", "weekdays", "ends_on")
#: The campaign's row is shared, so that nobody cancels it between here and the retry.
_SHARED = (
    select(campaign.c.id, *(campaign.c[name] for name in _OF_THE_CAMPAIGN), _CLOSED.label("closed"))
    .join(_ENDED, _ENDED.c.campaign_id == campaign.c.id)
    .with_for_update(read=True, of=campaign)
    .cte("shared")
)
_OF_THE_PERSON = ("phones", "spent", "attempts", "first_attempt_at", "person_print", "zone", "preferred")
#: Each part reads the one before it, so that locks are taken in the order that everybody keeps: call, attempt,
#: campaign, recipient.
_CONCLUDE = (
    select(_ENDED, *(each for each in _SHARED.c if each.name != "id"), *(recipient.c[name] for name in _OF_THE_PERSON))
    .select_from(_ENDED)
    .join(_SHARED, _SHARED.c.id == _ENDED.c.campaign_id)
    .join(recipient, recipient.c.id == _ENDED.c.recipient_id)
    .with_for_update(of=recipient)
)
_KEEP = update(recipient).where(recipient.c.id == bindparam("person"))
_RETRY = insert(attempt)


def conclude(
    tx: Connection,
    now: datetime,
    attempt_id: int,
    outcome: Outcome,
    facts: dict,
    *,
    was_placed: bool,
    call_at: datetime | None = None,
) -> None:
    """An attempt that is not over yet is: with this outcome, and these facts of the carrier's (``FACTS``). Whoever was
    called is done with, or is called again; at ``call_at``, if they asked for it."""
    told = {"attempt": attempt_id, "ended_at": now, "outcome": outcome, **dict.fromkeys(FACTS), **facts}
    row = tx.execute(_CONCLUDE, told).first()
    if row is None:
        return
    following = _following(tx, row, outcome, call_at)
    values: dict[str, object] = {
        "person": row.recipient_id,
        "outcome": outcome,
        "spent": following.spent,
        "is_final": isinstance(following.next, Final),
    }
    if was_placed:
        values |= {
            "attempts": row.attempts + 1,
            "first_attempt_at": row.first_attempt_at or row.started_at,
            "last_attempt_at": row.started_at,
            "last_phone": row.phone,
            "last_duration_s": facts.get("duration_s") or 0,
        }
    is_cancelled = row.state == CampaignState.CANCELLED  # nobody is called again, and no answer is needed
    if is_cancelled:
        values["answers"] = None
    tx.execute(_KEEP, values)
    if isinstance(following.next, Retry) and not is_cancelled:
        _plan_retry(tx, row, following.next)


def _plan_retry(tx: Connection, ended: Row, retry: Retry) -> None:
    whose = {"campaign_id": ended.campaign_id, "recipient_id": ended.recipient_id, "trunk": ended.trunk}
    channel = retry.channel if ended.texting is not None else None
    tx.execute(_RETRY, {**whose, "phone": retry.phone, "due_at": retry.due_at, "channel": channel})


_PAST = (
    select(*(attempt.c[name] for name in ("phone", "outcome", "started_at", "due_at", "remote_sid", "channel")))
    .where(attempt.c.recipient_id == bindparam("person"), attempt.c.state == AttemptState.ENDED)
    .order_by(attempt.c.id)
)


def _following(tx: Connection, row: Row, outcome: Outcome, call_at: datetime | None) -> Followup:
    """``row``: the person and their campaign, both locked: what this reads is what they both come after."""
    if outcome in FINAL:
        return Followup(Final(), row.spent)
    past = [
        Past(
            call.phone,
            Outcome(call.outcome),
            call.started_at or call.due_at,
            placed=call.remote_sid is not None,
            is_text=call.channel == Channel.TEXT,
        )
        for call in tx.execute(_PAST, {"person": row.recipient_id})
    ]
    past[-1] = replace(past[-1], call_at=call_at)
    counts = row.person_print and outcome == Outcome.FAILED_SECURITY  # else nobody asks how often
    window = window_for(tx, row, row, closed={row.country: frozenset(row.closed or ())})
    failures = _security_failures(tx, row, past[-1].at) if counts else 0

    def of_calls(placed: Sequence[Past]) -> Followup:
        return what_follows(
            placed,
            phones=row.phones,
            spent=row.spent,
            max_attempts=row.max_attempts,
            window=window,
            delays=policy_of(row.country).delays,
            security_failures=failures,
        )

    if row.texting is None:
        return of_calls(past)
    theirs = {"phones": row.phones, "spent": row.spent, "max_attempts": row.max_attempts}
    return what_follows_here(past, Texting(row.texting), **theirs, window=window, calls=of_calls)


def _security_failures(tx: Connection, person: Row, since: datetime) -> int:
    return tx.execute(
        select(func.count())
        .select_from(attempt)
        .join(recipient, recipient.c.id == attempt.c.recipient_id)
        .where(
            recipient.c.person_print == person.person_print,
            attempt.c.outcome == Outcome.FAILED_SECURITY,
            attempt.c.started_at > since - timedelta(days=30),
        )
    ).scalar_one()
