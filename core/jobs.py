"""Background jobs: Procrastinate's app, and how a transaction leaves a job behind.

Tasks live in the room they belong to and register on ``app``; whoever needs one defers it by name, so that no room
has to import another.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

import procrastinate
from procrastinate import JobContext, RetryStrategy
from sqlalchemy import Connection, text

from core.logs import where
from core.troubles import DATABASE_ERRORS

log = logging.getLogger(__name__)

app = procrastinate.App(connector=procrastinate.PsycopgConnector())

# Writes jobs on a connection that it is handed, and never opens one of its own. The worker's app would not do: once it
# runs it wants an asynchronous connection, and a job leaves jobs behind too.
_writer = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


#: Of the clock's work: what the job is handed, and the second since 1970 at which it was due.
_Turn: TypeAlias = Callable[[JobContext, int], None]
_LATER = RetryStrategy(max_attempts=6, wait=300, retry_exceptions=set(DATABASE_ERRORS))


def every(
    cron: str, name: str, *, one_at_a_time: bool = False, is_nightly: bool = False
) -> Callable[[_Turn], procrastinate.tasks.Task]:
    """A task that the clock begins: of those that wait there is one, and with ``one_at_a_time`` of those that run too.

    Where the database goes in the middle of it, the next turn does what this one left; one that ``is_nightly``, whose
    next turn is far, is tried again every five minutes.
    """

    def made(turn: _Turn) -> procrastinate.tasks.Task:
        @wraps(turn)
        def taken(context: JobContext, timestamp: int) -> None:
            try:
                turn(context, timestamp)
            except DATABASE_ERRORS as error:
                if is_nightly:
                    raise
                log.warning("%s: left to its next turn: %s", name, where(error))

        retry = _LATER if is_nightly else False
        lock = name if one_at_a_time else None
        task = app.task(name=name, queueing_lock=name, lock=lock, pass_context=True, retry=retry)(taken)
        app.periodic(cron=cron)(task)
        return task

    return made


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
