"""Rooms, legs and lines of the desk, for the tables of its rules."""

from dataclasses import fields
from datetime import datetime, time, timedelta
from typing import Any

from core.countries import MONDAY_TO_FRIDAY, Span
from core.opening import Opening
from desk.lines import DeskLine, Queue, Service
from desk.rooms import Leg, Room
from desk.states import LegRole, LegState, RoomKind, RoomState

NOW = datetime.fromisoformat("2026-11-23T10:00:00-06:00")  # a Monday
WEEKDAYS = Opening("SV", (Span(MONDAY_TO_FRIDAY, time(8), time(16)),))
SERVICES = (
    Service("911", "San Salvador", "+50321000911", frozenset({"San Salvador"})),
    Service("911", "Central", "+50321000912"),
    Service("control", "Control", "+50321000913"),
)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def leg(role: str, state: str = "JOINED", **values: Any) -> Leg:
    """``LegRole`` and ``LegState`` by name; asked a second ago."""
    empty = dict.fromkeys(each.name for each in fields(Leg))
    flags = {name: False for name in empty if name.startswith(("is_", "wants_"))} | {"wanted_at": NOW}
    first = {"id": 1, "room_id": 1, "asked_at": ago(1), "ring_seconds": 20}
    return Leg(**{**empty, **flags, **first, "role": LegRole(role), "state": LegState(state), **values})


def room(*legs: Leg, waited: float = 0, **values: Any) -> Room:
    """A call of the queue ``general`` whose citizen waits for so many seconds."""
    empty = dict.fromkeys(each.name for each in fields(Room))
    flags = {name: False for name in empty if name.startswith("is_")}
    first = {
        "id": 1,
        "line": "prueba",
        "queue": "general",
        "kind": RoomKind.INBOUND,
        "state": RoomState.WAITING,
        "priority": 0,
        "place_since": ago(waited),
        "entered_at": ago(waited),
        "queued_at": ago(waited),
        "queues_passed": 0,
        "ways_tried": 0,
        "legs": legs or (leg("CALLER", "ANSWERED"),),
    }
    return Room(**{**empty, **flags, **first, **values})


def line(**values: Any) -> DeskLine:
    """Two queues: ``general``, and ``pocos``, whose calls pass to it."""
    queues = {
        "general": Queue("general", "General"),
        "pocos": Queue("pocos", "Pocos", frozenset({"PIN"}), overflow=("cola:general",)),
    }
    first: dict[str, Any] = {"queues": queues, "default_queue": "general", "opening": WEEKDAYS}
    return DeskLine("prueba", "Institución", "SV", "+50322000000", **{**first, **values})
