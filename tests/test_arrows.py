"""The arrows of the modules beside the rooms, which import-linter does not see: it knows packages only."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parent.parent
ABOVE_THE_PRODUCT = {"demo", "drill", "rehearsal"}


def imported_by(module: str) -> set[str]:
    """Every module that it imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((HOME / f"{module}.py").read_text("utf-8"))):
        match node:
            case ast.ImportFrom(module=str(name)):
                found.add(name)
            case ast.Import(names=names):
                found |= {each.name for each in names}
    return found


@pytest.mark.parametrize(
    ("module", "known"),
    [
        ("app", set()),
        ("assembly", set()),
        ("screen", set()),
        ("settings", set()),
        ("serve", set()),
        ("work", {"rehearsal.starting"}),  # the worker starts a rehearsal out of its own process
        ("cli", {"demo.run", "demo.talk", "drill.command", "rehearsal.command"}),
    ],
)
def test_what_plays_the_whole_is_known_to_the_command_only(module: str, known: set[str]) -> None:
    assert {each for each in imported_by(module) if each.partition(".")[0] in ABOVE_THE_PRODUCT} == known


def test_every_module_beside_the_rooms_is_judged_here() -> None:
    assert {each.stem for each in HOME.glob("*.py")} == {
        "app",
        "assembly",
        "cli",
        "screen",
        "serve",
        "settings",
        "work",
    }


#: What no process should have in its memory but the one that needs it, by the module that is read at its start.
ELSEWHERE = {
    "app": {"aiohttp", "alembic", "apscheduler", "reportlab"},
    "assembly": {"aiohttp", "alembic", "apscheduler", "flask", "reportlab"},
    "core.processes.web_process": {"click", "flask", "psycopg", "settings", "sqlalchemy"},
    "serve": {"aiohttp", "alembic", "flask", "procrastinate", "reportlab", "twilio"},
    "work": {"aiohttp", "alembic", "apscheduler"},
}


@pytest.mark.parametrize("module", ELSEWHERE)
def test_a_process_reads_what_it_needs_and_no_more(module: str) -> None:
    """What is read without need is waited for at every start, and is in the memory of every process."""
    code = f"import sys, {module}; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True, check=True)
    assert not ELSEWHERE[module] & {name.partition(".")[0] for name in told.stdout.split()}
