"""What a dialogue's GIVEN, CALL and THEN mean."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from assembly import Parts
from beneficiaries.imports import import_padron
from beneficiaries.registry import PinReason, RegistryDown
from campaigns.approval import approve
from campaigns.life import cancel
from campaigns.submission import submit
from campaigns.tables import attempt, recipient
from carrier.local.in_process import Transcript, run_call
from carrier.local.line import HANG_UP, SILENCE, ScriptedLine
from cases.orders.orders import open_order
from core import closed_days
from core.clock import FixedClock
from core.closed_days import DayKind
from core.roles import Role
from demo.invent import citizen, formato
from desk.directory import keeping
from desk.directory.facts import Extension, Facts
from ivr.line import Line
from ivr.tables import call as call_table
from tests.beneficiaries.builders import fail
from tests.ivr.people import People, nobody_attends
from tests.ivr.script import Dialogue
from tests.ivr.then import OLD_PIN, Then
from tests.webhooks import Webhooks

CITIZENS = {"SV": "+50370001234", "MX": "+525550001234", "CO": "+573000001234"}
CITIZEN = CITIZENS["SV"]
LINE = "+50322373333"
_WORDS = {"(silence)": SILENCE, "(hangs up)": HANG_UP}


class _BrokenRegistry:
    """A registry that is down: the port's own failure, at every question."""

    is_elsewhere = True

    def __getattr__(self, name: str) -> Callable:
        def fail(*_arguments: object, **_named: object) -> None:
            raise RegistryDown

        return fail


