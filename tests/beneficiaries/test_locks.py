"""Who tries too often is locked out, in silence, and a person may let them in again."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from beneficiaries.locks import (
    Limits,
    ReasonMissing,
    Scope,
    count_try,
    lift,
    list_locks,
    note_failure,
    note_success,
    take_back,
)
from beneficiaries.tables import failed_try, lock
from core import audit
from tests.beneficiaries import builders
from tests.beneficiaries.builders import ANA, LUIS, NOBODY, is_locked

CALLER = "+50372461935"
OTHER = "+50370001122"


@pytest.fixture
def tx(db):
    with db.begin() as tx:
        yield tx


def fail(tx, vault, clock, times, **who):
    for _ in range(times):
        builders.fail(tx, vault, clock.now(), **who)


def test_five_failures_lock_a_document(tx, vault, clock):
    fail(tx, vault, clock, 4, document=ANA)
    assert not is_locked(tx, vault, clock.now(), document=ANA)
    fail(tx, vault, clock, 1, document=ANA)
    assert is_locked(tx, vault, clock.now(), document=ANA)
    assert not is_locked(tx, vault, clock.now(), document=LUIS)


def test_ten_failures_lock_a_caller_over_any_documents(tx, vault, clock):
    for number in range(10):
        assert not is_locked(tx, vault, clock.now(), ANA, CALLER)
        fail(tx, vault, clock, 1, document=f"0000000{number:02}", caller=CALLER)
    assert is_locked(tx, vault, clock.now(), ANA, CALLER)
    assert not is_locked(tx, vault, clock.now(), ANA, OTHER)


def test_limits_are_settings(tx, vault, clock):
    limits = Limits(per_document=2, per_caller=1, lock=timedelta(hours=1))
    builders.fail(tx, vault, clock.now(), ANA, CALLER, limits)
    assert not is_locked(tx, vault, clock.now(), document=ANA)
    [found] = list_locks(tx, clock.now())
    assert (found.scope, found.until - found.since) == (Scope.CALLER, timedelta(hours=1))


def test_a_withheld_number_is_not_counted_with_the_others(tx, vault, clock):
    fail(tx, vault, clock, 12, caller=None)
    assert not is_locked(tx, vault, clock.now(), document=ANA, caller=None)
    assert list_locks(tx, clock.now()) == []


def test_a_lock_ends_after_24_hours_and_the_next_try_is_the_first_again(tx, vault, clock):
    fail(tx, vault, clock, 5, document=ANA)
    clock.advance(timedelta(hours=23, minutes=59))
    assert is_locked(tx, vault, clock.now(), document=ANA)
    clock.advance(timedelta(minutes=1))
    assert not is_locked(tx, vault, clock.now(), document=ANA)
    fail(tx, vault, clock, 4, document=ANA)
    assert not is_locked(tx, vault, clock.now(), document=ANA)


def test_tries_behind_a_lock_do_not_make_it_longer(tx, vault, clock):
    fail(tx, vault, clock, 5, document=ANA)
    clock.advance(timedelta(hours=20))
    fail(tx, vault, clock, 9, document=ANA)
    clock.advance(timedelta(hours=4))
    assert not is_locked(tx, vault, clock.now(), document=ANA)
    fail(tx, vault, clock, 1, document=ANA)
    assert not is_locked(tx, vault, clock.now(), document=ANA)


def test_failures_of_another_day_are_not_counted_and_midnight_is_no_second_chance(tx, vault, clock):
    fail(tx, vault, clock, 4, document=ANA)
    clock.advance(timedelta(hours=15))  # one in the morning
    fail(tx, vault, clock, 1, document=ANA)
    assert is_locked(tx, vault, clock.now(), document=ANA)
    fail(tx, vault, clock, 4, document=LUIS)
    clock.advance(timedelta(hours=24))
    fail(tx, vault, clock, 1, document=LUIS)
    assert not is_locked(tx, vault, clock.now(), document=LUIS)


def test_success_forgets_the_tries_of_the_document_and_not_those_of_the_caller(tx, vault, clock):
    fail(tx, vault, clock, 4, document=ANA, caller=CALLER)
    note_success(tx, vault, count_try(tx, vault, clock.now(), ANA, CALLER), ANA, CALLER)
    fail(tx, vault, clock, 4, document=ANA, caller=CALLER)
    assert not is_locked(tx, vault, clock.now(), document=ANA)
    fail(tx, vault, clock, 1, caller=CALLER)
    assert not is_locked(tx, vault, clock.now(), caller=CALLER)
    fail(tx, vault, clock, 1, caller=CALLER)
    assert is_locked(tx, vault, clock.now(), caller=CALLER)


def test_as_many_tries_as_are_allowed_wait_for_their_verdict_and_the_next_may_not_pass(tx, vault, clock):
    tries = [count_try(tx, vault, clock.now(), ANA, CALLER) for _ in range(6)]
    assert [each.may_pass for each in tries] == [True] * 5 + [False]
    assert [each.scope for each in list_locks(tx, clock.now())] == [Scope.DOCUMENT], "a person can lift it"
    note_success(tx, vault, tries[0], ANA, CALLER)
    note_failure(tx, vault, clock.now(), ANA, CALLER)
    assert len(list_locks(tx, clock.now())) == 1


def test_one_known_date_of_birth_does_not_pay_for_guessing_at_others(tx, vault, clock):
    for number in range(10):
        fail(tx, vault, clock, 1, document=f"0000000{number:02}", caller=CALLER)
        note_success(tx, vault, count_try(tx, vault, clock.now(), ANA, CALLER), ANA, CALLER)
    assert is_locked(tx, vault, clock.now(), NOBODY, CALLER)


def test_a_try_that_nobody_could_judge_is_none(tx, vault, clock):
    fail(tx, vault, clock, 4, document=ANA)
    take_back(tx, vault, count_try(tx, vault, clock.now(), ANA, CALLER), ANA, CALLER)
    assert tx.execute(select(func.count()).select_from(failed_try)).scalar_one() == 4
    assert not is_locked(tx, vault, clock.now(), ANA, CALLER)


def test_a_list_shows_masked_values(tx, vault, clock):
    fail(tx, vault, clock, 5, document=ANA)
    fail(tx, vault, clock, 10, caller=CALLER)
    listed = list_locks(tx, clock.now())
    assert [(each.scope, each.masked) for each in listed] == [
        (Scope.CALLER, "+503 ••••-••35"),
        (Scope.DOCUMENT, "00•••••-•"),
    ]
    assert ANA not in str(tx.execute(select(lock)).all() + tx.execute(select(audit.audit)).all())


def test_a_person_may_lift_a_lock_with_a_reason(tx, vault, clock):
    fail(tx, vault, clock, 5, document=ANA)
    [held] = list_locks(tx, clock.now())
    assert lift(tx, vault, clock.now(), held.id, "ana@dgs.example", "Se identificó en ventanilla")
    assert not is_locked(tx, vault, clock.now(), document=ANA)
    fail(tx, vault, clock, 4, document=ANA)
    assert not is_locked(tx, vault, clock.now(), document=ANA), "the tries that led to it were forgotten"
    newest, *_ = audit.history(tx, "lock", held.id)
    assert (newest["action"], newest["actor"]) == ("lock.lifted", "ana@dgs.example")
    # What people write may name anybody, and of the trail nothing can be erased.
    assert (newest["reason"], newest["facts"]) == (None, {"scope": "document", "has_reason": True})


def test_lifting_twice_or_too_late_changes_nothing(tx, vault, clock):
    fail(tx, vault, clock, 5, document=ANA)
    [held] = list_locks(tx, clock.now())
    assert lift(tx, vault, clock.now(), held.id, "a", "motivo") and not lift(
        tx, vault, clock.now(), held.id, "b", "motivo"
    )
    assert not lift(tx, vault, clock.now(), 999, "a", "motivo")
    assert len(audit.history(tx, "lock", held.id)) == 2


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_no_lock_is_lifted_without_a_reason(reason, tx, vault, clock):
    fail(tx, vault, clock, 5, document=ANA)
    [held] = list_locks(tx, clock.now())
    with pytest.raises(ReasonMissing, match="motivo"):
        lift(tx, vault, clock.now(), held.id, "a", reason)
    assert is_locked(tx, vault, clock.now(), document=ANA)


def test_calls_at_the_same_moment_all_count(db, vault, clock):
    start = threading.Barrier(5)

    def one_call() -> None:
        start.wait()
        with db.begin() as tx:
            builders.fail(tx, vault, clock.now(), document=ANA, caller=CALLER)

    calls = [threading.Thread(target=one_call) for _ in range(5)]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    with db.begin() as tx:
        assert is_locked(tx, vault, clock.now(), document=ANA)
        assert len(list_locks(tx, clock.now())) == 1
        assert tx.execute(select(func.count()).select_from(failed_try)).scalar_one() == 5  # the caller's
