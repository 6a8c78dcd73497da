"""What time alone may ask of a conversation: plain values, decided in ``due.py`` and done in ``advance.py``."""

from dataclasses import dataclass
from typing import TypeAlias

from desk.lines import Service


@dataclass(frozen=True)
class RangTooLong:
    leg_id: int


@dataclass(frozen=True)
class ToQueue:
    name: str


@dataclass(frozen=True)
class ToTelephone:
    """Somebody outside the desk is rung: a duty telephone, an overflow. ``ways_tried``: of the queue, with this one."""

    number: str
    ways_tried: int


@dataclass(frozen=True)
class ToService:
    """``rank``: its place among the numbers tried; ``ways_tried``: where it is a way out of a queue."""

    service: Service
    rank: int
    ways_tried: int | None = None


@dataclass(frozen=True)
class Nobody:
    """Every way of the queue was tried: the citizen is told, and chooses."""


@dataclass(frozen=True)
class CallSupervisors:
    """An emergency has nobody of the desk in it."""


@dataclass(frozen=True)
class NotToday:
    """A promised call whose queue has closed: its promise is kept another day."""


Move: TypeAlias = RangTooLong | ToQueue | ToTelephone | ToService | Nobody | CallSupervisors | NotToday
