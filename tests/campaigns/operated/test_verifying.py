"""Whether it is the person: right answers, slips of the tongue, and no guesses."""

import pytest

from campaigns.operated.taking import CannotCall
from campaigns.operated.verifying import Verified
from campaigns.outcomes import Outcome as O
from demo.invent import citizen
from tests.campaigns.builders import attempts_of, moment
from tests.campaigns.operated.scene import ROSA


def test_right_answers_open_the_message(scene):
    scene.campaign(1)
    scene.asks(ROSA)
    scene.connects(ROSA)
    assert not scene.card(ROSA).may_tell
    scene.verifies(ROSA)
    assert scene.card(ROSA).may_tell


def test_two_entries_a_question_then_the_neutral_closing(scene, db):
    campaign_id = scene.campaign(1)
    scene.asks(ROSA)
    scene.connects(ROSA)
    assert scene.answers(ROSA, 0, "9999") is Verified.PENDING
    assert scene.card(ROSA).questions[0].entries_left == 1
    assert scene.answers(ROSA, 0, "9998") is Verified.NO
    for number in (0, 1):
        with pytest.raises(CannotCall):
            scene.answers(ROSA, number, citizen(0).ddmm)
    assert scene.card(ROSA).outcomes == (O.FAILED_SECURITY,)
    scene.hangs_up(ROSA)
    scene.says(ROSA, O.FAILED_SECURITY)
    assert attempts_of(db, campaign_id)[1].due_at == moment("2026-11-24 08:00")


def test_a_slip_of_the_tongue_is_forgiven_once(scene):
    scene.campaign(1)
    scene.asks(ROSA)
    scene.connects(ROSA)
    assert scene.answers(ROSA, 0, "9999") is Verified.PENDING
    scene.verifies(ROSA)


@pytest.mark.parametrize("is_over", [False, True])
def test_answers_are_not_tried_without_the_person(scene, is_over):
    scene.campaign(1)
    scene.asks(ROSA)
    scene.calls(ROSA)
    if is_over:
        scene.hears(ROSA, asked_at=scene.clock.now(), answered_at=scene.clock.now())
        scene.hangs_up(ROSA)
    with pytest.raises(CannotCall):
        scene.answers(ROSA, 0, citizen(0).ddmm)
