"""A new version comes in: each process is replaced by a new one that is ready, and nobody who asks notices."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from core.processes.listening import is_taken
from tests.core.exhausted import no_descriptor_left
from tests.core.waiting import eventually, is_gone
from tests.ports import free_port

PROJECT = Path(__file__).resolve().parent.parent.parent
SUPERVISE = """
import json, sys
from core.processes.supervisor import Process, Supervisor
plan = json.loads(sys.argv[1])
made = Supervisor([Process(**each) for each in plan["processes"]], grace=5, before_renewing=plan["before"])
sys.exit(made.run())
"""
#: Notes its pid when it begins and when it leaves; it says that it is ready unless the version is a faulty one.
ROLE = """
import os, signal, sys, time
from core.processes.readiness import tell_ready
notes, version = open(sys.argv[1], "a"), open(sys.argv[2]).read()
def leave(*_):
    print("left", os.getpid(), file=notes, flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
if version == "faulty":
    sys.exit(1)
print("ready", os.getpid(), file=notes, flush=True)
tell_ready()
while True:
    time.sleep(1)
"""


class Supervised:
    """A supervisor in a process of its own."""

    def __init__(self, folder: Path, processes: list[dict], before: list[str]) -> None:
        self.log, self.notes, self.version = folder / "log", folder / "notes", folder / "version"
        self.version.write_text("good")
        plan = json.dumps({"processes": processes, "before": before})
        argv = [sys.executable, "-c", SUPERVISE, plan]
        with self.log.open("w") as log:
            self.running = subprocess.Popen(argv, cwd=PROJECT, stdin=subprocess.DEVNULL, stderr=log)

    def noted(self) -> list[str]:
        return self.notes.read_text().splitlines() if self.notes.exists() else []

    def ready(self) -> list[int]:
        return [int(line.split()[1]) for line in self.noted() if line.startswith("ready")]

    def renew(self) -> str:
        """Asks for it, and returns what was said of it in the end."""
        before = self._said()
        self.running.send_signal(signal.SIGHUP)
        return eventually(lambda: self._said()[len(before) :], 40)[0]

    def _said(self) -> list[str]:
        return [line for line in self.log.read_text().splitlines() if line.startswith("renew   |")]

    def end(self) -> None:
        self.running.terminate()
        self.running.wait(15)


@pytest.fixture
def role(tmp_path: Path) -> Iterator[Supervised]:
    yield from _supervised(tmp_path, [])


@pytest.fixture
def role_after_a_command(tmp_path: Path) -> Iterator[Supervised]:
    code = "import sys; sys.exit(open(sys.argv[1]).read() == 'not migrated')"
    yield from _supervised(tmp_path, [sys.executable, "-c", code, str(tmp_path / "version")])


def _supervised(folder: Path, before: list[str]) -> Iterator[Supervised]:
    argv = [sys.executable, "-c", ROLE, str(folder / "notes"), str(folder / "version")]
    made = Supervised(folder, [{"name": "role", "argv": argv}], before)
    eventually(made.ready)
    yield made
    made.end()


def test_the_new_one_is_ready_before_the_old_one_leaves(role: Supervised) -> None:
    (old,) = role.ready()
    assert role.renew().endswith("every process is new")
    _, new = role.ready()
    assert role.noted() == [f"ready {old}", f"ready {new}", f"left {old}"]
    assert is_gone(old)


def test_who_listens_is_ready_before_the_others_begin(tmp_path: Path) -> None:
    """Where all begin at once, callers wait until the last one has read its code."""
    code = f"import time; time.sleep(0.4)\n{ROLE}"
    argv = [sys.executable, "-c", code, str(tmp_path / "notes"), str(tmp_path / "version")]
    other = [sys.executable, "-c", "import sys; print('other', file=open(sys.argv[1], 'a'))", str(tmp_path / "notes")]
    plan = [{"name": "other", "argv": other}, {"name": "web", "argv": argv, "listens": f"127.0.0.1:{free_port()}"}]
    made = Supervised(tmp_path, plan, [])
    try:
        eventually(lambda: "other" in made.noted())
        assert made.noted()[0].startswith("ready")
    finally:
        made.end()


def test_a_version_that_does_not_start_leaves_the_old_one_at_work(role: Supervised) -> None:
    (old,) = role.ready()
    role.version.write_text("faulty")
    assert "not renewed" in role.renew()
    assert role.noted() == [f"ready {old}"]
    assert not is_gone(old)
    role.version.write_text("good")
    assert role.renew().endswith("every process is new")


def test_nothing_is_replaced_where_the_database_could_not_be_brought_up_to_date(
    role_after_a_command: Supervised,
) -> None:
    role = role_after_a_command
    (old,) = role.ready()
    role.version.write_text("not migrated")
    assert "not renewed" in role.renew()
    assert role.noted() == [f"ready {old}"]


@pytest.mark.parametrize("supervised", ["role", "role_after_a_command"])
def test_with_nothing_left_to_start_a_new_one_with_the_old_one_stays(
    supervised: str, request: pytest.FixtureRequest
) -> None:
    role: Supervised = request.getfixturevalue(supervised)
    (old,) = role.ready()
    with no_descriptor_left(role.running.pid):
        assert "not renewed" in role.renew()
    assert role.noted() == [f"ready {old}"]
    assert "not started: Too many open files" in role.log.read_text()
    assert not is_gone(old)
    assert role.renew().endswith("every process is new")


def test_asked_to_stop_in_the_middle_it_leaves_nothing_running(role: Supervised) -> None:
    role.running.send_signal(signal.SIGHUP)
    role.end()
    eventually(lambda: all(is_gone(pid) for pid in role.ready()))


def test_a_renewal_under_load_loses_no_request(tmp_path: Path) -> None:
    """Half of those who ask keep their connection open, half come anew each time."""
    port = free_port()
    bind = f"127.0.0.1:{port}"
    web = {"name": "web", "argv": [sys.executable, "-m", "tests.core.tiny_web", bind], "listens": bind}
    made = Supervised(tmp_path, [web, web], [])
    try:
        eventually(lambda: is_taken(bind))
        askers = [Asker(port, keeps_open=at % 2 == 0) for at in range(8)]
        eventually(lambda: all(asker.answered for asker in askers), 20)
        before = set().union(*(asker.who for asker in askers))
        for _ in range(2):
            assert made.renew().endswith("every process is new")
        for asker in askers:
            asker.stop()
        after = set().union(*(asker.who for asker in askers))
        assert [asker.lost for asker in askers] == [[]] * len(askers)
        assert len(after - before) >= 2, "new processes answered"
        assert sum(asker.answered for asker in askers) > 100
    finally:
        made.end()


class Asker(threading.Thread):
    """Asks again and again. A client that keeps its connection reconnects only when it was told that it closes."""

    def __init__(self, port: int, *, keeps_open: bool) -> None:
        super().__init__(daemon=True)
        self._port, self._keeps_open = port, keeps_open
        self._over = threading.Event()
        self.answered, self.who, self.lost = 0, set[int](), list[str]()
        self.start()

    def run(self) -> None:
        connection = self._connect()
        while not self._over.is_set():
            try:
                connection.request("GET", "/")
                answer = connection.getresponse()
                self.who.add(int(answer.read()))
                self.answered += 1
            except Exception as error:
                self.lost.append(repr(error))
                connection.close()
            if not self._keeps_open:
                connection.close()
            time.sleep(0.005)
        connection.close()

    def stop(self) -> None:
        self._over.set()
        self.join(10)

    def _connect(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self._port, timeout=10)


def test_systemd_is_told_when_it_is_ready(tmp_path: Path) -> None:
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.bind(str(tmp_path / "notify"))
    told.settimeout(20)
    argv = [sys.executable, "-c", ROLE, str(tmp_path / "notes"), str(tmp_path / "version")]
    (tmp_path / "version").write_text("good")
    env = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")}
    plan = json.dumps({"processes": [{"name": "role", "argv": argv}], "before": []})
    command, nowhere = [sys.executable, "-c", SUPERVISE, plan], subprocess.DEVNULL
    running = subprocess.Popen(command, cwd=PROJECT, env=env, stdin=nowhere, stderr=nowhere)
    try:
        assert told.recv(100) == b"READY=1"
        running.send_signal(signal.SIGHUP)
        assert [told.recv(100), told.recv(100)] == [b"RELOADING=1", b"READY=1"]
    finally:
        running.terminate()
        running.wait(10)
        told.close()
