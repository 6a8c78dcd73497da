"""A whole run: campaigns handed in, one paused and one cancelled, everything killed, and then the verdict."""

import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

import screen
from campaigns import life
from campaigns.approval import approve
from campaigns.states import LIVE, CampaignState
from campaigns.submission import submit
from campaigns.tables import attempt, campaign
from core.roles import Role
from drill.chaos import accused
from drill.chaos.judge import Breach, Charge, Silence, judge
from drill.chaos.ledger import Follower
from drill.chaos.people import formato, personas_of
from drill.chaos.plan import CampaignPlan, Course, Plan, Victim
from drill.chaos.storm import DIALERS, Storm
from drill.house import House

ROLES = ("carrier", "web", *["dialer"] * DIALERS, "worker")
ACTOR = "simulacro"
SPEED = 0.02  # real seconds for each second of a call: a long conversation takes three
PACE = {"CALLS_PER_SECOND": "15", "MAX_LIVE_CALLS": "40", "RING_SECONDS": "15", "WEB_WORKERS": "2"}
QUIET = 4.0  # seconds without a call after which more campaigns are handed in
STUCK_AFTER = 300.0  # seconds without anything happening after which nothing is waited for any more
_LOOK = 0.05
_LOOK_AT_STATES = 1.0
_TELL_EVERY = 15.0


@dataclass
class Campaign:
    """One that was handed in."""

    id: int
    plan: CampaignPlan
    since: datetime | None = None  #: when its cancelling, or pause, was answered
    paused_at: float = 0.0  #: by our own watch
    silences: list[Silence] = field(default_factory=list)
    state: str = ""

    @property
    def is_over(self) -> bool:
        return self.state in ("finished", "closed", "cancelled")

    @property
    def must_resume(self) -> bool:
        is_paused = bool(self.silences) and self.silences[-1].until is None
        return self.plan.course is Course.PAUSED and is_paused and time.monotonic() > self.paused_at + self.plan.rests


@dataclass
class Result:
    """What came of a run. ``seconds``: real ones, from the first campaign to the last one's end."""

    plan: Plan
    breaches: list[Breach]
    calls: int
    people: int
    campaigns: int
    days: float  #: that went by under the rehearsal clock
    seconds: float
    storm: Storm
    ledger: Follower


