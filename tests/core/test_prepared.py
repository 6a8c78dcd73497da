"""Statements that are put together once: what they say, and what is told when they fail."""

from collections.abc import Iterator

import pytest
from psycopg.types.json import Jsonb
from sqlalchemy import Column, Integer, MetaData, Table, Text, bindparam, event, insert, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DataError, OperationalError

from core.database import Database
from core.prepared import Prepared
from core.troubles import Trouble, trouble_of

thing = Table("thing", MetaData(), Column("id", Integer, primary_key=True), Column("what", JSONB), Column("name", Text))
BY_ID = Prepared(select(thing.c.what, thing.c.name).where(thing.c.id == bindparam("of")))
RENAMED = Prepared(update(thing).where(thing.c.id == bindparam("of")), "name", "what")


@pytest.fixture(autouse=True)
def a_thing(db: Database) -> Iterator[None]:
    with db.begin() as tx:
        thing.create(tx)
        tx.execute(insert(thing), {"id": 1, "what": {"is": "one"}, "name": "uno"})
    yield
    with db.begin() as tx:
        thing.drop(tx)


def test_a_row_is_read_and_changed(db: Database) -> None:
    with db.begin() as tx:
        assert BY_ID.first(tx, {"of": 1}) == ({"is": "one"}, "uno")
        assert BY_ID.first(tx, {"of": 2}) is None
        assert RENAMED.run(tx, {"of": 1, "name": "dos", "what": Jsonb({"is": "two"})}) == 1
        assert RENAMED.run(tx, {"of": 2, "name": "dos", "what": None}) == 0
    with db.begin() as tx:
        assert BY_ID.first(tx, {"of": 1}) == ({"is": "two"}, "dos")


def test_what_a_statement_says_itself_is_kept(db: Database) -> None:
    named = Prepared(update(thing).where(thing.c.name == "uno").values(name="dos").returning(thing.c.id, thing.c.name))
    with db.begin() as tx:
        row = named.first(tx, {})
        assert (row.id, row.name) == (1, "dos")
        assert named.first(tx, {}) is None
    with pytest.raises(ValueError):
        Prepared(select(thing.c.id).where(thing.c.name.in_(["uno", "dos"])))


def test_what_fails_is_told_as_sqlalchemy_tells_it_and_without_a_value(db: Database) -> None:
    with pytest.raises(DataError) as caught, db.begin() as tx:
        BY_ID.first(tx, {"of": 10**12})
    assert str(10**12) not in str(caught.value)
    with db.begin() as tx:
        assert BY_ID.first(tx, {"of": 1}), "the connection is as it was"


def test_a_connection_that_is_lost_is_not_handed_out_again(database_url: str) -> None:
    database, other = Database(database_url, pool_size=1), Database(database_url)
    with pytest.raises(OperationalError) as caught, database.begin() as tx:
        pid = tx.execute(text("select pg_backend_pid()")).scalar_one()
        with other.begin() as there:
            assert there.execute(text("select pg_terminate_backend(:pid, 5000)"), {"pid": pid}).scalar_one()
        BY_ID.first(tx, {"of": 1})
    assert trouble_of(caught.value) is Trouble.GONE
    with database.begin() as tx:
        assert BY_ID.first(tx, {"of": 1})
    database.close()
    other.close()


def test_whoever_listens_to_what_is_asked_hears_it(db: Database) -> None:
    heard: list[str] = []

    def hear(_connection, _cursor, statement, *_) -> None:
        heard.append(statement)

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        with db.begin() as tx:
            BY_ID.first(tx, {"of": 1})
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)
    assert [each.split()[0] for each in heard] == ["SELECT"]
