"""Background jobs: left behind by a transaction, run by a worker, brought back when it died."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

import pytest
from procrastinate import PsycopgConnector
from procrastinate.exceptions import ConnectorException
from sqlalchemy import text

from core import jobs, migrate, postgres
from core.database import Database
from core.processes import worker
from tests.core.waiting import eventually

PROJECT = Path(__file__).resolve().parent.parent.parent
StartWorker = Callable[[str], subprocess.Popen]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return tmp_path / "notes"


@pytest.fixture
def start_worker(notes: Path) -> Iterator[StartWorker]:
    started = []

    def start(url: str) -> subprocess.Popen:
        command = [sys.executable, "-W", "error", "-m", "tests.core.worker_program", url, str(notes)]
        started.append(subprocess.Popen(command, cwd=PROJECT))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def defer(db: Database, task: str, *texts: str) -> None:
    with db.begin() as tx:
        for each in texts:
            jobs.defer(tx, task, text=each)


def test_a_job_exists_only_if_its_transaction_does(db: Database, notes: Path, start_worker: StartWorker) -> None:
    with pytest.raises(ZeroDivisionError), db.begin() as tx:
        jobs.defer(tx, "test.note", text="rolled back")
        _ = 1 / 0
    start_worker(db.url)
    defer(db, "test.note", "committed")
    eventually(lambda: notes.exists() and notes.read_text() == "committed\n")


def test_as_many_jobs_run_at_once_as_it_says(db: Database, notes: Path, start_worker: StartWorker) -> None:
    defer(db, "test.meet", *"abcdef")
    start_worker(db.url)
    eventually(lambda: notes.exists() and sorted(notes.read_text().split()) == list("abcdef"))


def test_a_job_may_leave_another_behind(db: Database, notes: Path, start_worker: StartWorker) -> None:
    start_worker(db.url)
    defer(db, "test.lead", "by a job")
    eventually(lambda: notes.exists() and notes.read_text() == "by a job\n")


def test_asked_to_stop_it_finishes_what_it_has_begun(db: Database, notes: Path, start_worker: StartWorker) -> None:
    running = start_worker(db.url)
    defer(db, "test.slow", "finished")
    eventually(lambda: notes.exists() and "started" in notes.read_text())
    running.terminate()
    assert running.wait(timeout=10) == 0
    assert notes.read_text().split() == ["started", "finished"]


@pytest.mark.parametrize(("attempts", "becomes"), [(0, "todo"), (1, "todo"), (2, "failed")])
def test_a_job_whose_worker_died_is_run_again_but_not_for_ever(db: Database, attempts: int, becomes: str) -> None:
    defer(db, "test.note", "cut short")
    with db.begin() as tx:  # as a worker leaves it that was killed and forgotten
        tx.execute(text("update procrastinate_jobs set status = 'doing', attempts = :n"), {"n": attempts})
    asyncio.run(rescue(db.url))
    with db.begin() as tx:
        assert tx.execute(text("select status from procrastinate_jobs")).scalar_one() == becomes


def test_a_job_that_was_cut_short_leaves_its_work_to_the_next_one_that_waits(db: Database) -> None:
    """Else it would hold the lock of what waits, and keep every other from being put back."""
    with db.begin() as tx:
        jobs.defer(tx, "test.note", text="each minute", queueing_lock="minute", lock="minute")
        tx.execute(text(_CUT_SHORT))
        jobs.defer(tx, "test.note", text="each minute", queueing_lock="minute", lock="minute")
        jobs.defer(tx, "test.note", text="a letter")
        tx.execute(text(f"{_CUT_SHORT} where queueing_lock is null"))
    asyncio.run(rescue(db.url))
    with db.begin() as tx:
        told = tx.execute(text("select status from procrastinate_jobs order by id")).scalars().all()
    assert told == ["aborted", "todo", "todo"]


def test_whoever_puts_jobs_back_fails_for_no_database_that_went(caplog: pytest.LogCaptureFixture) -> None:
    """The next minute's does it: what failed for good would be a person's to look after, for nothing."""
    gone = SimpleNamespace(get_stalled_jobs=AsyncMock(side_effect=ConnectorException("x")))
    context: Any = SimpleNamespace(app=SimpleNamespace(job_manager=gone))
    asyncio.run(worker.rescue_stalled_jobs.func(context, 0))
    assert [each.levelname for each in caplog.records if each.name == "core.processes.worker"] == ["WARNING"]


_CUT_SHORT = "update procrastinate_jobs set status = 'doing'"  # as a worker leaves it that was killed and forgotten


async def rescue(url: str) -> None:
    with jobs.app.replace_connector(PsycopgConnector(conninfo=url, min_size=1)) as app:
        async with app.open_async():
            await worker.rescue(app.job_manager)


def test_it_ends_when_its_database_was_restarted_and_so_is_started_again(
    server_dir: Path, start_worker: StartWorker
) -> None:
    url = postgres.ensure_running(server_dir)
    migrate.upgrade(url)
    running = start_worker(url)
    database = Database(url)
    eventually(lambda: has_worker(database))
    database.close()
    postgres.stop(server_dir)
    postgres.ensure_running(server_dir)
    assert running.wait(timeout=30) == 1


def has_worker(database: Database) -> bool:
    with database.begin() as tx:
        return bool(tx.execute(text("select count(*) from procrastinate_workers")).scalar_one())
