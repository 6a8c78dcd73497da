"""Calls, consultations and what else a day leaves behind, written down as told: for figures counted by hand."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert

from cases.tables import attention, case_, task, work_order
from cases.tasks import DUE, TaskKind
from core.audit import record
from core.privacy import Vault
from desk.chats.states import ChatState
from desk.chats.tables import chat
from desk.states import LegRole, LegState, Presence, RoomKind, RoomState
from desk.tables import leg, operator, presence_change, room, room_event
from ivr.tables import call

SAN_SALVADOR = ZoneInfo("America/El_Salvador")
NOTHING = {"turn": 0, "tries": 0, "answer": {}}


@dataclass
class Days:
    """Writes them in one transaction. Times are told as ``23 09:05:20``, of November 2026, in ``zone``."""

    tx: Connection
    vault: Vault
    zone: ZoneInfo = SAN_SALVADOR
    people: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def at(self, told: str) -> datetime:
        day, _, hour = told.partition(" ")
        return datetime.fromisoformat(f"2026-11-{day}T{hour}").replace(tzinfo=self.zone)

    def operator(self, name: str) -> int:
        """``Ana`` is ana@ejemplo.gob.sv."""
        if name not in self.people:
            self.people[name] = len(self.people) + 1
            values = {"email": self.mail(name), "name": name, "state": Presence.DISPONIBLE}
            now = self.at("01 00:00:00")
            self.tx.execute(insert(operator).values(account_id=self.people[name], **values, since=now, seen_at=now))
        return self.people[name]

    @staticmethod
    def mail(name: str) -> str:
        return f"{name.lower()}@ejemplo.gob.sv"

    def rings(self, at: str, line: str = "dgs", sid: str = "") -> str:
        """A citizen's call that reached the line; its number."""
        self.count += 1
        sid = sid or f"CA{self.count:032}"
        print_ = self.vault.fingerprint("phone", f"+5032200{self.count:04}")
        whose = {"citizen_sealed": self.vault.seal(f"+5032200{self.count:04}"), "citizen_print": print_}
        values = {"sid": sid, "line": line, "direction": "inbound", "started_at": self.at(at), **whose, **NOTHING}
        self.tx.execute(insert(call).values(**values, ended_at=self.at(at) + timedelta(minutes=9)))
        return sid

    def asks(self, at: str, ended: str, answered: str = "", by: str = "", line: str = "dgs", **other: Any) -> int:
        """A conversation of the desk; ``answered`` empty: nobody took it; ``moved``: how it was handed on."""
        kind, moved = other.get("kind", RoomKind.INBOUND), other.get("moved")
        began, over = self.at(at), self.at(ended)
        when: dict[str, Any] = {"entered_at": began, "place_since": began, "queued_at": began, "ended_at": over}
        when["answered_at"] = self.at(answered) if answered else None
        values: dict[str, Any] = {"line": line, "queue": "general", "kind": kind, "state": RoomState.ENDED, **when}
        if kind == RoomKind.INBOUND:
            values["call_sid"] = self.rings(at, line)
        known = {"learnt_sealed": self.vault.seal(json.dumps({})), "citizen_sealed": self.vault.seal("+50322000000")}
        made = insert(room).values(**values, **known, ended_as=other.get("ended_as", "finished")).returning(room.c.id)
        room_id = self.tx.execute(made).scalar_one()
        if kind != RoomKind.INBOUND:
            asked = {"wanted_at": began, "asked_at": began, "ended_at": over}
            self.tx.execute(insert(leg).values(room_id=room_id, role=LegRole.CALLER, state=LegState.ENDED, **asked))
        if by:
            self.joins(room_id, by, answered or at, ended)
        if moved:
            told = {"room_id": room_id, "at": over, "kind": moved, "actor": "x", "facts": {}}
            self.tx.execute(insert(room_event).values(**told))
        return room_id

    def joins(self, room_id: int, by: str, at: str, ended: str, role: LegRole = LegRole.OPERATOR) -> None:
        """An operator's telephone in a conversation."""
        when = {"wanted_at": self.at(at), "joined_at": self.at(at), "ended_at": self.at(ended)}
        who = {"role": role, "account_id": self.operator(by), "state": LegState.ENDED}
        self.tx.execute(insert(leg).values(room_id=room_id, **who, **when))

    def writes_to(
        self, at: str, asked: str = "", by: Sequence[tuple[str, str]] = (), ended: str = "", line: str = "dgs"
    ) -> int:
        """A citizen writes to a line; ``asked``: for a person; ``by``: who had it, and from when."""
        when: dict[str, datetime | None] = {
            "opened_at": self.at(at),
            "wrote_at": self.at(at),
            "ended_at": self.at(ended),
        }
        when |= {"queued_at": self.at(asked) if asked else None, "answered_at": self.at(by[0][1]) if by else None}
        values = {"line": line, "queue": "general", "state": ChatState.ENDED, "ended_as": "finished"}
        whose = {"citizen_sealed": self.vault.seal("+50322000000"), "citizen_print": b"x"}
        chat_id = self.tx.execute(insert(chat).values(**values, **when, **whose).returning(chat.c.id)).scalar_one()
        told: list[tuple[str, str, str, dict]] = [(asked, "chat.waits", "whatsapp", {})] if asked else []
        for n, (name, since) in enumerate(by):
            kind = "chat.handed_over" if n else "chat.taken"
            told.append((since, kind, name, {"account": self.operator(name)}))
        for moment, kind, actor, facts in told:
            event = {"room_id": chat_id, "at": self.at(moment), "kind": kind, "actor": actor, "facts": facts}
            self.tx.execute(insert(room_event).values(**event))
        return chat_id

    def writes(self, by: str, since: str, until: str) -> None:
        """After a call they write it down, and are free again."""
        for at, state in ((since, Presence.POST_LLAMADA), (until, Presence.DISPONIBLE)):
            values = {"account_id": self.operator(by), "at": self.at(at), "state": state}
            self.tx.execute(insert(presence_change).values(**values))

    def saves(self, at: str, by: str, outcome: str, room_id: int, subject: str = "C01", **other: Any) -> int:
        """A consultation as it was saved; ``closed``: when, if later; ``case_id``: added to that one."""
        line, channel = other.get("line", "dgs"), other.get("channel", "VOZ")
        case_id = other.get("case_id") or self._case(at, self.mail(by), subject, line, channel, outcome, other)
        values = {"room_id": room_id, "line": line, "channel": channel, "zone": self.zone.key, "case_id": case_id}
        when: dict[str, datetime | None] = {"opened_at": self.at(at), "saved_at": self.at(at)}
        whose = {
            "operator": self.mail(by),
            "subject": subject,
            "outcome": outcome,
            "typed_sealed": self.vault.seal("{}"),
        }
        self.tx.execute(insert(attention).values(**values, **when, **whose))
        return case_id

    def leaves(self, at: str, subject: str, line: str = "dgs", **other: Any) -> int:
        """A consultation that the line itself left, pending."""
        return self._case(at, "ivr", subject, line, "VOZ", "PENDIENTE", other)

    def _case(
        self, at: str, by: str, subject: str, line: str, channel: str, outcome: str, other: dict[str, Any]
    ) -> int:
        now = self.at(at)
        closed = now if outcome == "CERRADO" else self.at(other["closed"]) if other.get("closed") else None
        state = "CERRADO" if closed else "PENDIENTE"
        values: dict[str, Any] = {"subject": subject, "state": state, "line": line, "channel": channel, "opened_by": by}
        values["script"] = other.get("script")
        when = {"opened_at": now, "opened_on": now.date(), "due_at": now + DUE, "closed_at": closed}
        made = insert(case_).values(**values, **when, detail_sealed=self.vault.seal("x")).returning(case_.c.id)
        case_id = self.tx.execute(made).scalar_one()
        if outcome == "PENDIENTE":
            to_close = {"kind": TaskKind.CLOSE, "line": line, "case_id": case_id, "to_roles": [], "made_by": by}
            self.tx.execute(insert(task).values(**to_close, due_at=now + DUE, made_at=now, ended_at=closed))
        return case_id

    def orders(self, at: str, by: str, case_id: int | None = None) -> None:
        """A work order; ``case_id``: the consultation that it comes from."""
        self.count += 1
        sealed = self.vault.seal("x")
        values = {"kind": "PIN_SUSTRACCION", "state": "ABIERTA", "document_print": f"{self.count}".encode()}
        made = {**values, "document_sealed": sealed, "detail_sealed": sealed, "opened_by": self.mail(by)}
        self.tx.execute(insert(work_order).values(**made, opened_at=self.at(at), case_id=case_id))

    def pin(self, at: str, sid: str, action: str, reason: str) -> None:
        """What became of a call for a PIN, in the trail."""
        record(self.tx, self.at(at), f"call:{sid}", action, "beneficiary", 1, reason=reason)
