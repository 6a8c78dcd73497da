"""The numbers of the account: who is asked when one is dialled."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from carrier.local.ledger import Entry, Ledger


@dataclass(frozen=True, slots=True)
class Number:
    """An IncomingPhoneNumber."""

    sid: str
    phone_number: str
    created_at: datetime
    updated_at: datetime
    friendly_name: str = ""
    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    sms_url: str = ""
    sms_method: str = "POST"
    sms_fallback_url: str = ""
    sms_fallback_method: str = "POST"


class NumberBook:
    """By sid and by number; every change is written."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._by_sid: dict[str, Number] = {}

    def save(self, number: Number) -> None:
        self._by_sid[number.sid] = number
        moments = {"created_at": number.created_at.isoformat(), "updated_at": number.updated_at.isoformat()}
        facts = asdict(number) | moments
        del facts["sid"]
        self._ledger.append("number", number.sid, facts)

    def change(self, number: Number, now: datetime, **facts: Any) -> Number:
        changed = replace(number, updated_at=now, **facts)
        self.save(changed)
        return changed

    def delete(self, number: Number) -> None:
        del self._by_sid[number.sid]
        self._ledger.append("number_deleted", number.sid, {})

    def find(self, sid: str | None) -> Number | None:
        return self._by_sid.get(sid or "")

    def owner_of(self, phone_number: str) -> Number | None:
        return next((number for number in self if number.phone_number == phone_number), None)

    def __iter__(self) -> Iterator[Number]:
        return iter(reversed(list(self._by_sid.values())))

    def __len__(self) -> int:
        return len(self._by_sid)

    def restore(self, entry: Entry) -> None:
        """Takes in one entry that was written before a restart."""
        if entry["kind"] == "number_deleted":
            self._by_sid.pop(entry["sid"], None)
            return
        known = {field.name for field in fields(Number)}
        facts = {name: value for name, value in entry.items() if name in known}
        for name in ("created_at", "updated_at"):
            facts[name] = datetime.fromisoformat(facts[name])
        self._by_sid[entry["sid"]] = Number(**facts)
