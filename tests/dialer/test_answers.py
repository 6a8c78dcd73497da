"""What becomes of an attempt by what the carrier answers, late, twice, or never."""

import logging
from datetime import timedelta

import pytest

from campaigns import attempts
from carrier.client import NotAsked, Placed, Refused, Unknown
from core.database import Database
from dialer import queries
from tests.campaigns.builders import (
    attempts_of,
    people_of,
    running,
)
from tests.dialer.builders import TRUNK, epoch_of, expire, held, states


def test_what_the_carrier_took_is_on_the_line(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 1)
    round_ = make()
    round_.run()
    assert round_.is_asking()
    switch.answer(Placed("CA1"))
    round_.run()
    (row,) = attempts_of(db, campaign_id)
    assert (row.state, row.remote_sid, round_.is_asking()) == ("placed", "CA1", False)


def test_a_number_that_is_refused_goes_on_to_the_next_phone(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 1)
    round_ = make()
    round_.run()
    switch.answer(Refused(21211, is_ours=False))
    round_.run()
    refused, retry = attempts_of(db, campaign_id)
    assert (refused.state, refused.outcome, refused.refused_code) == ("ended", "no_contacto.fallida", 21211)
    assert (retry.state, retry.phone) == ("due", 1)


def test_a_fault_of_our_account_blames_no_citizen(db, vault, clock, switch, make, caplog):
    campaign_id = running(db, vault, clock, 1)
    round_ = make()
    round_.run()
    switch.answer(Refused(20003, is_ours=True))
    with caplog.at_level(logging.ERROR):
        round_.run()
    assert "20003" in caplog.text
    assert "7100" not in caplog.text
    (row,) = attempts_of(db, campaign_id)
    assert (row.state, row.due_at) == ("due", clock.now())
    assert round_.rest.is_on()
    assert round_.lease.trouble == "refused 20003"
    assert people_of(db, campaign_id)[0].spent == 0


def test_what_was_not_asked_is_asked_again_soon(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 1)
    round_ = make()
    round_.run()
    switch.answer(NotAsked())
    assert round_.run() == 0
    clock.advance(timedelta(seconds=2))
    assert round_.run() == 1
    assert len(attempts_of(db, campaign_id)) == 1  # the same attempt: nobody was called


def test_what_is_unknown_is_not_asked_again(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 1)
    round_ = make()
    round_.run()
    switch.answer(Unknown())
    clock.advance(timedelta(hours=4))
    assert round_.run() == 0
    assert states(db, campaign_id) == ["unknown"]


@pytest.mark.parametrize("is_settled", [False, True])
def test_an_answer_that_comes_after_the_trunk_was_lost_changes_nothing(db, vault, clock, switch, make, is_settled):
    """The standby took over, and may have settled it: a refusal that arrives now must not plan a second retry."""
    campaign_id = running(db, vault, clock, 1)
    round_ = make()
    round_.run()
    expire(db)
    new = held(db)
    with db.begin() as tx:
        queries.orphans_become_unknown(tx, TRUNK, epoch_of(new))
        if is_settled:
            queries.not_placed(tx, attempts_of(db, campaign_id)[0].id, clock.now())
    round_.lease.epoch = epoch_of(new) - 1  # its own watch has not told it yet
    before = attempts_of(db, campaign_id)
    switch.answer(Refused(21211, is_ours=False))
    round_.run()
    assert attempts_of(db, campaign_id) == before
    assert before[0].state == ("not_placed" if is_settled else "unknown")


def test_answers_to_a_lost_trunk_are_let_go(db, vault, clock, switch, make):
    running(db, vault, clock, 1)
    round_ = make()
    round_.run()
    expire(db)
    held(db)
    with db.begin() as tx:
        round_.lease.tick(tx)
    switch.answer(Placed("CA1"))
    round_.run()
    assert not round_.is_asking()


def test_an_answer_outlives_a_database_that_is_away(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 2)
    round_ = make()
    round_.run()
    switch.answer(Placed("CA1"), Placed("CA2"))
    away = Database("postgresql://nobody@127.0.0.1:1/none")
    round_.db = away
    with pytest.raises(Exception, match="connection"):
        round_.run()
    assert round_.is_asking()
    round_.db = db
    round_.run()
    assert states(db, campaign_id) == ["placed", "placed"]
    away.close()


def test_a_webhook_may_be_faster_than_the_answer(db, vault, clock, switch, make):
    campaign_id = running(db, vault, clock, 1)
    round_ = make()
    round_.run()
    with db.begin() as tx:
        attempts.prove(tx, clock.now(), attempts_of(db, campaign_id)[0].id, "CA1")
        attempts.end_call(tx, clock.now(), attempts_of(db, campaign_id)[0].id, "busy", None)
    switch.answer(Placed("CA1"))
    round_.run()
    ended, retry = attempts_of(db, campaign_id)
    assert (ended.state, retry.state) == ("ended", "due")
