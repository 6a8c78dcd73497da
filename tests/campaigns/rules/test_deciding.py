"""What becomes of a call that is due: a table of every rule, and what holds whatever the calendar and the past are."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.outcomes import Outcome as O
from campaigns.rules.deciding import Dial, Facts, Never, NotNow, OtherPhone, Reason, decide
from campaigns.rules.hours import Window
from campaigns.rules.limits import Call, Limits
from core.countries import COUNTRIES

PERIOD = Window(COUNTRIES["SV"], last_day=date(2026, 12, 18))
NUMBER = "+50322373333"
MONDAY = date(2026, 11, 23)
#: The last day, for somebody who prefers mornings; a last Saturday, for whoever prefers an hour of the evening.
LAST_DAY = Window(COUNTRIES["SV"], last_day=MONDAY, preferred=(time(0), time(12)))
LAST_SATURDAY = Window(COUNTRIES["CO"], last_day=date(2026, 11, 28), preferred=(time(16), time(18)))
#: Two days are left of the period, and both were closed since; or only the second.
BOTH_CLOSED = Window(COUNTRIES["SV"], last_day=date(2026, 11, 24), closed=frozenset({MONDAY, date(2026, 11, 24)}))
LAST_CLOSED = replace(BOTH_CLOSED, closed=frozenset({date(2026, 11, 24)}))


def at(told: str) -> datetime:
    """``10:00`` is of Monday the 23rd; ``24 10:00`` of that day."""
    day, _, hour = told.rpartition(" ")
    return datetime.fromisoformat(f"2026-11-{day or '23'}T{hour}:00-06:00")


def facts(now: str = "10:00", **changes) -> Facts:
    usual = {"window": PERIOD, "limits": Limits(), "phone": 0, "phones": 1, "spent": 0, "caller_ids": [NUMBER]}
    return Facts(now=at(now), person=b"somebody", **{**usual, **changes})


def calls(*told: tuple[str, O | None]) -> list[Call]:
    return [Call(at(when), outcome) for when, outcome in told]


@pytest.mark.parametrize(
    ("now", "changes", "decision"),
    [
        ("10:00", {}, Dial(NUMBER)),
        # one effective contact, and stop
        ("10:00", {"outcome": O.MESSAGE_COMPLETE}, Never(O.MESSAGE_COMPLETE)),
        ("10:00", {"outcome": O.NO_ANSWER}, Dial(NUMBER)),
        # exclusions, of the person and of the telephone
        ("10:00", {"person_excluded": True, "phones": 3}, Never(O.EXCLUDED)),
        ("10:00", {"person_excluded": True, "phone_excluded": True, "phones": 3}, Never(O.EXCLUDED)),
        ("10:00", {"phone_excluded": True}, Never(O.EXCLUDED)),
        ("10:00", {"phone_excluded": True, "phones": 2}, OtherPhone(1, 0b001)),
        ("10:00", {"phone_excluded": True, "phones": 2, "phone": 1}, OtherPhone(0, 0b010)),
        ("10:00", {"phone_excluded": True, "phones": 3, "spent": 0b010}, OtherPhone(2, 0b011)),
        ("10:00", {"phone_excluded": True, "phones": 3, "phone": 2, "spent": 0b011}, Never(O.EXCLUDED)),
        ("20:00", {"person_excluded": True}, Never(O.EXCLUDED)),  # at whatever hour it is asked
        # hours
        ("07:59", {}, NotNow(Reason.HOURS, at("08:00"))),
        ("18:00", {}, NotNow(Reason.HOURS, at("24 08:00"))),
        ("28 10:00", {}, NotNow(Reason.HOURS, at("30 08:00"))),
        (
            "10:00",
            {"window": replace(PERIOD, closed=frozenset({date(2026, 11, 23)}))},
            NotNow(Reason.CLOSED_DAY, at("24 08:00")),
        ),
        ("10:00", {"window": replace(PERIOD, preferred=(time(14), time(16)))}, NotNow(Reason.PREFERENCE, at("14:00"))),
        ("10:00", {"window": replace(PERIOD, last_day=date(2026, 11, 20))}, Never(O.EXPIRED)),
        # hours preferred that the rest of the period does not have cannot be kept, and are not
        ("11:59", {"window": LAST_DAY}, Dial(NUMBER)),
        ("13:00", {"window": LAST_DAY}, Dial(NUMBER)),
        ("18:00", {"window": LAST_DAY}, Never(O.EXPIRED)),
        ("10:00", {"window": LAST_DAY, "calls": calls(("09:00", O.NO_ANSWER))}, NotNow(Reason.BETWEEN, at("12:00"))),
        ("10:00", {"window": LAST_DAY, "calls": calls(("09:00", O.COLLECTED))}, Never(O.CONTACT_LIMIT)),
        (
            "13:00",
            {"window": replace(LAST_DAY, last_day=date(2026, 11, 24))},
            NotNow(Reason.PREFERENCE, at("24 08:00")),
        ),
        ("27 14:00", {"window": LAST_SATURDAY}, NotNow(Reason.PREFERENCE, at("27 15:00"))),
        ("27 18:30", {"window": LAST_SATURDAY}, NotNow(Reason.HOURS, at("28 07:00"))),  # eight in Bogotá
        ("28 09:00", {"window": LAST_SATURDAY}, Dial(NUMBER)),
        # a period whose days were closed since is not over: somebody may open them again
        ("10:00", {"window": BOTH_CLOSED}, NotNow(Reason.ALL_CLOSED, at("24 08:00"))),
        ("24 10:00", {"window": BOTH_CLOSED}, NotNow(Reason.ALL_CLOSED, at("24 18:00"))),
        ("24 18:00", {"window": BOTH_CLOSED}, Never(O.EXPIRED)),
        ("10:00", {"window": LAST_CLOSED}, Dial(NUMBER)),
        ("18:00", {"window": LAST_CLOSED}, NotNow(Reason.ALL_CLOSED, at("24 08:00"))),
        (
            "17:00",
            {"window": LAST_CLOSED, "calls": calls(("16:00", O.NO_ANSWER))},
            NotNow(Reason.ALL_CLOSED, at("24 08:00")),
        ),
        ("13:00", {"window": replace(LAST_CLOSED, preferred=(time(0), time(12)))}, Dial(NUMBER)),
        # somebody of the house speaks with them now, whatever they asked for
        ("10:00", {"is_on_the_line": True}, NotNow(Reason.ON_THE_LINE, at("10:02"), True)),
        ("10:00", {"is_on_the_line": True, "was_asked_for": True}, NotNow(Reason.ON_THE_LINE, at("10:02"), True)),
        ("10:00", {"is_on_the_line": True, "person_excluded": True}, Never(O.EXCLUDED)),
        # limits, and the hours after them
        ("10:00", {"calls": calls(("09:00", O.NO_ANSWER))}, NotNow(Reason.BETWEEN, at("12:00"))),
        ("10:00", {"phone_calls": calls(("09:00", O.NO_ANSWER))}, NotNow(Reason.BETWEEN, at("12:00"), True)),
        ("17:00", {"calls": calls(("16:00", O.NO_ANSWER))}, NotNow(Reason.BETWEEN, at("24 08:00"))),
        (
            "15:00",
            {"calls": calls(("08:00", O.NO_ANSWER), ("11:00", O.NO_ANSWER))},
            NotNow(Reason.CALLS, at("24 08:00")),
        ),
        ("15:00", {"calls": calls(("08:00", O.FAILED_SECURITY))}, NotNow(Reason.CONTACTS, at("24 08:00"))),
        (
            "10:00",
            {"calls": calls(("17 09:00", O.COLLECTED), ("18 09:00", O.COLLECTED), ("20 09:00", O.COLLECTED))},
            NotNow(Reason.WEEK, at("24 09:00")),
        ),
        (
            "15:00",
            {"calls": calls(("09:00", O.COLLECTED)), "window": replace(PERIOD, last_day=date(2026, 11, 23))},
            Never(O.CONTACT_LIMIT),
        ),
        # who asked to be called is called then: the limits of a day are not for this, the law's hours are
        ("10:00", {"calls": calls(("09:00", O.CALL_LATER)), "was_asked_for": True}, Dial(NUMBER)),
        (
            "19:00",
            {"calls": calls(("09:00", O.CALL_LATER)), "was_asked_for": True},
            NotNow(Reason.HOURS, at("24 08:00")),
        ),
        (
            "10:00",
            {"window": replace(PERIOD, preferred=(time(14), time(16))), "was_asked_for": True},
            Dial(NUMBER),
        ),
    ],
)
def test_every_rule(now, changes, decision):
    assert decide(facts(now, **changes)) == decision


outcomes = st.sampled_from([None, *(o for o in O if not o.startswith("no_marcable"))])
zones: dict[str, list[str | None]] = {
    "SV": [None],
    "CO": [None],
    "MX": [None, "America/Tijuana", "America/Cancun", "America/Ojinaga"],
}


@st.composite
def situations(draw) -> Facts:
    """A calendar, a zone, a narrowing, hours of one's own, limits and a past, all at random."""
    country = draw(st.sampled_from(list(COUNTRIES)))
    zone = draw(st.sampled_from(zones[country]))
    now = draw(st.datetimes(datetime(2026, 10, 1), datetime(2027, 4, 15), timezones=st.just(ZoneInfo("UTC"))))
    window = Window(
        COUNTRIES[country],
        draw(st.one_of(st.none(), st.times(max_value=time(14)))),
        draw(st.one_of(st.none(), st.times(min_value=time(12)))),
        draw(st.one_of(st.none(), st.frozensets(st.integers(0, 6), min_size=1))),
        draw(st.one_of(st.none(), st.dates(date(2026, 10, 1), date(2027, 5, 1)))),
        ZoneInfo(zone) if zone else None,
        draw(st.sampled_from([None, (time(0), time(12)), (time(14), time(16)), (time(20), time(22))])),
        draw(st.frozensets(st.dates(now.date(), now.date() + timedelta(days=9)), max_size=5)),
    )
    ago = st.timedeltas(timedelta(0), timedelta(days=8))
    past = st.lists(st.builds(lambda back, outcome: Call(now - back, outcome), ago, outcomes), max_size=8)
    limits = Limits(
        draw(st.integers(1, 3)),
        timedelta(minutes=draw(st.integers(0, 600))),
        draw(st.integers(1, 2)),
        draw(st.integers(1, 4)),
    )
    return Facts(
        now=now,
        window=window,
        limits=limits,
        phone=0,
        phones=1,
        spent=0,
        caller_ids=[NUMBER],
        person=b"somebody",
        calls=draw(past),
        phone_calls=draw(past),
    )


