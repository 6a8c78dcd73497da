"""One round of the dialer: claim what is due, look at the rules once more, release at the pace, store what came of it.

No transaction is open while the carrier is asked (architecture, placing a call).
"""

import logging
import queue
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from campaigns import attempts
from campaigns.rules.exclusions import Dial, Never, OtherPhone, decide, excluded_prints
from campaigns.rules.hours import window_of
from carrier.client import Answer, NotAsked, Order, Placed, Refused, Unknown
from core.clock import Clock
from core.database import Database
from core.privacy import Vault
from dialer import queries
from dialer.lease import Lease
from dialer.pace import Pace
from dialer.queries import Claimed
from dialer.trunk import Trunk

log = logging.getLogger(__name__)

HORIZON = 0.2  # seconds of work that are claimed ahead: little enough for a pause to be felt at once
NOT_ASKED_REST = timedelta(seconds=2)
FIRST_REST, LONGEST_REST = 1.0, 60.0  # seconds of real time that a trunk in trouble rests, doubled at each failure
CARRIER_DOWN = "carrier_down"

#: Releases an order to the carrier at a time.monotonic() moment and, when it answered, calls back with the answer.
Release = Callable[[Order, float, Callable[[Answer], None]], None]


@dataclass
class Round:
    """What the rounds of one trunk share."""

    db: Database
    vault: Vault
    clock: Clock
    trunk: Trunk
    lease: Lease
    pace: Pace
    public_url: str
    release: Release

    def __post_init__(self) -> None:
        self._answers: queue.SimpleQueue[tuple[int, Answer]] = queue.SimpleQueue()
        self._asking = 0
        self._rest, self._rest_until = 0.0, 0.0

    def run(self) -> int:
        """One round; returns how many calls were released."""
        self.store_answers()
        if not self.lease.holds() or self.is_resting():
            return 0
        claimed = self._claim()
        for each in claimed:
            self._asking += 1
            self.release(self._order(each), self.pace.take(time.monotonic()), self._keep(each.id))
        return len(claimed)

    def store_answers(self) -> None:
        """Stores every answer that came since the last time, in one transaction; if that fails, the next time."""
        got: list[tuple[int, Answer]] = []
        while not self._answers.empty():
            got.append(self._answers.get())
        if got and self.lease.epoch is not None:
            try:
                self._store(got, self.lease.epoch)
                self._look_after_the_trunk([answer for _, answer in got])
            except Exception:
                for each in got:
                    self._answers.put(each)
                raise
        # Without an epoch another one holds the trunk: it takes what we asked for unknown, and asks the carrier.
        self._asking -= len(got)

    def is_resting(self) -> bool:
        """Whether the carrier is left alone for now: it does not answer, or it refuses our account."""
        return time.monotonic() < self._rest_until

    def _look_after_the_trunk(self, answers: list[Answer]) -> None:
        """One call placed ends a trouble; one that could not be asked, or was refused for our fault, begins or
        lengthens it. Said in the log once, and kept in the lease's row for whoever asks why nothing is dialled."""
        trouble = next((told for told in map(_trouble_of, answers) if told), None)
        if any(isinstance(answer, Placed) for answer in answers):
            trouble = None
        if trouble is None:
            if self.lease.trouble and any(isinstance(answer, Placed | Refused) for answer in answers):
                log.info("trunk %s: the trouble is over", self.trunk.name)
                self._rest, self.lease.trouble = 0.0, None
            return
        if self.lease.trouble != trouble:
            log.error("trunk %s rests: %s", self.trunk.name, trouble)
        self.lease.trouble = trouble
        self._rest = min(max(self._rest * 2, FIRST_REST), LONGEST_REST)
        self._rest_until = time.monotonic() + self._rest

    def _store(self, got: list[tuple[int, Answer]], epoch: int) -> None:
        now = self.clock.now()
        with self.db.begin() as tx:
            queries.store_placed(tx, epoch, [(a, answer.sid) for a, answer in got if isinstance(answer, Placed)])
            queries.store_unknown(tx, epoch, [a for a, answer in got if isinstance(answer, Unknown)])
            queries.store_not_asked(
                tx, epoch, [a for a, answer in got if isinstance(answer, NotAsked)], now + NOT_ASKED_REST
            )
            for attempt_id, answer in got:
                if isinstance(answer, Refused):
                    self._store_refused(tx, attempt_id, answer, epoch)

    def _store_refused(self, tx: Connection, attempt_id: int, answer: Refused, epoch: int) -> None:
        if answer.is_ours:  # credentials, caller id, permissions: no citizen's number is to blame
            queries.store_not_asked(tx, epoch, [attempt_id], self.clock.now())
        elif queries.is_being_asked(tx, epoch, attempt_id):
            attempts.end_refused(tx, self.vault, self.clock.now(), attempt_id, answer.code)

    def is_asking(self) -> bool:
        """Whether an answer of the carrier is still to come."""
        return self._asking > 0

    def _claim(self) -> list[Claimed]:
        wanted = self.pace.slots(time.monotonic(), HORIZON)
        if wanted == 0:
            return []
        now = self.clock.now()
        found: list[Claimed] = []
        with self.db.begin() as tx:
            wanted = min(wanted, self.trunk.max_live_calls - queries.live_calls(tx, self.trunk.name))
            for row in queries.running_campaigns(tx, self.trunk.name) if wanted > 0 else ():
                if len(found) >= wanted:
                    break
                if window_of(row).is_open(now):
                    epoch = self.lease.epoch or -1
                    found += queries.claim(tx, self.vault, now, row.id, wanted - len(found), self.trunk.name, epoch)
            return self._allowed(tx, found) if found else []

    def _allowed(self, tx: Connection, batch: list[Claimed]) -> list[Claimed]:
        excluded = excluded_prints(tx, self.vault, batch)
        allowed = []
        for claimed in batch:
            phone = self.vault.fingerprint("phone", claimed.to)
            person = bytes(claimed.person_print or b"")
            decision = decide(
                claimed,
                person_excluded=("person", person, claimed.campaign_id) in excluded,
                phone_excluded=("phone", phone, claimed.campaign_id) in excluded,
                phones=claimed.phones,
            )
            match decision:
                case Dial():
                    allowed.append(claimed)
                case Never(outcome):
                    queries.exclude(tx, self.clock.now(), claimed, outcome)
                case OtherPhone(phone_number, spent):
                    queries.move_phone(tx, claimed, spent, phone_number)
        return allowed

    def _order(self, claimed: Claimed) -> Order:
        base = f"{self.public_url}/voice"
        return Order(
            attempt_id=claimed.id,
            to=claimed.to,
            caller_id=claimed.caller_id,
            voice_url=f"{base}/outbound?attempt={claimed.id}",
            status_url=f"{base}/status?attempt={claimed.id}",
            amd_url=f"{base}/machine?attempt={claimed.id}",
            ring_seconds=self.trunk.ring_seconds,
        )

    def _keep(self, attempt_id: int) -> Callable[[Answer], None]:
        return lambda answer: self._answers.put((attempt_id, answer))


def _trouble_of(answer: Answer) -> str | None:
    """What a trunk should rest for. A 429 is no trouble: the next slot is tried again soon enough."""
    if isinstance(answer, NotAsked) and answer.no_connection:
        return CARRIER_DOWN
    if isinstance(answer, Refused) and answer.is_ours:
        return f"refused {answer.code}"
    return None
