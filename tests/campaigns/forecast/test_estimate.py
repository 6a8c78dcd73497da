"""What a campaign takes, told before it begins: as the calls then turn out, and at once whatever its size."""

import random
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from datetime import time as hour
from typing import Any

import pytest

from campaigns.forecast.estimate import Estimate, Pace, Plan, Promised, estimate
from campaigns.forecast.followed import Stage
from campaigns.forecast.rates import DEFAULTS, Rates, seconds_of
from campaigns.forecast.slots import Hours
from campaigns.outcomes import Outcome
from campaigns.rules.hours import Window
from campaigns.rules.policy import After, Delays, Policy, policy_of
from core.countries import COUNTRIES
from tests.campaigns.forecast.dialled import dial

RATES = Rates(DEFAULTS, seconds_of([]))
MONDAY = datetime.fromisoformat("2026-11-23T08:00:00-06:00")


def window(country: str = "SV", last: date = date(2026, 12, 31), **narrowed) -> Window:
    return Window(COUNTRIES[country], last_day=last, **narrowed)


def plan(**told) -> Plan:
    return Plan(**{"window": window(), "starts_at": MONDAY, "max_attempts": 3, "policy": policy_of("SV"), **told})


def crowd(one: int = 0, two: int = 0, three: int = 0) -> dict[Stage, float]:
    return {Stage(0, 1): one, Stage(0, 2): two, Stage(0, 3): three}


def always(outcome: Outcome) -> Rates:
    return Rates({outcome: 1.0}, {outcome: 30.0})


def small_campaign(seed: int) -> tuple[dict[int, int], Plan, Pace, Rates]:
    """One of twenty, each unlike the others: country, hours, holidays ahead, telephones, tries, pace, who answers."""
    dice = random.Random(seed)
    country = dice.choice(["SV", "CO", "MX"])
    begins = datetime(2026, 11, 23, 8, tzinfo=COUNTRIES[country].zone) + timedelta(
        days=dice.randrange(30), hours=dice.randrange(10)
    )
    narrowed: dict[str, Any] = dice.choice(
        [{}, {"opens": hour(9), "closes": hour(16)}, {"weekdays": frozenset({0, 2, 4})}]
    )
    answers = dice.uniform(0.6, 1.6)
    drawn = {
        o: share * (answers if o in (Outcome.MESSAGE_COMPLETE, Outcome.MACHINE) else 1) for o, share in DEFAULTS.items()
    }
    whole = sum(drawn.values())
    told = Plan(
        window(country, begins.date() + timedelta(days=dice.choice([5, 14, 30])), **narrowed),
        begins,
        dice.randint(1, 6),
        policy_of(country),
    )
    phones = {n: dice.randrange(60, 300) for n in (1, 2, 3)}
    pace = Pace(dice.choice([0.02, 0.05, 1.0, 5.0]), dice.choice([2, 20, 200]))
    return phones, told, pace, Rates({o: share / whole for o, share in drawn.items()}, RATES.seconds)


def legal_days_between(window: Window, one: datetime, other: datetime) -> int:
    first, last = sorted((window.local(one).date(), window.local(other).date()))
    return sum(bool(window.spans_of(first + timedelta(days=n))) for n in range(1, (last - first).days + 1))


@pytest.mark.parametrize("seed", range(20))
def test_a_small_campaign_turns_out_as_it_was_told(seed: int) -> None:
    phones, told, pace, rates = small_campaign(seed)
    foreseen = estimate({Stage(0, n): count for n, count in phones.items()}, told, pace, rates)
    dialled = dial(phones, told, pace, rates, random.Random(seed))
    assert foreseen.calls == pytest.approx(dialled.calls, rel=0.15)
    assert foreseen.ends_at is not None
    assert told.window.is_open(foreseen.ends_at)
    assert legal_days_between(told.window, foreseen.ends_at, dialled.last) <= 1
    assert foreseen.unreached == pytest.approx(dialled.unreached, abs=0.05 * sum(phones.values()) + 5)


