"""What is read of the past, and what two who ask at once are told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql.psycopg import dialect

from campaigns.rules import facts
from campaigns.rules.candidates import candidate_for
from campaigns.rules.deciding import Decision, Dial, NotNow, Reason
from campaigns.rules.facts import CAMPAIGN_COLUMNS, decision_of, decisions
from campaigns.rules.limits import LOOKED_BACK
from campaigns.tables import campaign
from core.trunks import DEFAULT
from dialer.queries import Taken, take
from tests.campaigns.builders import attempts_of, people_of, running, set_attempt


def decided(tx, db, vault, now, campaign_id: int) -> tuple[Decision, Taken]:
    """What becomes of a campaign's first attempt, whoever else is waited for."""
    each = candidate_for(tx, vault, attempts_of(db, campaign_id)[0].id)
    to_print, decision = decision_of(tx, vault, now, each)
    return decision, Taken(each, to_print, "+50322373333")


def test_two_who_ask_at_once_never_call_one_telephone_together(db, vault, clock):
    """An operator waits for the other's decision, and then sees the call."""
    first, second = running(db, vault, clock, 1), running(db, vault, clock, 1, nombre_campana="Otra")
    begun = Event()

    def late() -> Decision:
        with db.begin() as tx:
            begun.set()
            return decided(tx, db, vault, clock.now(), second)[0]

    with ThreadPoolExecutor(1) as pool:
        with db.begin() as tx:
            decision, taken = decided(tx, db, vault, clock.now(), first)
            assert isinstance(decision, Dial)
            other = pool.submit(late)
            assert begun.wait(5)
            take(tx, clock.now(), DEFAULT, "AC" + "0" * 32, 1, [taken])
        assert other.result(10) == NotNow(Reason.BETWEEN, clock.now() + timedelta(hours=3))


def test_of_many_those_whom_somebody_decides_of_are_passed_over(db, vault, clock):
    """The dialer waits for nobody; the next time it sees the other's call."""
    first, second = running(db, vault, clock, 1), running(db, vault, clock, 2, nombre_campana="Otra")

    def looked_at() -> list[tuple[int, type[Decision]]]:
        with db.begin() as tx:
            row = tx.execute(select(*CAMPAIGN_COLUMNS).where(campaign.c.id == second)).one()
            batch = [candidate_for(tx, vault, each.id) for each in due]
            found = decisions(tx, vault, clock.now(), {second: row}, batch)
            return [(each.id, type(decision)) for each, _, decision in found]

    due = attempts_of(db, second)
    with db.begin() as tx:
        decision, taken = decided(tx, db, vault, clock.now(), first)
        assert looked_at() == [(due[1].id, Dial)]
        take(tx, clock.now(), DEFAULT, "AC" + "0" * 32, 1, [taken])
    assert looked_at() == [(due[0].id, NotNow), (due[1].id, Dial)]


@pytest.mark.parametrize(
    ("past", "counts"),
    [
        ({"state": "placed", "remote_sid": "CA1"}, True),
        ({"state": "asking"}, True),
        ({"state": "unknown"}, True),
        ({"state": "ended", "remote_sid": "CA1", "outcome": "no_contacto.no_contesta"}, True),
        ({"state": "ended", "outcome": "error_tecnico"}, True),  # nobody knows whether it rang
        ({"state": "ended", "remote_sid": "CA1", "outcome": "no_contacto.ocupado"}, False),
        ({"state": "ended", "outcome": "no_contacto.fallida", "refused_code": 21211}, False),
        ({"state": "not_placed"}, False),
        ({"state": "withdrawn"}, False),
        ({"state": "due"}, False),
    ],
)
def test_what_counts_as_a_call_of_another_campaign(db, vault, clock, past, counts):
    other = running(db, vault, clock, 1)
    set_attempt(db, attempts_of(db, other)[0].id, started_at=clock.now() - timedelta(hours=1), **past)
    campaign_id = running(db, vault, clock, 1, nombre_campana="Otra")
    with db.begin() as tx:
        decision, _ = decided(tx, db, vault, clock.now(), campaign_id)
    assert isinstance(decision, NotNow if counts else Dial)


def test_calls_are_looked_for_by_whose_they_are(db, vault, clock):
    """While nobody had been called, as far as the server had counted, it looked at every call since for each person:
    with a million of them a claim took longer than it may."""
    campaign_id = running(db, vault, clock, 200)
    compiled = facts._CALLS.compile(dialect=dialect())
    with db.begin() as tx:
        tx.execute(text("analyze attempt"))
        tx.execute(text("update attempt set state = 'ended', started_at = :now, remote_sid = id"), {"now": clock.now()})
        people = [row.person_print for row in people_of(db, campaign_id)[:2]]
        asked = {"people": people, "phones": people, "since": clock.now() - LOOKED_BACK}
        tx.execute(text("set local enable_seqscan = off"))  # of so few it would rather read them all
        cursor = tx.connection.driver_connection.execute(f"explain {compiled}", {**compiled.params, **asked})
        plan = "\n".join(line for (line,) in cursor)
    assert "ix_attempt_started" not in plan
    assert "ix_attempt_recipient" in plan and "ix_attempt_to" in plan
