"""What a dialogue's GIVEN, CALL and THEN mean."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from xml.etree import ElementTree

from sqlalchemy import Connection, func, select

from app import Parts
from beneficiaries import locks
from beneficiaries.imports import import_padron
from beneficiaries.registry import PinReason, RegistryDown
from beneficiaries.tables import failed_try
from campaigns.approval import approve
from campaigns.life import cancel
from campaigns.rules.hours import Span
from campaigns.submission import submit
from campaigns.tables import attempt, exclusion, recipient
from carrier.local.in_process import Transcript, run_call
from carrier.local.line import HANG_UP, SILENCE, ScriptedLine
from cases.claims import waiting_claims
from cases.orders import has_open_order, open_order
from cases.tables import case_, work_order
from core.clock import FixedClock
from core.outbox import outbox
from core.privacy import mask_document
from core.roles import Role
from demo.invent import citizen, formato
from desk.directory import keeping
from desk.directory.facts import Extension, Facts
from desk.lines import Opening
from desk.tables import promise, room
from ivr.line import Line
from ivr.tables import call as call_table
from tests.beneficiaries.builders import is_pin_in_force
from tests.ivr.people import People
from tests.ivr.script import Dialogue
from tests.webhooks import Webhooks

OLD_PIN = "9517"
CITIZENS = {"SV": "+50370001234", "MX": "+525550001234", "CO": "+573000001234"}
CITIZEN = CITIZENS["SV"]
LINE = "+50322373333"
_WORDS = {"(silence)": SILENCE, "(hangs up)": HANG_UP}


class _BrokenRegistry:
    """A registry that is down: the port's own failure, at every question."""

    def __getattr__(self, name: str) -> Callable:
        def fail(*_arguments: object, **_named: object) -> None:
            raise RegistryDown

        return fail


