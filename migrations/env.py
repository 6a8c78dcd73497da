"""How Alembic reaches the database: called by core/migrate.py, which hands over the address."""

import time
from typing import Literal

from alembic import context
from alembic.autogenerate.rewriter import Rewriter
from alembic.operations import ops
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from core.database import Moment, metadata, sqlalchemy_url
from core.triggers import made_with

LOCK = 0x70726567  # one starter migrates at a time; the number only has to be ours
ASK_AGAIN = 0.2  # seconds
writer = Rewriter()


def is_ours(name: str | None, type_: str, _parents: object) -> bool:
    """Procrastinate's tables belong to its own revision: autogenerate must not want to drop them."""
    return not (type_ == "table" and name is not None and name.startswith("procrastinate_"))


def render_item(type_: str, item: object, _autogen: object) -> str | Literal[False]:
    """A revision is frozen: it names the column's type, not a class of ours that may change."""
    return "sa.DateTime(timezone=True)" if type_ == "type" and isinstance(item, Moment) else False


@writer.rewrites(ops.CreateTableOp)
def with_its_triggers(_context: object, _revision: object, op: ops.CreateTableOp) -> list:
    """A table that only grows comes with the trigger that keeps it so, and the like."""
    statement = made_with(metadata.tables[op.table_name])
    op.info = {}
    return [op, ops.ExecuteSQLOp(statement)] if statement else [op]


def wait_for_our_turn(connection: Connection) -> None:
    """Whoever waits inside PostgreSQL holds a snapshot, and an index that is made concurrently waits for its end: so
    one asks again instead."""
    while not connection.execute(text("select pg_try_advisory_lock(:lock)"), {"lock": LOCK}).scalar_one():
        connection.rollback()
        time.sleep(ASK_AGAIN)
    connection.commit()  # the lock is the session's: the revisions get transactions of their own


def _lock_timeout() -> str:
    return f"{context.config.attributes['lock_timeout']:g}s"


def run() -> None:
    engine = create_engine(sqlalchemy_url(context.config.attributes["database_url"]), poolclass=NullPool)
    with engine.connect() as connection:
        wait_for_our_turn(connection)
        try:
            # Who waits for a table makes everybody behind wait too: rather it gives up, and is tried again.
            connection.execute(text("select set_config('lock_timeout', :for, false)"), {"for": _lock_timeout()})
            connection.commit()
            context.configure(
                connection=connection,
                target_metadata=metadata,
                include_name=is_ours,
                render_item=render_item,
                process_revision_directives=context.config.attributes.get("process_revision_directives", writer),
                transaction_per_migration=True,  # what was done of many stays done, and is not done twice
            )
            with context.begin_transaction():
                context.run_migrations()
        finally:
            connection.rollback()
            connection.execute(text("select pg_advisory_unlock(:lock)"), {"lock": LOCK})
    engine.dispose()


run()
