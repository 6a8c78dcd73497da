"""The one way to the database: PostgreSQL through SQLAlchemy Core, one transaction at each edge."""

import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, DateTime, MetaData, create_engine, event, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


#: Seconds after which the server ends a transaction in which nothing is said, and with it its locks: its host may be
#: gone. Of a process that names no other: a command reads a whole file in one.
LONGEST_SILENCE = 600
_LONGEST_WITHOUT_LINK = 30  # seconds at most: after so long over a dead link both ends give the connection up


class Moment(TypeDecorator[datetime]):
    """A point in time with its zone. A naive datetime is refused: it would be a guess."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        if value is not None and value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        return value


class Database:
    """A pool of connections. Share one a process; make it after any fork. ``revive``: what is tried, before a
    connection is tried again, where there was none to be had: an embedded server is started by whoever misses it.

    ``pool_size``: as many as the process has threads that ask; two more are for who asks while holding one (the clock
    of a rehearsal). They are kept open like the others: one that is opened anew prepares every statement again.
    """

    def __init__(self, url: str, pool_size: int = 8, revive: Callable[[], object] | None = None) -> None:
        self.url = url
        self._revive = revive
        self._silence = LONGEST_SILENCE
        self._wait = 0
        self.engine = create_engine(
            sqlalchemy_url(url),
            pool_size=pool_size + 2,
            max_overflow=0,
            pool_timeout=5,
            hide_parameters=True,  # a failing statement must not carry a citizen's data into a log
            connect_args={"connect_timeout": 5},
        )
        event.listen(self.engine, "do_connect", self._keep_alive)  # the first: whoever connects is the last one asked
        if revive is not None:
            event.listen(self.engine, "do_connect", self._connect)
        event.listen(self.engine, "connect", self._tell)
        event.listen(self.engine, "checkout", _refuse_dead)

    def _connect(self, dialect: Any, _record: object, arguments: Any, named: Any) -> Any:
        assert self._revive is not None
        try:
            return dialect.connect(*arguments, **named)
        except dialect.loaded_dbapi.OperationalError:
            self._revive()
            return dialect.connect(*arguments, **named)

    def never_silent_for(self, seconds: int, *, longest_wait: int = 0) -> None:
        """From now on the server ends a transaction in which this process says nothing for so long, and with it its
        locks; and a connection over which nothing comes for as long is given up, here and there. For whoever holds what
        others wait for: a process that is frozen, or cut off, would keep it. One transaction ``may_take_its_time``.

        ``longest_wait``: seconds after which a statement that waits for somebody's lock fails; 0: it waits.
        """
        self._silence, self._wait = seconds, longest_wait
        self.engine.dispose()  # those that are open already were not told

    def _keep_alive(self, _dialect: Any, _record: object, _arguments: Any, named: dict[str, Any]) -> None:
        named.update(kept_alive(self._silence))

    def _tell(self, connection: Any, _record: object) -> None:
        """All of it in one message. Of keepalives a server on a Unix socket takes no notice."""
        known = {"timezone": "UTC", "idle_in_transaction_session_timeout": f"{self._silence}s"}
        for name, value in kept_alive(self._silence).items():
            known[name if name == "tcp_user_timeout" else f"tcp_{name}"] = str(value)
        if self._wait:
            known["lock_timeout"] = f"{self._wait}s"
        with connection.cursor() as cursor:
            cursor.execute("; ".join(f"set {name} = '{value}'" for name, value in known.items()))
        connection.commit()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction: committed when the block ends, rolled back if it raises."""
        with self.engine.begin() as tx:
            yield tx

    @contextmanager
    def at_once(self) -> Iterator[Connection]:
        """Each statement is a transaction of its own: for whoever has one thing to ask or to write down.

        It saves two round trips of three.
        """
        with self.engine.connect() as tx:
            connection = tx.connection.driver_connection
            assert connection is not None
            connection.autocommit = True
            try:
                yield tx
            finally:
                _begin_again(tx, connection)

    def answers(self) -> bool:
        """Whether the database can be spoken to right now."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("select 1"))
        except Exception:
            return False
        return True

    def close(self) -> None:
        self.engine.dispose()


def sqlalchemy_url(url: str) -> str:
    """The address with psycopg 3 as its driver, whatever spelling it was given in."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def libpq_url(url: str) -> str:
    """The address as psycopg itself and Procrastinate want it."""
    return sqlalchemy_url(url).replace("postgresql+psycopg://", "postgresql://", 1)


def kept_alive(silence: int = LONGEST_SILENCE) -> dict[str, int]:
    """How libpq is to look after a connection, so that one to a host that is gone is given up after ``silence`` seconds
    and not, as Linux would, after hours."""
    seconds = min(silence, _LONGEST_WITHOUT_LINK)
    each = max(1, seconds // 3)
    look = {"keepalives_idle": each, "keepalives_interval": each, "keepalives_count": 3}
    return {**look, "tcp_user_timeout": 1000 * seconds}


def may_take_its_time(tx: Connection) -> None:
    """For one transaction in which something slow is waited for, or computed: it has ``LONGEST_SILENCE``."""
    named = {"seconds": f"{LONGEST_SILENCE}s"}
    tx.execute(text("select set_config('idle_in_transaction_session_timeout', :seconds, true)"), named)


def may_not_take_longer(tx: Connection, seconds: float) -> None:
    """For a transaction that holds what others wait for: a statement of it that takes longer fails, and one that waits
    for somebody's lock for half as long."""
    limits = {"longest": f"{1000 * seconds:.0f}ms", "lock": f"{500 * seconds:.0f}ms"}
    tx.execute(_LIMITS, limits)


_LIMITS = text("select set_config('statement_timeout', :longest, true), set_config('lock_timeout', :lock, true)")


def _begin_again(tx: Connection, connection: Any) -> None:
    """From here on it opens transactions. One that was lost is not spoken to: the driver's complaint would take the
    place of SQLAlchemy's, which whoever goes on afterwards waits for."""
    if connection.closed:
        tx.invalidate()
    else:
        connection.autocommit = False


def _refuse_dead(connection: Any, _record: object, _proxy: object) -> None:
    """A connection that the server closed has something to read while nobody asked: the pool then takes a new one.

    A ping would ask the server the same in three round trips, as many as a whole turn of a conversation needs.
    """
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN | select.POLLHUP)
    if waiting.poll(0):
        raise DisconnectionError
