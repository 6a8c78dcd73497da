"""The cap: never more calls on the lines than a trunk has, whatever comes of them, and whoever dials."""

import random
import threading

import pytest
from sqlalchemy import select

from campaigns.states import AttemptState
from campaigns.tables import attempt
from carrier.client import Answer, NotAsked, Placed, Refused, Unknown
from dialer import queries
from dialer.pace import Pace
from dialer.round import Round
from tests.campaigns.builders import end, running
from tests.dialer.builders import TRUNK, URL, Switch, epoch_of, expire, held
from tests.trunks import a_trunk, in_use

CAP = 12


class Scene:
    """A trunk with a few lines, many people to be called, and two dialers of which one has the lease."""

    def __init__(self, db, vault, clock, seed: int) -> None:
        self.db, self.vault, self.clock = db, vault, clock
        self.dice = random.Random(seed)  # noqa: S311  a seed, so that it can be played again
        self.sids = iter(range(1_000_000))
        self.dialers: list[tuple[Round, Switch]] = []
        self.most = 0

    def take_over(self) -> None:
        """Another dialer takes the trunk; the one before goes on for a while, and knows nothing of it."""
        expire(self.db)
        switch = Switch()
        trunk = a_trunk(calls_per_second=1000, max_live_calls=CAP)
        made = Round(self.db, self.vault, self.clock, in_use(trunk), trunk, held(self.db), Pace(1000), URL, switch)
        with self.db.begin() as tx:
            queries.orphans_become_unknown(tx, TRUNK, epoch_of(made.lease))
        self.dialers = [*self.dialers[-1:], (made, switch)]

    def answer_some(self) -> None:
        """Of what either of them asked; some answers are of no use."""
        for _, switch in self.dialers:
            for _ in range(self.dice.randint(0, len(switch.waiting))):
                switch.answer(self.dice.choice(self._answers()))

    def _answers(self) -> list[Answer]:
        return [Placed(f"CA{next(self.sids)}"), Placed(f"CA{next(self.sids)}"), Unknown(), NotAsked(), Refused(1, True)]

    def end_some(self) -> None:
        for attempt_id in self.of(AttemptState.PLACED):
            if self.dice.random() < 0.5:
                end(self.db, self.vault, self.clock.now(), attempt_id, self.dice.choice(["busy", "no-answer"]))

    def of(self, *states: AttemptState) -> list[int]:
        with self.db.begin() as tx:
            return list(tx.execute(select(attempt.c.id).where(attempt.c.state.in_(states))).scalars())

    def look(self) -> None:
        with self.db.begin() as tx:
            live = queries.live_calls(tx, TRUNK)
        self.most = max(self.most, live)
        assert live <= CAP


@pytest.fixture
def scene(db, vault, clock, request) -> Scene:
    running(db, vault, clock, 300)
    made = Scene(db, vault, clock, request.param)
    made.take_over()
    return made


@pytest.mark.parametrize("scene", range(4), indirect=True)
def test_whatever_comes_of_asking_and_whoever_takes_over(scene):
    for _ in range(40):
        for round_, _ in scene.dialers:
            round_.run()
            round_.rest._until = 0.0  # trouble or not: the cap alone is to hold it back
            scene.look()
        scene.answer_some()
        scene.look()
        scene.end_some()
        if scene.dice.random() < 0.15:
            scene.take_over()
        scene.look()
    assert scene.most == CAP, "it was reached"
    unknown = len(scene.of(AttemptState.UNKNOWN))
    assert unknown > 0, "and unknown ones took their places"


@pytest.mark.parametrize("scene", [7], indirect=True)
def test_under_a_storm_of_answers_and_of_calls_that_end(scene):
    """Each in a thread of its own, as webhooks and rounds are."""
    over = threading.Event()
    storm = [threading.Thread(target=_again, args=(each, over)) for each in (scene.answer_some, scene.end_some)]
    for thread in storm:
        thread.start()
    try:
        for number in range(60):
            for round_, _ in list(scene.dialers):
                round_.run()
                round_.rest._until = 0.0
            scene.look()
            if number % 20 == 19:
                scene.take_over()
    finally:
        over.set()
        for thread in storm:
            thread.join(30)
    assert scene.most == CAP


def _again(do, over: threading.Event) -> None:
    while not over.wait(0.002):
        do()
