"""The services of an emergency as its page shows them: who is on, and what was tried in vain, each number once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.desk.words import called, leg_name
from desk.call_card import Call, Person
from desk.lines import Service
from desk.states import LegRole


@dataclass(frozen=True)
class InVain:
    """One number that was called and is not on: how often, and when the last time ended."""

    last: Person
    times: int
    at: datetime | None
    came: bool  #: it had answered, and left


@dataclass(frozen=True)
class ServiceKind:
    """One kind of service. ``open``: telephones that ring or are on; ``numbers`` of the zone: 0 in another one's."""

    kind: str
    label: str
    open: list[Person]
    in_vain: list[InVain]
    numbers: int

    @property
    def is_in(self) -> bool:
        return any(each.is_in for each in self.open)


def kinds_of(call: Call) -> list[ServiceKind]:
    """Those of the zone in the order of the line's file, then whoever else is on the line from another zone."""
    services: dict[str, list[Service]] = {}
    for service in call.line.services_for(call.room.zone):
        services.setdefault(service.kind, []).append(service)
    found = [_kind(call, kind, numbers[0].label, len(numbers)) for kind, numbers in services.items()]
    elsewhere = [each for each in call.people if each.role is LegRole.SERVICE and each.kind not in services]
    others = dict.fromkeys(each.kind for each in elsewhere if each.kind)
    return found + [_kind(call, kind, _name_of(elsewhere, kind), 0) for kind in others]


def _kind(call: Call, kind: str, label: str, numbers: int) -> ServiceKind:
    tried = [each for each in call.people if each.role is LegRole.SERVICE and each.kind == kind]
    still = [each for each in reversed(tried) if not each.is_over]
    return ServiceKind(kind, label, still, _folded(call, [each for each in tried if each.is_over]), numbers)


def _folded(call: Call, over: list[Person]) -> list[InVain]:
    """One line a number, the one that was tried last first."""
    legs = {leg.id: leg for leg in call.room.legs}
    by_name: dict[tuple[str | None, bool], list[Person]] = {}
    for each in over:
        by_name.setdefault((each.name, legs[each.leg_id].joined_at is not None), []).append(each)
    folded = [InVain(each[-1], len(each), legs[each[-1].leg_id].ended_at, came) for (_, came), each in by_name.items()]
    return sorted(folded, key=lambda each: -each.last.leg_id)


def named(call: Call, story: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events of a call, each with whose telephone it is about and who did it, by their names."""
    legs = {leg.id: leg_name(leg.role, leg.name) for leg in call.room.legs}
    return [_named(event, legs.get(event["leg_id"])) for event in story]


def _named(event: dict[str, Any], whose: str | None) -> dict[str, Any]:
    """A person who did it is told once, by name: the page need not add their e-mail."""
    is_somebody = "@" in event["actor"]
    told = {"whose": whose, "by": called(event["actor"]) if is_somebody else None}
    return event | told | ({"actor": ""} if is_somebody else {})


def _name_of(people: Iterable[Person], kind: str) -> str:
    return next((each.name or "" for each in people if each.kind == kind), "")
