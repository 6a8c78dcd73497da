"""Promises to call back: the place in the queue is kept, nobody is promised twice, nobody is called more than twice."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from core.privacy import Vault
from desk import events
from desk.hours import first_promisable
from desk.prints import document_print
from desk.states import PromiseState
from desk.tables import promise
from desk.world import Desk

MOST_TRIES = 2
BETWEEN_TRIES = timedelta(minutes=15)
OPEN = (PromiseState.WAITING, PromiseState.CALLING)
#: Written out in the statement, as the index says it.
IS_OPEN = promise.c.state.in_([literal_column(f"'{state}'") for state in OPEN])
#: Where these are the same it is one promise (uq_promise_whose): a row never is two people's.
_ONE = ("line", "phone_print", "due_at", "case_id", "document_print")


def make(
    tx: Connection,
    desk: Desk,
    now: datetime,
    *,
    line_id: str,
    queue: str,
    phone: str,
    place_since: datetime,
    learnt: dict[str, Any],
) -> int:
    """Promises one call; the id of the promise that this person already has at this telephone, where there is one: what
    is known now is added to what was known then, so that whoever calls has it before them."""
    next_at = first_promisable(tx, desk.lines[line_id], now) or now
    when = {"place_since": place_since, "made_at": now, "next_at": next_at}
    return _leave(tx, desk.vault, phone, learnt, {"line": line_id, "queue": queue, **when})


def make_for(
    tx: Connection,
    desk: Desk,
    now: datetime,
    *,
    due_at: datetime,
    line_id: str,
    phone: str,
    case_id: int | None,
    made_by: str,
    learnt: dict[str, Any],
) -> int:
    """Promises a call at an hour that they agreed to, or as soon after it as is legal and attended (R79, R87); its id.
    A case has as many as it was promised, one an hour and minute: what is known now is added to that one. Another case
    has its own, at the same telephone too: it may be somebody else of the same house."""
    line = desk.lines[line_id]
    where = {"line": line_id, "queue": line.queue(None).name, "case_id": case_id, "made_by": made_by}
    next_at = first_promisable(tx, line, due_at) or due_at
    when = {"due_at": due_at, "place_since": due_at, "made_at": now, "next_at": next_at}
    return _leave(tx, desk.vault, phone, learnt, {**where, **when})


def _leave(tx: Connection, vault: Vault, phone: str, known: dict[str, Any], told: dict[str, Any]) -> int:
    """That they proved who they are is not kept: somebody else may answer their telephone."""
    learnt = {name: each for name, each in known.items() if name != "is_verified"}
    values = {
        **told,
        "state": PromiseState.WAITING,
        "phone_sealed": vault.seal(phone),
        "phone_print": vault.fingerprint("phone", phone),
        "learnt_sealed": vault.seal(json.dumps(learnt)) if learnt else None,
        "document_print": document_print(vault, learnt),
    }
    owed = select(promise).where(*_same(values), IS_OPEN).with_for_update()
    while True:  # one that ends in this very moment is neither in the way nor to be added to: then this one is new
        made = tx.execute(insert(promise).values(**values).on_conflict_do_nothing().returning(promise.c.id)).scalar()
        if made is not None:
            events.wake(tx)
            return made
        row = tx.execute(owed).first()
        if row is not None:
            _add(tx, vault, row, learnt)
            return row.id


def _add(tx: Connection, vault: Vault, row: Row, learnt: dict[str, Any]) -> None:
    known = json.loads(vault.open(row.learnt_sealed)) if row.learnt_sealed else {}
    both = {name: _both(known.get(name, ()), learnt.get(name, ())) for name in ("path", "words")}
    added = known | learnt | {name: each for name, each in both.items() if each}
    more = {"learnt_sealed": vault.seal(json.dumps(added)) if added else None}
    tx.execute(update(promise).where(promise.c.id == row.id).values(**more))


def _same(values: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """As the index says it: a column is not distinct, or both are null."""
    return [
        promise.c[name] == values[name] if values.get(name) is not None else promise.c[name].is_(None) for name in _ONE
    ]


def _both(first: Sequence[str], then: Sequence[str]) -> list[str]:
    return [*first, *(each for each in then if each not in first)]


def go_on_in(tx: Connection, vault: Vault, now: datetime, case_id: int, other_id: int, actor: str) -> None:
    """What is owed of a case is owed of the other one, in which it goes on. Of two calls for one hour one is made, with
    what was written of both."""
    for row in tx.execute(select(promise).where(promise.c.case_id == case_id, IS_OPEN).with_for_update()).all():
        same = _same({**row._mapping, "case_id": other_id})
        kept = tx.execute(select(promise).where(*same, IS_OPEN).with_for_update()).first()
        if kept is None:
            tx.execute(update(promise).where(promise.c.id == row.id).values(case_id=other_id))
        elif take_back(tx, now, row.id, actor):
            _add(tx, vault, kept, json.loads(vault.open(row.learnt_sealed)) if row.learnt_sealed else {})


def put_off(tx: Connection, promise_id: int, until: datetime) -> None:
    """One that waits comes no sooner."""
    waits = (promise.c.id == promise_id, promise.c.state == PromiseState.WAITING)
    tx.execute(update(promise).where(*waits).values(next_at=until))


def open_of(tx: Connection, now: datetime, line_id: str, phone_print: bytes, document: bytes = b"") -> int | None:
    """The promise that whoever rings from this telephone has, if any; nothing is locked. One for an hour to come is
    kept at its hour. One of somebody else of the house is not theirs: nor is anybody's own where several people are to
    be called, and they did not say who they are (``document``: its print; empty)."""
    at_theirs = (promise.c.line == line_id, promise.c.phone_print == phone_print, IS_OPEN)
    is_owed_now = or_(promise.c.due_at.is_(None), promise.c.due_at <= now)
    asked = select(promise.c.id, promise.c.document_print, promise.c.case_id)
    owed = tx.execute(asked.where(*at_theirs, is_owed_now).order_by(promise.c.id)).all()
    people = {row.document_print or row.case_id for row in owed} - {None}
    for row in owed:
        is_theirs = not row.document_print or row.document_print == document if document else len(people) <= 1
        if is_theirs or not (row.document_print or row.case_id):
            return row.id
    return None


def withdraw(tx: Connection, now: datetime, promise_id: int) -> datetime | None:
    """They rang again by themselves: the promise is not owed any more, or they would be called for nothing.

    The place in the queue that it kept; None where it was not owed.
    """
    owed = (promise.c.id == promise_id, IS_OPEN)
    withdrawn = update(promise).where(*owed).values(state=PromiseState.WITHDRAWN, ended_at=now)
    return tx.execute(withdrawn.returning(promise.c.place_since)).scalar()


def take_back(tx: Connection, now: datetime, promise_id: int, actor: str) -> bool:
    """Somebody says that a call which waits is not needed any more. False where it does not wait: it is being made, or
    is over."""
    waits = (promise.c.id == promise_id, promise.c.state == PromiseState.WAITING)
    ended = {"state": PromiseState.WITHDRAWN, "ended_at": now, "ended_by": actor}
    return tx.execute(update(promise).where(*waits).values(**ended)).rowcount == 1


def is_calling(tx: Connection, line_id: str, phone_print: bytes) -> bool:
    """Whether this telephone rings, or is about to, for a promise of the line."""
    theirs = (promise.c.line == line_id, promise.c.phone_print == phone_print, IS_OPEN)
    calling = select(promise.c.id).where(*theirs, promise.c.state == PromiseState.CALLING)
    return tx.execute(calling.limit(1)).first() is not None


def note_try(tx: Connection, promise_id: int) -> bool:
    """Their telephone is about to ring. False where it must not: the promise was withdrawn, or kept."""
    owed = (promise.c.id == promise_id, promise.c.state == PromiseState.CALLING)
    return tx.execute(update(promise).where(*owed).values(tries=promise.c.tries + 1)).rowcount == 1


def room_ended(tx: Connection, now: datetime, promise_id: int, was_reached: bool) -> None:
    """The call of a promise is over: kept, tried again in a while, or given up after the second time."""
    row = tx.execute(select(promise).where(promise.c.id == promise_id).with_for_update()).first()
    if row is None or row.state != PromiseState.CALLING:
        return
    if was_reached:
        values: dict[str, Any] = {"state": PromiseState.KEPT, "ended_at": now}
    elif row.tries >= MOST_TRIES:
        values = {"state": PromiseState.GIVEN_UP, "ended_at": now}
    else:
        values = {"state": PromiseState.WAITING, "next_at": now + BETWEEN_TRIES}
    tx.execute(update(promise).where(promise.c.id == promise_id).values(**values))
