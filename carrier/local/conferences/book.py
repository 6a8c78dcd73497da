"""Every conference there ever was, who is in the live ones, and what is written of them into the ledger."""

from array import array
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from typing import Any

from carrier.local.conferences.conference import Conference, Participant
from carrier.local.ledger import Entry, Ledger

MOMENTS = ("created_at", "updated_at")
KINDS = frozenset({"conference", "participant", "participant_left", "conference_request", "beep"})


class ConferenceBook:
    """Conferences by sid, in the order of their making. ``save`` writes what changed."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._conferences: dict[str, Conference] = {}
        self._abandoned: dict[tuple[str, str], Participant] = {}  # only while the ledger is read back

    def save(self, conference: Conference) -> None:
        self._conferences[conference.sid] = conference
        self._write("conference", conference, _plain(conference))

    def save_participant(self, conference: Conference, participant: Participant) -> None:
        self._write("participant", conference, _plain(participant))

    def remove_participant(self, conference: Conference, participant: Participant, reason: str) -> None:
        self._write("participant_left", conference, {"call_sid": participant.call_sid, "reason": reason})

    def note(self, conference: Conference, kind: str, facts: Entry) -> None:
        """A callback, a beep: kept in the file only."""
        self._write(kind, conference, facts)

    def find(self, sid: str) -> Conference | None:
        return self._conferences.get(sid)

    def newest_first(self) -> Iterator[Conference]:
        return iter(reversed(list(self._conferences.values())))

    def story(self, conference: Conference) -> Iterator[Entry]:
        """The conference's entries, in order, from the file."""
        for index in range(0, len(conference.lines), 2):
            yield self._ledger.read((conference.lines[index], conference.lines[index + 1]))

    def restore(self, place: tuple[int, int], entry: Entry) -> None:
        """Takes in one entry that was written before a restart."""
        sid = entry["sid"]
        if entry["kind"] == "conference":
            known = self._conferences.get(sid)
            made = Conference(sid=sid, lines=known.lines if known else array("q"), **_values(Conference, entry))
            made.callback_events = tuple(made.callback_events)
            self._conferences[sid] = made
        elif entry["kind"] == "participant":
            participant = Participant(conference_sid=sid, **_values(Participant, entry))
            self._abandoned[sid, participant.call_sid] = participant
        elif entry["kind"] == "participant_left":
            self._abandoned.pop((sid, entry["call_sid"]), None)
        if (conference := self._conferences.get(sid)) is not None:
            conference.lines.extend(place)

    def take_abandoned(self) -> list[tuple[Conference, list[Participant]]]:
        """The conferences that were live when the carrier was killed, and who was in each. Once, after restoring."""
        left, self._abandoned = self._abandoned, {}
        return [
            (conference, [participant for (sid, _), participant in left.items() if sid == conference.sid])
            for conference in self._conferences.values()
            if not conference.is_over
        ]

    def _write(self, kind: str, conference: Conference, facts: Entry) -> None:
        conference.lines.extend(self._ledger.append(kind, conference.sid, facts))


def _plain(thing: Conference | Participant) -> Entry:
    facts: Entry = {}
    for each in fields(thing):
        if each.name not in ("sid", "conference_sid", "lines"):
            value = getattr(thing, each.name)
            facts[each.name] = value.isoformat() if isinstance(value, datetime) else value
    return facts


def _values(kind: type, entry: Entry) -> dict[str, Any]:
    known = {each.name for each in fields(kind)}
    facts = {name: value for name, value in entry.items() if name in known and name != "sid"}
    return facts | {name: datetime.fromisoformat(facts[name]) for name in MOMENTS}
