"""The background jobs as people look after them: what waits, what failed for good, and what is to be done with it.

Procrastinate's own tables, and its own functions for what changes them (its schema.sql; its manager calls the same). A
job's arguments are read by nobody here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select, text

from core import audit

MOST = 100  # jobs of a list on a screen
TOO_LONG_S = 60.0  #: seconds: a job that nobody took for so long says that nobody works

_COUNTS = text("""
    select queue_name as queue, status::text as state, count(*) as jobs, count(*) filter (where attempts > 0) as again
    from procrastinate_jobs where status in ('todo', 'doing', 'failed') group by queue_name, status
    order by queue_name, status
""")
_TASKS = text("""
    select task_name as task, count(*) filter (where status = 'todo') as waiting,
        count(*) filter (where status = 'doing') as running,
        count(*) filter (where status in ('todo', 'doing') and attempts > 0) as again,
        count(*) filter (where status = 'failed') as failed,
        count(*) filter (where status = 'succeeded') as done
    from procrastinate_jobs group by task_name order by task_name
""")
#: What is to start at a moment waits since then, what is tried again since it was put back.
_OLDEST = text("""
    select extract(epoch from clock_timestamp() - min(coalesce(j.scheduled_at, (
        select max(e.at) from procrastinate_events e
        where e.job_id = j.id and e.type in ('deferred', 'deferred_for_retry', 'retried')
    )))) from procrastinate_jobs j
    where j.status = 'todo' and (j.scheduled_at is null or j.scheduled_at <= clock_timestamp())
""")
_LISTED = """
    select j.id, j.queue_name as queue, j.task_name as task, j.status::text as state, j.attempts, j.scheduled_at,
        (select max(e.at) from procrastinate_events e where e.job_id = j.id and e.type <> 'scheduled') as at
    from procrastinate_jobs j where {} order by j.id desc limit :most
"""
_FAILED = text(_LISTED.format("j.status = 'failed'"))
_OPEN = text(_LISTED.format("j.status in ('todo', 'doing')"))
_BEATS = text("select exists(select 1 from procrastinate_workers where last_heartbeat > now() - interval '1 minute')")


@dataclass(frozen=True)
class Count:
    """Jobs of a queue in a state (``todo``, ``doing``, ``failed``); ``again``: those of them that were tried before."""

    queue: str
    state: str
    jobs: int
    again: int


def counts(tx: Connection) -> list[Count]:
    """Of every queue that has any; jobs that went well are not counted."""
    return [Count(*row) for row in tx.execute(_COUNTS)]


def by_task(tx: Connection) -> list[Row]:
    """Each kind of job: ``task``, ``waiting``, ``running``, ``again``, ``failed``, ``done`` (in the last week)."""
    return list(tx.execute(_TASKS))


def oldest_waiting_s(tx: Connection) -> float:
    """Seconds since which a job could have been begun; 0 with none."""
    return max(float(tx.execute(_OLDEST).scalar() or 0.0), 0.0)


def is_worker_alive(tx: Connection) -> bool:
    """Whether a worker gave a sign of life in the last minute; they do each ten seconds."""
    return bool(tx.execute(_BEATS).scalar())


def failed(tx: Connection) -> list[Row]:
    """Those that nobody tries again, the newest first: ``id``, ``queue``, ``task``, ``state``, ``attempts``, ``at``."""
    return list(tx.execute(_FAILED, {"most": MOST}))


def waiting(tx: Connection) -> list[Row]:
    """Those that wait or run, the newest first, in the same shape."""
    return list(tx.execute(_OPEN, {"most": MOST}))


def note_failure(tx: Connection, at: datetime, job_id: int, task: str, why: str) -> None:
    """``why``: the kind of the error and the database's code of it, nothing that it says."""
    audit.record(tx, at, "worker", "job.failed", "job", job_id, task=task, error=why)


def why(tx: Connection, job_ids: Sequence[int]) -> dict[int, str]:
    """Of which kind the last error of each of these jobs was; of a job whose worker died nothing is known."""
    wanted = (audit.audit.c.subject == "job", audit.audit.c.subject_id.in_([str(each) for each in job_ids]))
    query = select(audit.audit.c.subject_id, audit.audit.c.facts["error"].astext)
    failed = query.where(*wanted, audit.audit.c.action == "job.failed").order_by(audit.audit.c.id)
    return {int(job_id): error for job_id, error in tx.execute(failed)}


def try_again(tx: Connection, job_id: int) -> str | None:
    """A failed job waits again; its kind. None: it was not failed any more, or another like it waits already."""
    task = _locked(tx, job_id)
    if task is None or _has_twin(tx, job_id):
        return None
    values = {"id": job_id}
    tx.execute(text("select procrastinate_retry_job_v2(:id, clock_timestamp(), null, null, null)"), values)
    return task


def discard(tx: Connection, job_id: int) -> str | None:
    """A failed job is forgotten; its kind. None: it was not failed any more.

    Procrastinate has no function for it: what it cancels is a job that waits.
    """
    task = _locked(tx, job_id)
    if task is not None:
        tx.execute(text("delete from procrastinate_jobs where id = :id"), {"id": job_id})
    return task


def _locked(tx: Connection, job_id: int) -> str | None:
    query = text("select task_name from procrastinate_jobs where id = :id and status = 'failed' for update")
    return tx.execute(query, {"id": job_id}).scalar()


def _has_twin(tx: Connection, job_id: int) -> bool:
    """Of the jobs with one queueing lock one may wait: it does what this one was to do."""
    query = text("""
        select exists(select 1 from procrastinate_jobs twin join procrastinate_jobs j using (queueing_lock)
        where j.id = :id and twin.id <> :id and twin.status = 'todo')
    """)
    return bool(tx.execute(query, {"id": job_id}).scalar())
