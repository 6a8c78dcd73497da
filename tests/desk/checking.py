"""What THEN says, looked up in the database until it is so."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Row, func, select

from desk import events, presence, waiting
from desk.states import LegRole
from desk.tables import leg, promise, room_event, voice_message
from desk.tables import room as room_table

if TYPE_CHECKING:
    from tests.desk.acting import Play


class Checks:
    def __init__(self, play: "Play") -> None:
        self._play = play

    def check(self, what: str, rest: str) -> None:
        """Waits for it; fails with how it is instead."""
        question: Callable[[Connection, str], object] = getattr(self, f"_{what}", self._presence)
        expected, how = (rest, what) if what.upper() != what else (rest, what)
        last: list[object] = []

        def is_so() -> bool:
            with self._play.stage.db.begin() as tx:
                last[:] = [question(tx, how if question == self._presence else expected)]
            return str(last[0]) == self._expected(what, expected)

        try:
            self._play.stage.until(is_so, "")
        except AssertionError:
            raise AssertionError(f"it is {last[0]}") from None

    def _expected(self, what: str, rest: str) -> str:
        return rest.rpartition(" ")[2] if what in ("event", "legs") else rest

    def story(self) -> str:
        """What happened, for whoever reads a failure."""
        with self._play.stage.db.begin() as tx:
            ids = tx.execute(select(room_table.c.id).order_by(room_table.c.id)).scalars().all()
            lines = [
                f"  room {room_id} {event['kind']} leg {event['leg_id']} {event['actor']} {event['facts']}"
                for room_id in ids
                for event in events.story(tx, room_id)
            ]
            legs = tx.execute(
                select(leg.c.id, leg.c.role, leg.c.state, leg.c.result, leg.c.wants_out, leg.c.wants_look)
            )
            lines += [f"  leg {row}" for row in legs]
        return "\n".join([*lines, *self._calls()])

    def _calls(self) -> list[str]:
        calls = self._play.exchange.look(lambda: [*self._play.exchange.network.calls.newest_first()][:12])
        heard = [
            f"  {who} heard {[each.text[:60] for each in phone.heard]}" for who, phone in self._play.telephones.items()
        ]
        return [*(f"  call {call.from_} {call.to} {call.status} {call.ended_by}" for call in calls), *heard]

    def _presence(self, tx: Connection, name: str) -> object:
        """``THEN ROSA DISPONIBLE``."""
        row = presence.of(tx, self._play.accounts[name])
        return row.state if row else None

    def _room(self, tx: Connection, _rest: str) -> object:
        return self._latest(tx).state

    def _ended(self, tx: Connection, _rest: str) -> object:
        """``THEN ended finished``."""
        return self._latest(tx).ended_as

    def _queue(self, tx: Connection, _rest: str) -> object:
        return self._latest(tx).queue

    def _owner(self, tx: Connection, _rest: str) -> object:
        account = self._latest(tx).account_id
        return next((name for name, known in self._play.accounts.items() if known == account), None)

    def _known(self, tx: Connection, _rest: str) -> object:
        """What whoever takes the call has before them: ``THEN known document, path``."""
        return ", ".join(sorted(waiting.carried(tx, self._play.stage.desk, self._latest(tx).id)))

    def _crisis(self, tx: Connection, _rest: str) -> object:
        return "yes" if self._latest(tx).is_crisis else "no"

    def _rooms(self, tx: Connection, _rest: str) -> object:
        """How many conversations there were."""
        return tx.execute(select(func.count()).select_from(room_table)).scalar_one()

    def _promises(self, tx: Connection, _rest: str) -> object:
        """Their states and tries: ``THEN promises WAITING 0``; ``none``."""
        rows = tx.execute(select(promise.c.state, promise.c.tries).order_by(promise.c.id))
        return ", ".join(f"{row.state} {row.tries}" for row in rows) or "none"

    def _messages(self, tx: Connection, _rest: str) -> object:
        return tx.execute(select(func.count()).select_from(voice_message)).scalar_one()

    def _event(self, tx: Connection, rest: str) -> object:
        """``THEN event room.overflowed 1``: how often."""
        kind = rest.partition(" ")[0]
        return tx.execute(select(func.count()).where(room_event.c.kind == kind)).scalar_one()

    def _legs(self, tx: Connection, rest: str) -> object:
        """``THEN legs CALLER 2``: how many telephones of a role there were in all."""
        role = LegRole(rest.partition(" ")[0])
        return tx.execute(select(func.count()).where(leg.c.role == role)).scalar_one()

    def _result(self, tx: Connection, _rest: str) -> object:
        """``THEN result no-answer``: what came of the telephone that was consulted last."""
        last = select(leg.c.result).where(leg.c.role == LegRole.CONSULTED).order_by(leg.c.id.desc()).limit(1)
        return tx.execute(last).scalar()

    def _latest(self, tx: Connection) -> Row:
        return tx.execute(select(room_table).order_by(room_table.c.id.desc()).limit(1)).one()
