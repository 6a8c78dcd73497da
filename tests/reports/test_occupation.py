"""How much of the time at the desk was conversations, by hand: breaks, nights and what goes on still."""

from datetime import date

import pytest
from sqlalchemy import insert

from core.database import Database
from core.privacy import Vault
from desk.states import Presence
from desk.tables import presence_change
from reports.occupation import Occupied, occupied_in, ocupacion
from reports.period import House, counted, document
from reports.periods import Period
from tests.campaigns.builders import moment
from tests.reports.days import SAN_SALVADOR, Days

MONDAY = Period(date(2026, 11, 23), date(2026, 11, 23), SAN_SALVADOR)
ANA, LUIS = Days.mail("Ana"), Days.mail("Luis")
#: Ana: an hour free, 10 min ringing and on a call, 20 writing, a break of 30, half an hour free. Luis: at his desk
#: since Sunday 23:00, on a call over midnight until 00:30, and again on one that goes on after Monday.
DAY = {
    "Ana": (
        *(("23 08:00:00", Presence.DISPONIBLE), ("23 09:00:00", Presence.TIMBRANDO)),
        *(("23 09:01:00", Presence.EN_LLAMADA), ("23 09:10:00", Presence.POST_LLAMADA)),
        *(("23 09:30:00", Presence.DESCANSO), ("23 10:00:00", Presence.DISPONIBLE), ("23 10:30:00", Presence.FUERA)),
    ),
    "Luis": (
        *(("22 23:00:00", Presence.DISPONIBLE), ("22 23:50:00", Presence.EN_LLAMADA)),
        *(("23 00:30:00", Presence.FUERA), ("23 23:30:00", Presence.EN_LLAMADA), ("24 00:10:00", Presence.FUERA)),
    ),
}


@pytest.fixture
def a_day(db: Database, vault: Vault) -> None:
    with db.begin() as tx:
        day = Days(tx, vault)
        for name, spells in DAY.items():
            for at, state in spells:
                told = {"account_id": day.operator(name), "at": day.at(at), "state": state}
                tx.execute(insert(presence_change).values(**told))


def test_a_break_is_no_time_at_work_and_what_goes_over_midnight_counts_for_its_part(db, a_day):
    """Ana: (9 + 20) of (60 + 1 + 9 + 20 + 30) minutes; Luis: 30 + 30 of as many."""
    with db.begin() as tx:
        found = occupied_in(tx, MONDAY)
    assert found == {ANA: Occupied(29 * 60, 120 * 60), LUIS: Occupied(3600, 3600)}
    told = ocupacion(found.values())
    assert (told.part, told.whole) == (5340, 10800)
    assert told.formula.startswith("Segundos en llamada")


def test_of_a_day_that_is_not_over_nothing_is_known_after_now(db, a_day):
    with db.begin() as tx:
        assert occupied_in(tx, MONDAY, moment("2026-11-23 09:05"))[ANA] == Occupied(4 * 60, 65 * 60)
        assert LUIS in occupied_in(tx, MONDAY, moment("2026-11-23 00:10"))
        assert ANA not in occupied_in(tx, MONDAY, moment("2026-11-23 00:10"))


def test_days_together_are_the_sum_of_each(db, a_day):
    days = [Period(date(2026, 11, day), date(2026, 11, day), SAN_SALVADOR) for day in (22, 23, 24)]
    whole = Period(date(2026, 11, 22), date(2026, 11, 24), SAN_SALVADOR)
    with db.begin() as tx:
        each = [occupied_in(tx, day).get(LUIS, Occupied()) for day in days]
        together = occupied_in(tx, whole)[LUIS]
    assert together == Occupied(sum(one.busy for one in each), sum(one.at_work for one in each))
    assert together == Occupied(80 * 60, 130 * 60)


def test_of_one_line_alone_and_of_who_did_nothing_there_it_is_not_told(db, vault, clock, a_day):
    """Nobody's time at the desk is of a line; and who worked on a line that is not told of is not told of."""
    house = House(vault, "x", {"dgs": "DGS"})
    with db.begin() as tx:
        day = Days(tx, vault, people={"Ana": 1, "Luis": 2})
        day.asks("23 09:01:00", "23 09:10:00", "23 09:01:00", "Ana")
        found = counted(tx, house, MONDAY)
        of_a_line = counted(tx, house, MONDAY, line="dgs")
    assert found.occupied == {ANA: Occupied(29 * 60, 120 * 60)}
    assert of_a_line.occupied == {}
    told = document(of_a_line, house, made_at=clock.now(), name="x")
    [production] = (each for each in told.sections if each.title == "Producción por operador")
    assert "Ocupación" not in production.headings
