"""What is going on at the desk, read once for everybody who looks from this process.

Hundreds of pages ask twice a second. Each look reads which conversations there are and in which version; only those
that changed are read again, and a picture younger than ``fresh_for`` is handed to whoever comes next as it is.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from sqlalchemy import Connection, Row, Text, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from core.privacy import mask_phone
from core.remembered import Remembered
from desk import presence, rooms
from desk.rooms import Room
from desk.states import RoomState
from desk.tables import leg as leg_table
from desk.tables import room as room_table
from desk.turn import turn_of
from desk.world import Desk

IN_A_QUEUE = (RoomState.WAITING, RoomState.OFFERED)

# Both change with every change of a row, whoever makes it.
_ROOM = literal_column("room.xmin::text || room.ctid::text", Text)
_LEG = literal_column("leg.xmin::text || leg.ctid::text", Text)
_LEGS = (
    select(func.string_agg(_LEG, aggregate_order_by(literal_column("','"), leg_table.c.id)))
    .where(leg_table.c.room_id == room_table.c.id)
    .scalar_subquery()
)
_VERSIONS = (
    select(room_table.c.id, func.concat_ws(":", _ROOM, _LEGS).label("version"))
    .where(room_table.c.state != RoomState.ENDED)
    .order_by(room_table.c.id)
)


@dataclass(frozen=True)
class SeenRoom:
    """A conversation as it was read; ``phone`` is masked, ``version`` changes with any of its rows."""

    room: Room
    phone: str | None
    phone_print: bytes | None = field(repr=False)
    version: str = ""

    @property
    def is_in_a_queue(self) -> bool:
        return self.room.state in IN_A_QUEUE

    @property
    def only_waits(self) -> bool:
        """An emergency is more than that, wherever it stands."""
        return self.is_in_a_queue and not self.room.is_emergency


class Waiting:
    """Who is in the queues, in the order in which they are answered. The same object for as long as it is the same."""

    def __init__(self, seen: Iterable[SeenRoom]) -> None:
        self.rooms = tuple(sorted((each for each in seen if each.is_in_a_queue), key=lambda each: turn_of(each.room)))
        self.stamp = _stamp(map(_version, self.rooms))


class Picture:
    """Everything at one moment. Two pictures in which the same is going on have the same stamps.

    ``since_a_call_ended``: the same object for as long as no conversation is over.
    """

    def __init__(
        self, open_rooms: Mapping[int, SeenRoom], operators: Iterable[Row], before: "Picture | None" = None
    ) -> None:
        self.rooms = open_rooms
        nobody_left = before is not None and before.rooms.keys() <= open_rooms.keys()
        self.since_a_call_ended: object = before.since_a_call_ended if before and nobody_left else object()
        self.operators = {row.account_id: row for row in operators}
        waiting = Waiting(open_rooms.values())
        self.waiting: Waiting = before.waiting if before and before.waiting.stamp == waiting.stamp else waiting
        fires = [each for each in open_rooms.values() if each.room.is_emergency]
        calls = (each for each in open_rooms.values() if not each.room.is_emergency and not each.is_in_a_queue)
        self.fires_stamp = _stamp(map(_version, fires))
        self.calls_stamp = _stamp(map(_version, calls))
        self.people_stamp = _stamp(map(_doing, self.operators.values()))
        self._theirs: dict[int, list[str]] = {}  # by account: the versions of calls in which they are, or were
        for each in open_rooms.values():
            for account_id in {leg.account_id for leg in each.room.legs if leg.account_id is not None}:
                self._theirs.setdefault(account_id, []).append(_version(each))

    def stamp_of(self, account_id: int) -> str:
        """Of what one operator sees beside the queues: what they do, their calls (one that went on to somebody else
        too), and emergencies."""
        return _stamp([self.fires_stamp, self._does(account_id), *self._theirs.get(account_id, ())])

    def stamp_of_room(self, room_id: int, account_id: int) -> str:
        """Of one conversation and of what an operator does: a telephone that rings for them changes nothing of it."""
        room = self.rooms.get(room_id)
        return _stamp([self._does(account_id), _version(room) if room else ""])

    def _does(self, account_id: int) -> str:
        row = self.operators.get(account_id)
        return _doing(row) if row else ""


class Wallboard:
    """The picture of one process. ``fresh_for``: seconds for which one is handed on before it is looked again."""

    def __init__(self, desk: Desk, fresh_for: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._desk = desk
        self._pictures: Remembered[Picture] = Remembered(fresh_for, clock, quick_s=0.0)
        self._last: Picture | None = None

    def picture(self, *, newest: bool = False) -> Picture:
        """What is going on; ``newest``: with everything that was committed before this was asked."""
        return self._pictures.of("desk", self._look, newest=newest)

    def _look(self) -> Picture:
        with self._desk.db.begin() as tx:
            seen = self._last = look(tx, self._desk, self._last)
        return seen


def look(tx: Connection, desk: Desk, before: Picture | None = None) -> Picture:
    """What is going on; of ``before`` is kept what has not changed since."""
    known = before.rooms if before else {}
    versions = {row.id: row.version for row in tx.execute(_VERSIONS)}
    changed = [each for each, version in versions.items() if each not in known or known[each].version != version]
    fresh = read(tx, desk, changed, versions) if changed else {}
    rooms_now = ((each, fresh.get(each) or known.get(each)) for each in versions)
    still_open = {each: seen for each, seen in rooms_now if seen and seen.room.is_open}
    return Picture(still_open, presence.everyone(tx), before)


def read(
    tx: Connection, desk: Desk, room_ids: Sequence[int], versions: Mapping[int, str] | None = None
) -> dict[int, SeenRoom]:
    """Conversations, over or not. One may be newer than its version says: it is then read again at the next look."""
    rows = tx.execute(select(room_table).where(room_table.c.id.in_(room_ids))).all()
    return {
        room.id: SeenRoom(room, _masked(desk, row.citizen_sealed), row.citizen_print, (versions or {}).get(room.id, ""))
        for row, room in zip(rows, rooms.of_rows(tx, rows), strict=True)
    }


def _masked(desk: Desk, sealed: bytes | None) -> str | None:
    return mask_phone(desk.vault.open(sealed)) if sealed else None


def _version(each: SeenRoom) -> str:
    return f"{each.room.id}:{each.version}"


def _doing(row: Row) -> str:
    """Not the whole row: that the page is open is written down all the time."""
    return f"{row.account_id}:{row.state}:{row.since.timestamp()}:{row.reason}:{row.room_id}:{row.skills}:{row.name}"


def _stamp(parts: Iterable[str]) -> str:
    """16 hexadecimal digits that are the same as long as the parts are."""
    return blake2b("|".join(parts).encode(), digest_size=8).hexdigest()
