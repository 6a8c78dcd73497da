"""What follows each outcome: the whole table of formato-v1, outcomes."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.outcomes import Outcome as O
from campaigns.rules.followup import FINAL, Final, Past, Retry, what_follows
from campaigns.rules.hours import Window
from campaigns.rules.policy import After, Delays
from core.countries import COUNTRIES

SV = COUNTRIES["SV"]
PERIOD = Window(SV, last_day=datetime(2026, 12, 18).date())
MONDAY = "2026-11-23"


def at(told: str) -> datetime:
    """``10:00`` is of Monday; ``24 10:00`` of that day of November."""
    day, _, hour = told.rpartition(" ")
    return datetime.fromisoformat(f"2026-11-{day or '23'} {hour}").replace(tzinfo=SV.zone)


def follows(past: list[tuple[int, O, str]], *, phones=3, spent=0, most=4, window=PERIOD, failures=0):
    calls = [Past(phone, outcome, at(when)) for phone, outcome, when in past]
    return what_follows(calls, phones=phones, spent=spent, max_attempts=most, window=window, security_failures=failures)


#: outcome of the first call to the first of three phones, on Monday at 10:00 → phone, when, phones spent
AFTER_ONE_CALL = [
    (O.BUSY, 0, "10:20", 0),
    (O.NO_ANSWER, 1, "13:00", 0),
    (O.FAILED, 1, "10:01", 0b001),
    (O.MACHINE, 0, "24 08:00", 0),
    (O.MACHINE_WITH_MESSAGE, 0, "24 08:00", 0),
    (O.HUNG_UP, 0, "13:00", 0),
    (O.NOT_HERE, 0, "13:00", 0),
    (O.WRONG_NUMBER, 1, "24 08:00", 0b001),
    (O.FAILED_SECURITY, 0, "24 08:00", 0),
    (O.CALL_LATER, 0, "13:00", 0),
]


@pytest.mark.parametrize(("outcome", "phone", "when", "spent"), AFTER_ONE_CALL)
def test_what_follows_the_first_call(outcome, phone, when, spent):
    found = follows([(0, outcome, "10:00")], failures=1)
    assert found.next == Retry(phone, at(when))
    assert found.spent == spent


@pytest.mark.parametrize(
    ("asked_for", "when"),
    [("23 11:15", "23 11:15"), ("24 09:30", "24 09:30"), ("23 19:00", "24 08:00"), ("23 09:00", "23 10:00")],
)
def test_whoever_asks_for_an_hour_is_called_then(asked_for, when):
    past = [Past(0, O.NO_ANSWER, at("08:00")), Past(1, O.CALL_LATER, at("10:00"), call_at=at(asked_for))]
    assert what_follows(past, phones=3, spent=0, max_attempts=4, window=PERIOD).next == Retry(1, at(when))


@pytest.mark.parametrize(
    "outcome",
    [
        *(O.MESSAGE_PARTIAL, O.MESSAGE_COMPLETE, O.COLLECTED, O.NO_MORE_CALLS, O.TECHNICAL),
        *(O.REFUSES, O.DECEASED, O.MINOR),
    ],
)
def test_these_are_final(outcome):
    assert follows([(0, outcome, "10:00")]).next == Final()


def test_the_table_knows_every_outcome_that_a_call_can_have():
    not_of_a_call = {o for o in O if o.startswith(("no_marcable", "sms."))}
    assert {row[0] for row in AFTER_ONE_CALL} | FINAL | not_of_a_call == set(O)


@pytest.mark.parametrize(
    ("past", "phone", "when"),
    [
        # busy: the same phone once, then as no answer
        ([(0, O.BUSY, "10:00"), (0, O.BUSY, "10:20")], 1, "24 12:00"),  # two today; another band than the morning's
        ([(0, O.BUSY, "10:00"), (0, O.NO_ANSWER, "10:20")], 1, "24 12:00"),
        ([(0, O.FAILED, "10:00"), (1, O.BUSY, "10:01")], 1, "10:21"),  # the other phone's first
        ([(0, O.NO_ANSWER, "10:00"), (1, O.BUSY, "13:00")], 1, "24 08:00"),  # the day's second: no third after 20 min
        ([(0, O.NO_ANSWER, "10:00"), (1, O.FAILED, "13:00"), (2, O.HUNG_UP, "13:01")], 2, "24 08:00"),
        ([(0, O.BUSY, "17:50")], 0, "24 08:00"),
        # no answer: ≥ 3 h later, and not in the same of the three bands
        ([(0, O.NO_ANSWER, "08:00")], 1, "12:00"),
        ([(0, O.NO_ANSWER, "11:59")], 1, "14:59"),
        ([(0, O.NO_ANSWER, "12:00")], 1, "15:00"),
        ([(0, O.NO_ANSWER, "14:59")], 1, "17:59"),
        ([(0, O.NO_ANSWER, "15:00")], 1, "24 08:00"),
        ([(0, O.NO_ANSWER, "16:00")], 1, "24 08:00"),
        # round and round
        ([(0, O.NO_ANSWER, "10:00"), (1, O.NO_ANSWER, "13:00")], 2, "24 08:00"),
        ([(0, O.NO_ANSWER, "20 10:00"), (1, O.NO_ANSWER, "20 13:00"), (2, O.NO_ANSWER, "10:00")], 0, "13:00"),
        # hung up, not here: the same person, the same phone
        ([(0, O.HUNG_UP, "08:00")], 0, "11:00"),
        ([(0, O.HUNG_UP, "10:00"), (0, O.HUNG_UP, "13:00")], 0, "24 08:00"),
        ([(1, O.NOT_HERE, "16:30")], 1, "24 08:00"),
        # the next day is the next legal one
        ([(0, O.MACHINE, "27 10:00")], 0, "30 08:00"),
        ([(0, O.WRONG_NUMBER, "27 10:00")], 1, "30 08:00"),
        ([(0, O.FAILED, "17:59:30")], 1, "24 08:00"),
        # a call that failed rang at nobody's: it does not count against the day
        ([(0, O.FAILED, "10:00"), (1, O.NO_ANSWER, "10:01")], 2, "13:01"),
    ],
)
def test_what_follows_a_history(past, phone, when):
    found = follows(past, spent=sum(1 << p for p, outcome, _ in past[:-1] if outcome is O.FAILED))
    assert found.next == Retry(phone, at(when))


@pytest.mark.parametrize(
    ("outcome", "phones", "spent", "next_phone"),
    [
        (O.NO_ANSWER, 1, 0b000, 0),
        (O.NO_ANSWER, 2, 0b010, 0),
        (O.NO_ANSWER, 3, 0b010, 2),
        (O.NO_ANSWER, 3, 0b110, 0),
        (O.FAILED, 3, 0b010, 2),
        (O.WRONG_NUMBER, 2, 0b000, 1),
        (O.MACHINE, 3, 0b001, 1),  # the phone that it should stay on was spent in the meantime
    ],
)
def test_a_spent_phone_is_passed_over(outcome, phones, spent, next_phone):
    found = follows([(0, outcome, "10:00")], phones=phones, spent=spent)
    assert isinstance(found.next, Retry)
    assert found.next.phone == next_phone


@pytest.mark.parametrize(
    ("outcome", "phones", "spent"),
    [(O.FAILED, 1, 0), (O.WRONG_NUMBER, 1, 0), (O.FAILED, 2, 0b10), (O.FAILED, 3, 0b110), (O.NO_ANSWER, 2, 0b11)],
)
def test_with_every_phone_spent_it_is_final(outcome, phones, spent):
    assert follows([(0, outcome, "10:00")], phones=phones, spent=spent).next == Final()


@pytest.mark.parametrize(("failures", "is_final"), [(1, False), (2, False), (3, True), (4, True)])
def test_the_third_security_failure_in_thirty_days_is_final(failures, is_final):
    found = follows([(0, O.FAILED_SECURITY, "10:00")], failures=failures)
    assert (found.next == Final()) is is_final


@pytest.mark.parametrize(("most", "is_final"), [(1, True), (2, True), (3, False), (6, False)])
def test_no_more_calls_than_the_campaign_allows(most, is_final):
    found = follows([(0, O.NO_ANSWER, "10:00"), (1, O.NO_ANSWER, "13:00")], most=most)
    assert (found.next == Final()) is is_final


def test_a_number_that_the_carrier_refused_was_no_call():
    refused = Past(0, O.FAILED, at("10:00"), placed=False)
    found = what_follows([refused], phones=2, spent=0, max_attempts=1, window=PERIOD)
    assert found.next == Retry(1, at("10:01"))


@pytest.mark.parametrize(
    ("outcome", "when", "is_final"),
    [
        (O.NO_ANSWER, "10:00", False),
        (O.NO_ANSWER, "15:01", True),
        (O.MACHINE, "10:00", True),
        (O.FAILED_SECURITY, "08:00", True),
        (O.BUSY, "17:30", False),
        (O.BUSY, "17:40", True),
        (O.HUNG_UP, "15:00", True),
        (O.FAILED, "17:59", True),
    ],
)
def test_what_no_legal_moment_of_the_period_can_hold_is_final(outcome, when, is_final):
    last_day = Window(SV, last_day=at("10:00").date())
    assert (follows([(0, outcome, when)], window=last_day).next == Final()) is is_final


LAST_DAY = Window(SV, last_day=at("10:00").date())
MORNINGS = replace(LAST_DAY, preferred=(time(0), time(12)))
SATURDAY = Window(COUNTRIES["CO"], last_day=at("28 10:00").date(), preferred=(time(16), time(18)))
TOMORROW_CLOSED = Window(SV, last_day=at("24 10:00").date(), closed=frozenset({at("24 10:00").date()}))


@pytest.mark.parametrize(
    ("outcome", "at_first", "window", "then"),
    [
        # hours preferred that the rest of the period does not have are not kept
        (O.NO_ANSWER, "10:00", MORNINGS, at("13:00")),
        (O.BUSY, "11:50", MORNINGS, at("12:10")),
        (O.BUSY, "10:00", MORNINGS, at("10:20")),
        (O.MACHINE, "10:00", MORNINGS, None),
        (O.NO_ANSWER, "10:00", replace(MORNINGS, last_day=at("24 10:00").date()), at("24 08:00")),
        (O.MACHINE, "27 16:00", SATURDAY, datetime.fromisoformat("2026-11-28T08:00-05:00")),
        # a day that was closed since may be opened again
        (O.MACHINE, "10:00", TOMORROW_CLOSED, at("24 08:00")),
        (O.NO_ANSWER, "10:00", TOMORROW_CLOSED, at("13:00")),
        (O.MACHINE, "24 10:00", TOMORROW_CLOSED, None),
    ],
)
def test_what_only_a_preference_or_a_closed_day_forbids_is_not_final(outcome, at_first, window, then):
    found = follows([(0, outcome, at_first)], window=window, failures=1).next
    assert (found.due_at if isinstance(found, Retry) else None) == then


def test_a_campaign_of_mornings_alone_tries_again_another_morning():
    mornings = Window(SV, time(8), time(11), last_day=PERIOD.last_day)
    assert follows([(0, O.NO_ANSWER, "08:00")], window=mornings).next == Retry(1, at("24 08:00"))
    assert follows([(0, O.NO_ANSWER, "08:00")], window=Window(SV, time(8), time(11))).next == Retry(1, at("24 08:00"))


QUICK = Delays(
    busy=After(timedelta(minutes=45), most=2),
    no_answer=After(timedelta(hours=5)),
    machine=After(days=2),
    hung_up=After(timedelta(hours=4), most=1),
    failed=After(timedelta(minutes=10)),
    calls_a_phone=2,
    attempts_a_day=4,
    bands=(13,),
)


@pytest.mark.parametrize(
    ("past", "then"),
    [
        ([(0, O.BUSY, "08:00")], Retry(0, at("08:45"))),
        ([(0, O.BUSY, "08:00"), (0, O.BUSY, "08:45")], Final()),  # the second is the last
        ([(0, O.NO_ANSWER, "08:00")], Retry(1, at("13:00"))),
        ([(0, O.NO_ANSWER, "13:00")], Retry(1, at("24 08:00"))),  # one band left of the day: the next morning
        ([(0, O.MACHINE, "08:00")], Retry(0, at("25 08:00"))),
        ([(0, O.MACHINE, "26 08:00")], Retry(0, at("30 08:00"))),  # two legal days: Friday and Monday
        ([(0, O.HUNG_UP, "08:00")], Final()),
        ([(0, O.FAILED, "08:00")], Retry(1, at("08:10"))),
        ([(0, O.MACHINE, "23 08:00"), (0, O.MACHINE, "25 08:00")], Retry(1, at("27 08:00"))),  # that phone twice
    ],
)
def test_a_country_sets_its_own_waits_and_tries(past, then):
    calls = [Past(phone, outcome, at(when)) for phone, outcome, when in past]
    found = what_follows(calls, phones=2, spent=0, max_attempts=6, window=PERIOD, delays=QUICK)
    assert found.next == then


def test_once_every_phone_was_called_often_enough_it_is_over():
    past = [Past(n % 2, O.NO_ANSWER, at(f"{23 + n} 10:00")) for n in range(4)]
    assert what_follows(past, phones=2, spent=0, max_attempts=6, window=PERIOD, delays=QUICK).next == Final()


retried = st.sampled_from([row[0] for row in AFTER_ONE_CALL])
opens = st.one_of(st.none(), st.times(time(8), time(12)))
closes = st.one_of(st.none(), st.times(time(13), time(18)))


@settings(max_examples=150, deadline=None)
@given(
    outcomes=st.lists(retried, min_size=8, max_size=8),
    phones=st.integers(1, 3),
    most=st.integers(1, 6),
    window=st.builds(
        Window,
        st.sampled_from(list(COUNTRIES.values())),
        opens,
        closes,
        st.one_of(st.none(), st.frozensets(st.integers(0, 4), min_size=1)),
        st.dates(datetime(2026, 11, 23).date(), datetime(2026, 12, 31).date()),
    ),
)
def test_a_whole_history_stays_inside_every_limit(outcomes, phones, most, window):
    """Whatever happens, call after call: legal hours, usable phones, and an end."""
    now, phone, spent, past = window.next_open(at("00:00")), 0, 0, []
    if now is None:
        return
    for n, outcome in enumerate(outcomes):
        past.append(Past(phone, outcome, now))
        failures = sum(call.outcome is O.FAILED_SECURITY for call in past)
        found = what_follows(
            past, phones=phones, spent=spent, max_attempts=most, window=window, security_failures=failures
        )
        if found.next == Final():
            return
        assert isinstance(found.next, Retry)
        assert n + 1 < most
        assert window.is_open(found.next.due_at)
        assert found.next.due_at >= now + timedelta(minutes=1)
        assert found.next.phone < phones
        assert not found.spent & (1 << found.next.phone)
        assert found.spent & spent == spent
        now, phone, spent = found.next.due_at, found.next.phone, found.spent
    raise AssertionError("it never ended")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([O.NO_ANSWER, O.HUNG_UP, O.NOT_HERE]), min_size=5, max_size=5))
def test_a_person_is_called_twice_a_day_at_most(outcomes):
    now, phone, past = at("08:00"), 0, []
    for outcome in outcomes:
        past.append(Past(phone, outcome, now))
        found = what_follows(past, phones=1, spent=0, max_attempts=6, window=PERIOD)
        assert isinstance(found.next, Retry)
        assert found.next.due_at >= now + timedelta(hours=3)
        now = found.next.due_at
    days = [PERIOD.local(call.at).date() for call in past]
    assert max(days.count(day) for day in days) <= 2
