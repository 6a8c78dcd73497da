"""What is not known is asked of the carrier: its list, page by page, with nobody's telephone in the question."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from carrier.client import Carrier
from dialer.reconcile import Reconciler
from tests.campaigns.builders import attempts_of, people_of, put_on_the_line, running, set_attempt
from tests.dialer.builders import TRUNK

ACCOUNT = "AC" + "0" * 32
API = "http://127.0.0.1:1"
CALLS = f"{API}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
RING = 30
SURE = timedelta(seconds=RING + 61)  # by then the carrier's list is complete
TO = [f"+5037100000{n}" for n in range(3)]


@pytest.fixture
def twilio():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock
        for call in mock.calls:
            assert not [to for to in TO if to[1:] in str(call.request.url)], call.request.url


@pytest.fixture
def campaign_id(db, vault, clock) -> int:
    return running(db, vault, clock, 3)


@pytest.fixture
def reconciler(db, vault, clock) -> Reconciler:
    return Reconciler(db, vault, clock, Carrier(ACCOUNT, "token", API), TRUNK, RING)


def call(sid, to, status="in-progress", duration=None, answered_by=None) -> dict:
    return {"sid": sid, "to": to, "status": status, "duration": duration, "answered_by": answered_by}


def lists(twilio, *found, queued=()):
    """What the carrier's list answers, and its list of queued calls."""
    queued_query = responses.matchers.query_param_matcher({"Status": "queued"}, strict_match=False)
    twilio.get(CALLS, match=[queued_query], json=page(queued))
    twilio.get(CALLS, json=page(found))


def page(found, next_uri=None) -> dict:
    return {"calls": list(found), "page": 0, "page_size": 1000, "next_page_uri": next_uri}


def doubt(db, campaign_id, nth=0, ago=timedelta(seconds=5), **values):
    """The attempt was asked for so long ago, and no answer came."""
    row = attempts_of(db, campaign_id)[nth]
    asked = {"state": "unknown", "asked_at": datetime.now(UTC) - ago, "started_at": row.due_at}
    set_attempt(db, row.id, **asked, **values)
    return row.id


def state(db, campaign_id, nth=0):
    return attempts_of(db, campaign_id)[nth].state


def test_a_call_in_the_list_is_the_attempts(db, campaign_id, reconciler, twilio):
    doubt(db, campaign_id)
    lists(twilio, call("CA8", "+50379999999"), call("CA1", TO[0]))
    assert reconciler.run() == 1
    row = attempts_of(db, campaign_id)[0]
    assert (row.state, row.remote_sid) == ("placed", "CA1")


def test_a_call_that_is_over_brings_its_outcome(db, campaign_id, reconciler, twilio):
    doubt(db, campaign_id)
    lists(twilio, call("CA1", TO[0], "completed", "12", "machine_end_beep"))
    reconciler.run()
    row = attempts_of(db, campaign_id)[0]
    assert (row.state, row.outcome, row.duration_s) == ("ended", "no_contacto.buzon_sin_mensaje", 12)


def test_queued_calls_are_asked_for_too(db, campaign_id, reconciler, twilio):
    doubt(db, campaign_id, ago=SURE)
    lists(twilio, queued=[call("CA1", TO[0], "queued")])
    reconciler.run()
    assert state(db, campaign_id) == "placed"


def test_every_page_is_read(db, campaign_id, reconciler, twilio):
    doubt(db, campaign_id, ago=SURE)
    path = urlsplit(CALLS).path
    queued = responses.matchers.query_param_matcher({"Status": "queued"}, strict_match=False)
    second = responses.matchers.query_param_matcher({"Page": "1"}, strict_match=False)
    twilio.get(CALLS, match=[queued], json=page([]))
    twilio.get(CALLS, match=[second], json=page([call("CA1", TO[0])]))
    others = [call(f"CB{n}", f"+5037888{n:04}") for n in range(50)]
    twilio.get(CALLS, json=page(others, f"{path}?Page=1&PageSize=1000&PageToken=PACB49"))
    reconciler.run()
    assert state(db, campaign_id) == "placed"


