"""Promises to call back: the place in the queue is kept, nobody is promised twice, nobody is called more than twice."""

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from desk import events
from desk.hours import legal_window
from desk.prints import document_print
from desk.states import PromiseState
from desk.tables import promise
from desk.world import Desk

MOST_TRIES = 2
BETWEEN_TRIES = timedelta(minutes=15)
OPEN = (PromiseState.WAITING, PromiseState.CALLING)


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
    """Promises one call; the id of the promise that this telephone already has, where it has one: what is known now is
    added to what was known then, so that whoever calls has it before them."""
    vault, line = desk.vault, desk.lines[line_id]
    at = legal_window(tx, line).next_open(now) or now
    values = {
        "line": line_id,
        "queue": queue,
        "state": PromiseState.WAITING,
        "phone_sealed": vault.seal(phone),
        "phone_print": vault.fingerprint("phone", phone),
        "learnt_sealed": vault.seal(json.dumps(learnt)) if learnt else None,
        "document_print": document_print(vault, learnt),
        "place_since": place_since,
        "made_at": now,
        "next_at": line.opening.opens_next(at) or at,
    }
    theirs = (promise.c.line == line_id, promise.c.phone_print == values["phone_print"], promise.c.state.in_(OPEN))
    owed = select(promise.c.id, promise.c.learnt_sealed).where(*theirs).with_for_update()
    while True:  # one that ends in this very moment is neither in the way nor to be added to: then this one is new
        made = tx.execute(insert(promise).values(**values).on_conflict_do_nothing().returning(promise.c.id)).scalar()
        if made is not None:
            events.wake(tx)
            return made
        row = tx.execute(owed).first()
        if row is not None:
            known = json.loads(vault.open(row.learnt_sealed)) if row.learnt_sealed else {}
            added = _added(known, learnt)
            more = {"learnt_sealed": vault.seal(json.dumps(added)), "document_print": document_print(vault, added)}
            tx.execute(update(promise).where(promise.c.id == row.id).values(**more))
            return row.id


def _added(known: dict[str, Any], learnt: dict[str, Any]) -> dict[str, Any]:
    """Of another document nothing is so that was known of the first: it may be somebody else of the same house, and was
    never verified. What each of the two is about stays."""
    is_anothers = learnt.get("document") not in (None, known.get("document"))
    path = [*known.get("path", ()), *(each for each in learnt.get("path", ()) if each not in known.get("path", ()))]
    return ({} if is_anothers else known) | learnt | ({"path": path} if path else {})


def put_off(tx: Connection, promise_id: int, until: datetime) -> None:
    """One that waits comes no sooner."""
    waits = (promise.c.id == promise_id, promise.c.state == PromiseState.WAITING)
    tx.execute(update(promise).where(*waits).values(next_at=until))


def open_of(tx: Connection, line_id: str, phone_print: bytes) -> int | None:
    """The promise that this telephone has, if any; nothing is locked."""
    theirs = (promise.c.line == line_id, promise.c.phone_print == phone_print, promise.c.state.in_(OPEN))
    return tx.execute(select(promise.c.id).where(*theirs)).scalar()


def withdraw(tx: Connection, now: datetime, line_id: str, phone_print: bytes) -> tuple[int, datetime] | None:
    """They rang again by themselves: the promise is not owed any more, or they would be called for nothing.

    Its id and the place in the queue that it kept; None where none was owed.
    """
    theirs = (promise.c.line == line_id, promise.c.phone_print == phone_print, promise.c.state.in_(OPEN))
    withdrawn = update(promise).where(*theirs).values(state=PromiseState.WITHDRAWN, ended_at=now)
    row = tx.execute(withdrawn.returning(promise.c.id, promise.c.place_since)).first()
    return (row.id, row.place_since) if row else None


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
