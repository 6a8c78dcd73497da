"""How Alembic reaches the database: called by core/migrate.py, which hands over the address."""

from typing import Literal

from alembic import context
from alembic.autogenerate.rewriter import Rewriter
from alembic.operations import ops
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from core.database import Moment, metadata, sqlalchemy_url
from core.triggers import made_with

LOCK = 0x70726567  # one starter migrates at a time; the number only has to be ours
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


def run() -> None:
    engine = create_engine(sqlalchemy_url(context.config.attributes["database_url"]), poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": LOCK})
        connection.commit()  # the lock is the session's: the revisions get a transaction of their own
        try:
            context.configure(
                connection=connection,
                target_metadata=metadata,
                include_name=is_ours,
                render_item=render_item,
                process_revision_directives=context.config.attributes.get("process_revision_directives", writer),
            )
            with context.begin_transaction():
                context.run_migrations()
        finally:
            connection.rollback()
            connection.execute(text("select pg_advisory_unlock(:lock)"), {"lock": LOCK})
    engine.dispose()


run()
