"""Whose turn it is in a queue: crisis first, then the queue's priority, then who came first. Written once."""

from typing import Any

from sqlalchemy import ColumnElement, func

from desk.rooms import Room
from desk.tables import room

#: For ``order by``.
IN_TURN = (room.c.is_crisis.desc(), room.c.priority.desc(), room.c.place_since, room.c.id)


def turn_of(each: Room) -> tuple[Any, ...]:
    """The same, as a key by which rooms that were read are sorted."""
    return (not each.is_crisis, -each.priority, each.place_since, each.id)


def is_before(each: Room) -> ColumnElement[bool]:
    """Whether a row's turn comes before this one's."""
    theirs = func.row(room.c.is_crisis.is_(False), -room.c.priority, room.c.place_since, room.c.id)
    return theirs < func.row(*turn_of(each))
