"""The life of an attempt in any order: everything that a dialer, a carrier and a coordinator may do to it, drawn by
hypothesis on a real PostgreSQL, with a small carrier beside it that knows what was really made.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Row, text

from campaigns import attempts, life
from campaigns.states import LIVE, AttemptState, CampaignState, Progress
from carrier.client import Answer, NotAsked, Placed, Refused, RemoteCall, Unknown
from carrier.placing import Order
from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from dialer import queries
from dialer.jumping import next_moment
from dialer.pace import Pace
from dialer.reconcile import Reconciler
from dialer.round import Round
from tests.campaigns.builders import attempts_of, people_of, running
from tests.dialer.builders import TRUNK, URL, Switch, expire, held
from tests.slow import IS_WHOLE
from tests.trunks import a_trunk, in_use

PEOPLE, CAP, MOST_CALLS, MOST_A_DAY = 3, 2, 4, 2
EXAMPLES, STEPS = (150, 80) if IS_WHOLE else (10, 30)
FINAL = ("completed", "busy", "no-answer", "failed")
MONDAY = datetime.fromisoformat("2026-11-23T10:00:00-06:00")
BARELY_SURE = timedelta(minutes=4)  # the carrier's list is complete, and a silent call has been silent for long enough
OVER = frozenset({AttemptState.ENDED, AttemptState.WITHDRAWN})
_numbers = count(0, PEOPLE)  # nobody is in two examples: they all share a database


@dataclass
class Made:
    """A call as the carrier knows it."""

    sid: str
    attempt_id: int
    to: str
    at: datetime
    status: str = "in-progress"

    @property
    def day(self) -> date:
        return self.at.astimezone(MONDAY.tzinfo).date()


@dataclass
class Asked:
    """An order on its way to the carrier."""

    order: Order
    answer: Callable[[Answer], None]  #: the dialer's ear
    of: Round
    made: Made | None = None


class Lines:
    """The other end: what was really made. It stands in for ``carrier.client.Carrier`` where the reconciler asks."""

    def __init__(self, clock: FixedClock) -> None:
        self.account_sid = a_trunk().account_sid
        self._clock = clock
        self.calls: list[Made] = []

    def make(self, order: Order) -> Made:
        sid = f"CA{order.attempt_id:016}{len(self.calls):016}"
        self.calls.append(Made(sid, order.attempt_id, order.to, self._clock.now()))
        return self.calls[-1]

    def calls_from(self, caller_id: str, since: datetime, wanted: set[str]) -> list[RemoteCall]:
        return [self._told(call) for call in self.calls if call.to in wanted]

    def fetch(self, sid: str) -> RemoteCall | None:
        return next((self._told(call) for call in self.calls if call.sid == sid), None)

    def _told(self, call: Made) -> RemoteCall:
        return RemoteCall(call.sid, call.to, call.status, 20, None, call.at)


class AttemptLife(RuleBasedStateMachine):
    """One campaign of a few people, one trunk, one dialer at a time."""

    def __init__(self, db: Database, vault: Vault) -> None:
        super().__init__()
        self.db, self.vault = db, vault
        self.clock = FixedClock(MONDAY)
        self.lines = Lines(self.clock)
        self.on_the_way: list[Asked] = []
        self.lost: list[Asked] = []  # orders of a dialer that died; the network may bring them yet
        self.ended: dict[int, tuple[str, str | None]] = {}
        self.may_dial = True

    @initialize()
    def begin(self) -> None:
        expire(self.db)
        self._forget_the_examples_before()
        self.campaign_id = running(self.db, self.vault, self.clock, PEOPLE, next(_numbers))
        self.round = self._dialer()
        self._dial()

    def _forget_the_examples_before(self) -> None:
        """One that failed may have left calls on the lines."""
        with self.db.begin() as tx:
            tx.execute(text("update attempt set state = 'withdrawn' where state <> 'ended'"))
            tx.execute(text("update campaign set state = 'cancelled'"))

    def _dialer(self) -> Round:
        self.switch = Switch()
        trunk = a_trunk(calls_per_second=1000, max_live_calls=CAP)
        whole = (self.db, self.vault, self.clock, in_use(trunk), trunk, held(self.db), Pace(1000), URL, self.switch)
        self.reconciler = Reconciler(self.db, self.vault, self.clock, self.lines, TRUNK, 30)  # type: ignore[arg-type]
        return Round(*whole)

    def rows(self) -> list[Row]:
        return attempts_of(self.db, self.campaign_id)

    # What the dialer does

    def _dial(self) -> None:
        """Whoever is due; where nobody is on the way, at the next moment at which somebody is. A dialer never rests, so
        this comes after everything that may let it."""
        if not self.on_the_way:
            self._jump()
        self.round.run()
        new = zip(self.switch.orders, self.switch.waiting, strict=True)
        self.on_the_way += [Asked(order, keep, self.round) for order, keep in new]
        asked = [order.attempt_id for order in self.switch.orders]
        self.switch.orders.clear()
        self.switch.waiting.clear()
        assert self.may_dial or not asked, "nobody of a campaign that is paused or cancelled"
        made = Counter(call.attempt_id for call in self.lines.calls)
        assert not [each for each in asked if made[each]], "nobody is asked for again whose call was made"

    @precondition(lambda self: self.on_the_way)
    @rule(data=st.data())
    def make_before_answering(self, data: st.DataObject) -> None:
        """The carrier has the call, and its webhooks may overtake its answer."""
        each = data.draw(st.sampled_from(self.on_the_way))
        each.made = each.made or self.lines.make(each.order)

    @precondition(lambda self: self.on_the_way)
    @rule(data=st.data(), is_stored=st.booleans())
    def answer(self, data: st.DataObject, is_stored: bool) -> None:
        """The carrier answers, or not; what it answered is stored now or at the next round."""
        each = self.on_the_way.pop(data.draw(st.integers(0, len(self.on_the_way) - 1)))
        if each.made is None and data.draw(st.booleans()):
            each.made = self.lines.make(each.order)
        refused = Refused(21211, is_ours=False)
        possible: list[Answer] = [Unknown(), *([Placed(each.made.sid)] if each.made else [NotAsked(), refused])]
        each.answer(data.draw(st.sampled_from(possible)))
        if is_stored:
            each.of.store_answers()
            self._dial()

    @rule(data=st.data(), is_noticed=st.booleans())
    def die(self, data: st.DataObject, is_noticed: bool) -> None:
        """Another takes the trunk over; what was on the way is made or lost. An answer that comes late is still true:
        but once the other one has taken the attempt for unknown, only the carrier's proof moves it."""
        dead, orders = self.round, self.on_the_way
        expire(self.db)
        self.round, self.on_the_way = self._dialer(), []
        for each in orders:
            if each.made is None and data.draw(st.booleans()):
                each.made = self.lines.make(each.order)
            if each.made is None:
                self.lost.append(each)
        if is_noticed:
            self._orphan()
        before = self.rows()
        for each in orders:
            each.answer(Placed(each.made.sid) if each.made else Unknown())
        dead.store_answers()
        assert not is_noticed or self.rows() == before, "a holder that lost its trunk changes nothing"
        self._dial()

    @precondition(lambda self: not self.on_the_way)
    @rule()
    def reconcile(self) -> None:
        """Minutes later, real ones: nobody waits for an answer any more."""
        self.round.store_answers()
        self._let_real_minutes_pass()
        self._reconcile()
        self._dial()

    def _reconcile(self) -> None:
        self._orphan()
        self.reconciler.run()

    def _orphan(self) -> None:
        with self.db.begin() as tx:
            queries.orphans_become_unknown(tx, TRUNK, self.round.lease.epoch or 0)

    def _let_real_minutes_pass(self) -> None:
        with self.db.begin() as tx:
            tx.execute(text("update attempt set asked_at = asked_at - :so_long"), {"so_long": BARELY_SURE})

    def _jump(self) -> None:
        """On to the next moment at which somebody may be called."""
        with self.db.begin() as tx:
            moment = next_moment(tx, self.clock.now())
        if moment is not None:
            self.clock.jump_to(moment)

    # What the carrier's webhooks do

    @precondition(lambda self: self.lines.calls)
    @rule(data=st.data())
    def prove(self, data: st.DataObject) -> None:
        """A webhook with the attempt's id: early, late, or repeated."""
        call = data.draw(st.sampled_from(self.lines.calls))
        with self.db.begin() as tx:
            assert attempts.prove(tx, self.clock.now(), call.attempt_id, call.sid)

    @precondition(lambda self: self.lines.calls)
    @rule(
        data=st.data(), progress=st.sampled_from([None, Progress.ANSWERED, Progress.NOT_HERE, Progress.MESSAGE_HEARD])
    )
    def end(self, data: st.DataObject, progress: Progress | None) -> None:
        """A call is over; somebody tells us, more than once, or nobody does."""
        call = data.draw(st.sampled_from(self.lines.calls))
        if call.status == "in-progress":
            call.status = data.draw(st.sampled_from(FINAL))
            if progress is not None and call.status == "completed":
                with self.db.begin() as tx:
                    mark = text("update attempt set progress = :progress where id = :id and state = 'placed'")
                    tx.execute(mark, {"progress": progress, "id": call.attempt_id})
        for _ in range(data.draw(st.integers(0, 2))):
            self._tell_the_end(call)
        self._dial()

    def _tell_the_end(self, call: Made) -> None:
        with self.db.begin() as tx:
            attempts.end_call(tx, self.clock.now(), call.attempt_id, call.status, 20, sid=call.sid)

    @precondition(lambda self: self.lost)
    @rule(data=st.data())
    def bring_a_lost_order(self, data: st.DataObject) -> None:
        """The network held it for longer than anybody thought; its call proves itself."""
        each = self.lost.pop(data.draw(st.integers(0, len(self.lost) - 1)))
        call = self.lines.make(each.order)
        before = {row.id: row for row in self.rows()}
        was = before[call.attempt_id]
        after_it = [row.state for row in before.values() if row.recipient_id == was.recipient_id and row.id > was.id]
        with self.db.begin() as tx:
            assert attempts.prove(tx, self.clock.now(), call.attempt_id, call.sid)
        if was.state == AttemptState.NOT_PLACED and after_it == [AttemptState.DUE]:
            now = {row.id: row.state for row in self.rows()}
            assert now[was.id] == AttemptState.PLACED, "nobody was asked for in its place: it is what it is"

    @precondition(lambda self: self.lines.calls)
    @rule(data=st.data())
    def a_stranger_claims_an_attempt(self, data: st.DataObject) -> None:
        call = data.draw(st.sampled_from(self.lines.calls))
        with self.db.begin() as tx:
            attempts.prove(tx, self.clock.now(), call.attempt_id, call.sid)
            assert not attempts.prove(tx, self.clock.now(), call.attempt_id, "CA" + "f" * 32)

    # What people and the calendar do

    @rule()
    def pause_or_resume(self) -> None:
        with self.db.begin() as tx:
            match life.state_of(tx, self.campaign_id):
                case CampaignState.RUNNING:
                    life.pause(tx, self.clock.now(), self.campaign_id, "ana")
                    self.may_dial = False
                case CampaignState.PAUSED:
                    life.resume(tx, self.clock.now(), self.campaign_id, "ana")
                    self.may_dial = True
        self._dial()

    @precondition(lambda self: len(self.lines.calls) > 4)
    @rule()
    def cancel(self) -> None:
        self._cancel()

    def _cancel(self) -> None:
        with self.db.begin() as tx:
            if life.state_of(tx, self.campaign_id) != CampaignState.CANCELLED:
                life.cancel(tx, self.clock.now(), self.campaign_id, "ana")
                self.may_dial = False

    # What always holds

    @invariant()
    def it_holds(self) -> None:
        rows = self.rows()
        self._nobody_has_two_attempts_at_a_time(rows)
        self._a_final_state_stays(rows)
        self._limits_hold(rows)
        placings = Counter(call.attempt_id for call in self.lines.calls)
        assert not [each for each, times in placings.items() if times > 1], "no attempt is placed twice"

    def _nobody_has_two_attempts_at_a_time(self, rows: list[Row]) -> None:
        open_ones = Counter(row.recipient_id for row in rows if row.state in (AttemptState.DUE, *LIVE))
        assert not [who for who, times in open_ones.items() if times > 1]

    def _a_final_state_stays(self, rows: list[Row]) -> None:
        told = {row.id: (row.state, row.outcome) for row in rows}
        for attempt_id, before in self.ended.items():
            assert told[attempt_id] == before
        self.ended |= {row.id: (row.state, row.outcome) for row in rows if row.state in OVER}

    def _limits_hold(self, rows: list[Row]) -> None:
        """Of calls that were made in their time; of one that the network brought late nobody could know."""
        late = _late(rows)
        assert sum(row.state in LIVE for row in rows) <= CAP + len(late)
        whose = {row.id: row.recipient_id for row in rows}
        calls = [call for call in self.lines.calls if call.attempt_id not in late]
        assert all(times <= MOST_CALLS for times in Counter(whose[call.attempt_id] for call in calls).values())
        days = Counter((whose[call.attempt_id], call.day) for call in calls if call.status != "failed")
        assert all(times <= MOST_A_DAY for times in days.values())

    def teardown(self) -> None:
        """Everything ends: no callback comes any more, and asking the carrier is enough."""
        if not hasattr(self, "round"):
            return
        if self.on_the_way:
            self._cancel()
        for each in self.on_the_way:
            each.answer(Placed(each.made.sid) if each.made else NotAsked())
        self.round.store_answers()
        for call in self.lines.calls:
            call.status = "completed" if call.status == "in-progress" else call.status
        for _ in range(3):
            self._let_real_minutes_pass()
            self._reconcile()
        left = [(row.id, row.state) for row in self.rows() if row.state in LIVE]
        self._cancel()
        assert not left, "nothing stays in doubt while the carrier answers"
        assert {row.state for row in self.rows()} <= {*OVER, AttemptState.NOT_PLACED}
        sids = {row.id: row.remote_sid for row in self.rows()}
        assert all(sids[call.attempt_id] == call.sid for call in self.lines.calls), "every call is its attempt's"
        late = len(_late(self.rows()))
        assert all(row.attempts <= MOST_CALLS + late for row in people_of(self.db, self.campaign_id))


def _late(rows: list[Row]) -> set[int]:
    """Attempts whose call came after it was proven that there was none, or after they had been given up."""
    too_late = (AttemptState.NOT_PLACED, AttemptState.WITHDRAWN)
    return {row.id for row in rows if row.state in too_late and row.remote_sid is not None}


@pytest.mark.slow(25)
@pytest.mark.timeout(300)
def test_whatever_happens_in_whatever_order(db: Database, vault: Vault) -> None:
    run_state_machine_as_test(
        lambda: AttemptLife(db, vault),  # type: ignore[arg-type]  # any maker of one will do
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not IS_WHOLE,
            phases=[Phase.generate],  # to make a story shorter takes many more of them: put Phase.shrink here to do it
            suppress_health_check=list(HealthCheck),
        ),
    )
