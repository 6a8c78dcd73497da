"""What a round asks of the database: the same few statements, however many people it calls."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from carrier.client import Placed
from core.database import Database
from dialer.pace import Pace
from dialer.round import Round
from tests.campaigns.builders import running
from tests.dialer.builders import held
from tests.trunks import a_trunk, in_use

CLAIMING = 8  # look, how long each may take, due, lock, past calls, exclusions, conversations, take
STORING = 2  # how long it may take, and all answers of one kind


@contextmanager
def told(db: Database) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def make(db, vault, clock):
    def made(cap: int) -> tuple[Round, list]:
        waiting: list = []

        def release(order, at, keep) -> None:
            waiting.append(keep)

        trunk = a_trunk(calls_per_second=1000, max_live_calls=cap)
        return Round(
            db, vault, clock, in_use(trunk), trunk, held(db), Pace(1000), "https://voz.example", release
        ), waiting

    return made


@pytest.mark.parametrize("people", [1, 40])
def test_many_are_called_with_as_few_statements_as_one(db, vault, clock, make, people):
    running(db, vault, clock, 40)
    round_, waiting = make(people)
    with told(db) as sent:
        assert round_.run() == people
    assert len(sent) == CLAIMING, sent
    for number, keep in enumerate(waiting):
        keep(Placed(f"CA{number}"))
    with told(db) as sent:
        round_.store_answers()
    assert len(sent) == STORING, sent


def test_while_every_line_is_taken_one_statement_says_so(db, vault, clock, make):
    running(db, vault, clock, 3)
    round_, _ = make(2)
    round_.run()
    with told(db) as sent:
        assert round_.run() == 0
    assert len(sent) == 1, sent
    assert round_.live == 2
