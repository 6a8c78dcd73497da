"""Calls of which nothing was heard for long: each is asked after in its turn, whatever becomes of the others."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import requests

from carrier.client import Carrier
from dialer.reconcile import Reconciler
from dialer.silence import AT_ONCE
from tests.campaigns.builders import attempts_of, people_of, put_on_the_line, running, set_attempt, set_campaign
from tests.dialer.builders import TRUNK
from tests.dialer.remote import ACCOUNT, API, CALLS, FAILED, TO, call, fetched

AN_HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture
def campaign_id(db, vault, clock) -> int:
    return running(db, vault, clock, 3)


@pytest.fixture
def reconciler(db, vault, clock) -> Reconciler:
    return Reconciler(db, vault, clock, Carrier(ACCOUNT, "token", API), TRUNK, ring_seconds=30)


@pytest.mark.parametrize(
    ("status", "settled", "outcome"),
    [("completed", 1, "no_contacto.colgo"), ("busy", 1, "no_contacto.ocupado"), ("in-progress", 0, None)],
)
def test_a_call_gone_silent_is_asked_about(db, campaign_id, reconciler, twilio, status, settled, outcome):
    row = attempts_of(db, campaign_id)[0]
    put_on_the_line(db, row.id, "CA1", datetime.now(UTC) - timedelta(seconds=95))
    fetched(twilio, "CA1", json=call("CA1", TO[0], status, "7"))
    assert reconciler.run() == settled
    assert attempts_of(db, campaign_id)[0].outcome == outcome


def test_a_call_of_a_minute_is_not_silent_yet(db, campaign_id, reconciler, twilio):
    put_on_the_line(db, attempts_of(db, campaign_id)[0].id, "CA1", datetime.now(UTC) - timedelta(seconds=60))
    assert reconciler.run() == 0
    assert len(twilio.calls) == 0


def test_a_call_that_the_carrier_denies_is_a_technical_error(db, campaign_id, reconciler, twilio):
    put_on_the_line(db, attempts_of(db, campaign_id)[0].id, "CA1", datetime.now(UTC) - timedelta(hours=1))
    fetched(twilio, "CA1", status=404, json={"code": 20404, "message": "x", "status": 404})
    assert reconciler.run() == 1
    assert people_of(db, campaign_id)[0].outcome == "error_tecnico"


@pytest.mark.parametrize("answer", [{"body": requests.ReadTimeout()}, {"body": "<html>", "status": 200}])
def test_a_silent_call_stays_while_the_carrier_is_down(db, campaign_id, reconciler, twilio, answer):
    put_on_the_line(db, attempts_of(db, campaign_id)[0].id, "CA1", datetime.now(UTC) - timedelta(hours=1))
    fetched(twilio, "CA1", **answer)
    assert reconciler.run() == 0
    assert attempts_of(db, campaign_id)[0].state == "placed"


def many_calls(db, vault, clock, more: int) -> list[int]:
    """So many more than one look asks after, the first call the oldest; the ids of their attempts."""
    campaign_id = running(db, vault, clock, AT_ONCE + more)
    rows = attempts_of(db, campaign_id)
    for nth, row in enumerate(rows):
        put_on_the_line(db, row.id, sid(nth), AN_HOUR_AGO + timedelta(seconds=nth))
    return [row.id for row in rows]


def sid(nth: int) -> str:
    return f"CA{nth:04}"


def they_talk(twilio) -> None:
    """Whatever call is asked after goes on."""
    twilio.get(re.compile(rf"{CALLS.removesuffix('.json')}/CA\d+\.json"), json=call("CA", "+50370000000"))


def asked_after(twilio) -> Counter:
    return Counter(re.findall(r"Calls/(CA\d+)\.json", " ".join(each.request.url for each in twilio.calls)))


def test_long_conversations_do_not_keep_a_lost_call_from_being_asked_after(db, vault, clock, reconciler, twilio):
    attempt_ids = many_calls(db, vault, clock, 1)
    fetched(twilio, sid(AT_ONCE), json=call(sid(AT_ONCE), "+50370000000", "completed", "7"))
    they_talk(twilio)
    assert [reconciler.run(), reconciler.run()] == [0, 1]
    (lost,) = (row for row in attempts_of(db, 1) if row.id == attempt_ids[-1])
    assert lost.state == "ended"


def test_each_is_asked_after_once_before_any_is_again(db, vault, clock, reconciler, twilio):
    many_calls(db, vault, clock, 20)
    they_talk(twilio)
    for _ in range(2):
        reconciler.run()
    assert asked_after(twilio) == Counter(sid(nth) for nth in range(AT_ONCE + 20))
    for _ in range(2):
        reconciler.run()
    assert set(asked_after(twilio).values()) == {2}


def test_calls_that_fall_silent_meanwhile_do_not_put_the_others_off(db, vault, clock, reconciler, twilio):
    """Else, where as many come as are asked after, the first would never be asked after again."""
    attempt_ids = many_calls(db, vault, clock, 20)
    newer = AN_HOUR_AGO + timedelta(minutes=30)
    for attempt_id in attempt_ids[AT_ONCE:]:
        set_attempt(db, attempt_id, asked_at=datetime.now(UTC))
    they_talk(twilio)
    reconciler.run()
    for attempt_id in attempt_ids[AT_ONCE:]:
        set_attempt(db, attempt_id, asked_at=newer)
    reconciler.run()
    reconciler.run()
    assert asked_after(twilio)[sid(0)] == 2


def test_whoever_hung_up_while_waiting_for_their_turn_is_not_asked_after(db, vault, clock, reconciler, twilio):
    attempt_ids = many_calls(db, vault, clock, 2)
    they_talk(twilio)
    reconciler.run()
    set_attempt(db, attempt_ids[AT_ONCE], state="ended", outcome="no_contacto.colgo")
    reconciler.run()
    assert asked_after(twilio)[sid(AT_ONCE)] == 0
    assert asked_after(twilio)[sid(AT_ONCE + 1)] == 1


def test_a_call_of_which_the_carrier_cannot_tell_keeps_no_other_from_being_asked_after(
    db, campaign_id, reconciler, twilio
):
    for nth, row in enumerate(attempts_of(db, campaign_id)):
        put_on_the_line(db, row.id, sid(nth), AN_HOUR_AGO + timedelta(seconds=nth))
    fetched(twilio, sid(0), **FAILED)
    for nth in (1, 2):
        fetched(twilio, sid(nth), json=call(sid(nth), TO[nth], "completed", "7"))
    assert [reconciler.run(), reconciler.run()] == [0, 2]
    assert [row.state for row in attempts_of(db, campaign_id)][:3] == ["placed", "ended", "ended"]


def test_a_call_whose_end_cannot_be_kept_keeps_no_other_from_its_end(db, vault, clock, reconciler, twilio, caplog):
    rows = [attempts_of(db, running(db, vault, clock, 1, first))[0] for first in range(2)]
    for nth, row in enumerate(rows):
        put_on_the_line(db, row.id, sid(nth), AN_HOUR_AGO + timedelta(seconds=nth))
        fetched(twilio, sid(nth), json=call(sid(nth), TO[nth], "busy"))
    set_campaign(db, rows[0].campaign_id, country="XX")  # of whose rules nobody knows
    assert reconciler.run() == 1
    assert [attempts_of(db, row.campaign_id)[0].state for row in rows] == ["placed", "ended"]
    assert f"attempt {rows[0].id} was passed over: KeyError at " in caplog.text
    assert TO[0] not in caplog.text
