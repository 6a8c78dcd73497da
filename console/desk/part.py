"""What a call is to whoever looks: theirs, one about which they are consulted, one that came back or that went on."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import Flask
from sqlalchemy import Connection

from console.desk.words import called, person_state
from desk import events
from desk.call_card import Call, Person, seconds_between
from desk.rooms import Leg
from desk.states import LegRole, LegState, RoomState

ATTEND = (LegRole.OPERATOR, LegRole.SUPERVISOR)
_AT_ONCE = timedelta(seconds=5)  # between the end of a call and that of each telephone in it


_HOLDS = ("caller.held", "consult.begun", "call.transferred")
_LEFT_TO_THEM = ("call.handed_over", "operator.left", "call.inherited")
_LETS_GO = ("caller.unheld", "consult.merged", "room.waits_again", *_LEFT_TO_THEM)


class Part(StrEnum):
    """What somebody is on a call of which they have a telephone."""

    ATTENDS = "ATTENDS"
    CONSULTED = "CONSULTED"
    GIVEN = "GIVEN"  # handed to them without announcing, and they have not answered
    BACK = "BACK"  # they had it, gave it away, and it came back


@dataclass(frozen=True)
class Mine:
    """``name``: of who consults or hands over, or did not take the call; ``why``: what became of their telephone."""

    part: Part
    telephone: Person
    name: str = ""
    why: str = ""

    @property
    def is_the_operator(self) -> bool:
        """Whether the call is theirs to write down."""
        return self.telephone.is_in and self.telephone.role is LegRole.OPERATOR

    @property
    def attends(self) -> bool:
        """Whether the buttons of the call are theirs."""
        return self.telephone.is_in and self.telephone.role in ATTEND


def mine_of(call: Call, account_id: int) -> Mine | None:
    """The reader's part of a call; None: they have no telephone in it."""
    telephone = call.mine(account_id)
    if telephone is None:
        return None
    if telephone.role is LegRole.CONSULTED:
        asking = next(iter(call.room.of(LegRole.OPERATOR)), None)
        if asking is not None:
            return Mine(Part.CONSULTED, telephone, asking.name or "")
        return Mine(Part.GIVEN, telephone, _name_of(call, call.room.account_id))
    had_it = [leg for leg in call.room.legs if leg.account_id == account_id and leg.id != telephone.leg_id]
    if telephone.role is LegRole.OPERATOR and any(leg.joined_at for leg in had_it if leg.role is LegRole.OPERATOR):
        refused = _refused(call, since=had_it[-1])
        return Mine(Part.BACK, telephone, (refused.name or "") if refused else "", _why(call, refused))
    return Mine(Part.ATTENDS, telephone)


def timed(tx: Connection, now: datetime, call: Call) -> Call:
    """The call with one moment for all that tells its caller's time: since they wait, talk, or are held."""
    caller, room = call.caller, call.room
    if room.is_open and room.state in (RoomState.WAITING, RoomState.OFFERED):
        call = replace(call, seconds=seconds_between(room.place_since, now))
    if caller is None or not room.is_open:
        return call
    held_at = _held_at(events.story(tx, room.id)) if caller.is_held else None
    seconds = seconds_between(held_at, now) if held_at else call.seconds
    if caller.is_held and held_at is None:
        return call
    return replace(call, people=[replace(each, seconds=seconds) if each is caller else each for each in call.people])


def _held_at(story: Iterable[dict[str, Any]]) -> datetime | None:
    """When they were put on hold the last time; a hold that goes on while somebody is consulted is one."""
    at: datetime | None = None
    for event in story:
        was_taken_back = event["kind"] == "consult.ended" and event["leg_id"] is None
        if event["kind"] in _LETS_GO or was_taken_back:
            at = None
        elif event["kind"] in _HOLDS and at is None:
            at = event["at"]
    return at


def left_by(tx: Connection, call: Call | None, account_id: int) -> str:
    """Of a call that became the reader's while they were consulted: who left it to them, by name; empty: of any other.

    Nobody asked them, and their buttons are other ones from that moment.
    """
    mine = call.room.leg_of(account_id) if call else None
    if call is None or mine is None or mine.role is not LegRole.OPERATOR or mine.joined_at is None:
        return ""
    story = events.story(tx, call.room.id)
    if not any(event["kind"] == "consult.begun" and event["leg_id"] == mine.id for event in story):
        return ""  # it was offered to them, or handed over: they answered knowing that
    left = [event for event in story if event["kind"] in _LEFT_TO_THEM]
    since = [event for event in left if event["at"] >= mine.joined_at and event["leg_id"] in (mine.id, None)]
    if not since:
        return ""
    if "@" in since[0]["actor"]:
        return called(since[0]["actor"])
    had_it = [leg for leg in call.room.legs if leg.role is LegRole.OPERATOR and leg.id != mine.id and leg.joined_at]
    return (had_it[-1].name or "Otra persona") if had_it else ""


def is_just_over(call: Call, account_id: int, since: datetime) -> bool:
    """Whether this is the call after which somebody writes since that moment, and not an earlier one of theirs."""
    theirs = [leg for leg in call.room.legs if leg.account_id == account_id and leg.role in ATTEND]
    if not theirs:
        return False
    left_at = theirs[-1].ended_at or call.room.ended_at
    return left_at is None or left_at >= since - _AT_ONCE


def went_on(call: Call, account_id: int) -> str:
    """Of a call that goes on without the reader: with whom, as one sentence; empty: it is over, or it is theirs."""
    room = call.room
    if not room.is_open or room.leg_of(account_id) is not None:
        return ""
    if room.state is RoomState.AWAY:
        return "Está con la línea del PIN."
    if room.state in (RoomState.WAITING, RoomState.OFFERED):
        comes_back = room.wanted_account == account_id
        return "Vuelve a usted: su teléfono va a timbrar." if comes_back else f"Espera en la cola {call.queue.label}."
    others = [leg for leg in room.legs if leg.is_open and leg.role in (*ATTEND, LegRole.CONSULTED) and leg.is_heard]
    there = next((leg for leg in others if leg.is_in), None)
    if there is not None:
        return f"La atiende {_named(there)}."
    if others:
        return f"Pasó a {_named(others[-1])}: si no contesta, vuelve a usted."
    return "Sigue en curso."


def _refused(call: Call, since: Leg) -> Leg | None:
    """Whoever was rung for the call after its operator left it, and never came."""
    rung = (leg for leg in reversed(call.room.legs) if leg.role is LegRole.CONSULTED and leg.id > since.id)
    return next((leg for leg in rung if leg.state is LegState.ENDED and leg.joined_at is None), None)


def _why(call: Call, leg: Leg | None) -> str:
    shown = next((each for each in call.people if leg and each.leg_id == leg.id), None)
    return person_state(shown) if shown else "no contestó" if leg else ""


def _name_of(call: Call, account_id: int | None) -> str:
    return next((leg.name or "" for leg in call.room.legs if account_id and leg.account_id == account_id), "")


def _named(leg: Leg) -> str:
    return leg.name or "otra persona"


def add_filters(app: Flask) -> None:
    """Makes these known to the templates."""
    for function in (mine_of, went_on):
        app.add_template_filter(function)