def test_the_list_is_asked_by_our_own_number_and_from_a_day_before(db, campaign_id, reconciler, twilio, clock):
    doubt(db, campaign_id)
    lists(twilio)
    reconciler.run()
    asked = [parse_qs(urlsplit(each.request.url).query) for each in twilio.calls]
    assert {query["From"][0] for query in asked} == {"+50322373333"}
    (since,) = (query["StartTime>"][0] for query in asked if "StartTime>" in query)
    earliest = min(datetime.now(UTC), clock.now()) - timedelta(days=1)
    assert abs(datetime.fromisoformat(since) - earliest) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("ago", "then"),
    [
        (timedelta(seconds=5), "unknown"),
        (timedelta(seconds=RING + 55), "unknown"),
        (SURE, "not_placed"),
        (timedelta(hours=30), "not_placed"),
    ],
)
def test_absence_is_believed_only_once_the_list_must_be_complete(db, campaign_id, reconciler, twilio, ago, then):
    doubt(db, campaign_id, ago=ago)
    lists(twilio)
    reconciler.run()
    assert state(db, campaign_id) == then
    assert len(attempts_of(db, campaign_id)) == (4 if then == "not_placed" else 3)
    assert people_of(db, campaign_id)[0].attempts == 0


FAILURES: dict[str, dict[str, Any]] = {
    "500": {"status": 500, "json": {"code": 20500, "message": "x", "status": 500}},
    "401": {"status": 401, "json": {"code": 20003, "message": "x", "status": 401}},
    "429": {"status": 429, "json": {"code": 20429, "message": "x", "status": 429}},
    "time-out": {"body": requests.ReadTimeout()},
    "refused": {"body": requests.ConnectionError()},
    "not json": {"body": "<html>", "status": 200},
    "cut": {"body": '{"calls": [', "status": 200},
}


@pytest.mark.parametrize("failure", FAILURES)
def test_while_the_carrier_does_not_answer_unknown_stays_unknown(db, campaign_id, reconciler, twilio, failure):
    doubt(db, campaign_id, ago=timedelta(hours=23))
    twilio.get(CALLS, **FAILURES[failure])
    assert reconciler.run() == 0
    assert state(db, campaign_id) == "unknown"


def test_a_list_that_breaks_off_at_its_second_page_proves_no_absence(db, campaign_id, reconciler, twilio):
    doubt(db, campaign_id, ago=SURE)
    second = responses.matchers.query_param_matcher({"Page": "1"}, strict_match=False)
    twilio.get(CALLS, match=[second], status=500, json={"code": 20500, "message": "x", "status": 500})
    twilio.get(CALLS, json=page([], f"{urlsplit(CALLS).path}?Page=1"))
    reconciler.run()
    assert state(db, campaign_id) == "unknown"


def test_after_a_day_without_a_carrier_the_coordinator_is_told(db, campaign_id, reconciler, twilio):
    doubt(db, campaign_id, nth=0, ago=timedelta(hours=24, minutes=1))
    doubt(db, campaign_id, nth=1, ago=timedelta(hours=23))
    twilio.get(CALLS, body=requests.ConnectionError())
    assert reconciler.run() == 1
    assert people_of(db, campaign_id)[0].outcome == "error_tecnico"
    assert people_of(db, campaign_id)[0].is_final
    assert state(db, campaign_id, 1) == "unknown"


def test_yesterdays_call_to_the_same_person_is_not_todays(db, vault, clock, campaign_id, reconciler, twilio):
    """The list reaches back further than a day: an earlier attempt's call is in it, and proves nothing."""
    first = attempts_of(db, campaign_id)[0]
    put_on_the_line(db, first.id, "CA1", datetime.now(UTC) - timedelta(hours=3))
    set_attempt(db, first.id, state="ended", outcome="no_contacto.no_contesta")
    other = attempts_of(db, campaign_id)[1]
    set_attempt(db, other.id, recipient_id=first.recipient_id)  # the retry, on the same telephone
    doubt(db, campaign_id, nth=1, ago=SURE)
    lists(twilio, call("CA1", TO[0], "no-answer"))
    reconciler.run()
    assert state(db, campaign_id, 1) == "not_placed"


