"""One call as the conversation sees it, and its row: read once and written once a turn."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from psycopg.types.json import Jsonb
from sqlalchemy import Connection, bindparam, exists, func, literal_column, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from campaigns import conversation
from campaigns.states import Progress
from core.prepared import Prepared
from desk.states import LegRole, LegState
from desk.tables import leg
from ivr.flow import Ask
from ivr.line import Line
from ivr.tables import call as table
from ivr.world import World

_KEPT = (
    *(table.c.line, table.c.attempt_id, table.c.citizen_sealed, table.c.memory_sealed, table.c.answer),
    *(table.c.turn, table.c.tries, table.c.has_keyed, table.c.ended_at),
)
_LOAD = Prepared(select(*_KEPT).where(table.c.sid == bindparam("of")).with_for_update())
#: ``written``: the server's own mark of who wrote the row last. Another one, and it has changed.
_LOOK = Prepared(select(*_KEPT, literal_column("xmin::text").label("written")).where(table.c.sid == bindparam("of")))
_NEW = ("sid", "line", "direction", "attempt_id", "citizen_sealed", "citizen_print", "turn", "tries", "answer")
_BEGIN = Prepared(
    upsert(table).on_conflict_do_nothing().returning(table.c.sid), *_NEW, "memory_sealed", "started_at", "seen_at"
)
_THIS = update(table).where(table.c.sid == bindparam("of"))
_CHANGES = ("turn", "tries", "answer", "has_keyed", "seen_at", "path", "subject", "memory_sealed")
_SAVE = Prepared(_THIS, *_CHANGES)
#: And how far its attempt came, in the same statement. No parameter of the one is a column of the other.
_SAVE_AND_MARK = Prepared(_THIS.add_cte(conversation.MARK.cte("marked")), *_CHANGES)
#: A new call with its first answer, where nothing else is written: the whole turn is this statement.
_WHOLE = (*_NEW, "memory_sealed", "started_at", "has_keyed", "seen_at", "path", "subject")
_BEGIN_WHOLE = Prepared(upsert(table).on_conflict_do_nothing(), *_WHOLE)
_BEGUN = (
    upsert(table)
    .values({name: bindparam(f"now_{name}", type_=table.c[name].type) for name in _WHOLE})
    .on_conflict_do_nothing()
    .returning(table.c.sid)
    .cte("begun")
)
_BEGIN_WHOLE_AND_MARK = Prepared(conversation.MARK.where(exists(select(literal_column("1")).select_from(_BEGUN))))
_AS_SEEN = _THIS.where(text("call.xmin = cast(:written as xid)"))
_SAVE_AS_SEEN = Prepared(_AS_SEEN, *_CHANGES)
#: The call first and then its attempt, as everybody locks them; no mark without the call.
_SAVED = (
    _AS_SEEN.values({name: bindparam(f"now_{name}", type_=table.c[name].type) for name in _CHANGES})
    .returning(table.c.sid)
    .cte("saved")
)
_SAVE_AS_SEEN_AND_MARK = Prepared(conversation.MARK.where(exists(select(literal_column("1")).select_from(_SAVED))))
_END = _THIS.where(table.c.ended_at.is_(None)).values(memory_sealed=None, answer={})


class Direction(StrEnum):
    """Who called whom."""

    INBOUND = "inbound"  # a citizen dialled us
    OUTBOUND = "outbound"  # we dialled one: a campaign, or the desk
    TEST = "test"  # somebody of the institution hears a campaign: no register or report counts it


class WantsTransaction(Exception):
    """A step asks the database for more than its call's own row."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class _NoTransaction:
    """In the place of a transaction, where there is none."""

    def __getattr__(self, name: str) -> Any:
        raise WantsTransaction


#: What asks it for anything raises WantsTransaction.
NO_TRANSACTION = cast(Connection, _NoTransaction())


@dataclass
class Call:
    """What a step may use: what the call remembers, its line, its transaction, and the world around it."""

    sid: str
    line: Line
    world: World
    tx: Connection
    now: datetime
    citizen: str | None  #: E.164, None when withheld
    attempt_id: int | None = None
    turn: int = 0
    tries: int = 0
    has_keyed: bool = False
    memory: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)  #: of this webhook alone: the recording's sid, say
    reached: Progress | None = None  #: how far this turn brought its attempt
    asking: Ask | None = None  #: what this turn wants to know of a padrón elsewhere
    written: str | None = None  #: who wrote its row last, where it was looked at without a lock
    at_once: Connection | None = None  #: where there is no transaction: to read, and nothing else

    @property
    def reading(self) -> Connection:
        """For one look at something that this turn does not change."""
        return self.at_once or self.tx

    def remember(self, **values: Any) -> None:
        """Keeps values (JSON) for the rest of the call, sealed in its row."""
        self.memory.update(values)

    def forget(self, *names: str) -> None:
        for name in names:
            self.memory.pop(name, None)

    def get(self, name: str, default: Any = None) -> Any:
        return self.memory.get(name, default)

    def __getitem__(self, name: str) -> Any:
        return self.memory[name]

    def count(self, name: str) -> int:
        """How many times this was counted in this call, this time included."""
        self.memory[name] = self.memory.get(name, 0) + 1
        return self.memory[name]


def load(tx: Connection, world: World, sid: str) -> Call | None:
    """The call, locked for this turn; None where there is none, or it is over."""
    row = _LOAD.first(tx, {"of": sid})
    return None if row is None or row.ended_at is not None else _call(row, sid, world, tx)


