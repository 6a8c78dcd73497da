"""Both answers: all that is kept of a person, and what became of it once they asked to have it erased."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core import audit
from core.person import Forgotten, Kept, Person
from core.privacy import Vault
from rights.asking import Asked
from rights.rooms import ROOMS

_SUBJECT = "person"


@dataclass(frozen=True)
class Erased:
    """``waits_for``: what has to end before, a sentence each; where there is any, nothing was erased."""

    waits_for: tuple[str, ...] = ()
    done: tuple[Forgotten, ...] = ()

    @property
    def count(self) -> int:
        return sum(each.erased for each in self.done)


def export(tx: Connection, vault: Vault, now: datetime, asked: Asked, who: Person, actor: str) -> list[Kept]:
    """All of it, the oldest first. That it was handed over goes into the trail, with how many things of which kind."""
    found = [kept for room in ROOMS for kept in room.kept_of(tx, vault, who)]
    audit.record(tx, now, actor, "person.exported", _SUBJECT, asked.number, **_facts(asked), things=len(found))
    return sorted(found, key=lambda kept: kept.since)


def erase(tx: Connection, vault: Vault, now: datetime, asked: Asked, who: Person, actor: str) -> Erased:
    """Erases it, or says what has to end before. A second time there is nothing to erase, and that is written too."""
    waits_for = tuple(dict.fromkeys(each for room in ROOMS for each in room.holding(tx, vault, who)))
    if waits_for:
        audit.record(tx, now, actor, "person.not_erased", _SUBJECT, asked.number, **_facts(asked), waits=len(waits_for))
        return Erased(waits_for)
    done = tuple(each for room in ROOMS for each in room.forget(tx, vault, now, who, actor))
    erased, stays = (
        _counts((each.what, each.erased) for each in done),
        _counts((each.what, each.stays) for each in done),
    )
    audit.record(tx, now, actor, "person.erased", _SUBJECT, asked.number, **_facts(asked), erased=erased, stays=stays)
    return Erased(done=done)


def _facts(asked: Asked) -> dict[str, str]:
    return {"requested_on": asked.on.isoformat(), "country": asked.country}


def _counts(of: Iterable[tuple[str, int]]) -> dict[str, int]:
    return {what: count for what, count in of if count}
