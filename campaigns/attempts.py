"""The life of an attempt from its plan to its end, each step at most once. The dialer and the webhooks meet here.

Every function takes the transaction first and none commits. How an attempt is claimed and asked is dialer/queries.py.
"""

import json
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, case, func, insert, literal, select, update

from campaigns.outcomes import Outcome, is_machine, outcome_of
from campaigns.rules.calendar import window_for
from campaigns.rules.followup import Final, Followup, Past, Retry, what_follows
from campaigns.rules.policy import policy_of
from campaigns.states import LIVE, AttemptState, CampaignState, Progress
from campaigns.tables import attempt, campaign, recipient
from core.privacy import Vault


def plan(tx: Connection, campaign_id: int, due_at: datetime) -> int:
    """A first attempt for everyone who is to be called; returns how many."""
    people = (
        select(
            recipient.c.campaign_id,
            recipient.c.id,
            literal(0),
            literal(due_at),
            campaign.c.trunk,
        )
        .join(campaign, campaign.c.id == recipient.c.campaign_id)
        .where(recipient.c.campaign_id == campaign_id, ~recipient.c.is_final)
        .order_by(recipient.c.row)
    )
    columns = ["campaign_id", "recipient_id", "phone", "due_at", "trunk"]
    # SQLAlchemy counts the rows of an insert only when told to.
    return tx.execute(insert(attempt).from_select(columns, people).execution_options(preserve_rowcount=True)).rowcount


def phones_of(vault: Vault, data_sealed: bytes) -> list[str]:
    """The usable telephones of a person, in order, E.164."""
    contact = json.loads(vault.open(data_sealed))["contact"]
    return contact["phones"] if contact else []


def prove(tx: Connection, attempt_id: int, sid: str) -> bool:
    """A webhook or the carrier's list shows that the attempt is this call. False if it is not ours to believe."""
    found = tx.execute(select(attempt.c.state, attempt.c.remote_sid).where(attempt.c.id == attempt_id)).first()
    if found is None or (found.remote_sid and found.remote_sid != sid):
        return False
    if found.remote_sid is None:
        # Whatever we believed, the call exists. One that was proven absent keeps its state: another took its place.
        proven = case((attempt.c.state.in_((AttemptState.DUE, *LIVE)), AttemptState.PLACED), else_=attempt.c.state)
        tx.execute(
            update(attempt)
            .where(attempt.c.id == attempt_id, attempt.c.remote_sid.is_(None))
            .values(
                remote_sid=sid,
                state=proven,
                # An attempt that was put back as not asked has no times: a call has.
                asked_at=func.coalesce(attempt.c.asked_at, func.clock_timestamp()),
                started_at=func.coalesce(attempt.c.started_at, attempt.c.due_at),
            )
        )
    return True


def note_answered_by(tx: Connection, attempt_id: int, answered_by: str) -> bool:
    """Keeps AMD's verdict; True when it is a machine and nobody pressed a key yet."""
    row = tx.execute(
        update(attempt)
        .where(attempt.c.id == attempt_id)
        .values(answered_by=answered_by)
        .returning(attempt.c.progress, attempt.c.state)
    ).first()
    if row is None or row.state == AttemptState.ENDED:
        return False
    return is_machine(answered_by) and row.progress in (None, Progress.ANSWERED)


def end_refused(tx: Connection, vault: Vault, now: datetime, attempt_id: int, code: int) -> None:
    """The carrier refuses this number: the phone is spent, and it was no call."""
    _conclude(tx, vault, now, attempt_id, Outcome.FAILED, {"refused_code": code}, was_placed=False)


def end_technical(tx: Connection, vault: Vault, now: datetime, attempt_id: int) -> None:
    """Unknown past its day, or the carrier unreachable: final, and listed for the coordinator."""
    _conclude(tx, vault, now, attempt_id, Outcome.TECHNICAL, {}, was_placed=False)


def end_call(
    tx: Connection,
    vault: Vault,
    now: datetime,
    attempt_id: int,
    remote_status: str,
    duration_s: int | None,
    answered_by: str | None = None,
) -> bool:
    """The call is over, by a callback or by the carrier's own word. False when it was known already."""
    row = tx.execute(
        select(attempt.c.state, attempt.c.progress, attempt.c.answered_by)
        .where(attempt.c.id == attempt_id)
        .with_for_update()
    ).first()
    if row is None or row.state in (AttemptState.ENDED, AttemptState.WITHDRAWN, AttemptState.NOT_PLACED):
        return False
    outcome = outcome_of(remote_status, row.answered_by or answered_by, row.progress)
    facts = {"remote_status": remote_status, "duration_s": duration_s}
    _conclude(tx, vault, now, attempt_id, outcome, facts, was_placed=True)
    return True


