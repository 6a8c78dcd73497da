"""The supervisor, with real processes: what dies comes back, and nothing outlives it."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.processes.child import Child, NotStarted
from core.processes.doors import listening
from core.processes.supervisor import Process, Supervisor
from tests.core.exhausted import no_descriptor_left
from tests.core.waiting import eventually, is_gone

SUPERVISE = """
import json, sys
from core.processes.supervisor import Process, Supervisor
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


def test_one_that_cannot_be_started_is_tried_again_and_the_others_never_notice(
    supervise: Start, tmp_path: Path
) -> None:
    supervisor = supervise(one=STEADY, two=STEADY)
    eventually(lambda: lines(tmp_path / "one") and lines(tmp_path / "two"))
    with no_descriptor_left(supervisor.pid):
        os.kill(int(lines(tmp_path / "one")[0]), signal.SIGKILL)
        told = "one     | not started: Too many open files; again in"
        eventually(lambda: {f"{told} 0.4 s", f"{told} 0.8 s"} <= set(lines(tmp_path / "log")))
    eventually(lambda: len(lines(tmp_path / "one")) == 2)
    assert len(lines(tmp_path / "two")) == 1


TOO_LONG = [sys.executable, "-c", "pass", "x" * (1 << 18)]  # for the kernel: E2BIG (execve(2))


def test_one_that_could_not_be_started_leaves_nothing_open() -> None:
    child = Child(Process("role", TOO_LONG))
    before = os.listdir("/proc/self/fd")
    for _ in range(3):
        with pytest.raises(NotStarted, match="Argument list too long"):
            child.start(None, lambda _name, _line: None)
    assert os.listdir("/proc/self/fd") == before
    assert not child.is_alive() and child.end() is None


def test_one_that_cannot_be_started_at_the_start_is_tried_again_too() -> None:
    log = io.StringIO()
    supervisor = Supervisor([Process("long", TOO_LONG)], grace=0, log=log)
    supervisor.tick()
    supervisor.tick()
    supervisor.stop()
    assert log.getvalue() == "long    | not started: Argument list too long; again in 0.2 s\n", "the pause is kept"


def test_a_taken_address_is_said_at_the_start() -> None:
    with listening("127.0.0.1:0") as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        supervisor = Supervisor([Process("web", [sys.executable, "-c", ""], listens=bind)], grace=0)
        with pytest.raises(OSError, match="in use"):
            supervisor.tick()
        supervisor.stop()
