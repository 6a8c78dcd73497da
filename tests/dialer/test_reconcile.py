"""What is not known is asked of the carrier: its list, page by page, with nobody's telephone in the question."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from carrier.client import Carrier
from core.clock import FixedClock
from dialer.reconcile import Reconciler
from tests.campaigns.builders import attempts_of, people_of, put_on_the_line, running, set_attempt, set_campaign
from tests.dialer.builders import TRUNK, refused
from tests.dialer.remote import ACCOUNT, API, CALLS, FAILED, TO, call, lists, page

RING = 30
SURE = timedelta(seconds=RING + 61)  # by then the carrier's list is complete


@pytest.fixture
def campaign_id(db, vault, clock) -> int:
    return running(db, vault, clock, 3)


@pytest.fixture
def reconciler(db, vault, clock) -> Reconciler:
    return Reconciler(db, vault, clock, Carrier(ACCOUNT, "token", API), TRUNK, RING)


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
    "500": FAILED,
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


def test_another_trunks_doubts_are_not_ours(db, campaign_id, reconciler, twilio):
    doubt(db, campaign_id, trunk="sur", ago=SURE)
    assert reconciler.run() == 0
    assert len(twilio.calls) == 0


@pytest.fixture
def real() -> FixedClock:
    """The clock on the wall, which moves when told."""
    return FixedClock(datetime.now(UTC))


@pytest.fixture
def patient(db, vault, clock, real) -> Reconciler:
    return Reconciler(db, vault, clock, Carrier(ACCOUNT, "token", API), TRUNK, RING, real=real)


def since(twilio) -> list[datetime]:
    """Where each list began that was asked for, without the day before."""
    asked = [parse_qs(urlsplit(each.request.url).query) for each in twilio.calls]
    starts = [query["StartTime>"][0] for query in asked if "StartTime>" in query]
    return [datetime.fromisoformat(start) + timedelta(days=1) for start in starts]


def undecided(twilio, real, *others):
    """A list that settles nothing: a call that may be the first person's, on a clock that is wrong; and no end."""
    made = format_datetime(real.now() - timedelta(hours=3, minutes=9), usegmt=True)
    lists(twilio, call("CA1", TO[0], "completed") | {"date_created": made}, *others)


def test_a_doubt_that_lasts_is_asked_about_less_often(db, campaign_id, patient, real, twilio):
    doubt(db, campaign_id, ago=timedelta(hours=3))
    set_attempt(db, attempts_of(db, campaign_id)[0].id, started_at=real.now() - timedelta(hours=3))
    undecided(twilio, real)
    for seconds, lists_so_far in ((0, 1), (5, 1), (5, 1), (280, 1), (10, 2), (5, 2)):
        real.advance(timedelta(seconds=seconds))
        assert patient.run() == 0
        assert len(since(twilio)) == lists_so_far
    assert state(db, campaign_id) == "unknown"


def test_a_doubt_of_this_moment_is_asked_about_at_each_look(db, campaign_id, patient, real, twilio):
    doubt(db, campaign_id)
    lists(twilio)
    for _ in range(6):
        patient.run()
        real.advance(timedelta(seconds=5))
    assert len(since(twilio)) == 6


def test_an_old_doubt_makes_no_list_of_a_young_one_any_longer(db, campaign_id, patient, real, twilio):
    doubt(db, campaign_id, ago=timedelta(hours=3))
    set_attempt(db, attempts_of(db, campaign_id)[0].id, started_at=real.now() - timedelta(hours=3))
    undecided(twilio, real)
    patient.run()
    doubt(db, campaign_id, nth=1)
    set_attempt(db, attempts_of(db, campaign_id)[1].id, started_at=real.now())
    patient.run()
    ages = [real.now() - each for each in since(twilio)]
    assert [round(age / timedelta(hours=1)) for age in ages] == [3, 0]