def end_by_a_person(
    tx: Connection,
    vault: Vault,
    now: datetime,
    attempt_id: int,
    outcome: Outcome,
    *,
    remote_status: str | None,
    duration_s: int | None,
    call_at: datetime | None = None,
) -> None:
    """An operator says what came of a call. ``call_at``: the hour that the person asked for."""
    sid = tx.execute(select(attempt.c.remote_sid).where(attempt.c.id == attempt_id)).scalar()
    facts = {"remote_status": remote_status, "duration_s": duration_s}
    _conclude(tx, vault, now, attempt_id, outcome, facts, was_placed=sid is not None, call_at=call_at)


def close_person(tx: Connection, recipient_id: int, outcome: Outcome) -> None:
    """A rule, and no call, ends it for this person. Who was called already keeps what happened on the line, unless they
    are excluded: that is what whoever reads the results has to know."""
    kept = func.coalesce(recipient.c.outcome, outcome) if outcome != Outcome.EXCLUDED else outcome
    tx.execute(update(recipient).where(recipient.c.id == recipient_id).values(is_final=True, outcome=kept))


def _conclude(
    tx: Connection,
    vault: Vault,
    now: datetime,
    attempt_id: int,
    outcome: Outcome,
    facts: dict,
    *,
    was_placed: bool,
    call_at: datetime | None = None,
) -> None:
    ended = tx.execute(
        update(attempt)
        .where(attempt.c.id == attempt_id, attempt.c.state.in_((AttemptState.DUE, *LIVE)))
        .values(state=AttemptState.ENDED, ended_at=now, outcome=outcome, **facts)
        .returning(attempt)
    ).first()
    if ended is None:
        return
    # The campaign's row is shared, so that nobody cancels it between here and the retry. Locks are always taken in
    # this order: call, attempt, campaign, recipient.
    row = tx.execute(select(campaign).where(campaign.c.id == ended.campaign_id).with_for_update(read=True)).one()
    person = tx.execute(select(recipient).where(recipient.c.id == ended.recipient_id).with_for_update()).one()
    following = _following(tx, row, person, call_at)
    values: dict[str, object] = {
        "outcome": outcome,
        "spent": following.spent,
        "is_final": isinstance(following.next, Final),
    }
    if was_placed:
        values |= {
            "attempts": person.attempts + 1,
            "first_attempt_at": person.first_attempt_at or ended.started_at,
            "last_attempt_at": ended.started_at,
            "last_phone": ended.phone,
            "last_duration_s": facts.get("duration_s") or 0,
        }
    is_cancelled = row.state == CampaignState.CANCELLED  # nobody is called again, and no answer is needed
    if is_cancelled:
        values["answers"] = None
    tx.execute(update(recipient).where(recipient.c.id == person.id).values(**values))
    if isinstance(following.next, Retry) and not is_cancelled:
        _plan_retry(tx, ended, following.next)


def _plan_retry(tx: Connection, ended: Row, retry: Retry) -> None:
    tx.execute(
        insert(attempt).values(
            campaign_id=ended.campaign_id,
            recipient_id=ended.recipient_id,
            phone=retry.phone,
            due_at=retry.due_at,
            trunk=ended.trunk,
        )
    )


def _following(tx: Connection, row: Row, person: Row, call_at: datetime | None) -> Followup:
    past = [
        Past(call.phone, Outcome(call.outcome), call.started_at or call.due_at, placed=call.remote_sid is not None)
        for call in tx.execute(
            select(attempt)
            .where(attempt.c.recipient_id == person.id, attempt.c.state == AttemptState.ENDED)
            .order_by(attempt.c.id)
        )
    ]
    past[-1] = replace(past[-1], call_at=call_at)
    counts = person.person_print and past[-1].outcome == Outcome.FAILED_SECURITY  # else nobody asks how often
    return what_follows(
        past,
        phones=person.phones,
        spent=person.spent,
        max_attempts=row.max_attempts,
        window=window_for(tx, row, person),
        delays=policy_of(row.country).delays,
        security_failures=_security_failures(tx, person, past[-1].at) if counts else 0,
    )


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
