"""The way to the database: connections that died are not handed out, and naive times are refused."""

from datetime import datetime

import pytest
from sqlalchemy import Column, MetaData, Table, select, text
from sqlalchemy.exc import StatementError

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


def test_a_naive_time_is_refused(db: Database) -> None:
    table = Table("anything", MetaData(), Column("at", Moment))

    with pytest.raises(StatementError), db.begin() as tx:
        tx.execute(select(table).where(table.c.at == datetime(2026, 11, 23)))


@pytest.mark.parametrize("given", ["postgres://h/d", "postgresql://h/d", "postgresql+psycopg://h/d"])
def test_any_spelling_of_the_address_will_do(given: str) -> None:
    assert sqlalchemy_url(given) == "postgresql+psycopg://h/d"
    assert libpq_url(given) == "postgresql://h/d"
