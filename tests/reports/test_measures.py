"""A day that is over is told by what was in force on it, whatever the settings say since (decision 0035)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from core.clock import FixedClock
from core.database import Database
from core.in_force import Kept, current, keep, setting_in_force
from core.privacy import Vault
from core.tariffs import TextTariff
from desk.own_targets import set_own_target
from ivr.register import calls_by_day
from reports.document import printed
from reports.measures import Measures, Noting, Standards, Thresholds
from reports.period import House, counted, document
from reports.periods import Period
from tests.campaigns.builders import attempts_of, moment, put_on_the_line, running, set_attempt
from tests.reports.days import SAN_SALVADOR, Days

MONDAY, TUESDAY = (Period(date(2026, 11, day), date(2026, 11, day), SAN_SALVADOR) for day in (23, 24))
BOTH_DAYS = replace(MONDAY, last=TUESDAY.last)
THEN = Standards({"dgs": 10}, Thresholds(20, 5), {"": TextTariff("USD", Decimal("0.05"))})
NOW = Standards({"dgs": 20}, Thresholds(30, 9), {"": TextTariff("USD", Decimal("0.07"))})


class Settings:
    """What an installation's settings say, which somebody may change."""

    def __init__(self) -> None:
        self.now = THEN

    def __call__(self) -> Standards:
        return self.now


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def house(vault: Vault, settings: Settings) -> House:
    return House(vault, "Una institución", {"dgs": "DGS"}, settings, calls_by_day)


@pytest.fixture
def noting(db: Database, clock: FixedClock, settings: Settings) -> Noting:
    return Noting(db, clock, settings)


@pytest.fixture
def two_days(db: Database, vault: Vault, clock: FixedClock) -> None:
    """On each of them Ana has four calls, who waited 10, 20, 25 and 31 s; one hangs up after 7 s; and two texts go out,
    of one and two segments."""
    with db.begin() as tx:
        day = Days(tx, vault)
        for n in (23, 24):
            for hour, wait in zip((10, 11, 12, 13), (10, 20, 25, 31), strict=True):
                day.asks(f"{n} {hour}:00:00", f"{n} {hour}:05:00", f"{n} {hour}:00:{wait}", "Ana")
            day.asks(f"{n} 15:00:00", f"{n} 15:00:07", ended_as="abandoned")
    both = {"canal": "VOZ_Y_SMS", "texto_sms": "{primer_nombre}: le llamamos hoy.", "momento_sms": "ANTES"}
    for n, each in enumerate(attempts_of(db, running(db, vault, clock, 4, **both))):
        put_on_the_line(db, each.id, f"SM{n}", moment(f"2026-11-{23 + n // 2} 10:30"))
        set_attempt(db, each.id, segments=1 + n % 2)


def told(db: Database, house: House, clock: FixedClock, period: Period) -> dict[str, list[list[str]]]:
    with db.begin() as tx:
        found = counted(tx, house, period)
    made = document(found, house, made_at=clock.now(), name="x")
    return {each.title: [[printed(value) for value in row] for row in each.rows] for each in made.sections}


def figures(found: dict[str, list[list[str]]]) -> tuple[str, ...]:
    """Target, compliance, service level with short abandons and without, cost."""
    [ana] = found["Producción por operador"]
    indicators = {row[0]: row[1] for row in found["Indicadores de la atención"]}
    service = (indicators[f"Nivel de servicio, {which} abandonos cortos"] for which in ("con", "sin"))
    return (*ana[-2:], *service, found["Mensajes de texto por línea"][0][7])