@dataclass
class Scene:
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

    def check(self) -> None:
        for then in self.dialogue.of("THEN"):
            what, _, rest = then.partition(" ")
            assert getattr(self, f"_then_{what}")(rest), f"THEN {then}"

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
                    open_order(tx, world.vault, now, self.document, "test", "reclamo por sustracción")
                case "lock":
                    locked = {"document": self.document} if rest[0] == "document" else {"caller": CITIZEN}
                    for _ in range(10):
                        locks.note_failure(tx, world.vault, now, limits=world.limits, **locked)
                case "directory":
                    self._add_to_directory(tx, " ".join(rest))
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
                hours = Span(frozenset(range(7)), time(0, 0), time(0, 1))
                object.__setattr__(self.line.desk, "opening", Opening(self.line.country, (hours,)))
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

    # What THEN says, one method a word.

    def _then_pin(self, state: str) -> bool:
        with self.parts.db.begin() as tx:
            person = self.parts.world.registry.find(tx, self.document)
            is_old = is_pin_in_force(tx, self.parts.vault, self.document, OLD_PIN)
        assert person is not None
        return {"new": person.has_pin and not is_old, "old": is_old, "none": not person.has_pin}[state]

    def _then_case(self, subject: str) -> bool:
        with self.parts.db.begin() as tx:
            found = tx.execute(select(case_.c.subject)).scalars().all()
        return found == ([] if subject == "none" else [subject])

    def _then_sms(self, count: str) -> bool:
        with self.parts.db.begin() as tx:
            rows = tx.execute(select(outbox)).all()
            waiting = "select count(*) from procrastinate_jobs where task_name = 'messages.send_sms'"
            jobs = tx.exec_driver_sql(waiting).scalar_one()
        assert jobs == len(rows)
        return len(rows) == int(count)

    def _then_order(self, state: str) -> bool:
        with self.parts.db.begin() as tx:
            return has_open_order(tx, self.parts.vault, self.document) is (state == "open")

    def _then_failures(self, count: str) -> bool:
        with self.parts.db.begin() as tx:
            return tx.execute(select(func.count()).select_from(failed_try)).scalar_one() == int(count)

    def _then_locked(self, _rest: str) -> bool:
        with self.parts.db.begin() as tx:
            return bool(locks.list_locks(tx, self.parts.clock.now()))

    def _then_outcome(self, expected: str) -> bool:
        with self.parts.db.begin() as tx:
            row = tx.execute(select(attempt.c.outcome).where(attempt.c.id == self.attempt_id)).scalar_one()
        return row == expected

    def _then_final(self, expected: str) -> bool:
        with self.parts.db.begin() as tx:
            return tx.execute(select(recipient.c.is_final)).scalar_one() is (expected == "yes")

    def _then_excluded(self, kind: str) -> bool:
        with self.parts.db.begin() as tx:
            return tx.execute(select(exclusion.c.kind)).scalars().all() == ([] if kind == "none" else [kind])

    def _then_collected(self, expected: str) -> bool:
        with self.parts.db.begin() as tx:
            sealed = tx.execute(select(recipient.c.collected_sealed)).scalar_one()
        return (json.loads(self.parts.vault.open(sealed)) if sealed else {}) == json.loads(expected)

    def _then_claims(self, count: str) -> bool:
        """Claims that wait for a person, each of the citizen who was called."""
        with self.parts.db.begin() as tx:
            found = waiting_claims(tx, self.parts.vault)
        return [each.document for each in found] == [mask_document(citizen(0).document)] * int(count)

    def _then_orders(self, count: str) -> bool:
        with self.parts.db.begin() as tx:
            return tx.execute(select(func.count()).select_from(work_order)).scalar_one() == int(count)

    def _then_promises(self, count: str) -> bool:
        with self.parts.db.begin() as tx:
            return tx.execute(select(func.count()).select_from(promise)).scalar_one() == int(count)

    def _then_forgotten(self, _rest: str) -> bool:
        """Nothing that the call knew is left in its row."""
        with self.parts.db.begin() as tx:
            return tx.execute(select(call_table.c.memory_sealed)).scalars().all() == [None]

    def _then_path(self, expected: str) -> bool:
        """The way through the menus, as the operator's card shows it."""
        return " > ".join(self.memory.get("_path", [])) == expected

    def _then_kind(self, expected: str) -> bool:
        return self.memory.get("kind") == expected

    def _then_queue(self, expected: str) -> bool:
        """In which queue the caller was, a crisis or not."""
        with self.parts.db.begin() as tx:
            found = tx.execute(select(room.c.queue, room.c.is_crisis)).all()
        return [f"{row.queue} crisis" if row.is_crisis else row.queue for row in found] == [expected]

    def _then_unqueued(self, _rest: str) -> bool:
        with self.parts.db.begin() as tx:
            return tx.execute(select(func.count()).select_from(room)).scalar_one() == 0

    def _then_dialled(self, expected: str) -> bool:
        """The numbers dialled, in order, each with the tones after its answer, and ``asked`` where 1 is pressed."""
        told = []
        for _, _, document in self.webhooks.asked[:: 2 if self.webhooks.doubled else 1]:
            for dial in ElementTree.fromstring(document).iter("Dial") if document.startswith("<") else ():
                number = dial.find("Number")
                if number is None:
                    told.append(dial.text or "")
                    continue
                facts = (number.text, number.get("sendDigits"), number.get("url") and "asked")
                told.append(" ".join(fact for fact in facts if fact))
        told = [number for number in told if number]  # the others are conferences
        return told == expected.split(" then ")

    def _then_text(self, key: str) -> bool:
        with self.parts.db.begin() as tx:
            return tx.execute(select(outbox.c.prompt)).scalars().all() == ([] if key == "none" else [key])

    def _then_heard(self, words: str) -> bool:
        assert self.transcript
        return words in " ".join(self.transcript.heard)

    def _then_unheard(self, words: str) -> bool:
        return not self._then_heard(words)