def test_whose_a_call_is_is_never_said_of_one_of_two_to_the_same_telephone(db, campaign_id, patient, real, twilio):
    """The older of the two is asked about seldom, and with the younger one all the same."""
    first = attempts_of(db, campaign_id)[0]
    set_attempt(db, attempts_of(db, campaign_id)[1].id, recipient_id=first.recipient_id)
    doubt(db, campaign_id, nth=0, ago=timedelta(hours=2))
    twilio.get(CALLS, **FAILED)
    patient.run()
    twilio.reset()
    doubt(db, campaign_id, nth=1, ago=SURE)
    lists(twilio, call("CA1", TO[0]))
    real.advance(timedelta(seconds=5))
    assert patient.run() == 0
    assert sorted(row.state for row in attempts_of(db, campaign_id)) == ["due", "unknown", "unknown"]


def test_absence_is_believed_as_soon_as_the_list_must_be_complete(db, campaign_id, patient, real, twilio):
    lists(twilio)
    lasted = timedelta(0)
    while doubt(db, campaign_id, ago=lasted) and patient.run() == 0:
        lasted += timedelta(seconds=5)
        real.advance(timedelta(seconds=5))
    assert state(db, campaign_id) == "not_placed"
    assert SURE - timedelta(seconds=5) <= lasted < SURE + timedelta(seconds=15)


@pytest.mark.parametrize(
    "wrong", [timedelta(hours=-25), timedelta(minutes=-2), timedelta(minutes=2), timedelta(hours=25)]
)
@pytest.mark.parametrize(("ago", "then"), [(timedelta(seconds=5), "unknown"), (SURE, "not_placed")])
def test_a_host_whose_clock_is_wrong_concludes_nothing_early_and_nothing_late(
    db, campaign_id, patient, real, twilio, wrong, ago, then
):
    """How long ago the carrier was asked is said by the clock that wrote it down: the database's."""
    real.advance(wrong)
    doubt(db, campaign_id, ago=ago)
    lists(twilio)
    patient.run()
    assert state(db, campaign_id) == then


def test_one_number_whose_list_cannot_be_read_keeps_no_other_from_being_asked_about(
    db, campaign_id, reconciler, twilio
):
    doubt(db, campaign_id, nth=0, ago=SURE)
    doubt(db, campaign_id, nth=1, ago=timedelta(seconds=5), caller_id="+50322374444")
    other = responses.matchers.query_param_matcher({"From": "+50322373333"}, strict_match=False)
    twilio.get(CALLS, match=[other], **FAILED)
    lists(twilio, call("CA1", TO[1]), caller_id="+50322374444")
    assert reconciler.run() == 1
    assert [state(db, campaign_id, nth) for nth in range(2)] == ["unknown", "placed"]


def test_an_attempt_without_that_telephone_keeps_no_other_from_being_settled(
    db, campaign_id, reconciler, twilio, caplog
):
    broken = doubt(db, campaign_id, nth=0, ago=SURE, phone=9)
    doubt(db, campaign_id, nth=1, ago=SURE)
    lists(twilio, call("CA1", TO[1]))
    assert reconciler.run() == 1
    assert [state(db, campaign_id, nth) for nth in range(2)] == ["unknown", "placed"]
    assert f"attempt {broken} was passed over: IndexError at " in caplog.text


def test_a_call_whose_end_cannot_be_kept_keeps_no_other_from_being_settled(
    db, vault, clock, reconciler, twilio, caplog
):
    broken, sound = (running(db, vault, clock, 1, first) for first in range(2))
    for campaign_id in (broken, sound):
        doubt(db, campaign_id, ago=SURE)
    set_campaign(db, broken, country="XX")  # of whose rules nobody knows
    lists(twilio, call("CA1", TO[0], "busy"), call("CA2", TO[1], "busy"))
    assert reconciler.run() == 1
    assert [state(db, each) for each in (broken, sound)] == ["unknown", "ended"]
    assert "was passed over: KeyError at " in caplog.text
    assert not [to for to in TO if to in caplog.text]


def test_one_that_cannot_be_given_up_keeps_no_other_from_it(db, vault, clock, reconciler, twilio):
    broken, sound = (running(db, vault, clock, 1, first) for first in range(2))
    for campaign_id in (broken, sound):
        doubt(db, campaign_id, ago=timedelta(hours=25))
    twilio.get(CALLS, **FAILED)
    with refused(db, "attempt", f"campaign_id <> {broken} or state <> 'ended'"):
        assert reconciler.run() == 1
    assert [state(db, each) for each in (broken, sound)] == ["unknown", "ended"]
