"""Whoever was to be asked and was not is as due as before; of a campaign that is over, nobody is."""

from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import text

from campaigns import life
from campaigns.states import CampaignState
from dialer import queries
from tests.campaigns.builders import attempts_of, people_of, running, set_attempt, set_campaign
from tests.campaigns.operated.scene import ROSA, Scene
from tests.core.waiting import eventually

EPOCH = 1
WAITS = "select true from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))"


@pytest.fixture
def campaign_id(db, vault, clock) -> int:
    """One person, whom the carrier is being asked to call."""
    campaign_id = running(db, vault, clock, 1)
    (row,) = attempts_of(db, campaign_id)
    set_attempt(db, row.id, state="asking", epoch=EPOCH, asked_at=clock.now(), started_at=clock.now())
    return campaign_id


def not_asked(db, clock, campaign_id: int) -> None:
    """429."""
    (row,) = attempts_of(db, campaign_id)
    with db.begin() as tx:
        queries.store_not_asked(tx, clock.now(), EPOCH, [row.id], clock.now() + timedelta(seconds=2))


def not_placed(db, clock, campaign_id: int) -> None:
    """No answer, and the carrier's list has no such call."""
    (row,) = attempts_of(db, campaign_id)
    set_attempt(db, row.id, state="unknown")
    with db.begin() as tx:
        queries.not_placed(tx, row.id, clock.now())


WAYS = pytest.mark.parametrize("comes_back", [not_asked, not_placed])
OVER = pytest.mark.parametrize("state", [CampaignState.CANCELLED, CampaignState.FINISHED, CampaignState.CLOSED])


def cancel(db, clock, campaign_id: int) -> None:
    with db.begin() as tx:
        life.cancel(tx, clock.now(), campaign_id, "ana", "prueba")


@WAYS
def test_who_was_not_called_waits_again(db, clock, campaign_id, comes_back):
    comes_back(db, clock, campaign_id)
    row = attempts_of(db, campaign_id)[-1]
    assert (row.state, row.asked_at, row.started_at) == ("due", None, None)
    assert people_of(db, campaign_id)[0].answers


@WAYS
def test_of_a_campaign_that_was_cancelled_meanwhile_nobody_waits(db, clock, campaign_id, comes_back):
    cancel(db, clock, campaign_id)
    assert people_of(db, campaign_id)[0].answers  # as of somebody who may be on the line
    comes_back(db, clock, campaign_id)
    row = attempts_of(db, campaign_id)[-1]
    assert (row.state, row.ended_at, row.asked_at, row.started_at) == ("withdrawn", clock.now(), None, None)
    assert people_of(db, campaign_id)[0].answers is None


@OVER
@WAYS
def test_nor_of_one_that_ended_in_another_way(db, clock, campaign_id, comes_back, state):
    set_campaign(db, campaign_id, state=state)
    comes_back(db, clock, campaign_id)
    assert attempts_of(db, campaign_id)[-1].state == "withdrawn"


@WAYS
def test_of_one_that_is_being_cancelled_at_this_moment_it_waits_to_know(db, clock, campaign_id, comes_back):
    back = Thread(target=comes_back, args=(db, clock, campaign_id))
    with db.begin() as tx:
        life.cancel(tx, clock.now(), campaign_id, "ana", "prueba")
        back.start()
        eventually(lambda: tx.execute(text(WAITS)).scalar())
    back.join(10)
    assert attempts_of(db, campaign_id)[-1].state == "withdrawn"


@WAYS
def test_a_paused_one_goes_on_where_it_was(db, clock, campaign_id, comes_back):
    with db.begin() as tx:
        life.pause(tx, clock.now(), campaign_id, "ana")
    comes_back(db, clock, campaign_id)
    assert attempts_of(db, campaign_id)[-1].state == "due"


def test_an_operator_who_did_not_come_to_their_telephone_has_the_contact_no_more(db, vault, clock):
    scene = Scene(db, vault, clock)
    campaign_id = scene.campaign(1)
    scene.asks(ROSA)
    scene.calls(ROSA)
    cancel(db, clock, campaign_id)
    scene.hears(ROSA, was_asked=False, sid=None, is_over=True)
    (row,) = attempts_of(db, campaign_id)
    assert (row.state, row.ended_at, row.started_at) == ("withdrawn", clock.now(), None)
    assert people_of(db, campaign_id)[0].answers is None
    assert scene.asks(ROSA) is None
