"""What the worker does of rehearsals."""

from types import SimpleNamespace
from typing import Any

import pytest

from campaigns.rehearsals import book
from rehearsal.jobs import rehearse, sweep_up
from tests.campaigns.builders import COORDINATOR, submitted


@pytest.fixture
def asked(db, vault, clock):
    campaign_id = submitted(db, vault, clock).id
    with db.begin() as tx:
        return book.ask(tx, clock.now(), campaign_id, COORDINATOR)


def context(**found: Any) -> Any:
    return SimpleNamespace(additional_context=found)


def state_of(db) -> str | None:
    with db.begin() as tx:
        row = book.going(tx)
    return row.state if row is not None else None


@pytest.mark.parametrize(("ended_with", "state"), [(0, book.State.WAITING), (78, None), (-9, None)])
def test_one_whose_process_came_to_nothing_does_not_keep_others_waiting(parts, db, asked, ended_with, state):
    begun = []

    def run(rehearsal_id: int) -> int:
        begun.append(rehearsal_id)
        return ended_with

    rehearse.func(context(rehearse=run, parts=parts), asked)
    assert begun == [asked]
    assert state_of(db) == state


def test_the_sweep_leaves_alone_what_waits(parts, db, asked):
    sweep_up.func(context(parts=parts), 0)
    assert state_of(db) == book.State.WAITING
    with db.begin() as tx:
        book.begin(tx, asked)
    sweep_up.func(context(parts=parts), 0)
    assert state_of(db) is None, "it was said to run, and nobody held it"