def look(at_once: Connection, world: World, sid: str) -> Call | None:
    """The same without a lock, to be written by ``save_as_seen``: for a turn that may want nothing but this row, which
    is most of them. What asks for ``tx`` raises WantsTransaction."""
    row = _LOOK.first(at_once, {"of": sid})
    if row is None or row.ended_at is not None:
        return None
    call = _call(row, sid, world, NO_TRANSACTION)
    call.written, call.at_once = row.written, at_once
    return call


def _call(row: Any, sid: str, world: World, tx: Connection) -> Call:
    return Call(
        sid=sid,
        line=world.lines[row.line],
        world=world,
        tx=tx,
        now=world.clock.now(),
        citizen=world.vault.open(row.citizen_sealed) if row.citizen_sealed else None,
        attempt_id=row.attempt_id,
        turn=row.turn,
        tries=row.tries,
        has_keyed=row.has_keyed,
        memory=json.loads(world.vault.open(row.memory_sealed)) if row.memory_sealed else {},
        answer=row.answer,
    )


def line_id_of(tx: Connection, sid: str) -> str | None:
    """The line that a call came to, over or not."""
    return tx.execute(select(table.c.line).where(table.c.sid == sid)).scalar()


def begin(tx: Connection, call: Call, direction: Direction) -> bool:
    """Writes down a new call. False when a repeated webhook had begun it already."""
    nothing_yet = {"turn": 0, "tries": 0, "answer": Jsonb({}), "memory_sealed": None, "seen_at": call.now}
    return _BEGIN.first(tx, _new(call, direction) | nothing_yet) is not None


def begin_whole(at_once: Connection, call: Call, direction: Direction) -> bool:
    """The same with what its first turn made of it, all in one statement. False as there, and nothing is written."""
    row = _new(call, direction) | _changed(call)
    if call.reached is None:
        return _BEGIN_WHOLE.run(at_once, row) == 1
    named = {f"now_{name}": value for name, value in row.items()}
    return _BEGIN_WHOLE_AND_MARK.run(at_once, named | conversation.marked(call.attempt_id, call.reached)) == 1


def _new(call: Call, direction: Direction) -> dict[str, Any]:
    vault = call.world.vault
    return {
        "sid": call.sid,
        "line": call.line.id,
        "direction": direction,
        "attempt_id": call.attempt_id,
        "citizen_sealed": vault.seal(call.citizen) if call.citizen else None,
        "citizen_print": vault.fingerprint("phone", call.citizen) if call.citizen else None,
        "started_at": call.now,
    }


def save(tx: Connection, call: Call) -> None:
    """Writes what the turn changed, and in the same statement how far its attempt came."""
    changed = {"of": call.sid, **_changed(call)}
    if call.reached is None:
        _SAVE.run(tx, changed)
    else:
        _SAVE_AND_MARK.run(tx, changed | conversation.marked(call.attempt_id, call.reached))


def save_as_seen(at_once: Connection, call: Call) -> bool:
    """The same of a call that was only looked at: False, and nothing is written, where it changed meanwhile."""
    seen, changed = {"of": call.sid, "written": call.written}, _changed(call)
    if call.reached is None:
        return _SAVE_AS_SEEN.run(at_once, seen | changed) == 1
    named = {f"now_{name}": value for name, value in changed.items()}
    return _SAVE_AS_SEEN_AND_MARK.run(at_once, seen | named | conversation.marked(call.attempt_id, call.reached)) == 1


def _changed(call: Call) -> dict[str, Any]:
    return {
        "turn": call.turn,
        "tries": call.tries,
        "answer": Jsonb(call.answer),
        "has_keyed": call.has_keyed,
        "seen_at": call.now,
        "path": call.get("_path"),
        "subject": call.get("kind"),
        "memory_sealed": call.world.vault.seal(json.dumps(call.memory)) if call.memory else None,
    }


def end(tx: Connection, now: datetime, sid: str, status: str, sequence: int | None, duration_s: int | None) -> bool:
    """The call is over: its memory is wiped, a PIN not confirmed with it. False when it was known already."""
    told = {"ended_at": now, "remote_status": status, "remote_sequence": sequence, "duration_s": duration_s}
    return tx.execute(_END, {"of": sid, **told}).rowcount == 1


def any_inbound(tx: Connection) -> bool:
    """Whether a citizen who dialled us is on the line."""
    live = (table.c.ended_at.is_(None), table.c.direction == Direction.INBOUND)
    return tx.execute(select(table.c.sid).where(*live).limit(1)).first() is not None


def purge(tx: Connection, before: datetime, most: int = 5_000) -> int:
    """Forgets whose the oldest calls were that ended by then, ``most`` of them; that they were made stays. How many."""
    nothing = {"citizen_sealed": None, "citizen_print": None}
    theirs = or_(table.c.citizen_sealed.is_not(None), table.c.citizen_print.is_not(None))
    oldest = select(table.c.sid).where(table.c.ended_at <= before, theirs).order_by(table.c.ended_at).limit(most)
    return tx.execute(update(table).where(table.c.sid.in_(oldest)).values(**nothing)).rowcount


def wipe_forgotten(tx: Connection, before: datetime, now: datetime) -> int:
    """Ends calls of which nothing was heard since ``before``: what they remember must not outlive them.

    Never one whose telephone the desk still has: it asks the carrier after it, and is told the end (desk/process.py).
    """
    at_the_desk = exists().where(leg.c.sid == table.c.sid, leg.c.role == LegRole.CALLER, leg.c.state != LegState.ENDED)
    is_silent = (table.c.started_at < before, func.coalesce(table.c.seen_at, table.c.started_at) < before)
    return tx.execute(
        update(table)
        .where(table.c.ended_at.is_(None), *is_silent, ~at_the_desk)
        .values(ended_at=now, remote_status="lost", memory_sealed=None, answer={})
    ).rowcount
