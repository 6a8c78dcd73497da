"""Every background job that the code defines is one that the worker runs."""

import re
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from procrastinate import JobContext
from procrastinate.jobs import Job
from sqlalchemy.exc import OperationalError

from core.clock import SystemClock
from core.database import Database
from core.jobs import app
from desk.retention import Retention
from serve import JOBS

ROOT = Path(__file__).resolve().parent.parent
_ROOMS = (
    *("api", "beneficiaries", "campaigns", "cases", "console", "desk", "dialer", "ivr", "messages", "prompts"),
    *("procedures", "rehearsal", "reports", "rights"),
)


def test_every_task_is_registered_in_the_worker() -> None:
    modules = {
        str(path.relative_to(ROOT).with_suffix("")).replace("/", ".")
        for room in _ROOMS
        for path in (ROOT / room).rglob("*.py")
        if re.search(r"^@(app\.task|every)\(", path.read_text("utf-8"), re.MULTILINE)
    }

    assert modules == set(JOBS)


def test_what_is_looked_at_each_minute() -> None:
    """Letters, reports and ends come by themselves: elsewhere the tests ask for these jobs and wait for no minute."""
    for module in JOBS:
        import_module(module)
    crons = {each.task.name: each.cron for each in app.periodic_registry.periodic_tasks.values()}
    wanted = ("campaigns.clear", "reports.watch")
    assert {name: crons.get(name) for name in wanted} == dict.fromkeys(wanted, "* * * * *")


NOBODY_THERE = "postgresql://nobody@127.0.0.1:1/nothing"


def a_turn_of(name: str) -> None:
    """What the clock asks for, while the database is away."""
    for module in JOBS:
        import_module(module)
    task, db = app.tasks[name], Database(NOBODY_THERE, pool_size=1)
    kept = Retention(db, SystemClock(), timedelta(days=90))
    job = Job(id=1, queue="default", lock=None, queueing_lock=None, task_name=name, task_kwargs={})
    known = {"database": db, "retention": kept}
    context = JobContext(app=app, job=job, start_timestamp=0, abort_reason=lambda: None, additional_context=known)
    try:
        task.func(context, 0)
    finally:
        db.close()


def test_what_the_clock_asks_for_soon_again_is_left_to_its_next_turn(caplog: pytest.LogCaptureFixture) -> None:
    a_turn_of("counting.gather")
    assert "counting.gather: left to its next turn: OperationalError (database does not answer)" in caplog.text


def test_what_has_a_turn_a_night_is_tried_again_in_the_same_one() -> None:
    with pytest.raises(OperationalError) as away:
        a_turn_of("desk.purge")
    job = Job(id=1, queue="default", lock=None, queueing_lock=None, task_name="desk.purge", attempts=1)
    assert app.tasks["desk.purge"].get_retry_exception(exception=away.value, job=job) is not None
