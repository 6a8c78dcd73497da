"""The way to the database: connections that died are not handed out, and naive times are refused."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import Column, Connection, MetaData, Table, select, text
from sqlalchemy.exc import DataError, DBAPIError, OperationalError, StatementError

from core import audit
from core.database import Database, Moment, kept_alive, libpq_url, may_take_its_time, sqlalchemy_url

LINK = ("keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout")


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


def test_a_connection_that_is_lost_at_once_is_told_like_any_other_lost_one(database_url: str) -> None:
    """Whoever goes on after a database that was started anew catches SQLAlchemy's error, and no driver's."""
    database, other = Database(database_url, pool_size=1), Database(database_url)

    with pytest.raises(DBAPIError), database.at_once() as tx:
        pid = tx.execute(text("select pg_backend_pid()")).scalar_one()
        with other.begin() as there:
            assert there.execute(text("select pg_terminate_backend(:pid, 5000)"), {"pid": pid}).scalar_one()
        tx.execute(text("select 1"))

    with database.at_once() as tx:
        assert tx.execute(text("select pg_backend_pid()")).scalar_one() != pid
    database.close()
    other.close()


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


def setting(tx: Connection, name: str) -> str:
    return tx.execute(text("select current_setting(:name)"), {"name": name}).scalar_one()


def hold(tx: Connection) -> None:
    """A lock that others wait for, to the end of the transaction."""
    tx.execute(text("select pg_advisory_xact_lock(17)"))


def test_every_connection_says_how_long_it_may_be_silent(database_url: str) -> None:
    """Also those of a process that says nothing of itself; what is longest is still minutes, not hours."""
    database = Database(database_url)
    with database.begin() as tx, database.begin() as another:
        told = [setting(each, "idle_in_transaction_session_timeout") for each in (tx, another)]
    database.never_silent_for(10)
    with database.begin() as tx:
        told += [setting(tx, name) for name in ("idle_in_transaction_session_timeout", "lock_timeout", "TimeZone")]
    assert told == ["10min", "10min", "10s", "0", "UTC"]
    database.close()


def test_who_is_cut_off_in_a_transaction_keeps_its_lock_from_nobody_for_long(database_url: str) -> None:
    """The server hears nothing of a host that lost its network: its connection is there, and nobody speaks."""
    silent, other = Database(database_url), Database(database_url)
    silent.never_silent_for(1)
    with suppress(DBAPIError), silent.begin() as gone:
        hold(gone)
        with other.begin() as tx:
            tx.execute(text("set local lock_timeout = '10s'"))
            hold(tx)
        gone.execute(text("select 1"))
        pytest.fail("its transaction was ended")
    silent.close()
    other.close()


def test_what_computes_for_long_in_a_transaction_may_say_so(database_url: str) -> None:
    database, other = Database(database_url), Database(database_url)
    database.never_silent_for(1)
    with database.begin() as tx, other.begin() as beside:
        may_take_its_time(tx)
        beside.execute(text("select pg_sleep(1.5)"))
        assert setting(tx, "idle_in_transaction_session_timeout") == "10min"
    with database.begin() as tx:
        assert setting(tx, "idle_in_transaction_session_timeout") == "1s"
    database.close()
    other.close()


def test_a_lock_that_somebody_keeps_is_given_up(database_url: str) -> None:
    """A dialer's round, or its calendar: the loop says so, and goes on."""
    database, other = Database(database_url), Database(database_url)
    database.never_silent_for(2, longest_wait=1)
    with other.begin() as ghost:
        hold(ghost)
        with ThreadPoolExecutor(1) as pool, pytest.raises(OperationalError) as raised:
            pool.submit(_hold_alone, database).result(10)
    assert isinstance(raised.value.orig, psycopg.errors.LockNotAvailable)
    database.close()
    other.close()


def _hold_alone(database: Database) -> None:
    with database.begin() as tx:
        hold(tx)


@pytest.mark.parametrize("revive", [None, lambda: None])
@pytest.mark.parametrize(("silence", "link"), [(2, 2), (10, 10), (60, 30), (600, 30)])
def test_a_dead_link_is_given_up_by_both_ends(database_url: str, silence: int, link: int, revive) -> None:
    """Here as libpq asks the kernel to; by the server as the session asks it to, though it tells nothing of it where
    there is no link at all (a Unix socket, as here)."""
    database = Database(database_url, revive=revive)
    database.never_silent_for(silence)
    asked = text("select name from pg_settings where name like 'tcp\\_%' and source = 'session' order by 1")
    with database.begin() as tx, database.begin() as another:
        for each in (tx, another):
            assert list(each.execute(asked).scalars()) == sorted(f"tcp_{name.removeprefix('tcp_')}" for name in LINK)
            connection = each.connection.driver_connection
            assert connection is not None
            told = connection.info.get_parameters()
            assert {name: int(told[name]) for name in LINK} == kept_alive(silence)
            assert int(told["tcp_user_timeout"]) == 1000 * link
    database.close()
