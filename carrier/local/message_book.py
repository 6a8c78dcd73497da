"""Text messages that were sent, and how far they got."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from carrier.local.ledger import Entry, Ledger

MOMENTS = ("created_at", "updated_at", "sent_at")


@dataclass(frozen=True, slots=True)
class Message:
    """A text message of ours."""

    sid: str
    from_: str
    to: str
    body: str
    num_segments: int
    created_at: datetime
    updated_at: datetime
    status: str = "queued"
    sent_at: datetime | None = None
    error_code: int | None = None
    num_media: int = 0
    status_callback: str = ""
    messaging_service_sid: str | None = None
    content_sid: str | None = None  # of an approved template


class MessageBook:
    """By sid; every change is written."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._by_sid: dict[str, Message] = {}

    def save(self, message: Message) -> None:
        self._by_sid[message.sid] = message
        facts = asdict(message)
        del facts["sid"]
        for name in MOMENTS:
            facts[name] = facts[name].isoformat() if facts[name] else None
        self._ledger.append("message", message.sid, facts)

    def change(self, message: Message, now: datetime, **facts: Any) -> Message:
        changed = replace(message, updated_at=now, **facts)
        self.save(changed)
        return changed

    def delete(self, message: Message) -> None:
        del self._by_sid[message.sid]
        self._ledger.append("message_deleted", message.sid, {})

    def find(self, sid: str) -> Message | None:
        return self._by_sid.get(sid)

    def __iter__(self) -> Iterator[Message]:
        return iter(reversed(list(self._by_sid.values())))

    def restore(self, entry: Entry) -> None:
        """Takes in one entry that was written before a restart."""
        if entry["kind"] == "message_deleted":
            self._by_sid.pop(entry["sid"], None)
            return
        known = {field.name for field in fields(Message)}
        facts = {name: value for name, value in entry.items() if name in known}
        for name in MOMENTS:
            facts[name] = datetime.fromisoformat(facts[name]) if facts[name] else None
        self._by_sid[entry["sid"]] = Message(**facts)