def test_two_unknown_calls_to_one_telephone_wait_for_their_own_webhooks(db, campaign_id, reconciler, twilio):
    """Taken crosswise, the webhook of each would be refused, and both people would hear silence."""
    first = attempts_of(db, campaign_id)[0]
    set_attempt(db, attempts_of(db, campaign_id)[1].id, recipient_id=first.recipient_id)
    doubt(db, campaign_id, nth=0, ago=SURE)
    doubt(db, campaign_id, nth=1, ago=SURE)
    lists(twilio, call("CA1", TO[0]))
    reconciler.run()
    assert sorted(row.state for row in attempts_of(db, campaign_id)) == ["due", "unknown", "unknown"]


def test_two_unknown_calls_are_two_calls(db, campaign_id, reconciler, twilio):
    first = attempts_of(db, campaign_id)[0]
    set_attempt(db, attempts_of(db, campaign_id)[1].id, recipient_id=first.recipient_id)
    doubt(db, campaign_id, nth=0, ago=SURE)
    doubt(db, campaign_id, nth=1, ago=SURE)
    lists(twilio, call("CA1", TO[0], "busy"))
    reconciler.run()
    assert sorted(row.state for row in attempts_of(db, campaign_id)) == ["due", "due", "due", "ended", "not_placed"]


def test_a_call_of_the_desk_to_the_same_person_is_not_the_attempts(db, vault, clock, campaign_id, twilio):
    """It is from the same number: believed to be ours, it would bring a wrong outcome, and the real one be hung up."""
    reconciler = Reconciler(
        db, vault, clock, Carrier(ACCOUNT, "token", API), TRUNK, RING, lambda tx, sids: {"CA7"} & set(sids)
    )
    doubt(db, campaign_id)
    lists(twilio, call("CA7", TO[0], "completed", "300"))
    assert reconciler.run() == 0
    assert state(db, campaign_id) == "unknown"


def test_after_a_day_with_a_list_that_says_neither_the_coordinator_is_told_too(db, campaign_id, reconciler, twilio):
    """Whoever called that person a little before keeps nobody's line busy for ever."""
    asked = datetime.now(UTC) - timedelta(hours=24, minutes=1)
    doubt(db, campaign_id, ago=timedelta(hours=24, minutes=1))
    set_attempt(db, attempts_of(db, campaign_id)[0].id, started_at=asked)
    stray = call("CA1", TO[0], "completed") | {
        "date_created": format_datetime(asked - timedelta(minutes=9), usegmt=True)
    }
    lists(twilio, stray)
    assert reconciler.run() == 1
    assert people_of(db, campaign_id)[0].outcome == "error_tecnico"


@pytest.mark.parametrize(("older", "state_after"), [(30, "unknown"), (7200, "not_placed")])
def test_an_older_call_is_not_ours_and_a_wrong_clock_dials_nobody(
    db, campaign_id, reconciler, twilio, clock, older, state_after
):
    """A call a little older than its asking may be ours on a wrong clock: it stays unknown."""
    doubt(db, campaign_id, ago=SURE)
    made = clock.now() - timedelta(minutes=2) - timedelta(seconds=older)
    lists(twilio, call("CA1", TO[0], "completed") | {"date_created": format_datetime(made, usegmt=True)})
    reconciler.run()
    assert state(db, campaign_id) == state_after


def fetched(twilio, sid, **answer):
    twilio.get(f"{API}/2010-04-01/Accounts/{ACCOUNT}/Calls/{sid}.json", **answer)


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
    assert state(db, campaign_id) == "placed"


def test_another_trunks_doubts_are_not_ours(db, campaign_id, reconciler, twilio):
    doubt(db, campaign_id, trunk="sur", ago=SURE)
    assert reconciler.run() == 0
    assert len(twilio.calls) == 0
