"""Each in a transaction of its own: what fails is undone and said, and the rest is done."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError

from core import audit
from core.audit import audit as trail
from core.database import Database
from core.one_by_one import one_by_one

NAMES = ["ana", "luz", "rosa"]


@pytest.fixture
def written(db: Database, clock):
    """A step that writes a line down, and raises after it for whoever is named; and who was written down."""

    def step_for(*failing: str):
        def step(tx: Connection, name: str) -> str:
            audit.record(tx, clock.now(), name, "was.here", "step", 1)
            if name in failing:
                raise ValueError(f"the number of {name}")
            return name.upper()

        return step

    def names() -> list[str]:
        with db.begin() as tx:
            return list(tx.execute(select(trail.c.actor).order_by(trail.c.id)).scalars())

    return step_for, names


def test_what_one_fails_at_is_undone_and_the_rest_is_done(db, written, caplog):
    step_for, names = written
    assert one_by_one(db, NAMES, step_for("luz"), "person {}".format) == ["ANA", "ROSA"]
    assert names() == ["ana", "rosa"]
    (said,) = caplog.messages
    assert said.startswith("person luz was passed over: ValueError at ") and "the number" not in said


def test_what_the_database_refuses_keeps_no_other_from_it(db, written):
    step_for, names = written

    def step(tx: Connection, name: str) -> None:
        tx.exec_driver_sql("select 1/0" if name == "ana" else "select 1")
        step_for()(tx, name)

    one_by_one(db, NAMES, step, str)
    assert names() == ["luz", "rosa"]


def test_a_database_that_is_gone_is_nobodys_fault_in_particular(caplog):
    """Each would only wait for it in turn."""
    gone = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(OperationalError):
        one_by_one(gone, NAMES, lambda tx, name: name, str)
    assert not caplog.messages
    gone.close()


def test_whoever_tells_the_items_one_after_the_other_is_heard_where_there_are_no_more(db, written):
    step_for, names = written

    def told() -> Iterator[str]:
        yield "ana"
        raise LookupError

    with pytest.raises(LookupError):
        one_by_one(db, told(), step_for(), str)
    assert names() == ["ana"]
