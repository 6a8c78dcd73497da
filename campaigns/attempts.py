"""The life of an attempt from its plan to its end, each step at most once. The dialer and the webhooks meet here.

Every function takes the transaction first and none commits. How an attempt is claimed and asked is dialer/queries.py.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Text,
    bindparam,
    case,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    text,
    update,
)

from campaigns.conclusion import IS_OPEN, conclude
from campaigns.outcomes import Outcome, is_machine, outcome_of
from campaigns.states import AttemptState, Channel, Progress, Texting
from campaigns.tables import attempt, campaign, recipient
from core.prepared import Prepared
from core.privacy import Vault

PLANNED_AT_ONCE = 20_000  # people of one transaction
#: By what somebody is reached first.
_FIRST_CHANNEL = case(
    (campaign.c.texting.in_([Texting.ONLY, Texting.BEFORE]), Channel.TEXT),
    (campaign.c.texting.is_not(None), Channel.VOICE),
    else_=None,
)


def plan(tx: Connection, campaign_id: int, due_at: datetime) -> int:
    """A first attempt for the next people who are to be called, in the order of the list, as many as one transaction
    is enough for; returns how many. Asked again, it goes on after the last one; nothing was dialled yet."""
    mine = (attempt.c.campaign_id == campaign_id, attempt.c.state == literal_column(f"'{AttemptState.DUE}'"))
    planned = select(recipient.c.row).join(attempt, attempt.c.recipient_id == recipient.c.id).where(*mine)
    last = planned.order_by(attempt.c.due_at.desc(), attempt.c.id.desc()).limit(1).scalar_subquery()
    people = (
        select(
            recipient.c.campaign_id,
            recipient.c.id,
            literal(0),
            literal(due_at),
            campaign.c.trunk,
            _FIRST_CHANNEL,
        )
        .join(campaign, campaign.c.id == recipient.c.campaign_id)
        .where(recipient.c.campaign_id == campaign_id, ~recipient.c.is_final, recipient.c.row > func.coalesce(last, 0))
        .order_by(recipient.c.row)
        .limit(PLANNED_AT_ONCE)
    )
    columns = ["campaign_id", "recipient_id", "phone", "due_at", "trunk", "channel"]
    # SQLAlchemy counts the rows of an insert only when told to.
    return tx.execute(insert(attempt).from_select(columns, people).execution_options(preserve_rowcount=True)).rowcount


def phones_of(vault: Vault, data_sealed: bytes) -> list[str]:
    """The usable telephones of a person, in order, E.164."""
    contact = json.loads(vault.open(data_sealed))["contact"]
    return contact["phones"] if contact else []


def of_account(account: ColumnElement[str] | str) -> ColumnElement[bool]:
    """What the carrier was asked for at this account, or before that was kept."""
    return or_(attempt.c.carrier_account.is_(None), attempt.c.carrier_account == account)


class NotItsCall(Exception):
    """A call that is not the attempt's was told to be."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


# Statements of the hot path are written once: to put one together anew costs more than to run it.
_KNOWN = Prepared(
    select(attempt.c.state, attempt.c.remote_sid, attempt.c.carrier_account).where(attempt.c.id == bindparam("attempt"))
)
#: Of the account that tells it; null: whoever tells it has asked at the right one.
_ITS_ACCOUNT = of_account(func.coalesce(bindparam("account", type_=Text), attempt.c.carrier_account))
#: One that was put back as not asked has the epoch in which it was claimed.
_WAS_ASKED = or_(attempt.c.state != AttemptState.DUE, attempt.c.asked_at.is_not(None), attempt.c.epoch.is_not(None))
#: Whatever we believed, the call exists. One that is over keeps its state.
_PROVE = (
    update(attempt)
    .where(attempt.c.id == bindparam("attempt"), attempt.c.remote_sid.is_(None), _ITS_ACCOUNT, _WAS_ASKED)
    .values(
        remote_sid=bindparam("sid"),
        state=case((IS_OPEN, AttemptState.PLACED), else_=attempt.c.state),
        # An attempt that was put back as not asked has no times: a call has.
        asked_at=func.coalesce(attempt.c.asked_at, func.clock_timestamp()),
        started_at=func.coalesce(attempt.c.started_at, attempt.c.due_at),
    )
    .returning(attempt.c.state, attempt.c.remote_sid)
)
#: What was believed absent is there: the attempt planned in its place is withdrawn, if of those that came after it none
#: was asked of the carrier. Each part reads the one before it, so that the locks come in everybody's order: this
#: attempt, its campaign, and of its attempts, as whoever cancels it takes them, one that is due.
_TAKE_ITS_PLACE_BACK = text("""
    with late as (
        select id, recipient_id, campaign_id from attempt
        where id = :attempt and state = 'not_placed' for no key update
    ), dialled as (
        select l.id, l.recipient_id from late l join campaign c on c.id = l.campaign_id
        where c.state not in ('finished', 'closed', 'cancelled') for share of c
    ), withdrawn as (
        update attempt a set state = 'withdrawn', ended_at = :now from dialled d
        where a.recipient_id = d.recipient_id and a.id > d.id and a.state = 'due' and not exists (
            select from attempt asked where asked.recipient_id = d.recipient_id and asked.id > d.id
                and asked.state in ('asking', 'unknown', 'placed', 'ended')
        ) returning d.id
    )
    update attempt a set state = 'placed', ended_at = null from withdrawn w where a.id = w.id
""")


