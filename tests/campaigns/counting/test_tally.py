"""Kept counts say what counting everybody would say, whatever happened and in whatever order."""

from collections import Counter
from datetime import timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from campaigns import life
from campaigns.counting import tally
from campaigns.counting.tables import call_tally, people_tally
from campaigns.counting.tables import counted as counted_once
from campaigns.counting.tally import HourOfDay, Made
from campaigns.importing import Importer
from campaigns.receiving import receive
from campaigns.states import AttemptState, Channel
from campaigns.tables import attempt, campaign, recipient
from campaigns.texting import delivery
from campaigns.upload import jobs
from core.database import Database
from core.privacy import Vault
from demo.invent import citizen, formato
from tests.campaigns.builders import (
    COORDINATOR,
    LINES,
    attempts_of,
    end,
    moment,
    put_on_the_line,
    running,
    set_attempt,
    set_campaign,
    submitted,
)


def counted(db: Database, campaign_id: int) -> dict:
    """By looking at everybody."""
    with db.begin() as tx:
        names = (recipient.c.outcome, recipient.c.is_final, recipient.c.attempts > 0)
        query = select(*names, func.count()).where(recipient.c.campaign_id == campaign_id).group_by(*names)
        return {tuple(row[:3]): row[3] for row in tx.execute(query)}


def kept(db: Database, campaign_id: int) -> dict:
    with db.begin() as tx:
        return {(each.outcome, *each_of(each)): each.people for each in tally.people(tx, campaign_id)}


def each_of(each: tally.OutcomeCount) -> tuple[bool, bool]:
    return each.is_final, each.was_called


def lines(db: Database, campaign_id: int) -> int:
    with db.begin() as tx:
        mine = people_tally.c.campaign_id == campaign_id
        return tx.execute(select(func.count()).select_from(people_tally).where(mine)).scalar_one()


FATES = [
    ("completed", {"progress": "message_heard"}),
    ("completed", {"progress": "failed_security"}),
    ("completed", {"answered_by": "machine_end_beep"}),
    ("busy", {}),
    ("no-answer", {}),
    ("failed", {}),
]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("is_looked_at_first", [True, False])
def test_whatever_happens(db: Database, vault: Vault, clock, seed: int, is_looked_at_first: bool, monkeypatch):
    monkeypatch.setattr(tally, "_GATHERED_AT", 4)  # gathered all the time
    random, campaign_id = Random(seed), running(db, vault, clock, 12)
    if is_looked_at_first:
        assert kept(db, campaign_id) == counted(db, campaign_id)
    for n in range(25):
        due = [each for each in attempts_of(db, campaign_id) if each.state == AttemptState.DUE]
        if not due:
            break
        one, (status, facts) = random.choice(due), random.choice(FATES)
        put_on_the_line(db, one.id, f"CA{n}", clock.now())
        end(db, vault, clock.now(), one.id, status, **facts)
        if random.random() < 0.4:
            assert kept(db, campaign_id) == counted(db, campaign_id)
    with db.begin() as tx:
        ended = random.choice(
            [lambda: life.cancel(tx, clock.now(), campaign_id, COORDINATOR), lambda: _expire(tx, clock, campaign_id)]
        )
        ended()
    assert kept(db, campaign_id) == counted(db, campaign_id)
    with db.begin() as tx:
        over = select(func.count()).where(attempt.c.state == AttemptState.ENDED)
        assert tally.made(tx, campaign_id) == Made(tx.execute(over).scalar_one(), 0)


def _expire(tx, clock, campaign_id: int) -> None:
    assert life.finish_if_done(tx, clock.now(), campaign_id, period_is_over=True)


def test_what_is_undone_was_never_counted(db, vault, clock):
    campaign_id = running(db, vault, clock, 2)
    before = kept(db, campaign_id)
    with db.engine.connect() as tx:
        life.finish_if_done(tx, clock.now(), campaign_id, period_is_over=True)
        tx.rollback()
    assert kept(db, campaign_id) == before


def test_two_who_gather_at_once_lose_nobody(db, vault, clock, monkeypatch):
    campaign_id = running(db, vault, clock, 6)
    assert sum(kept(db, campaign_id).values()) == 6
    for n, one in enumerate(attempts_of(db, campaign_id)):
        put_on_the_line(db, one.id, f"CA{n}", clock.now())
        end(db, vault, clock.now(), one.id, "completed", progress="message_heard")
    assert lines(db, campaign_id) == 13
    monkeypatch.setattr(tally, "_GATHERED_AT", 4)
    with db.begin() as one, db.begin() as other:
        assert tally.people(one, campaign_id) == tally.people(other, campaign_id)  # the other one leaves it alone
    assert lines(db, campaign_id) == 1
    assert kept(db, campaign_id) == counted(db, campaign_id)


