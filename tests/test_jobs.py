"""Every background job that the code defines is one that the worker runs."""

from importlib import import_module
from pathlib import Path

from core.jobs import app
from serve import JOBS

ROOT = Path(__file__).resolve().parent.parent
_ROOMS = (
    *("api", "beneficiaries", "campaigns", "cases", "console", "desk", "dialer", "ivr", "messages", "prompts"),
    *("rehearsal", "reports"),
)


def test_every_task_is_registered_in_the_worker() -> None:
    modules = {
        str(path.relative_to(ROOT).with_suffix("")).replace("/", ".")
        for room in _ROOMS
        for path in (ROOT / room).rglob("*.py")
        if "@app.task(" in path.read_text("utf-8")
    }

    assert modules == set(JOBS)


def test_what_is_looked_at_each_minute() -> None:
    """Letters, reports and ends come by themselves: elsewhere the tests ask for these jobs and wait for no minute."""
    for module in JOBS:
        import_module(module)
    crons = {each.task.name: each.cron for each in app.periodic_registry.periodic_tasks.values()}
    wanted = ("campaigns.clear", "reports.watch")
    assert {name: crons.get(name) for name in wanted} == dict.fromkeys(wanted, "* * * * *")