def prove(tx: Connection, now: datetime, attempt_id: int, sid: str, account: str | None = None) -> bool:
    """A webhook or the carrier's list shows that the attempt is this call. False if it is not ours to believe: another
    call is, or it was asked for at another account, or of nobody.

    ``account``: that signed the webhook; None: told by the account that was asked.
    """
    known = _KNOWN.first(tx, {"attempt": attempt_id})
    return known is not None and proven(tx, now, attempt_id, known, sid, account) is not None


def proven(
    tx: Connection, now: datetime, attempt_id: int, known: Row, sid: str, account: str | None = None
) -> AttemptState | None:
    """The same, for whoever has read the attempt (``known``: state, remote_sid, carrier_account); None if it is not
    ours to believe.

    Else its state from here on. One that is not of LIVE came too late: its campaign is over with, or another call took
    its place (docs/decisions/0005).
    """
    this = {"attempt": attempt_id}
    if account is not None and known.carrier_account not in (None, account):
        return None
    if known.remote_sid is None:
        known = tx.execute(_PROVE, {**this, "sid": sid, "account": account}).first() or _KNOWN.first(tx, this)
    if known.remote_sid != sid:
        return None
    if known.state == AttemptState.NOT_PLACED:
        tx.execute(_TAKE_ITS_PLACE_BACK, {**this, "now": now})
        known = _KNOWN.first(tx, this)
    return AttemptState(known.state)


_NOTE = (
    update(attempt)
    .where(attempt.c.id == bindparam("attempt"), _ITS_ACCOUNT, _WAS_ASKED)
    .where(func.coalesce(attempt.c.remote_sid, bindparam("sid")) == bindparam("sid"))
    .values(answered_by=bindparam("verdict"))
    .returning(attempt.c.progress, attempt.c.state)
)


def note_answered_by(tx: Connection, attempt_id: int, answered_by: str, sid: str, account: str | None = None) -> bool:
    """Keeps AMD's verdict; True when it is a machine and nobody pressed a key yet. What is said of another call than
    the attempt's (``sid``, ``account``: as in ``prove``) is not kept."""
    told = {"attempt": attempt_id, "verdict": answered_by, "sid": sid, "account": account}
    row = tx.execute(_NOTE, told).first()
    if row is None or row.state == AttemptState.ENDED:
        return False
    return is_machine(answered_by) and row.progress in (None, Progress.ANSWERED)


def end_refused(tx: Connection, now: datetime, attempt_id: int, code: int, outcome: Outcome = Outcome.FAILED) -> None:
    """The carrier refuses this number: the phone is spent, and it was no call, or no text (``outcome``)."""
    conclude(tx, now, attempt_id, outcome, {"refused_code": code}, was_placed=False)


def end_technical(tx: Connection, now: datetime, attempt_id: int) -> None:
    """Unknown past its day, or the carrier unreachable: final, and listed for the coordinator."""
    conclude(tx, now, attempt_id, Outcome.TECHNICAL, {}, was_placed=False)


_LOCK = Prepared(
    select(
        *(attempt.c.state, attempt.c.progress, attempt.c.answered_by, attempt.c.remote_sid, attempt.c.carrier_account)
    )
    .where(attempt.c.id == bindparam("attempt"))
    .with_for_update()
)
#: Of a call that came too late: what the carrier says of it, and nothing that anybody is called again for.
_END_LATE = (
    update(attempt)
    .where(attempt.c.id == bindparam("attempt"), attempt.c.remote_status.is_(None))
    .where(attempt.c.state.in_((AttemptState.NOT_PLACED, AttemptState.WITHDRAWN)))
    .values({name: bindparam(name) for name in ("ended_at", "remote_status", "duration_s")})
)


def end_call(
    tx: Connection,
    now: datetime,
    attempt_id: int,
    remote_status: str,
    duration_s: int | None,
    answered_by: str | None = None,
    *,
    sid: str | None = None,
    account: str | None = None,
) -> bool:
    """The call is over, by a callback or by the carrier's own word. False when it was known already.

    ``sid``: of the callback that tells it, which proves the call; ``account``: that signed it. Raises NotItsCall.
    """
    row = _LOCK.first(tx, {"attempt": attempt_id})
    state = row.state if row is not None else None
    if sid is not None:
        state = proven(tx, now, attempt_id, row, sid, account) if row is not None else None
        if state is None:
            raise NotItsCall
    facts = {"remote_status": remote_status, "duration_s": duration_s}
    if row is None or state in (AttemptState.ENDED, AttemptState.WITHDRAWN, AttemptState.NOT_PLACED):
        tx.execute(_END_LATE, {"attempt": attempt_id, "ended_at": now, **facts})
        return False
    outcome = outcome_of(remote_status, row.answered_by or answered_by, row.progress)
    conclude(tx, now, attempt_id, outcome, facts, was_placed=True)
    return True


def end_by_a_person(
    tx: Connection,
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
    conclude(tx, now, attempt_id, outcome, facts, was_placed=sid is not None, call_at=call_at)


_CLOSE = text("""
    update recipient r set is_final = true,
        outcome = case when c.outcome = :excluded then c.outcome else coalesce(r.outcome, c.outcome) end
    from unnest(cast(:people as bigint[]), cast(:outcomes as text[])) c (id, outcome) where r.id = c.id
""")


def close_people(tx: Connection, people: Sequence[tuple[int, Outcome]]) -> None:
    """A rule, and no call, ends it for these recipients. Who was called already keeps what happened on the line, unless
    they are excluded: that is what whoever reads the results has to know."""
    told = {"people": [each for each, _ in people], "outcomes": [outcome.value for _, outcome in people]}
    tx.execute(_CLOSE, told | {"excluded": Outcome.EXCLUDED.value})