def breaks(facts: Facts, moment: datetime) -> list[str]:
    """The rules that a call at this moment would break, worked out without the code that decides."""
    country, local = facts.window.country, moment.astimezone(facts.window.zone or facts.window.country.zone)
    found = []
    spans = [span for span in country.spans if local.weekday() in span.weekdays]
    if not any(span.opens <= local.time() < span.closes for span in spans):
        found.append("outside the country's hours")
    if country.is_holiday(local.date()) or local.date() in facts.window.closed:
        found.append("on a day that is closed")
    if facts.window.last_day and local.date() > facts.window.last_day:
        found.append("after the period")
    if facts.window.weekdays is not None and local.weekday() not in facts.window.weekdays:
        found.append("on another weekday")
    if (facts.window.opens and local.time() < facts.window.opens) or (
        facts.window.closes and local.time() >= facts.window.closes
    ):
        found.append("outside the campaign's hours")
    for past in (facts.calls, facts.phone_calls):
        found += _too_often(past, facts.limits, moment, local)
    return found


def _too_often(past: Sequence[Call], limits: Limits, moment: datetime, local: datetime) -> list[str]:
    of_day = [call for call in past if call.at.astimezone(local.tzinfo).date() == local.date()]
    texted = (O.TEXT_DELIVERED, O.TEXT_UNCONFIRMED)
    reached = [call for call in past if call.outcome and call.outcome.startswith(("contacto_titular", *texted))]
    found = []
    nowhere = (O.FAILED, O.TEXT_UNDELIVERED)
    if len([call for call in of_day if call.outcome not in nowhere]) + 1 > limits.calls_a_day:
        found.append("too many calls in a day")
    if len([call for call in reached if call in of_day]) >= limits.contacts_a_day:
        found.append("a second conversation in a day")
    if len([call for call in reached if moment - call.at < timedelta(days=7)]) >= limits.contacts_a_week:
        found.append("too many conversations in a week")
    rang = [call.at for call in past if call.outcome not in (*nowhere, O.BUSY)]
    if rang and moment - max(rang) < limits.between_calls:
        found.append("too soon after the last")
    return found