def test_a_million_people_are_told_of_in_less_than_a_second() -> None:
    everybody = crowd(400_000, 400_000, 200_000)
    began = time.process_time()
    long = estimate(everybody, plan(max_attempts=6), Pace(30, 3000), RATES)
    assert time.process_time() - began < 1
    assert long.calls > 2_000_000


@pytest.mark.parametrize(
    ("outcome", "phones", "attempts", "calls", "ends"),
    [
        # heard: one call each, and that is all
        (Outcome.MESSAGE_COMPLETE, crowd(one=10), 3, 10, "2026-11-23 08:00"),
        # a machine: the next legal day, until there are no more tries
        (Outcome.MACHINE, crowd(one=10), 3, 30, "2026-11-25 08:00"),
        # hung up: after three hours, twice a day
        (Outcome.HUNG_UP, crowd(one=10), 3, 30, "2026-11-24 08:00"),
        # a telephone that fails is not dialled again: as many calls as telephones
        (Outcome.FAILED, crowd(one=10), 5, 10, "2026-11-23 08:00"),
        (Outcome.FAILED, crowd(three=10), 5, 30, "2026-11-23 08:0"),
        # busy: twenty minutes, and then the next day
        (Outcome.BUSY, crowd(one=10), 2, 20, "2026-11-23 08:2"),
        (Outcome.BUSY, crowd(one=10), 3, 30, "2026-11-24 1"),
        # nobody answers: another band of the day
        (Outcome.NO_ANSWER, crowd(one=10), 2, 20, "2026-11-23 12:0"),
    ],
)
def test_what_follows_each_outcome(outcome: Outcome, phones, attempts: int, calls: int, ends: str) -> None:
    foreseen = estimate(phones, plan(max_attempts=attempts), Pace(10, 1000), always(outcome))
    assert foreseen.calls == pytest.approx(calls, rel=0.001)
    assert foreseen.ends_at is not None
    assert f"{foreseen.ends_at.astimezone(MONDAY.tzinfo):%Y-%m-%d %H:%M}".startswith(ends[: len(ends)])


def test_the_rules_file_is_obeyed() -> None:
    patient = Policy(Delays(machine=After(days=3, most=2)))
    foreseen = estimate(crowd(one=10), plan(policy=patient, max_attempts=6), Pace(10, 1000), always(Outcome.MACHINE))
    assert foreseen.calls == pytest.approx(20)
    assert sorted(foreseen.by_day) == [date(2026, 11, 23), date(2026, 11, 26)]


def test_nobody_is_called_on_a_holiday_nor_after_the_period() -> None:
    """Christmas is one, and a supervisor closed the day before; the period ends before all are reached."""
    told = plan(
        window=window(last=date(2026, 12, 28), closed=frozenset({date(2026, 12, 24)})),
        starts_at=datetime.fromisoformat("2026-12-23T08:00:00-06:00"),
    )
    foreseen = estimate(crowd(one=2000), told, Pace(0.01, 10), RATES)
    assert sorted(foreseen.by_day) == [date(2026, 12, 23), date(2026, 12, 28)]
    assert foreseen.calls == pytest.approx(0.01 * 20 * 3600)
    assert foreseen.unreached == pytest.approx(2000 - 720)
    assert foreseen.ends_at == pytest.approx(
        datetime.fromisoformat("2026-12-28T18:00:00-06:00"), abs=timedelta(minutes=2)
    )


def test_where_there_is_no_legal_hour_nobody_is_called() -> None:
    told = plan(window=window(last=date(2026, 11, 22)))
    assert estimate(crowd(one=5), told, Pace(1, 20), RATES) == Estimate(0, None, {}, {}, 5, 5)
    assert estimate({}, plan(), Pace(1, 20), RATES).ends_at is None


def test_the_cap_slows_what_the_pace_would_allow() -> None:
    """30 s a call and 12 of ringing: two lines place a call every 21 s, whatever the pace."""
    foreseen = estimate(crowd(one=100), plan(), Pace(10, 2), always(Outcome.MESSAGE_COMPLETE))
    assert foreseen.ends_at is not None
    assert (foreseen.ends_at - MONDAY).total_seconds() == pytest.approx(2100, rel=0.02)


