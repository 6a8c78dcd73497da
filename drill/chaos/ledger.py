"""What the carrier wrote down of each call of a campaign: the only witness that was at both ends of the line."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_ATTEMPT = re.compile(r"[?&]attempt=(\d+)")
_BROUGHT_BACK = "carrier"  # who ended what was live when the carrier was killed


@dataclass(frozen=True)
class Turn:
    """The application was asked for a document. ``body``: its answer; ``status`` None: none came."""

    path: str
    digits: str
    status: int | None
    body: str = ""


@dataclass(frozen=True)
class Keys:
    """Somebody pressed these; the turn that tells the application follows, unless the carrier was killed before."""

    digits: str


@dataclass
class PlacedCall:
    """One call, as the carrier tells it. Moments are the carrier's, in UTC."""

    sid: str
    attempt_id: int
    to: str
    created_at: datetime
    status: str = "queued"
    is_answered: bool = False
    answered_by: str | None = None
    ended_by: str | None = None
    story: list[Turn | Keys] = field(default_factory=list)

    @property
    def was_cut_off(self) -> bool:
        """The carrier ended it: it was killed, or the application did not answer it."""
        return self.ended_by == _BROUGHT_BACK


class Follower:
    """Reads the ledger as it grows. ``calls`` by sid, in the order of their making."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_to = 0
        self.calls: dict[str, PlacedCall] = {}
        self.faults: Counter[str] = Counter()  #: misbehaviour that happened, by name
        self.callbacks: Counter[str] = Counter()  #: callbacks delivered, by what came of them

    def read(self) -> bool:
        """What is new; whether there was any."""
        if not self._path.exists():
            return False
        with self._path.open("rb") as file:
            file.seek(self._read_to)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read_to += len(whole)
        for line in whole.splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # cut off by a kill
            self._take_in(entry)
        return bool(whole)

    def _take_in(self, entry: dict[str, Any]) -> None:
        if entry["kind"] == "fault":
            self.faults[entry["name"]] += 1
        elif entry["kind"] == "call":
            self._begin(entry)
        elif call := self.calls.get(entry["sid"]):
            self._go_on(call, entry)

    def _begin(self, entry: dict[str, Any]) -> None:
        found = _ATTEMPT.search((entry.get("plan") or {}).get("url") or "")
        if found:
            made = datetime.fromisoformat(entry["created_at"])
            self.calls[entry["sid"]] = PlacedCall(entry["sid"], int(found[1]), entry["to"], made)

    def _go_on(self, call: PlacedCall, entry: dict[str, Any]) -> None:
        match entry["kind"]:
            case "change":
                call.status = entry.get("status", call.status)
                call.answered_by = entry.get("answered_by", call.answered_by)
                call.ended_by = entry.get("ended_by", call.ended_by)
                call.is_answered = call.is_answered or entry.get("answered_second") is not None
            case "keys":
                call.story.append(Keys(entry["digits"]))
            case "request":
                path = urlsplit(entry["url"]).path
                if path in ("/voice/status", "/voice/machine"):
                    self.callbacks[str(entry["status"])] += 1
                else:
                    digits = entry["params"].get("Digits", "")
                    call.story.append(Turn(path, digits, entry["status"], entry["body"]))