@settings(max_examples=300, deadline=None)
@given(situations())
def test_no_dial_falls_outside_a_legal_hour_or_above_a_limit(situation):
    decision = decide(situation)
    if isinstance(decision, Dial):
        assert breaks(situation, situation.now) == []
    if isinstance(decision, NotNow) and decision.reason is not Reason.ALL_CLOSED:
        assert breaks(situation, decision.until) == []
        assert decide(replace(situation, now=decision.until)) == Dial(NUMBER)


@settings(max_examples=300, deadline=None)
@given(situations(), st.floats(0, 1, exclude_max=True))
def test_what_is_not_now_is_not_before_its_moment_either(situation, part):
    decision = decide(situation)
    if isinstance(decision, NotNow):
        assert decision.until > situation.now
        between = situation.now + part * (decision.until - situation.now)
        if between < decision.until:
            assert not isinstance(decide(replace(situation, now=between)), Dial)


@settings(max_examples=150, deadline=None)
@given(situations(), st.floats(0, 1))
def test_what_the_period_cannot_hold_is_never_allowed_in_it(situation, part):
    decision = decide(situation)
    if isinstance(decision, Never) or (isinstance(decision, NotNow) and decision.reason is Reason.ALL_CLOSED):
        later = situation.now + part * timedelta(days=40)
        assert not isinstance(decide(replace(situation, now=later)), Dial)


@settings(max_examples=300, deadline=None)
@given(situations())
def test_no_day_that_was_closed_and_no_hour_that_is_preferred_ends_a_campaign_for_anybody(situation):
    decision = decide(situation)
    if isinstance(decision, Never):
        planned = replace(situation.window, closed=frozenset(), preferred=None)
        assert isinstance(decide(replace(situation, window=planned)), Never)


@settings(max_examples=100, deadline=None)
@given(situations(), st.lists(outcomes, min_size=12, max_size=12))
def test_a_whole_month_of_calls_stays_inside_every_limit(situation, came):
    """Called whenever it is allowed, from one decision to the next."""
    now = situation
    for outcome in came:
        decision = decide(now)
        if isinstance(decision, NotNow):
            now = replace(now, now=decision.until)
            decision = decide(now)
        if not isinstance(decision, Dial):
            return
        assert breaks(now, now.now) == []
        made = Call(now.now, outcome)
        now = replace(
            now, calls=[*now.calls, made], phone_calls=[*now.phone_calls, made], now=now.now + timedelta(minutes=1)
        )
