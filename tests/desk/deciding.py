"""What operators and supervisors decide at their desks, as the screens write it down."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, update

from desk import emergency, presence, rooms, supervision, transfers
from desk.refusal import CannotDo
from desk.rooms import Room
from desk.states import LegRole, Presence
from desk.tables import operator
from desk.transfers import Target

if TYPE_CHECKING:
    from tests.desk.acting import Play


class Deciding:
    """One method a verb: ``ROSA consults Luz`` is ``_consults``."""

    def __init__(self, play: "Play") -> None:
        self._play = play
        self._desk: Any = play.stage.desk

    def act(self, who: str, verb: str, rest: str) -> None:
        """``ROSA cannot holds`` expects to be told so."""
        if verb == "cannot":
            verb, _, rest = rest.partition(" ")
            try:
                self.act(who, verb, rest)
            except CannotDo as told:
                assert str(told).strip()
                return
            raise AssertionError("it was possible")
        with self._desk.db.begin() as tx:
            method = getattr(self, f"_{verb}")
            method(_Turn(self, tx, self._desk.clock.now(), who, self._play.accounts[who]), rest)

    def room_of(self, tx: Connection, account: int) -> Room:
        """The conversation that an operator has, or had last."""
        found = [room for room in rooms.open_rooms(tx) if room.leg_of(account) or room.account_id == account]
        return found[-1] if found else self.latest(tx)

    def latest(self, tx: Connection) -> Room:
        row = tx.exec_driver_sql("select max(id) from room").scalar()
        room = rooms.load(tx, row or 0, lock=False)
        assert room is not None, "there is no conversation"
        return room

    def target(self, words: str) -> Target:
        """``Luz``, ``extension 1234``, ``outside PEDRO`` or ``outside +503…``."""
        kind, _, rest = words.partition(" ")
        line = self._desk.lines[self._play.line]
        if kind == "extension":
            return transfers.extension(line, rest)
        if kind == "outside":
            known = self._play.telephones.get(rest)
            return transfers.outside(line, known.number if known else rest)
        return Target(words, account_id=self._play.accounts[words.upper()])

    def _chooses(self, turn: "_Turn", rest: str) -> None:
        state, _, reason = rest.partition(" ")
        presence.seen(turn.tx, turn.account)
        presence.choose(turn.tx, turn.now, turn.account, Presence(state), reason)

    def _closes(self, turn: "_Turn", _rest: str) -> None:
        """``closes the page``: it was last seen a minute ago."""
        long_ago = {"seen_at": func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 1)}
        turn.tx.execute(update(operator).where(operator.c.account_id == turn.account).values(**long_ago))

    def _holds(self, turn: "_Turn", _rest: str) -> None:
        transfers.hold(*turn.plain)

    def _unholds(self, turn: "_Turn", _rest: str) -> None:
        transfers.unhold(*turn.plain)

    def _consults(self, turn: "_Turn", rest: str) -> None:
        transfers.consult(*turn.whole, self.target(rest), turn.actor)

    def _merges(self, turn: "_Turn", _rest: str) -> None:
        transfers.merge(*turn.plain)

    def _takes(self, turn: "_Turn", rest: str) -> None:
        """``takes back`` or, of a supervisor, ``takes over``."""
        if rest == "over":
            supervision.take_over(*turn.plain)
        else:
            transfers.take_back(*turn.plain)

    def _leaves(self, turn: "_Turn", _rest: str) -> None:
        transfers.leave(*turn.plain)

    def _transfers(self, turn: "_Turn", rest: str) -> None:
        transfers.transfer(*turn.whole, self.target(rest), turn.actor)

    def _sends(self, turn: "_Turn", rest: str) -> None:
        """``sends to queue pin`` or ``sends to pin 00016297-5 change``."""
        _, where, *what = rest.split()
        if where == "queue":
            transfers.to_queue(*turn.whole, what[0], turn.actor)
        else:
            transfers.to_pin(*turn.whole, what[0], what[1], turn.actor)

    def _finishes(self, turn: "_Turn", _rest: str) -> None:
        transfers.hang_up(*turn.plain)

    def _asks(self, turn: "_Turn", _rest: str) -> None:
        """``asks for support``."""
        transfers.ask_for_support(*turn.plain)

    def _marks(self, turn: "_Turn", rest: str) -> None:
        """``marks crisis``, ``marks safe``."""
        if rest == "crisis":
            transfers.mark_crisis(turn.tx, turn.now, turn.room.id, turn.actor)
        else:
            emergency.mark_safe(turn.tx, turn.now, turn.room.id, turn.actor, True)

    # Supervisors

    def _listens(self, turn: "_Turn", rest: str) -> None:
        """``listens to ROSA``."""
        room = self.room_of(turn.tx, self._play.accounts[rest.split()[-1]])
        supervision.listen(turn.tx, self._desk, turn.now, room.id, turn.account, turn.actor)

    def _whispers(self, turn: "_Turn", _rest: str) -> None:
        supervision.whisper(*turn.plain)

    def _joins(self, turn: "_Turn", _rest: str) -> None:
        supervision.join(*turn.plain)

    def _quits(self, turn: "_Turn", _rest: str) -> None:
        supervision.stop(*turn.plain)

    # Emergencies

    def _begins(self, turn: "_Turn", rest: str) -> None:
        """``begins San Salvador: Calle 5, casa azul`` (with ``, safe`` at the end)."""
        zone, _, place = rest.partition(": ")
        is_safe = place.endswith(", safe")
        where = place.removesuffix(", safe")
        room_id = turn.room.id
        emergency.begin(turn.tx, self._desk, turn.now, room_id, turn.actor, zone=zone, place=where, is_safe=is_safe)

    def _tries(self, turn: "_Turn", kind: str) -> None:
        """``tries 911``: its next number."""
        emergency.next_number(turn.tx, self._desk, turn.now, turn.room.id, kind, turn.actor)

    def _confirms(self, turn: "_Turn", what: str) -> None:
        confirmed = emergency.Confirmation(what)
        emergency.confirm(turn.tx, turn.now, turn.room.id, turn.actor, confirmed)

    def _overrides(self, turn: "_Turn", reason: str) -> None:
        emergency.override(turn.tx, self._desk, turn.now, turn.room.id, turn.actor, reason)

    def _ends(self, turn: "_Turn", _rest: str) -> None:
        emergency.finish(turn.tx, turn.now, turn.room.id, turn.actor)

    def services_in(self, room: Room) -> list[str]:
        return [leg.name or "" for leg in room.of(LegRole.SERVICE) if leg.is_in]


class _Turn:
    """One decision's transaction, moment, room and author."""

    def __init__(self, deciding: Deciding, tx: Connection, now: datetime, who: str, account: int) -> None:
        self.tx, self.now, self.account = tx, now, account
        self.actor = f"{who.lower()}@example.org"
        self._deciding = deciding

    @property
    def room(self) -> Room:
        return self._deciding.room_of(self.tx, self.account)

    @property
    def plain(self) -> tuple[Connection, datetime, int, int, str]:
        return self.tx, self.now, self.room.id, self.account, self.actor

    @property
    def whole(self) -> tuple[Connection, Any, datetime, int, int]:
        return self.tx, self._deciding._desk, self.now, self.room.id, self.account
