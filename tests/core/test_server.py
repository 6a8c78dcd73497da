"""The web server stands up again, and leaves nothing behind on its port."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from tests.core.waiting import eventually, is_gone
from tests.ports import free_port

PROJECT = Path(__file__).resolve().parent.parent.parent
ADDRESS = "127.0.0.1"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def web(port: int) -> Iterator[subprocess.Popen]:
    running = subprocess.Popen([sys.executable, "-m", "tests.core.tiny_web", f"127.0.0.1:{port}"], cwd=PROJECT)
    eventually(lambda: who_answers(port))
    yield running
    running.kill()
    running.wait()


def who_answers(port: int, patience: float = 2) -> int | None:
    """The pid of the worker that answered; None if nobody does."""
    connection = HTTPConnection(ADDRESS, port, timeout=patience)
    try:
        connection.request("GET", "/")
        return int(connection.getresponse().read())
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def test_a_worker_that_dies_is_replaced(web: subprocess.Popen, port: int) -> None:
    first = who_answers(port)
    assert first
    os.kill(first, signal.SIGKILL)
    eventually(lambda: who_answers(port) not in (None, first))
    assert web.poll() is None


def test_killed_it_leaves_no_worker_with_the_port(web: subprocess.Popen, port: int) -> None:
    worker = who_answers(port)
    assert worker
    web.kill()
    eventually(lambda: is_gone(worker) and who_answers(port) is None)


def test_killed_while_it_starts_it_leaves_no_worker_either(port: int, tmp_path: Path) -> None:
    """The signal of the parent's death came to a worker that was still making its app, and was lost."""
    starting = tmp_path / "pid"
    command = [sys.executable, "-m", "tests.core.tiny_web", f"127.0.0.1:{port}", str(starting)]
    running = subprocess.Popen(command, cwd=PROJECT)
    try:
        worker = int(eventually(lambda: starting.exists() and starting.read_text(), 20))
    finally:
        running.kill()
        running.wait()
    try:
        eventually(lambda: is_gone(worker) and who_answers(port) is None)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)


def test_asked_to_stop_it_does(web: subprocess.Popen) -> None:
    web.terminate()
    assert web.wait(timeout=30) == 0


def test_idle_connections_keep_nobody_waiting(web: subprocess.Popen, port: int) -> None:
    """A carrier keeps its connections open between webhooks: the next caller must not wait for one to close."""
    idle = [HTTPConnection("127.0.0.1", port, timeout=5) for _ in range(200)]
    try:
        for connection in idle:
            connection.request("GET", "/")
            connection.getresponse().read()
        assert who_answers(port)
    finally:
        for connection in idle:
            connection.close()


def test_a_turn_does_not_wait_for_a_long_page_at_each_of_its_statements(web: subprocess.Popen, port: int) -> None:
    """As the interpreter does it, each of the twenty would wait five milliseconds."""
    took = []
    for _ in range(8):
        connection = HTTPConnection(ADDRESS, port, timeout=5)
        connection.request("GET", "/beside-a-long-page")
        took.append(float(connection.getresponse().read()))
        connection.close()
    assert min(took) < 20 * 0.005 / 2


def test_who_connects_while_it_is_started_again_waits_and_is_not_refused(port: int) -> None:
    """A webhook must not be refused because the web process was killed: the supervisor keeps the door open."""
    code = "import sys; from core.processes.supervisor import Process, Supervisor;" + (
        f"sys.exit(Supervisor([Process('web', [sys.executable, '-m', 'tests.core.tiny_web', '{ADDRESS}:{port}'],"
        f" None, '{ADDRESS}:{port}')], grace=3).run())"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT, stderr=subprocess.DEVNULL)
    try:
        worker = eventually(lambda: who_answers(port), 20)
        assert worker
        os.killpg(os.getpgid(worker), signal.SIGKILL)
        eventually(lambda: is_gone(worker))
        assert who_answers(port, patience=15) not in (None, worker)
    finally:
        supervisor.terminate()
        supervisor.wait(10)
    assert who_answers(port) is None
