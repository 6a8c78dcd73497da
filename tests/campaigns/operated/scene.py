"""Operators with their contacts, and what each of them does, as sentences."""

import csv
import io
from datetime import timedelta
from typing import Any

from campaigns import results
from campaigns.operated import concluding, placing, taking
from campaigns.operated.card import Contact, contact_of
from campaigns.operated.concluding import Said
from campaigns.operated.placing import Told
from campaigns.operated.taking import Operator
from campaigns.operated.verifying import Verified
from campaigns.outcomes import Outcome as O
from demo.invent import citizen
from tests.campaigns.builders import people_of, running

ROSA = Operator(7, "rosa@example.org")
LUZ = Operator(8, "luz@example.org")
SID = "CA" + "0" * 32


class Scene:
    """Operators with their contacts, on a clock that is told."""

    def __init__(self, db, vault, clock) -> None:
        self.db, self.vault, self.clock = db, vault, clock

    def campaign(self, people: int = 3, **fields: str) -> int:
        return running(self.db, self.vault, self.clock, people, modo="OPERADOR", **fields)

    def asks(self, who: Operator, campaign_id: int | None = None) -> Contact | None:
        with self.db.begin() as tx:
            mine = taking.take_next(tx, self.vault, self.clock.now(), who, campaign_id)
            return contact_of(tx, self.vault, self.clock.now(), mine.id) if mine else None

    def card(self, who: Operator) -> Contact:
        with self.db.begin() as tx:
            mine = taking.in_hand(tx, who.account_id)
            assert mine is not None
            return contact_of(tx, self.vault, self.clock.now(), mine.id)

    def calls(self, who: Operator, room_id: int = 70) -> None:
        """The operator's telephone rings."""
        now = self.clock.now()
        with self.db.begin() as tx:
            mine = taking.in_hand(tx, who.account_id)
            assert mine is not None
            asked = placing.to_call(tx, self.vault, now, who.account_id, mine.attempt_id)
            placing.dialled(tx, now, asked.attempt_id, room_id)

    def hears(self, who: Operator, **told) -> None:
        with self.db.begin() as tx:
            mine = taking.in_hand(tx, who.account_id)
            assert mine is not None
            facts: dict[str, Any] = {"was_asked": True, "sid": SID} | told
            placing.hear(tx, self.clock.now(), mine.id, Told(**facts))

    def connects(self, who: Operator) -> None:
        self.calls(who)
        self.hears(who, asked_at=self.clock.now(), answered_at=self.clock.now())

    def hangs_up(self, who: Operator, status: str = "completed", after: int = 65) -> None:
        self.clock.advance(timedelta(seconds=after))
        self.hears(who, ended_at=self.clock.now(), status=status, is_over=True)

    def answers(self, who: Operator, number: int, given: str) -> Verified:
        with self.db.begin() as tx:
            return concluding.answer(tx, self.vault, self.clock.now(), who, number, given)

    def verifies(self, who: Operator) -> None:
        each = citizen(self.card(who).row - people_of(self.db, self.card(who).campaign_id)[0].row)
        self.answers(who, 0, each.ddmm)
        assert self.answers(who, 1, each.last4) is Verified.YES

    def says(self, who: Operator, outcome: O, **more):
        with self.db.begin() as tx:
            return concluding.set_outcome(tx, self.vault, self.clock.now(), who, Said(outcome, **more))

    def results(self, campaign_id: int) -> list[dict[str, str]]:
        target = io.BytesIO()
        with self.db.begin() as tx:
            results.write(tx, self.vault, campaign_id, target, "csv")
        return list(csv.DictReader(io.StringIO(target.getvalue().decode("utf-8-sig")), delimiter=";"))


def reach(scene: Scene, **fields: str) -> int:
    """A campaign of one, whose person was verified and has hung up."""
    campaign_id = scene.campaign(1, **fields)
    scene.asks(ROSA)
    scene.connects(ROSA)
    scene.verifies(ROSA)
    scene.hangs_up(ROSA)
    return campaign_id
