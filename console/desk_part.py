"""What a call is to whoever looks: theirs, one about which they are consulted, one that came back or that went on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from flask import Flask

from console.desk_words import person_state
from desk.call_card import Call, Person
from desk.rooms import Leg
from desk.states import LegRole, LegState, RoomState

ATTEND = (LegRole.OPERATOR, LegRole.SUPERVISOR)
_AT_ONCE = timedelta(seconds=5)  # between the end of a call and that of each telephone in it


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