class Chaos:
    """``url``: a database of its own for a test, where PostgreSQL is not killed; with none, an embedded one."""

    def __init__(self, environ: Mapping[str, str], plan: Plan, place: Path, port: int, url: str | None = None) -> None:
        self._plan = plan
        self._house = House(environ, place, port, url, ROLES, **PACE)
        self._ledger = Follower(place / "carrier.jsonl")
        self._campaigns: list[Campaign] = []
        self._batches = list(plan.batches)
        self._called = 0.0  # when the last call was made, by our own watch
        self._looked = self._told = self._changed = 0.0
        self._left = self._calling = -1  # what is waited for; of it campaigns and calls
        self._storm: Storm

    def run(self) -> Result:
        """All of it, and nothing is left running, whatever happens."""
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends us ends what we started
        try:
            self._house.open({"personas.toml": personas_of(self._plan.people, SPEED)})
            return self._run()
        finally:
            self._house.close()

    def _run(self) -> Result:
        self._storm = Storm(self._house, self._plan)
        began, first_day = time.monotonic(), self._house.made.clock.now()
        self._changed = began
        while not self._is_over():
            self._house.tick()
            self._storm.tick(len(self._ledger.calls))
            self._follow()
            with suppress(SQLAlchemyError):  # the database is being started: the next look finds it
                self._conduct()
            time.sleep(_LOOK)
        self._storm.wait_for_recoveries()
        self._follow()
        took = time.monotonic() - began
        days = (self._house.made.clock.now() - first_day).total_seconds() / 86_400
        breaches = self._verdict()
        people = sum(len(each.plan.people) for each in self._campaigns)
        calls, campaigns = len(self._ledger.calls), len(self._campaigns)
        return Result(self._plan, breaches, calls, people, campaigns, days, took, self._storm, self._ledger)

    def _is_over(self) -> bool:
        if time.monotonic() > self._changed + STUCK_AFTER:
            return True
        return self._storm.is_over and not self._batches and self._left == 0

    def _follow(self) -> None:
        known = len(self._ledger.calls)
        if self._ledger.read():
            self._changed = time.monotonic()
        if len(self._ledger.calls) > known:
            self._called = time.monotonic()

    # Campaigns

    def _conduct(self) -> None:
        now = time.monotonic()
        is_due = self._storm.share >= 1 - len(self._batches) / len(self._plan.batches)
        if self._batches and is_due and now > self._called + QUIET and self._house.made.db.answers():
            for plan in self._batches.pop(0):
                self._hand_in(plan)
            self._called = time.monotonic()
        for each in self._campaigns:
            self._steer(each)
        if now > self._looked + _LOOK_AT_STATES:
            self._looked = now
            self._look()

    def _hand_in(self, plan: CampaignPlan) -> None:
        made = self._house.made
        data = formato(plan.people, plan.name, made.clock.now())
        done = submit(made.db, made.vault, made.clock, made.campaign_lines, ACTOR, "simulacro.csv", data)
        if done.dialled != len(plan.people):
            raise RuntimeError(f"a list was not taken whole: {[each.code for each in done.observations][:5]}")
        with made.db.begin() as tx:
            approve(tx, made.clock.now(), done.id, ACTOR, Role.SUPERVISOR, at_once=True, reason=ACTOR)
        self._campaigns.append(Campaign(done.id, plan))

    def _steer(self, each: Campaign) -> None:
        """Pauses, resumes or cancels it when its moment has come."""
        if each.plan.course is Course.WHOLE or each.state == "cancelled":
            return
        if each.since is None:
            has_come = each.state == "running" and self._share_called(each.plan) >= each.plan.turns_at
            if has_come and self._house.act(lambda tx, now: _stop(tx, now, each)):
                each.since, each.paused_at = self._house.made.clock.now(), time.monotonic()
                each.silences.append(Silence(each.since))
        elif each.must_resume:
            until = self._house.made.clock.now()
            self._house.act(lambda tx, now: _resume(tx, now, each))
            each.silences[-1] = Silence(each.since, until)

    def _share_called(self, plan: CampaignPlan) -> float:
        rang = {call.to for call in self._ledger.calls.values()}
        return sum(not rang.isdisjoint(each.phones) for each in plan.people) / len(plan.people)

    def _look(self) -> None:
        """How the campaigns stand, and what is left to be waited for."""
        if not self._campaigns:
            return
        states, live, jobs = self._house.act(lambda tx, _now: self._standing(tx))
        for each in self._campaigns:
            each.state = states[each.id]
        calling = sum(not each.is_over for each in self._campaigns) + live
        if calling != self._calling:  # the jobs of each minute come and go for ever
            self._calling, self._changed = calling, time.monotonic()
        self._left = calling + jobs
        if time.monotonic() > self._told + _TELL_EVERY:
            self._told = time.monotonic()
            self._tell(live)

    def _standing(self, tx: Connection) -> tuple[dict[int, str], int, int]:
        states = tx.execute(select(campaign.c.id, campaign.c.state)).all()
        live = tx.execute(select(func.count()).where(attempt.c.state.in_(LIVE))).scalar_one()
        return {row.id: row.state for row in states}, live, len(accused.jobs_left(tx))

    def _tell(self, live: int) -> None:
        killed = ", ".join(f"{victim} {count}" for victim, count in self._storm.killed.items()) or "nadie todavía"
        over = sum(each.is_over for each in self._campaigns)
        screen.say(
            f"{self._house.made.clock.now():%d/%m %H:%M} · {len(self._ledger.calls)} llamadas, {live} en curso o en"
            f" duda · campañas: {over} terminadas de {len(self._campaigns)} · muertes: {killed}"
        )

    # The verdict

    def _verdict(self) -> list[Breach]:
        charges = [
            Charge(each.id, each.plan.people, each.plan.course is Course.CANCELLED, each.silences)
            for each in self._campaigns
        ]
        ids = [each.id for each in self._campaigns]
        told = self._house.act(lambda tx, _now: accused.testimony(tx, self._house.made.vault, ids))
        return judge(charges, self._ledger.calls.values(), told)


def _stop(tx: Connection, now: datetime, each: Campaign) -> bool:
    """Pauses or cancels it; False where it ended meanwhile. One that was stopped by what the database did before it was
    killed, and could not answer, is stopped."""
    pauses = each.plan.course is Course.PAUSED
    state, stopped = life.state_of(tx, each.id, lock=True), CampaignState.PAUSED if pauses else CampaignState.CANCELLED
    if state == CampaignState.RUNNING:
        (life.pause if pauses else life.cancel)(tx, now, each.id, ACTOR)
        return True
    return state == stopped


def _resume(tx: Connection, now: datetime, each: Campaign) -> None:
    """Unless it goes on already, or ended: a paused one does once nobody of it is left to be called."""
    if life.state_of(tx, each.id, lock=True) == CampaignState.PAUSED:
        life.resume(tx, now, each.id, ACTOR)


def victims_of(url: str | None) -> tuple[Victim, ...]:
    """A database that is not the drill's own is not killed."""
    own = (Victim.POSTGRES, Victim.RESTART)
    return tuple(each for each in Victim if url is None or each not in own)
