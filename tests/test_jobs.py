"""Every background job that the code defines is one that the worker runs."""

from pathlib import Path

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
