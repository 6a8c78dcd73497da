"""Background jobs: Procrastinate's app, and how a transaction leaves a job behind.

Tasks live in the room they belong to and register on ``app``; whoever needs one defers it by name, so that no room
has to import another.
"""

from typing import Any

import procrastinate
from sqlalchemy import Connection, text

app = procrastinate.App(connector=procrastinate.PsycopgConnector())

# Writes jobs on a connection that it is handed, and never opens one of its own. The worker's app would not do: once it
# runs it wants an asynchronous connection, and a job leaves jobs behind too.
_writer = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


def defer(
    tx: Connection, task: str, *, queueing_lock: str | None = None, lock: str | None = None, **arguments: object
) -> None:
    """Leaves a job in the transaction: it exists if, and only if, the transaction commits.

    ``arguments`` are stored as they are: pass ids, never personal data. Of the jobs of one ``lock`` one runs at a time,
    in their order: whichever is to be tried again later keeps all those behind it waiting.
    """
    raw = tx.connection.driver_connection
    options = {name: value for name, value in (("queueing_lock", queueing_lock), ("lock", lock)) if value}
    _writer.configure_task(task, connection=raw, allow_unknown=True, **options).defer(**arguments)  # type: ignore[arg-type]


def arguments_waiting(tx: Connection, task: str) -> list[dict[str, Any]]:
    """The arguments of the jobs of a task that wait or run."""
    query = text("select args from procrastinate_jobs where task_name = :task and status in ('todo', 'doing')")
    return list(tx.execute(query, {"task": task}).scalars())