@dataclass
class Scene(Then):
    """One dialogue, played."""

    parts: Parts
    webhooks: Webhooks
    dialogue: Dialogue
    document: str = ""
    caller: str = ""
    attempt_id: int = 0
    is_cancelled: bool = False
    transcript: Transcript | None = None
    fields: dict[str, str] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)  #: what the call knew at its end

    def __post_init__(self) -> None:
        self.caller = self.caller or CITIZENS[self.line.country]

    @property
    def line(self) -> Line:
        return self.parts.lines[self.dialogue.line]

    def play(self) -> Transcript:
        for given in self.dialogue.of("GIVEN"):
            self.prepare(given)
        is_campaign = bool(self.fields) or any(line.startswith("campaign") for line in self.dialogue.of("CALL"))
        if is_campaign:
            self._launch()
        answers = [_WORDS.get(text, text) for text in self.dialogue.of("CALLER")]
        self.transcript = self._hold(ScriptedLine(answers), iter(self.dialogue.of("DIAL")))
        return self.transcript

    def _hold(self, line: ScriptedLine, results) -> Transcript:
        outbound = f"/voice/outbound?attempt={self.attempt_id}"
        path = outbound if self.attempt_id else "/voice/incoming"
        own = self.line.numbers[0]
        from_, to = (own, self.caller) if self.attempt_id else (self.caller, own)
        people = People(self.parts, self.webhooks, line, iter(self.dialogue.of("PERSON")))
        transcript = asyncio.run(
            run_call(
                from_=from_,
                to=to,
                fetch=people.fetch,
                line=line,
                url=self.webhooks.public_url + path,
                direction="outbound-api" if self.attempt_id else "inbound",
                dial=lambda number: next(results),
                room=people.room,
            )
        )
        self.memory = self._remembered()
        query = f"?attempt={self.attempt_id}" if self.attempt_id else ""
        end = {"CallSid": transcript.call_sid, "From": from_, "To": to, "CallStatus": transcript.status}
        self.webhooks.post(
            f"{self.webhooks.public_url}/voice/status{query}", end | {"CallDuration": f"{transcript.seconds:.0f}"}
        )
        return transcript

    def _remembered(self) -> dict[str, Any]:
        with self.parts.db.begin() as tx:
            newest = select(call_table.c.memory_sealed).order_by(
                call_table.c.started_at.desc(), call_table.c.ended_at.nulls_first()
            )
            sealed = tx.execute(newest.limit(1)).scalar()
        return json.loads(self.parts.vault.open(sealed)) if sealed else {}

    def prepare(self, given: str) -> None:
        """Makes true what a GIVEN line says."""
        what, *rest = given.split(" ")
        world, now = self.parts.world, self.parts.clock.now()
        with self.parts.db.begin() as tx:
            match what:
                case "padrón":
                    document, born, standing, *phone = rest
                    row = f"{document};Ana López;{born};{standing};{phone[0] if phone else ''}"
                    heading = "documento;nombre;fecha_nacimiento;estado;telefono"
                    import_padron(tx, world.vault, now, f"{heading}\n{row}".encode(), "test")
                    self.document = document.replace("-", "")
                case "pin":
                    world.registry.set_pin(tx, self.document, OLD_PIN, PinReason.ACTIVACION, "test")
                case "order":
                    opened = now - timedelta(days=int(rest[0]) if rest else 0)  # so many days ago
                    open_order(tx, world.vault, opened, self.document, "test", "reclamo por sustracción")
                case "lock":
                    locked = {"document": self.document} if rest[0] == "document" else {"caller": CITIZEN}
                    for _ in range(10):
                        fail(tx, world.vault, now, limits=world.limits, **locked)
                case "directory":
                    self._add_to_directory(tx, " ".join(rest))
                case "decreed":  # today is a day that a supervisor closed
                    today, country = now.astimezone(self.line.zone).date(), self.line.country
                    closed_days.close(tx, now, "test", country, today, today, "Asueto", DayKind.ASUETO)
                case _:
                    self._prepare_call(what, " ".join(rest))

    def _prepare_call(self, what: str, rest: str) -> None:
        """What is true of the call itself, and not of the database."""
        match what:
            case "time":
                self._wait_until(rest)
            case "landline" | "withheld":
                self.caller = {"landline": "+50322500001", "withheld": "anonymous"}[what]
            case "registry":
                object.__setattr__(self.parts.world, "registry", _BrokenRegistry())
            case "closed":  # nobody attends the line at this hour
                nobody_attends(self.parts, self.dialogue.line)
            case "cancelled":
                self.is_cancelled = True
            case "field":
                name, _, value = rest.partition("=")
                self.fields[name] = value
            case _:
                raise AssertionError(what)

    def _wait_until(self, local: str) -> None:
        """An hour of the line's own country, later than that of the tests' clock."""
        moment = datetime.fromisoformat(local).replace(tzinfo=self.line.zone)
        clock = self.parts.clock
        assert isinstance(clock, FixedClock) and moment > clock.now()
        clock.jump_to(moment)

    def _add_to_directory(self, tx: Connection, written: str) -> None:
        """``Ana López;Afiliación;1415077``: name, office, and an extension or a telephone."""
        name, unit, where = written.split(";")
        number: dict[str, Any] = {"telephone": where} if where.startswith("+") else {"extension": Extension(where)}
        today = self.parts.clock.now().date()
        keeping.add(tx, self.parts.clock.now(), "test", self.line.id, Facts(name, unit, verified_on=today, **number))

    def _launch(self) -> None:
        """A campaign of one invented person, its first attempt about to be answered."""
        made, now = self.parts, self.parts.clock.now()
        fields = {key: value for key, value in self.fields.items() if key != "none"}
        data = formato([citizen(0)], **fields)
        done = submit(made.db, made.vault, made.clock, made.campaign_lines, "test", "lista.csv", data)
        assert done.state == "under_review", [each.message for each in done.observations]
        with made.db.begin() as tx:
            approve(tx, now, done.id, "test", Role.SUPERVISOR, at_once=True, reason="prueba")
            self.attempt_id = tx.execute(select(attempt.c.id)).scalar_one()
            tx.execute(attempt.update().values(state="placed", started_at=now, asked_at=now))
            if self.is_cancelled:  # and, as if no call were live, with its answers purged
                cancel(tx, now, done.id, "test", "prueba")
                tx.execute(recipient.update().values(answers=None))
        self.caller = citizen(0).phones[0]
