"""What a dialogue's THEN means: what is found in the database, and was heard, once it is over."""

import json
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from assembly import Parts
from beneficiaries import locks
from beneficiaries.tables import failed_try
from campaigns.tables import attempt, exclusion, recipient
from carrier.local.in_process import Transcript
from cases.orders.claims import waiting_claims
from cases.orders.orders import has_open_order
from cases.tables import case_, work_order
from core.post import post
from core.privacy import mask_document
from demo.invent import citizen
from desk.tables import promise, room
from ivr.pins import pins_by_day
from ivr.tables import call as call_table
from tests.beneficiaries.builders import is_pin_in_force
from tests.ivr.script import Dialogue
from tests.webhooks import Webhooks

OLD_PIN = "9517"


class Then:
    """One method a word."""

    parts: Parts
    webhooks: Webhooks
    dialogue: Dialogue
    document: str
    attempt_id: int
    transcript: Transcript | None
    memory: dict[str, Any]

    def check(self) -> None:
        for then in self.dialogue.of("THEN"):
            what, _, rest = then.partition(" ")
            assert getattr(self, f"_then_{what}")(rest), f"THEN {then}"

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

    def _then_refused(self, why: str) -> bool:
        """What the report of the period counts (ivr/pins.py)."""
        day = (self.parts.clock.now() - timedelta(days=2), self.parts.clock.now() + timedelta(days=1))
        with self.parts.db.begin() as tx:
            rows = pins_by_day(tx, *day, ZoneInfo("America/El_Salvador"))
        found = [(row.line, row.reason, row.pins) for row in rows if not row.was_made]
        return found == ([] if why == "none" else [("dgs", why, 1)])

    def _then_sms(self, count: str) -> bool:
        with self.parts.db.begin() as tx:
            rows = tx.execute(select(post)).all()
            waiting = "select count(*) from procrastinate_jobs where task_name = 'messages.send_post'"
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
            found = sorted(tx.execute(select(exclusion.c.kind)).scalars())
        return found == ([] if kind == "none" else kind.split())

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
            return tx.execute(select(post.c.prompt)).scalars().all() == ([] if key == "none" else [key])

    def _then_heard(self, words: str) -> bool:
        assert self.transcript
        return words in " ".join(self.transcript.heard)

    def _then_unheard(self, words: str) -> bool:
        return not self._then_heard(words)
