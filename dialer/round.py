"""One round of the dialer: claim what is due, look at the rules once more, release at the pace, store what came of it.

No transaction is open while the carrier is asked (architecture, placing a call).
"""

import queue
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import InitVar, dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

import psycopg
from sqlalchemy import Connection, Row
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from campaigns import attempts
from campaigns.outcomes import Outcome
from campaigns.rules.calendar import is_open_anywhere
from campaigns.rules.candidates import Candidate
from campaigns.rules.deciding import Dial, Never, NotNow, OtherPhone
from campaigns.rules.facts import decisions
from campaigns.rules.heeding import heed
from campaigns.states import Channel, Texting
from campaigns.texting.wordings import Wordings
from carrier.client import Answer, NotAsked, Placed, Refused, Unknown
from carrier.placing import Order
from carrier.texting import TextOrder
from carrier.webhook import TRY_AGAIN
from core.clock import Clock
from core.database import Database, may_not_take_longer
from core.metrics import CARRIER_ANSWERS
from core.one_by_one import one_by_one
from core.privacy import Vault
from core.trunks import Trunk
from core.trunks_file import TrunksInUse
from desk.on_the_line import on_the_line
from dialer import queries
from dialer.lease import LONGEST_STATEMENT, Lease
from dialer.pace import Pace
from dialer.queries import Outset, Taken
from dialer.resting import CampaignRests, Rest
from dialer.shares import Shares

A_LOOK = 100  # people at a time, once the first ones may not be called now
MOST_LOOKED_AT = 500  # in one round of a campaign: those of a closed zone are put off soon, and nobody waits for it
#: In a round of all campaigns: each is two locks until it ends, and the server keeps thousands of them and no more.
MOST_IN_A_ROUND = 1_500
HORIZON = 0.25  # seconds of work that are claimed ahead: little enough for a pause to be felt at once
LONGEST_HORIZON = 0.75  # where claiming takes long itself: for a pace that is kept and a pause felt within two seconds
NOT_ASKED_REST = timedelta(seconds=2)

#: Releases an order to the carrier at a time.monotonic() moment and, when it answered, calls back with the answer.
Release = Callable[[Any, float, Callable[[Answer], None]], None]  # an Order, or a TextOrder of the rounds of texts


