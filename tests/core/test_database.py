"""The way to the database: connections that died are not handed out, and naive times are refused."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Column, MetaData, Table, select, text
from sqlalchemy.exc import DataError, StatementError

from core import audit
from core.database import Database, Moment, libpq_url, sqlalchemy_url


def test_a_connection_that_the_server_closed_is_not_handed_out(database_url: str) -> None:
    database, other = Database(database_url), Database(database_url)
    with database.begin() as tx:
        pid = tx.execute(text("select pg_backend_pid()")).scalar_one()
    with other.begin() as tx:
        assert tx.execute(text("select pg_terminate_backend(:pid, 5000)"), {"pid": pid}).scalar_one()

    with database.begin() as tx:
        assert tx.execute(text("select pg_backend_pid()")).scalar_one() != pid

    database.close()
    other.close()


def test_what_is_said_at_once_stands_by_itself_and_a_transaction_is_whole_again_after_it(database_url: str) -> None:
    database = Database(database_url, pool_size=1)
    now = datetime(2026, 11, 23, tzinfo=UTC)

    with pytest.raises(ZeroDivisionError), database.at_once() as tx:
        audit.record(tx, now, "ana", "said", "test", "at once")
        raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError), database.begin() as tx:  # on the same connection
        audit.record(tx, now, "ana", "said", "test", "in a transaction")
        raise ZeroDivisionError

    with database.begin() as tx:
        assert len(audit.history(tx, "test", "at once")) == 1
        assert audit.history(tx, "test", "in a transaction") == []
    database.close()


def test_a_statement_that_fails_at_once_leaves_the_connection_as_it_was(db: Database) -> None:
    with pytest.raises(DataError), db.at_once() as tx:
        tx.execute(text("select 1 / 0"))
    with db.begin() as tx:
        assert tx.execute(text("select 1")).scalar_one() == 1


def test_a_naive_time_is_refused(db: Database) -> None:
    table = Table("anything", MetaData(), Column("at", Moment))

    with pytest.raises(StatementError), db.begin() as tx:
        tx.execute(select(table).where(table.c.at == datetime(2026, 11, 23)))


@pytest.mark.parametrize("given", ["postgres://h/d", "postgresql://h/d", "postgresql+psycopg://h/d"])
def test_any_spelling_of_the_address_will_do(given: str) -> None:
    assert sqlalchemy_url(given) == "postgresql+psycopg://h/d"
    assert libpq_url(given) == "postgresql://h/d"
