"""Reads the local carrier's ledger while it is being written: who is on the line with whom, and what callers hear.

The ledger tells what happened and in which order; each entry is dated when it is read, a few hundredths of a second
after it was written.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from carrier.local.interpreter import CHARACTERS_PER_SECOND
from drill.solitude import Happening, What

_OVER = ("completed", "busy", "no-answer", "failed", "canceled")


@dataclass
class Heard:
    """One call, as the ledger tells it. ``number``: of the person at the other end; moments: seconds, None: not yet."""

    sid: str
    number: str
    is_inbound: bool
    began: float
    ringing: float | None = None
    answered: float | None = None
    connected: float | None = None  #: with others in a conference, the first time
    was_in: bool = False  #: in a conference, with others or alone
    ended: float | None = None
    ended_by: str = ""
    is_connected: bool = False
    story: list[Happening] = field(default_factory=list)


@dataclass
class _Room:
    has_started: bool = False
    seats: dict[str, dict[str, Any]] = field(default_factory=dict)  # by the call's sid


class Ears:
    """``read`` takes in what was written since the last time."""

    def __init__(self, ledger: Path) -> None:
        self._path = ledger
        self._file: BinaryIO | None = None
        self._rest = b""
        self._rooms: dict[str, _Room] = defaultdict(_Room)
        self._room_of: dict[str, str] = {}
        self.calls: dict[str, Heard] = {}
        self._by_number: dict[str, list[Heard]] = defaultdict(list)

    def of(self, number: str, since: float = 0.0) -> list[Heard]:
        """The calls of a number that began since then, in order."""
        return [call for call in self._by_number[number] if call.began >= since]

    def read(self, now: float) -> None:
        """``now``: the moment with which what is new is dated."""
        if self._file is None:
            if not self._path.exists():
                return
            self._file = self._path.open("rb")
        data = self._rest + self._file.read()
        *lines, self._rest = data.split(b"\n")
        for line in lines:
            if line:
                self.take_in(json.loads(line), now)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def take_in(self, entry: dict[str, Any], now: float) -> None:
        """One entry of the ledger."""
        sid = entry["sid"]
        match entry["kind"]:
            case "call":
                is_inbound = entry["direction"] == "inbound"
                call = Heard(sid, entry["from_" if is_inbound else "to"], is_inbound, now)
                self.calls[sid] = call
                self._by_number[call.number].append(call)
            case "change" if sid in self.calls:
                _change(self.calls[sid], entry, now)
            case "heard" if sid in self.calls:
                seconds = len(entry["text"]) / CHARACTERS_PER_SECOND
                self.calls[sid].story.append(Happening(now, What.HEARS, seconds))
            case "keys" if sid in self.calls:
                self.calls[sid].story.append(Happening(now, What.KEYS))
            case "conference":
                self._rooms[sid].has_started = entry["status"] == "in-progress"
                self._look(sid, now)
            case "participant":
                self._rooms[sid].seats[entry["call_sid"]] = entry
                if entry["call_sid"] in self.calls:
                    self.calls[entry["call_sid"]].was_in = True
                self._look(sid, now)
            case "participant_left":
                self._rooms[sid].seats.pop(entry["call_sid"], None)
                self._place(entry["call_sid"], False, now)
                self._look(sid, now)

    def _look(self, sid: str, now: float) -> None:
        """Who in a conference has somebody with them."""
        room = self._rooms[sid]
        talking = {sid for sid, seat in room.seats.items() if seat["is_connected"] and not seat["hold"]}
        heard = {sid for sid in talking if not room.seats[sid]["muted"]}
        for call_sid in room.seats:
            has_company = room.has_started and call_sid in talking and bool(heard - {call_sid})
            self._place(call_sid, has_company, now)

    def _place(self, call_sid: str, has_company: bool, now: float) -> None:
        call = self.calls.get(call_sid)
        if call is None or call.is_connected == has_company:
            return
        call.is_connected = has_company
        call.connected = call.connected or (now if has_company else None)
        call.story.append(Happening(now, What.COMPANY if has_company else What.NOBODY))


def _change(call: Heard, entry: dict[str, Any], now: float) -> None:
    status = entry.get("status")
    if status == "ringing" and call.ringing is None:
        call.ringing = now
    elif status == "in-progress" and call.answered is None:
        call.answered = now
        call.story.append(Happening(now, What.ANSWERED))
    elif status in _OVER and call.ended is None:
        call.ended, call.ended_by = now, entry.get("ended_by") or ""
        call.is_connected = False
        call.story.append(Happening(now, What.ENDED))