@pytest.mark.parametrize(
    ("promised", "ours"),
    [
        ([], 3600),
        ([Promised({MONDAY.date(): 1800})], 1800),  # it goes first
        ([Promised({MONDAY.date(): 3600}, share=1)], 1800),  # equals: one call each in turn
        ([Promised({MONDAY.date(): 3600}, share=3)], 900),
        ([Promised({MONDAY.date(): 600}, share=1)], 3000),  # what it does not use is ours
        ([Promised({MONDAY.date(): 99_999})], 0),
        ([Promised({MONDAY.date() + timedelta(days=1): 9999})], 3600),  # another day
    ],
)
def test_what_is_promised_to_others_is_not_ours(promised: list[Promised], ours: float) -> None:
    foreseen = estimate(crowd(one=9000), plan(), Pace(0.1, 100), always(Outcome.MESSAGE_COMPLETE), promised)
    assert foreseen.by_day.get(MONDAY.date(), 0.0) == pytest.approx(ours)


def test_who_has_been_called_already_has_fewer_tries_left() -> None:
    begun = {Stage(0, 1): 10.0, Stage(2, 1): 10.0}
    assert estimate(begun, plan(), Pace(1, 20), always(Outcome.MACHINE)).calls == pytest.approx(40)


def test_a_call_that_is_longer_costs_more_minutes_and_nothing_else() -> None:
    short = estimate(crowd(one=100), plan(), Pace(1, 200), RATES)
    longer = replace(RATES, seconds={outcome: 2 * told for outcome, told in RATES.seconds.items()})
    assert longer.shares == RATES.shares
    assert short.minutes(longer) == pytest.approx(2 * short.minutes(RATES))


def at_home(foreseen: Estimate) -> datetime:
    """The last call, as the clock stood in El Salvador and in the middle of Mexico."""
    assert foreseen.ends_at is not None
    return foreseen.ends_at.astimezone(MONDAY.tzinfo)


HEARD = always(Outcome.MESSAGE_COMPLETE)
MEXICO = Plan(window("MX"), datetime.fromisoformat("2026-11-23T09:00:00-06:00"), 3, policy_of("MX"))
MIDDAY, AFTERNOON = Hours(preferred="12:00-15:00"), Hours(preferred="15:00-18:00")
TIJUANA = Hours(zone="America/Tijuana")  # two hours behind the centre in winter