def test_people_who_come_after_the_count_are_counted_too(db, vault, clock):
    """A campaign whose people were put there by hand, some of them after somebody looked."""
    campaign_id = running(db, vault, clock, 3)
    assert sum(kept(db, campaign_id).values()) == 3
    with db.begin() as tx:
        one = tx.execute(select(recipient).limit(1)).one()._asdict()
        tx.execute(recipient.insert().values(**{**one, "id": 900, "row": 900}))
    set_campaign(db, campaign_id, recipients=4)
    assert sum(kept(db, campaign_id).values()) == 4


def test_while_a_file_is_read_there_is_nothing_to_count(db, vault, clock):
    campaign_id = submitted(db, vault, clock, 2).id
    set_campaign(db, campaign_id, state="submitted")
    assert kept(db, campaign_id) == {}
    set_campaign(db, campaign_id, state="under_review")
    assert sum(kept(db, campaign_id).values()) == 2


def test_the_hours_are_those_of_the_place(db, vault, clock):
    campaign_id = running(db, vault, clock, 4)
    fates = [("09:59", "busy", {}), ("10:00", "completed", {"progress": "message_heard"})]
    fates += [("10:59", "completed", {}), ("10:30", "completed", {"answered_by": "machine_end_beep"})]
    for n, (one, (at, status, facts)) in enumerate(zip(attempts_of(db, campaign_id), fates, strict=True)):
        put_on_the_line(db, one.id, f"CA{n}", moment(f"2026-11-23 {at}"))
        end(db, vault, clock.now(), one.id, status, **facts)
    with db.begin() as tx:
        assert tally.hours(tx, campaign_id, "America/El_Salvador") == [HourOfDay(9, 1, 0), HourOfDay(10, 3, 2)]
        assert tally.hours(tx, campaign_id, "Etc/UTC") == [HourOfDay(15, 1, 0), HourOfDay(16, 3, 2)]


def test_calls_made_before_anybody_counted_are_counted_too(db, vault, clock):
    campaign_id = running(db, vault, clock, 2)
    for n, one in enumerate(attempts_of(db, campaign_id)):
        put_on_the_line(db, one.id, f"CA{n}", clock.now())
        end(db, vault, clock.now(), one.id, "no-answer")
    with db.begin() as tx:
        tx.execute(call_tally.delete())  # as in a database that is older than its counts
        tally.people(tx, campaign_id)
        assert tally.made(tx, campaign_id) == Made(2, 0)
        assert Counter(dict(tally.minutes(tx, campaign_id, 60))) == {clock.now(): 2}
        assert tx.execute(select(campaign.c.recipients)).scalar_one() == 2


@pytest.mark.parametrize("is_counted_later", [False, True])
def test_a_text_is_no_call(db, vault, clock, is_counted_later: bool, monkeypatch):
    monkeypatch.setattr(tally, "_GATHERED_AT", 1)
    campaign_id = running(db, vault, clock, 3)
    kept(db, campaign_id)
    calls, text, other = attempts_of(db, campaign_id)
    set_attempt(db, calls.id, channel=Channel.VOICE)
    for each in (text, other):
        set_attempt(db, each.id, channel=Channel.TEXT)
    for n, each in enumerate((calls, text, other)):
        put_on_the_line(db, each.id, f"CA{n}", clock.now() + n * timedelta(minutes=1))
    end(db, vault, clock.now(), calls.id, "completed", progress="message_heard")
    with db.begin() as tx:
        for each in (text, other):
            delivery.tell(tx, clock.now(), each.id, "delivered")
        if is_counted_later:
            tx.execute(counted_once.delete())  # as in a database where texts were counted as calls
    assert kept(db, campaign_id) == counted(db, campaign_id)
    with db.begin() as tx:
        assert tally.made(tx, campaign_id) == Made(1, 2)
        assert tally.minutes(tx, campaign_id, 60) == [(clock.now(), 1)]
        assert [count for _, count in tally.minutes(tx, campaign_id, 60, of_texts=True)] == [1, 1]
        assert [(each.calls, each.answered) for each in tally.hours(tx, campaign_id, "Etc/UTC")] == [(1, 1)]


def test_the_job_counts_and_gathers_what_nobody_looked_at(db, vault, clock, monkeypatch):
    monkeypatch.setattr(tally, "_GATHERED_AT", 4)
    campaign_id = running(db, vault, clock, 5)
    tally.gather_all(db)
    assert lines(db, campaign_id) == 1
    for n, one in enumerate(attempts_of(db, campaign_id)):
        put_on_the_line(db, one.id, f"CA{n}", clock.now())
        end(db, vault, clock.now(), one.id, "completed", progress="message_heard")
    assert lines(db, campaign_id) == 11
    tally.gather_all(db)
    assert lines(db, campaign_id) == 1
    assert kept(db, campaign_id) == counted(db, campaign_id)


def test_whoever_looks_first_after_an_import_finds_it_counted(db, vault, clock):
    data = formato([citizen(n) for n in range(4)])
    number = receive(db, vault, clock, LINES, COORDINATOR, "lista.csv", data)
    context: Any = SimpleNamespace(additional_context={"importer": Importer(db, vault, clock, LINES), "database": db})
    jobs.import_upload(context, number)
    assert lines(db, number) == 1
    assert kept(db, number) == counted(db, number)
