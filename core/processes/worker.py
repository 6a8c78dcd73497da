"""The worker: runs background jobs, and brings back those whose worker died."""

import asyncio
import logging
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from procrastinate import JobContext, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.middleware import AsyncCallNext
from procrastinate.worker import Worker

from core import job_book
from core.clock import SystemClock
from core.database import Database, libpq_url
from core.jobs import app
from core.logs import where
from core.metrics import JOBS_FAILED

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 3  # a job that took its worker with it this often is not tried again
_STALLED_SECONDS = 30
_POLL_SECONDS = 1.0  # how late a job may start that nobody was notified of: a rescued one, one due later
_KEEP_HOURS = 24 * 7
_LATER = RetryStrategy(max_attempts=6, wait=300, retry_exceptions={ConnectorException})


@app.periodic(cron="* * * * *")
@app.task(name="core.rescue_stalled_jobs", queueing_lock="core.rescue_stalled_jobs", pass_context=True)
async def rescue_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Also what makes the worker notice when its own side tasks fail: it needs one periodic task. (stack.md §3)

    Where the database goes in the middle of it, the next turn does what this one left (core/jobs.py, ``every``).
    """
    try:
        await rescue(context.app.job_manager)
    except ConnectorException as error:
        log.warning("core.rescue_stalled_jobs: left to its next turn: %s", where(error))


async def rescue(manager: JobManager) -> None:
    """Puts back the jobs whose worker stopped beating; one that was tried too often fails.

    Of the jobs of one queueing lock one waits at most: where the next one does already, that one does the work of the
    one that was cut short, which would hold its ``lock`` for ever, and keep those behind it here from being put back.
    """
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_SECONDS):
        if job.attempts + 1 >= MAX_ATTEMPTS:
            await manager.finish_job(job, status=Status.FAILED, delete_job=False)
            continue
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            log.info("job %s (%s) was cut short: the next one does its work", job.id, job.task_name)
            await manager.finish_job(job, status=Status.ABORTED, delete_job=False)


async def note_failures(work: AsyncCallNext, context: JobContext, _worker: Worker) -> Any:
    """Around every job: why one failed is kept for whoever looks after the jobs, as where it was and never as what the
    error says."""
    try:
        return await work()
    except Exception as error:
        JOBS_FAILED.labels(context.job.task_name).inc()
        db = context.additional_context.get("database")
        if isinstance(db, Database):
            try:
                await asyncio.to_thread(_note, db, context.job, where(error).partition(" at ")[0])
            except Exception as another:  # of the database itself, as a rule
                log.warning("job %s failed, and why is not kept: %s", context.job.id, where(another))
        raise


def _note(db: Database, job: Job, why: str) -> None:
    with db.begin() as tx:
        job_book.note_failure(tx, SystemClock().now(), job.id or 0, job.task_name, why)


@app.periodic(cron="17 3 * * *")
@app.task(name="core.remove_old_jobs", queueing_lock="core.remove_old_jobs", pass_context=True, retry=_LATER)
async def remove_old_jobs(context: JobContext, timestamp: int) -> None:
    """Forgets the jobs that ended a week ago, however they ended."""
    await context.app.job_manager.delete_old_jobs(
        nb_hours=_KEEP_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


def run_worker(
    database_url: str,
    import_rooms: Callable[[], None],
    concurrency: int = 4,
    context: Mapping[str, object] | None = None,
) -> int:
    """Runs jobs until SIGTERM or SIGINT, then finishes those it has: 0. 1 when it lost the database: start it again.

    ``import_rooms`` registers the rooms' tasks; ``context`` is what tasks with ``pass_context`` find in
    ``additional_context``. Jobs must be idempotent: one that was cut short is run again.
    """
    import_rooms()
    try:
        return asyncio.run(_run(libpq_url(database_url), concurrency, dict(context or {})))
    except ConnectorException as error:
        log.error("the database does not answer: %s", type(error.__cause__ or error).__name__)
        return 1


async def _run(url: str, concurrency: int, context: dict[str, object]) -> int:
    loop = asyncio.get_running_loop()
    # Synchronous jobs run in the loop's own executor: with fewer threads than jobs they would wait while "doing".
    loop.set_default_executor(ThreadPoolExecutor(concurrency + 2, thread_name_prefix="job"))
    connector = PsycopgConnector(conninfo=url, min_size=1, max_size=4, kwargs={"connect_timeout": 5})
    with app.replace_connector(connector):
        async with app.open_async():
            running = asyncio.ensure_future(
                app.run_worker_async(
                    concurrency=concurrency,
                    fetch_job_polling_interval=_POLL_SECONDS,
                    additional_context=context,
                    install_signal_handlers=False,
                    worker_middleware=[note_failures],
                )
            )
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, running.cancel)
            try:
                await running
            except asyncio.CancelledError:
                return 0
    return 1  # nobody asked it to stop: a side task failed, as when the database was restarted
