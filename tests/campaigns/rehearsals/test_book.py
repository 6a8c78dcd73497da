"""Asking for a rehearsal, and how it ends: once, whoever asks, and never without an end."""

import pytest
from sqlalchemy import func, select

from campaigns.life import NoSuchCampaign, NotAllowed
from campaigns.rehearsals import book
from campaigns.rehearsals.book import MOST_TRIES, State
from campaigns.rehearsals.tables import rehearsal
from core import audit
from tests.campaigns.builders import COORDINATOR, moment, scheduled, set_campaign, submitted


@pytest.fixture
def tx(db):
    with db.begin() as open_:
        yield open_


def ask(tx, clock, campaign_id, **more):
    return book.ask(tx, clock.now(), campaign_id, COORDINATOR, **more)


def test_it_leaves_a_job_and_a_line_in_the_trail(db, vault, clock):
    campaign_id = submitted(db, vault, clock).id
    with db.begin() as tx:
        number = ask(tx, clock, campaign_id, people=2)
    with db.begin() as tx:
        jobs = tx.exec_driver_sql("select args from procrastinate_jobs where task_name = 'rehearsal.run'").scalars()
        assert list(jobs) == [{"rehearsal_id": number}]
        newest = audit.history(tx, "campaign", campaign_id)[0]
        assert (newest["action"], newest["actor"], newest["facts"]) == (
            "campaign.rehearsed",
            COORDINATOR,
            {"people": 2},
        )


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"state": "running"}, "todavía no ha empezado"),
        ({"state": "returned"}, "todavía no ha empezado"),
        ({"state": "cancelled"}, "todavía no ha empezado"),
        ({"mode": "OPERADOR"}, "no hay operadores inventados"),
        ({"ends_on": moment("2026-11-20 00:00").date()}, "no le queda ninguna hora"),
    ],
)
def test_what_cannot_be_rehearsed(db, vault, clock, changed, told):
    campaign_id = submitted(db, vault, clock).id
    set_campaign(db, campaign_id, **changed)
    with db.begin() as tx, pytest.raises(NotAllowed, match=told):
        ask(tx, clock, campaign_id)


def test_no_such_campaign(tx, clock):
    with pytest.raises(NoSuchCampaign):
        ask(tx, clock, 4711)


def test_an_approved_one_that_waits_for_its_day_can_be(db, vault, clock):
    campaign_id = scheduled(db, vault, clock)
    with db.begin() as tx:
        assert ask(tx, clock, campaign_id)


def test_one_at_a_time(db, vault, clock):
    first, second = submitted(db, vault, clock).id, submitted(db, vault, clock, 3, 50, nombre_campana="Otra").id
    with db.begin() as tx:
        number = ask(tx, clock, first)
    for campaign_id in (first, second):
        with db.begin() as tx, pytest.raises(NotAllowed, match="Ya hay un ensayo"):
            ask(tx, clock, campaign_id)
    with db.begin() as tx:
        book.fail(tx, number, "No hubo máquina.")
        assert ask(tx, clock, second) > number


def test_taken_up_again_it_begins_anew_but_not_for_ever(db, vault, clock):
    campaign_id = submitted(db, vault, clock).id
    with db.begin() as tx:
        number = ask(tx, clock, campaign_id)
        for _ in range(MOST_TRIES):
            assert book.begin(tx, number) is not None
            assert book.tell(tx, number, 2, 3, 9, clock.now())
        assert book.begin(tx, number) is None
        row = book.latest(tx, campaign_id)
    assert row is not None
    assert (row.state, row.tries, row.is_going) == (State.FAILED, MOST_TRIES, False)


def test_stopped_while_it_runs_it_is_told_so(db, vault, clock):
    campaign_id = submitted(db, vault, clock).id
    with db.begin() as tx:
        number = ask(tx, clock, campaign_id)
        book.begin(tx, number)
        assert not book.stop(tx, clock.now(), number, campaign_id + 1, COORDINATOR), "of another campaign"
        assert book.tell(tx, number, 0, 3, 0, None)
        assert book.stop(tx, clock.now(), number, campaign_id, COORDINATOR)
        assert not book.tell(tx, number, 1, 3, 2, None)
        book.stopped(tx, number)
        book.fail(tx, number, "Too late: it is over.")
        assert not book.stop(tx, clock.now(), number, campaign_id, COORDINATOR)
        row = book.latest(tx, campaign_id)
        assert row is not None
        assert (row.state, row.problem) == (State.STOPPED, None)
        assert tx.execute(select(func.count()).select_from(rehearsal)).scalar_one() == 1
