"""A call centre as the screens see it: people at their desks and calls in their rooms, made through the desk's own
functions, with nobody at the carrier."""

from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from assembly import Parts
from console.office import Office
from console.tables import account as account_table
from core.clock import FixedClock
from core.roles import Role
from desk import arriving, dispatch, events, presence, rooms, settling, waiting
from desk.arriving import Arrival
from desk.rooms import Leg, Room
from desk.states import LegRole, LegState, Presence
from desk.world import Desk
from ivr.register import machine_calls
from tests.console.builders import account, is_in

PHONE = "+50370001234"
DUI = "000162975"
EVERY_SKILL = ("JURIDICA", "PIN", "PSICOLOGICA")


def with_desk(office: Office, parts: Parts) -> Office:
    """The office of the tests, with the desk of the parts."""
    desk = parts.world.desk
    there = replace(office, desk=desk, machine_calls=machine_calls)
    return replace(there, desk_lines=desk.lines, catalogs=parts.world.catalogs)


@dataclass
class Centre:
    """The people and the calls of one test."""

    desk: Desk
    clock: FixedClock
    app: Flask
    _sids: Any = field(default_factory=lambda: count(1))

    def arrives(
        self,
        role: Role,
        name: str = "",
        *,
        state: Presence = Presence.DISPONIBLE,
        skills: tuple[str, ...] = EVERY_SKILL,
    ) -> "Somebody":
        """Somebody opens their desk and says what they do."""
        email = f"{(name or role).lower()}@ejemplo.gob.sv"
        account(self.desk.db, self.clock, role, email)
        with self.desk.db.begin() as tx:
            named = update(account_table).where(account_table.c.email == email).values(name=name or role.title())
            found = tx.execute(named.returning(account_table)).one()
            supervises = role is not Role.OPERADOR
            presence.sign_on(tx, self.clock.now(), found.id, email, found.name, is_supervisor=supervises)
            presence.set_skills(tx, found.id, list(skills))
            presence.choose(tx, self.clock.now(), found.id, state, "Pausa" if state is Presence.DESCANSO else "")
        browser = self.app.test_client()
        is_in(browser, self.desk.db, email)
        return Somebody(self, found.id, email, browser)

    def calls(self, line: str = "dgs", queue: str | None = None, *, phone: str = PHONE, **other: Any) -> int:
        """A citizen rings and waits; the id of their room. ``learnt``: what the IVR found out."""
        learnt = other.pop("learnt", {"document": DUI, "is_verified": True, "path": ["PIN", "Cambiar"]})
        arrival = Arrival(f"CA{next(self._sids):032}", line, phone, learnt, **other)
        with self.desk.db.begin() as tx:
            return arriving.enter(tx, self.desk, self.clock.now(), arrival, queue).room_id

    def offers(self) -> int:
        return dispatch.dispatch(self.desk, self.clock.now())

    def rings(self, leg_id: int) -> None:
        """The carrier has a call, and its telephone rings."""
        with self.desk.db.begin() as tx:
            rooms.change_leg(tx, leg_id, sid=f"CA9{leg_id:031}", state=LegState.RINGING)

    def accepts(self, leg_id: int) -> bool:
        """Whoever was rung presses the key."""
        with self.desk.db.begin() as tx:
            rooms.change_leg(tx, leg_id, sid=f"CA9{leg_id:031}")
            return dispatch.accept(tx, self.desk, self.clock.now(), leg_id)

    def is_heard(self, room_id: int, leg_id: int) -> None:
        """The carrier tells that whoever pressed the key is in the conference."""
        with self.desk.db.begin() as tx:
            told = "carrier.participant-join"
            events.note(tx, self.clock.now(), room_id, told, "carrier", label=f"leg-{leg_id}")

    def comes_in(self, room_id: int) -> None:
        """The citizen's call is put into the conference, as /voice/place does."""
        caller = self.room(room_id).caller
        assert caller is not None and caller.sid is not None
        with self.desk.db.begin() as tx:
            waiting.in_the_room(tx, self.clock.now(), caller.sid)

    def talks(self, *, line: str = "dgs", queue: str | None = None, **other: Any) -> int:
        """A citizen rings, the first free operator takes it, and they talk; the room."""
        room_id = self.calls(line, queue, **other)
        assert self.offers() == 1
        self.accepts(self.leg(room_id, LegRole.OPERATOR).id)
        self.comes_in(room_id)
        return room_id

    def room(self, room_id: int) -> Room:
        with self.desk.db.begin() as tx:
            found = rooms.load(tx, room_id, lock=False)
        assert found is not None
        return found

    def leg(self, room_id: int, role: LegRole) -> Leg:
        """The last telephone of that role that is still on, or on its way."""
        return self.room(room_id).of(role)[-1]

    def ends(self, leg_id: int, result: str = "completed") -> None:
        with self.desk.db.begin() as tx:
            settling.leg_ended(tx, self.clock.now(), leg_id, result)


@dataclass
class Somebody:
    """One person at a desk, and their browser."""

    centre: Centre
    account_id: int
    email: str
    browser: FlaskClient

    @property
    def state(self) -> str:
        with self.centre.desk.db.begin() as tx:
            row = presence.of(tx, self.account_id)
        assert row is not None
        return row.state

    def sees(self, where: str = "/puesto") -> str:
        answer = self.browser.get(where)
        assert answer.status_code == 200, (where, answer.status_code, answer.text[:300])
        return answer.text

    def does(self, where: str, **form: str) -> Any:
        """Presses a button of a page whose script is running: 204, or 409 with what is said."""
        return self.browser.post(where, data=form, headers={"X-Part": "desk"})

    def on_call(self, room_id: int, name: str) -> Any:
        return self.does(f"/puesto/llamada/{room_id}/{name}")

    def chooses(self, room_id: int, way: str, kind: str, value: str, **other: str) -> Any:
        """Whom to consult or to hand the call to."""
        return self.does(f"/puesto/llamada/{room_id}/a-quien", para=way, tipo=kind, valor=value, **other)
