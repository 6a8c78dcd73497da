"""What an operator may say came of a call, what that brings about, and what follows where they say nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from campaigns import life
from campaigns.operated import concluding
from campaigns.operated.card import Redeemed
from campaigns.operated.concluding import Incomplete
from campaigns.outcomes import Outcome as O
from campaigns.status import status_of
from campaigns.tables import exclusion, operated_contact
from demo.invent import citizen
from dialer.calendar import finish_done_campaigns
from tests.campaigns.builders import attempts_of, moment, people_of
from tests.campaigns.operated.scene import ROSA, reach


def test_from_the_upload_to_the_results(scene, db):
    campaign_id = reach(scene)
    with pytest.raises(Incomplete) as told:
        scene.says(ROSA, O.COLLECTED, collected={"1": "7"})
    assert [each.field for each in told.value.lacking] == ["collected_1"]
    scene.says(ROSA, O.COLLECTED, collected={"1": "2"})
    (row,) = scene.results(campaign_id)
    assert (row["tipificacion"], row["intentos"], row["duracion_s"]) == (O.COLLECTED, "1", "65")
    assert (row["telefono_contactado"], row["recolectar_1"]) == (citizen(0).phones[0], "2")
    with db.begin() as tx:
        status = status_of(tx, scene.clock.now(), campaign_id)
    assert (status.attempts, status.live, status.outcomes) == (1, 0, {O.COLLECTED: 1})
    assert finish_done_campaigns(db, scene.clock.now()) == 1


@pytest.mark.parametrize(
    ("asked_for", "lacks"),
    [(None, True), ("2026-11-23 09:00", True), ("2026-11-24 19:00", True), ("2026-11-24 09:30", False)],
)
def test_an_hour_that_the_person_asks_for_must_be_a_legal_one(scene, db, asked_for, lacks):
    campaign_id = reach(scene)
    call_at = moment(asked_for) if asked_for else None
    if lacks:
        with pytest.raises(Incomplete):
            scene.says(ROSA, O.CALL_LATER, call_at=call_at)
    else:
        scene.says(ROSA, O.CALL_LATER, call_at=call_at)
        assert attempts_of(db, campaign_id)[1].due_at == call_at


def test_who_wants_no_more_calls_is_excluded(scene, db):
    campaign_id = reach(scene)
    scene.says(ROSA, O.NO_MORE_CALLS)
    with db.begin() as tx:
        assert tx.execute(select(exclusion.c.kind)).scalars().all() == ["person"]
    assert people_of(db, campaign_id)[0].is_final


def test_a_wrong_number_that_an_operator_is_told_is_remembered(scene, db):
    scene.campaign(1)
    scene.asks(ROSA)
    scene.connects(ROSA)
    scene.hangs_up(ROSA)
    scene.says(ROSA, O.WRONG_NUMBER)
    with db.begin() as tx:
        (kept,) = tx.execute(select(exclusion)).all()
    assert (kept.kind, kept.campaign_id, kept.line, kept.added_by) == ("wrong_number", None, None, ROSA.email)


@pytest.mark.parametrize("outcome", [O.REFUSES, O.DECEASED, O.MINOR, O.WRONG_NUMBER, O.NOT_HERE])
def test_before_verification_a_third_person_may_say_it(scene, db, outcome):
    campaign_id = scene.campaign(1)
    scene.asks(ROSA)
    scene.connects(ROSA)
    scene.hangs_up(ROSA)
    with pytest.raises(Incomplete):
        scene.says(ROSA, O.MESSAGE_COMPLETE)
    scene.says(ROSA, outcome)
    assert people_of(db, campaign_id)[0].outcome == outcome


def test_a_verification_of_cobro_must_say_whether_it_was_redeemed(scene):
    reach(scene, tipo_campana="VERIFICACION_COBRO")
    with pytest.raises(Incomplete) as told:
        scene.says(ROSA, O.MESSAGE_COMPLETE)
    assert [each.field for each in told.value.lacking] == ["redeemed"]
    kept = scene.says(ROSA, O.MESSAGE_COMPLETE, redeemed=Redeemed.RECLAMA)
    assert (kept.redeemed, kept.document) == (Redeemed.RECLAMA, citizen(0).document.replace("-", ""))


def test_a_call_of_which_nobody_said_what_came_says_it_itself(scene, db, vault):
    campaign_id = scene.campaign(1)
    scene.asks(ROSA)
    scene.connects(ROSA)
    scene.answers(ROSA, 0, "9999")
    scene.answers(ROSA, 0, "9999")
    scene.hangs_up(ROSA)
    for minutes, concluded in ((14, []), (1, [True]), (1, [])):
        scene.clock.advance(timedelta(minutes=minutes))
        with db.begin() as tx:
            late = concluding.abandoned(tx, scene.clock.now())
            assert [concluding.conclude_abandoned(tx, scene.clock.now(), each) for each in late] == concluded
    assert attempts_of(db, campaign_id)[0].outcome == O.FAILED_SECURITY


def test_a_cancelled_campaign_lets_the_call_end_and_calls_nobody_again(scene, db):
    campaign_id = scene.campaign(2)
    scene.asks(ROSA)
    scene.connects(ROSA)
    with db.begin() as tx:
        life.cancel(tx, scene.clock.now(), campaign_id, "test")
    scene.verifies(ROSA)  # whoever is on the line keeps their answers
    scene.hangs_up(ROSA)
    scene.says(ROSA, O.HUNG_UP)
    assert {row.state for row in attempts_of(db, campaign_id)} == {"ended", "withdrawn"}
    assert scene.asks(ROSA) is None
    with db.begin() as tx:
        assert tx.execute(select(operated_contact.c.ended_as)).scalars().all() == ["outcome"]
