"""What is kept of a lock that is over: why a person lifted it, until it is old."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from beneficiaries.locks import Scope, lift, list_locks
from beneficiaries.old_locks import erase_old, forget_tries, lifted_locks
from beneficiaries.tables import failed_try, lock
from core import audit
from tests.beneficiaries import builders
from tests.beneficiaries.builders import ANA, LUIS
from tests.saying import tables_saying

BY = "ana@dgs.example"
REASON = "La conoce don Braulio, de ventanilla"


@pytest.fixture
def tx(db):
    with db.begin() as tx:
        yield tx


@pytest.fixture
def locked(tx, vault, clock):
    def made(document: str = ANA) -> int:
        for _ in range(5):
            builders.fail(tx, vault, clock.now(), document=document)
        return list_locks(tx, clock.now())[0].id

    return made


def how_many(tx) -> int:
    return tx.execute(select(func.count()).select_from(lock)).scalar_one()


def test_why_it_was_lifted_is_kept_sealed_and_told_with_who_and_when(tx, vault, clock, locked):
    first, second = locked(), locked(LUIS)
    for each in (first, second):
        clock.advance(timedelta(minutes=1))
        lift(tx, vault, clock.now(), each, BY, f" {REASON} ")
    told, other = lifted_locks(tx, vault)
    assert (told.id, other.id) == (second, first)
    assert (told.scope, told.masked, told.at, told.by) == (Scope.DOCUMENT, "04•••••-•", clock.now(), BY)
    assert told.reason == REASON
    assert "Braulio" not in repr(told)
    assert tables_saying(tx, "Braulio") == []
    assert tables_saying(tx, BY) == ["audit", "lock"], "what is looked for is found where it is"


def test_one_that_holds_or_ran_out_was_lifted_by_nobody(tx, vault, clock, locked):
    locked()
    assert lifted_locks(tx, vault) == []
    clock.advance(timedelta(days=2))
    assert lifted_locks(tx, vault) == []


def test_one_lifted_before_reasons_were_kept_is_told_without_one(tx, vault, clock, locked):
    lift(tx, vault, clock.now(), locked(), BY, REASON)
    tx.execute(update(lock).values(reason_sealed=None))
    assert [each.reason for each in lifted_locks(tx, vault)] == [""]


def test_an_old_one_goes_whole_and_the_trail_keeps_that_it_was(tx, vault, clock, locked):
    lock_id = locked()
    lift(tx, vault, clock.now(), lock_id, BY, REASON)
    assert erase_old(tx, clock.now() - timedelta(seconds=1), 10) == 0
    assert erase_old(tx, clock.now(), 10) == 1, "from its lifting on, whenever it would have ended"
    assert (how_many(tx), lifted_locks(tx, vault)) == (0, [])
    assert [each["action"] for each in audit.history(tx, "lock", lock_id)] == ["lock.lifted", "lock.set"]


def test_one_that_nobody_lifted_goes_by_its_end_and_never_while_it_holds(tx, clock, locked):
    locked()
    assert erase_old(tx, clock.now() + timedelta(hours=24) - timedelta(seconds=1), 10) == 0
    assert erase_old(tx, clock.now() + timedelta(hours=24), 10) == 1


def test_a_part_at_a_time(tx, vault, clock, locked):
    for document in (ANA, LUIS):
        lift(tx, vault, clock.now(), locked(document), BY, REASON)
    assert [erase_old(tx, clock.now(), 1) for _ in range(3)] == [1, 1, 0]


def test_failed_tries_of_long_ago_go_a_part_at_a_time_and_those_of_today_still_count(tx, vault, clock):
    for _ in range(3):
        builders.fail(tx, vault, clock.now(), document=ANA)
    long_ago = clock.now()
    clock.advance(timedelta(days=90))
    for _ in range(4):
        builders.fail(tx, vault, clock.now(), document=LUIS)
    assert [forget_tries(tx, long_ago, 2) for _ in range(3)] == [2, 1, 0]
    assert tx.execute(select(func.count()).select_from(failed_try)).scalar_one() == 4
    builders.fail(tx, vault, clock.now(), document=LUIS)
    assert len(list_locks(tx, clock.now())) == 1
