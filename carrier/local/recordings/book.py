"""What was recorded: a length, and no words. Every change is written."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from carrier.local.ledger import Entry, Ledger

KINDS = frozenset({"recording", "recording_deleted"})


@dataclass(frozen=True, slots=True)
class Recording:
    sid: str
    call_sid: str
    started_at: datetime
    created_at: datetime
    seconds: int


class RecordingBook:
    """By sid."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._by_sid: dict[str, Recording] = {}

    def save(self, recording: Recording) -> None:
        self._by_sid[recording.sid] = recording
        facts = asdict(recording)
        del facts["sid"]
        facts |= {name: facts[name].isoformat() for name in ("started_at", "created_at")}
        self._ledger.append("recording", recording.sid, facts)

    def delete(self, recording: Recording) -> None:
        del self._by_sid[recording.sid]
        self._ledger.append("recording_deleted", recording.sid, {})

    def find(self, sid: str) -> Recording | None:
        return self._by_sid.get(sid)

    def __iter__(self) -> Iterator[Recording]:
        return iter(reversed(list(self._by_sid.values())))

    def restore(self, entry: Entry) -> None:
        """Takes in one entry that was written before a restart."""
        if entry["kind"] == "recording_deleted":
            self._by_sid.pop(entry["sid"], None)
            return
        started, created = (datetime.fromisoformat(entry[name]) for name in ("started_at", "created_at"))
        self._by_sid[entry["sid"]] = Recording(entry["sid"], entry["call_sid"], started, created, entry["seconds"])
