"""The supervisor, with real processes: what dies comes back, and nothing outlives it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.core.waiting import eventually, is_gone

SUPERVISE = """
import json, sys
from core.processes import Process, Supervisor
sys.exit(Supervisor([Process(*each) for each in json.loads(sys.argv[1])], grace=1).run())
"""
NOTE = "import os, signal, sys, time; notes = open(sys.argv[1], 'a'); print(os.getpid(), file=notes, flush=True);"
STEADY = NOTE + "print('hola', flush=True); time.sleep(60)"
CRASHING = NOTE + "sys.exit(3)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + STEADY
LEAVE = "def leave(*_):\n    print('clean', file=notes, flush=True)\n    sys.exit(0)\n"
POLITE = LEAVE + "import signal; signal.signal(signal.SIGTERM, leave);" + STEADY

Start = Callable[..., subprocess.Popen]


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Start]:
    """Starts a supervisor over named programs; each notes its pids in a file of its name."""
    started = []

    def start(**programs: str) -> subprocess.Popen:
        processes = [(name, [sys.executable, "-c", code, str(tmp_path / name)]) for name, code in programs.items()]
        with open(tmp_path / "log", "w") as log:
            started.append(subprocess.Popen([sys.executable, "-c", SUPERVISE, json.dumps(processes)], stderr=log))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_what_crashes_is_started_again_and_the_others_never_notice(supervise: Start, tmp_path: Path) -> None:
    supervise(crashing=CRASHING, steady=STEADY)
    eventually(lambda: len(lines(tmp_path / "crashing")) >= 3)
    assert len(lines(tmp_path / "steady")) == 1


def test_each_line_of_the_log_says_whose_it_is(supervise: Start, tmp_path: Path) -> None:
    supervise(crashing=CRASHING, steady=STEADY)
    eventually(lambda: {"steady  | hola", "crashing| ended with 3; again in 0.2 s"} <= set(lines(tmp_path / "log")))


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_asked_to_stop_it_lets_each_one_finish(supervise: Start, tmp_path: Path, asked: signal.Signals) -> None:
    supervisor = supervise(one=POLITE, two=POLITE)
    eventually(lambda: lines(tmp_path / "one") and lines(tmp_path / "two"))
    supervisor.send_signal(asked)
    assert supervisor.wait(timeout=5) == 0
    assert [lines(tmp_path / name)[1:] for name in ("one", "two")] == [["clean"], ["clean"]]


def test_who_does_not_stop_is_killed(supervise: Start, tmp_path: Path) -> None:
    supervisor = supervise(stubborn=STUBBORN)
    (pid,) = eventually(lambda: lines(tmp_path / "stubborn"))
    supervisor.terminate()
    assert supervisor.wait(timeout=5) == 0
    assert is_gone(int(pid))


def test_nothing_outlives_a_supervisor_that_is_killed(supervise: Start, tmp_path: Path) -> None:
    supervisor = supervise(one=STEADY, two=POLITE)
    eventually(lambda: lines(tmp_path / "one") and lines(tmp_path / "two"))
    pids = [int(lines(tmp_path / name)[0]) for name in ("one", "two")]
    os.kill(supervisor.pid, signal.SIGKILL)
    eventually(lambda: all(is_gone(pid) for pid in pids), seconds=3)