@dataclass
class Round:
    """What the rounds of one trunk share, by one channel: its calls and its texts have each a pace of their own.
    ``beside``: the rounds of its calls, for those of its texts: where one rests, both do."""

    db: Database
    vault: Vault
    clock: Clock
    trunks: TrunksInUse
    trunk: Trunk
    lease: Lease
    pace: Pace
    public_url: str
    release: Release
    channel: Channel = Channel.VOICE
    beside: InitVar["Round | None"] = None

    def __post_init__(self, beside: "Round | None") -> None:
        self.rest: Rest = beside.rest if beside else Rest(self.lease)
        self._answers: queue.SimpleQueue[tuple[int, Answer]] = queue.SimpleQueue()
        self._asking = 0
        self._looked_at = 0  # people, in this round
        self.campaign_rests: CampaignRests = beside.campaign_rests if beside else CampaignRests()
        self._campaign_of: dict[int, int] = {}  # of the attempts whose answer is still to come
        self._troubled: set[int] = set()  # campaigns of which it is written that something ails them
        self._to_say: dict[int, str | None] = {}  # what is to be written of campaigns
        self._claiming_took = 0.0  # seconds, the last time that somebody was claimed
        self.live = 0  #: calls on the lines of the trunk, when it was last looked at
        self.has_texts = False  #: whether a campaign that runs sends any, when it was last looked at
        self._wordings = Wordings(self.vault)
        self._shares: dict[tuple[bool, int], Shares] = defaultdict(Shares)

    def change(self, trunk: Trunk) -> None:
        """The same trunk with another pace, cap or numbers."""
        pace = trunk.texts_per_second if self.channel is Channel.TEXT else trunk.calls_per_second
        if pace != self.pace.calls_per_second:
            self.pace.change(pace)
        self.trunk = trunk

    def run(self) -> int:
        """One round; returns how many calls, or texts, were released."""
        self.store_answers()
        if not self.lease.holds() or self.rest.is_on():
            return 0
        began = time.monotonic()
        claimed = self._claim()
        if claimed:
            self._claiming_took = time.monotonic() - began
        for each in claimed:
            self._asking += 1
            self._campaign_of[each.candidate.id] = each.candidate.campaign_id
            self.release(self._order(each), self.pace.take(time.monotonic()), self._keep(each.candidate.id))
        return len(claimed)

    def store_answers(self) -> None:
        """Stores every answer that came since the last time, in one transaction; if that fails, the next time.

        An answer that the database will not have (a sid that is another call's) keeps no other waiting: what came of
        its attempt is then unknown, and asked of the carrier.
        """
        got: list[tuple[int, Answer]] = []
        with suppress(queue.Empty):
            while True:
                got.append(self._answers.get_nowait())
        if got and self.lease.epoch is not None:
            try:
                self._store(got, self.lease.epoch)
            except Exception:
                for each in got:
                    self._answers.put(each)
                raise
            self.rest.hear([answer for _, answer in got])
            for _, answer in got:
                CARRIER_ANSWERS.labels(self.trunk.name, _told(answer)).inc()
        # Without an epoch another one holds the trunk: it takes what we asked for unknown, and asks the carrier.
        self._asking -= len(got)
        self._heed_campaigns(got)

    def _store(self, got: list[tuple[int, Answer]], epoch: int) -> None:
        try:
            with self.db.begin() as tx:
                self._store_in(tx, got, epoch)
        except (IntegrityError, DataError, OperationalError) as error:
            if isinstance(error, OperationalError) and not isinstance(error.orig, psycopg.errors.LockNotAvailable):
                raise
            one_by_one(self.db, got, lambda tx, each: self._store_in(tx, [each], epoch), "attempt {0[0]}".format)

    def _store_in(self, tx: Connection, got: list[tuple[int, Answer]], epoch: int) -> None:
        may_not_take_longer(tx, LONGEST_STATEMENT)
        now = self.clock.now()
        queries.store_placed(tx, epoch, [(a, answer.sid) for a, answer in got if isinstance(answer, Placed)])
        queries.store_unknown(tx, epoch, [a for a, answer in got if isinstance(answer, Unknown)])
        not_asked = [a for a, answer in got if isinstance(answer, NotAsked)]
        queries.store_not_asked(tx, now, epoch, not_asked, now + NOT_ASKED_REST)
        for attempt_id, answer in got:
            if isinstance(answer, Refused):
                self._store_refused(tx, attempt_id, answer, epoch)

    def _store_refused(self, tx: Connection, attempt_id: int, answer: Refused, epoch: int) -> None:
        if answer.is_ours:  # credentials, caller id, permissions: no citizen's number is to blame
            now = self.clock.now()
            queries.store_not_asked(tx, now, epoch, [attempt_id], now)
        elif queries.is_being_asked(tx, epoch, attempt_id):
            outcome = Outcome.TEXT_UNDELIVERED if self.channel is Channel.TEXT else Outcome.FAILED
            attempts.end_refused(tx, self.clock.now(), attempt_id, answer.code, outcome)

    def _heed_campaigns(self, got: list[tuple[int, Answer]]) -> None:
        """What ails a campaign is written to it, for whoever asks why nothing is dialled."""
        known = [(self._campaign_of.pop(attempt_id, None), answer) for attempt_id, answer in got]
        told = [(each, answer) for each, answer in known if each is not None]
        self._to_say |= self.campaign_rests.hear(told, self._troubled)
        if self._to_say:
            with self.db.begin() as tx:
                may_not_take_longer(tx, LONGEST_STATEMENT)
                queries.say_troubles(tx, self._to_say)
            self._to_say = {}

    def is_asking(self) -> bool:
        """Whether an answer of the carrier is still to come."""
        return self._asking > 0

    def _claim(self) -> list[Taken]:
        wanted = self.pace.slots(time.monotonic(), min(HORIZON + self._claiming_took, LONGEST_HORIZON))
        if wanted == 0:
            return []
        now = self.clock.now()
        self._looked_at = 0
        found: list[Taken] = []
        with self.db.begin() as tx:
            outset = queries.outset(tx, self.trunks.now(), self.trunk, now)
            self.live = outset.live
            self.has_texts = any(row.texting is not None for row in outset.campaigns)
            campaigns = [row for row in outset.campaigns if _goes_by(self.channel, row)]
            self._troubled = {row.id for row in campaigns if row.trouble is not None}
            if self.channel is Channel.VOICE:
                wanted = min(wanted, self.trunk.max_live_calls - outset.live)
            if wanted <= 0:
                return []
            may_not_take_longer(tx, LONGEST_STATEMENT)  # whoever stands by waits for the lease's row until the end
            for rank, rows in groupby(campaigns, key=_rank):
                open_now = {
                    row.id: row
                    for row in rows
                    if not self.campaign_rests.is_on(row.id)
                    and is_open_anywhere(tx, row, outset.now, closed=outset.closed)
                }
                found += self._share_out(tx, outset, self._shares[rank], open_now, wanted - len(found))
                if len(found) >= wanted:
                    break
        return found

    def _share_out(
        self, tx: Connection, outset: Outset, turns: Shares, rows: dict[int, Row], wanted: int
    ) -> list[Taken]:
        """Campaigns of one priority take turns; what one cannot use goes to the others."""
        found: list[Taken] = []
        rows = dict(rows)
        while rows and len(found) < wanted:
            allotted = turns.allot({each: row.share for each, row in rows.items()}, wanted - len(found))
            for campaign_id, calls in allotted.items():
                taken = self._take(tx, outset, rows[campaign_id], calls) if calls else []
                turns.took(campaign_id, rows[campaign_id].share, len(taken))
                found += taken
                if len(taken) < calls:
                    del rows[campaign_id]
        return found

    def _take(self, tx: Connection, outset: Outset, row: Row, wanted: int) -> list[Taken]:
        """Up to ``wanted`` calls of a campaign that every rule allows at this moment, written down as being asked.

        Who may not be called now is put off to when they may, so that they are looked at once and not at every round.
        """
        taken: list[Taken] = []
        looked, limit = 0, wanted
        while len(taken) < wanted and looked < MOST_LOOKED_AT and self._looked_at < MOST_IN_A_ROUND:
            epoch = self.lease.epoch or -1
            channel = self.channel if row.texting is not None else None
            batch = queries.due(tx, self.vault, outset.now, row.id, limit, self.trunk.name, epoch, channel)
            self._looked_at += len(batch)
            taken += self._decide(tx, outset, row, batch, wanted - len(taken), epoch)
            if len(batch) < limit:
                break
            looked, limit = looked + len(batch), A_LOOK
        return taken

    def _decide(
        self, tx: Connection, outset: Outset, row: Row, batch: list[Candidate], wanted: int, epoch: int
    ) -> list[Taken]:
        taken: list[Taken] = []
        forbidden: list[tuple[Candidate, NotNow | OtherPhone | Never]] = []
        for each, to_print, decision in decisions(
            tx, self.vault, outset.now, {row.id: row}, batch, closed=outset.closed, on_the_line=on_the_line
        ):
            if isinstance(decision, Dial):
                body = self._body(tx, outset, each)
                taken.append(Taken(each, to_print, decision.caller_id, decision.until, body))
            else:
                forbidden.append((each, decision))
            if len(taken) == wanted:
                break
        heed(tx, outset.now, forbidden)
        queries.take(tx, outset.now, self.trunk.name, self.trunk.account_sid, epoch, taken)
        return taken

    def _body(self, tx: Connection, outset: Outset, each: Candidate) -> str | None:
        """What somebody is sent; nothing where they are called."""
        if self.channel is Channel.VOICE:
            return None
        return self._wordings.body_for(tx, outset.now, each)

    def _order(self, taken: Taken) -> Order | TextOrder:
        attempt_id = taken.candidate.id
        if taken.body is not None:
            status_url = f"{self.public_url}/messaging/attempt?attempt={attempt_id}{TRY_AGAIN}"
            return TextOrder(attempt_id, taken.candidate.to, taken.caller_id, taken.body, status_url, until=taken.until)
        base = f"{self.public_url}/voice"
        return Order(
            attempt_id=attempt_id,
            to=taken.candidate.to,
            caller_id=taken.caller_id,
            voice_url=f"{base}/outbound?attempt={attempt_id}{TRY_AGAIN}",
            status_url=f"{base}/status?attempt={attempt_id}",
            amd_url=f"{base}/machine?attempt={attempt_id}",
            ring_seconds=self.trunk.ring_seconds,
            until=taken.until,
        )

    def _keep(self, attempt_id: int) -> Callable[[Answer], None]:
        return lambda answer: self._answers.put((attempt_id, answer))


def _goes_by(channel: Channel, row: Row) -> bool:
    """Whether anybody of a campaign (its row) may be reached by this."""
    return row.texting is not None if channel is Channel.TEXT else row.texting != Texting.ONLY


def _rank(row: Row) -> tuple[bool, int]:
    """What comes before all else: urgent, then the request's own priority."""
    return row.is_urgent, row.priority


def _told(answer: Answer) -> str:
    match answer:
        case Placed():
            return "placed"
        case Refused():
            return "refused"
        case NotAsked():
            return "not_asked"
    return "unknown"
