"""A contact's call: what forbids it at the last moment, and what is known of it."""

from datetime import timedelta

import pytest

from campaigns import life
from campaigns.operated.concluding import Incomplete
from campaigns.operated.taking import CannotCall
from campaigns.outcomes import Outcome as O
from tests.campaigns.builders import attempts_of, moment
from tests.campaigns.operated.scene import ROSA, SID


def test_a_paused_campaign_calls_nobody_though_the_card_is_open(scene, db):
    campaign_id = scene.campaign(1)
    scene.asks(ROSA)
    with db.begin() as tx:
        life.pause(tx, scene.clock.now(), campaign_id, "test")
    with pytest.raises(CannotCall):
        scene.calls(ROSA)


def test_an_hour_that_ended_meanwhile_calls_nobody(scene):
    scene.campaign(1)
    scene.clock.jump_to(moment("2026-11-23 17:55"))
    scene.asks(ROSA)
    scene.clock.advance(timedelta(minutes=5))
    with pytest.raises(CannotCall):
        scene.calls(ROSA)


def test_an_operator_who_did_not_come_to_their_telephone_has_called_nobody(scene, db):
    campaign_id = scene.campaign(1)
    scene.asks(ROSA)
    scene.calls(ROSA)
    scene.hears(ROSA, was_asked=False, sid=None, is_over=True)
    (attempt,) = attempts_of(db, campaign_id)
    assert (attempt.state, attempt.started_at) == ("due", None)
    scene.calls(ROSA)  # still theirs


def test_while_it_rings_there_is_no_outcome_to_choose(scene):
    scene.campaign(1)
    scene.asks(ROSA)
    scene.calls(ROSA)
    assert scene.card(ROSA).outcomes == ()
    with pytest.raises(CannotCall):
        scene.says(ROSA, O.NO_ANSWER)


@pytest.mark.parametrize(("status", "suggested"), [("busy", O.BUSY), ("no-answer", O.NO_ANSWER), ("failed", O.FAILED)])
def test_nobody_came_to_the_telephone(scene, db, status, suggested):
    campaign_id = scene.campaign(1)
    scene.asks(ROSA)
    scene.calls(ROSA)
    scene.hangs_up(ROSA, status)
    assert scene.card(ROSA).suggested is suggested
    with pytest.raises(Incomplete):
        scene.says(ROSA, O.MESSAGE_COMPLETE)
    scene.says(ROSA, suggested)
    first, retry = attempts_of(db, campaign_id)
    assert (first.state, first.outcome, first.remote_sid) == ("ended", suggested, SID)
    assert retry.state == "due" and retry.due_at > scene.clock.now() - timedelta(minutes=5)