class TestHoursOfTheirOwn:
    """Other zones, and the hours that people prefer, hold up an estimate as they hold up the dialer."""

    @pytest.mark.parametrize(
        ("hours", "told", "ends"),
        [
            (Hours(), MEXICO, "2026-11-23 09:00"),
            (TIJUANA, MEXICO, "2026-11-23 11:00"),
            (Hours("America/Cancun"), MEXICO, "2026-11-23 09:00"),  # begun an hour ago there
            (MIDDAY, plan(), "2026-11-23 12:00"),
            (Hours("America/Tijuana", "12:00-15:00"), MEXICO, "2026-11-23 14:00"),
            (Hours(preferred="20:00-22:00"), plan(), "2026-11-23 08:00"),  # cannot be kept, and is not
            (MIDDAY, plan(starts_at=MONDAY.replace(hour=16)), "2026-11-24 12:00"),
        ],
    )
    def test_nobody_is_foreseen_outside_them(self, hours: Hours, told: Plan, ends: str) -> None:
        foreseen = estimate({Stage(0, 1, hours=hours): 10}, told, Pace(10, 1000), HEARD)
        assert foreseen.calls == pytest.approx(10)
        assert f"{at_home(foreseen):%Y-%m-%d %H:%M}" == ends

    def test_those_who_may_be_called_do_not_wait_for_those_who_may_not(self) -> None:
        """An hour's work for each, and the others' hours are later."""
        mixed = {Stage(0, 1): 3600, Stage(0, 1, hours=AFTERNOON): 3600}
        foreseen = estimate(mixed, plan(), Pace(1, 1000), HEARD)
        assert foreseen.calls == pytest.approx(7200)
        assert f"{at_home(foreseen):%H:%M}" == "16:00"

    def test_who_finds_no_room_in_their_hours_is_put_off_to_the_next_day(self) -> None:
        foreseen = estimate({Stage(0, 1, hours=MIDDAY): 4 * 3600}, plan(), Pace(1, 1000), HEARD)
        assert list(foreseen.by_day.values()) == [pytest.approx(3 * 3600), pytest.approx(3600)]

    def test_whoever_has_waited_longest_goes_first_all_the_same(self) -> None:
        """As for the dialer: those who have waited since eight take the midday of those who prefer it."""
        busy = {Stage(0, 1, hours=MIDDAY): 4 * 3600, Stage(0, 1): 7 * 3600}
        foreseen = estimate(busy, plan(), Pace(1, 1000), HEARD)
        assert [calls / 3600 for calls in foreseen.by_day.values()] == [pytest.approx(hours) for hours in (7, 3, 1)]

    def test_whose_hours_are_over_when_the_period_ends_is_not_reached(self) -> None:
        late = plan(window=window(last=MONDAY.date()), starts_at=MONDAY.replace(hour=16))
        foreseen = estimate({Stage(0, 1, hours=MIDDAY): 5, Stage(0, 1): 2}, late, Pace(1, 1000), HEARD)
        assert [foreseen.calls, foreseen.unreached] == pytest.approx([2, 5])

    @pytest.mark.parametrize("seed", range(6))
    def test_a_mixed_campaign_turns_out_as_it_was_told(self, seed: int) -> None:
        dice = random.Random(seed)
        kinds = [Hours(), TIJUANA, Hours("America/Cancun", "09:00-12:00"), MIDDAY]
        phones, pace = {n: dice.randrange(15, 60) * 4 for n in (1, 2)}, Pace(dice.choice([0.02, 0.05, 1.0]), 200)
        told = replace(MEXICO, window=window("MX", MONDAY.date() + timedelta(days=14)), max_attempts=dice.randint(1, 4))
        everybody = {Stage(0, n, hours=each): count / 4 for n, count in phones.items() for each in kinds}
        foreseen, dialled = (
            estimate(everybody, told, pace, RATES),
            dial(phones, told, pace, RATES, random.Random(seed), kinds),
        )
        assert foreseen.calls == pytest.approx(dialled.calls, rel=0.15)
        assert legal_days_between(told.window, at_home(foreseen), dialled.last) <= 1
        assert foreseen.unreached == pytest.approx(dialled.unreached, abs=0.05 * sum(phones.values()) + 5)

    def test_a_million_people_of_many_kinds_take_seconds_and_not_minutes(self) -> None:
        kinds = [
            Hours(f"America/{zone}", preferred)
            for zone in ("Tijuana", "Cancun", "Hermosillo")
            for preferred in (None, "09:00-12:00", "12:00-15:00", "15:00-18:00")
        ]
        everybody = {Stage(0, n, hours=each): 30_000 for n in (1, 2, 3) for each in kinds}
        began = time.process_time()
        assert estimate(everybody, replace(MEXICO, max_attempts=6), Pace(30, 3000), RATES).calls > 2_000_000
        assert time.process_time() - began < 10


def test_who_is_due_later_is_called_then() -> None:
    tomorrow = {MONDAY + timedelta(days=1): {Stage(1, 1): 5.0}, MONDAY - timedelta(days=3): {Stage(1, 2): 4.0}}
    foreseen = estimate(crowd(one=10), plan(), Pace(10, 1000), HEARD, later=tomorrow)
    assert list(foreseen.by_day.values()) == [pytest.approx(14), pytest.approx(5)]
    assert f"{at_home(foreseen):%Y-%m-%d %H:%M}" == "2026-11-24 08:00"
