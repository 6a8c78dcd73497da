"""Every call this network ever carried, and what is written of each into the ledger."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from typing import Any

from carrier.local.call import Call, Plan
from carrier.local.ledger import Entry, Ledger

MOMENTS = frozenset({"created_at", "updated_at", "dialled_at", "ended_at"})
_OF_A_PLAN = tuple(field.name for field in fields(Plan))


class CallBook:
    """Calls by sid, in the order of their making. Only ``change`` changes one, so that the file knows it too."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._calls: dict[str, Call] = {}
        self._order: list[str] = []

    def open(self, call: Call) -> None:
        """A new call."""
        self._keep(call)
        facts: dict[str, Any] = {
            "from_": call.from_,
            "to": call.to,
            "direction": call.direction,
            "account_sid": call.account_sid,
            "created_at": call.created_at.isoformat(),
            "parent_sid": call.parent_sid,
            "phone_number_sid": call.phone_number_sid,
            "queue_ms": call.queue_ms,
            "plan": {name: getattr(call.plan, name) for name in _OF_A_PLAN} if call.plan else None,
        }
        self._write("call", call, facts)

    def change(self, call: Call, **facts: Any) -> None:
        """Changes attributes of a call, here and in the file."""
        facts["updated_at"] = call.moment()
        for name, value in facts.items():
            setattr(call, name, value)
        self._write("change", call, {name: _plain(value) for name, value in facts.items()})

    def note(self, call: Call, kind: str, facts: Entry) -> None:
        """A request, something heard, keys, a problem: kept in the file only."""
        self._write(kind, call, facts)

    def delete(self, call: Call) -> None:
        self._ledger.append("deleted", call.sid, {})
        del self._calls[call.sid]

    def find(self, sid: str) -> Call | None:
        return self._calls.get(sid)

    def newest_first(self, after: str | None = None) -> Iterator[Call]:
        """All of them, or those made before the call ``after``."""
        end = len(self._order)
        if after is not None:
            end = next((i for i in range(end - 1, -1, -1) if self._order[i] == after), 0)
        for index in range(end - 1, -1, -1):
            call = self._calls.get(self._order[index])
            if call is not None:
                yield call

    def story(self, call: Call) -> Iterator[Entry]:
        """The call's entries, in order, from the file."""
        for index in range(0, len(call.lines), 2):
            yield self._ledger.read((call.lines[index], call.lines[index + 1]))

    def restore(self, place: tuple[int, int], entry: Entry) -> None:
        """Takes in one entry that was written before a restart."""
        sid = entry["sid"]
        if entry["kind"] == "call":
            facts = {name: _value(name, value) for name, value in entry.items() if name not in ("kind", "sid")}
            self._keep(Call(sid=sid, **facts))
        call = self._calls.get(sid)
        if call is None:
            return
        if entry["kind"] == "deleted":
            del self._calls[sid]
            return
        call.lines.extend(place)
        if entry["kind"] == "change":
            for name, value in entry.items():
                if name not in ("kind", "sid"):
                    setattr(call, name, _value(name, value))

    def _keep(self, call: Call) -> None:
        self._calls[call.sid] = call
        self._order.append(call.sid)

    def _write(self, kind: str, call: Call, facts: Entry) -> None:
        call.lines.extend(self._ledger.append(kind, call.sid, facts))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in MOMENTS:
        return datetime.fromisoformat(value)
    if name == "plan":
        return Plan(**value | {"status_callback_events": tuple(value["status_callback_events"])})
    return value