def test_monday_says_the_same_after_the_settings_were_changed(db, house, clock, settings, noting, two_days):
    """By hand: Monday 4 of 10, 2 of 5 within 20 s and no short abandon; Tuesday 4 of 20, 3 of 5 within 30 s, one of
    them short."""
    assert set(noting.note()) == {Kept.TARGETS, Kept.SERVICE, Kept.TEXT_TARIFFS}
    before = told(db, house, clock, MONDAY)
    assert figures(before) == ("10", "40.0 %", "40.0 %", "40.0 %", "0.15 USD")
    clock.advance(timedelta(days=1))
    settings.now = NOW
    noting.note()
    assert told(db, house, clock, MONDAY) == before
    assert figures(told(db, house, clock, TUESDAY)) == ("20", "20.0 %", "60.0 %", "75.0 %", "0.21 USD")
    together = told(db, house, clock, BOTH_DAYS)
    assert figures(together) == ("30", "26.7 %", "50.0 %", "55.6 %", "0.36 USD")
    formulas = {row[0]: row[4] for row in together["Indicadores de la atención"]}
    formula = formulas["Nivel de servicio, sin abandonos cortos"]
    assert "20 o 30 segundos, según el día, o menos" in formula and "5 o 9 segundos" in formula


def test_what_is_changed_on_a_day_holds_for_all_of_it(db, house, clock, settings, noting, two_days):
    noting.note()
    clock.advance(timedelta(hours=8))  # Monday evening
    settings.now = NOW
    noting.note()
    assert figures(told(db, house, clock, MONDAY))[:2] == ("20", "20.0 %")


def test_of_what_came_before_anything_was_kept_the_first_holds(db, house, clock, settings, noting, two_days):
    clock.advance(timedelta(days=30))
    noting.note()
    clock.advance(timedelta(days=30))
    settings.now = NOW
    noting.note()
    assert figures(told(db, house, clock, MONDAY))[:2] == ("10", "40.0 %")


def test_a_price_that_was_not_known_then_is_not_known_later(db, house, clock, settings, noting, two_days):
    settings.now = replace(THEN, text_tariffs={})
    noting.note()
    clock.advance(timedelta(days=1))
    settings.now = NOW
    noting.note()
    assert told(db, house, clock, MONDAY)["Mensajes de texto por línea"][0][7] == "—"


def test_two_hosts_that_disagree_say_so_once_each(db, clock, settings, noting):
    other = Noting(db, clock, lambda: NOW)
    for _ in range(3):
        noting.note()
        other.note()
        clock.advance(timedelta(minutes=1))
    with db.begin() as tx:
        assert tx.execute(select(func.count()).select_from(setting_in_force)).scalar_one() == 6


def test_the_same_again_is_not_written_twice(db, clock):
    with db.begin() as tx:
        assert keep(tx, clock.now(), Kept.TARGETS, {"dgs": 10})
        assert not keep(tx, clock.now(), Kept.TARGETS, {"dgs": 10})
        assert current(tx, Kept.TARGETS) == {"dgs": 10}


def test_a_period_falls_into_stretches_where_thresholds_were_changed(db, clock):
    with db.begin() as tx:
        keep(tx, moment("2026-11-01 00:00"), Kept.SERVICE, {"in_time": 20, "short": 5})
        keep(tx, moment("2026-11-11 00:00"), Kept.SERVICE, {"in_time": 30, "short": 5})
        month = Period(date(2026, 11, 1), date(2026, 11, 30), SAN_SALVADOR)
        found = Measures(tx, month, THEN).stretches()
    assert [(each.first.day, each.last.day, limits.in_time) for each, limits in found] == [(1, 10, 20), (11, 30, 30)]


def test_an_operators_own_target_counts_from_the_day_on_which_it_was_given(db, house, clock, noting, two_days):
    """In place of their line's; days that were over keep what they had."""
    noting.note()
    clock.advance(timedelta(days=1))
    with db.begin() as tx:
        set_own_target(tx, clock.now(), 1, 5)
    assert figures(told(db, house, clock, MONDAY))[:2] == ("10", "40.0 %")
    assert figures(told(db, house, clock, TUESDAY))[:2] == ("5", "80.0 %")
    clock.advance(timedelta(days=1))
    with db.begin() as tx:
        set_own_target(tx, clock.now(), 1, None)
    assert figures(told(db, house, clock, TUESDAY))[:2] == ("5", "80.0 %")
    with db.begin() as tx:
        assert current(tx, Kept.OWN_TARGETS) == {}
