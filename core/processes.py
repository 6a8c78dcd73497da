"""Runs the roles of one host: restarts what dies, stops all when told, and takes all with it when it is killed.

This file is also the launcher of each child, run as a script: it imports nothing but the standard library.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TextIO

_SET_PARENT_DEATH_SIGNAL = 1  # prctl(2)
_TICK_SECONDS = 0.1
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0  # seconds before a dead child is started again, doubled at each death
_STEADY_SECONDS = 10.0  # a child that lived this long has its pause forgiven
LISTENS_ON = "PREGONERO_SOCKET"  # in a child's environment: the descriptor of the socket that was opened for it
BACKLOG = 1024  # connections that wait in the kernel while nobody takes them


def die_with_parent(expected_parent: int, send: signal.Signals = signal.SIGTERM) -> None:
    """Asks the kernel to signal this process when its parent dies; leaves at once if it already has. (stack.md §5)

    ``expected_parent``: the parent's pid. The flag outlives exec, and is not inherited by children.
    """
    if ctypes.CDLL(None, use_errno=True).prctl(_SET_PARENT_DEATH_SIGNAL, int(send), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != expected_parent:  # it died before the flag was set
        sys.exit("the parent process is gone")


def listening(bind: str) -> socket.socket:
    """A socket that listens on ``address:port``. Raises OSError where somebody has it already."""
    address, _, port = bind.rpartition(":")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address.strip("[]"), int(port)), family=family, backlog=BACKLOG)


@dataclass(frozen=True)
class Process:
    """One role: its name in the log, its command, and its environment (None: ours).

    ``listens``: the ``address:port`` that the supervisor keeps open for it, so that whoever connects while it is being
    started again waits, and is not refused. The child finds the descriptor in PREGONERO_SOCKET; children that listen on
    the same address share it, and each takes what the others have no hands for.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    listens: str | None = None


@dataclass
class _Child:
    process: Process
    running: subprocess.Popen | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    pause: float = _FIRST_PAUSE


@dataclass
class Supervisor:
    """Keeps ``processes`` running. Use it from the main thread only: the kernel ties a child to the thread that forked.

    ``grace``: seconds between asking a child to stop and killing it. ``log``: where the children's lines go.
    """

    processes: Sequence[Process]
    grace: float = 12.0
    log: TextIO = sys.stderr
    _children: list[_Child] = field(init=False)
    _doors: dict[str, socket.socket] = field(init=False, default_factory=dict)  # by the address they listen on
    _stop: threading.Event = field(init=False, default_factory=threading.Event)
    _writing: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._children = [_Child(process) for process in self.processes]

    def run(self) -> int:
        """Blocks until SIGTERM or SIGINT, then stops all: 0. A second signal does not wait for the grace.

        Raises OSError where an address that a child is to listen on is taken.
        """
        before = {number: signal.signal(number, self._on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            while not self._stop.is_set():
                self.tick()
                self._stop.wait(_TICK_SECONDS)
        finally:
            self.stop()
            for number, handler in before.items():
                signal.signal(number, handler)
        return 0

    def tick(self) -> None:
        """Starts what is not running and whose pause is over."""
        now = time.monotonic()
        for child in self._children:
            if child.running is None and now >= child.start_again_at:
                self._start(child)
            elif child.running is not None and child.running.poll() is not None:
                self._bury(child, now)

    def stop(self) -> None:
        """Asks every child to stop, waits for ``grace`` seconds, and kills whatever is left of it."""
        running = [child.running for child in self._children if child.running is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + self.grace
        while any(process.poll() is None for process in running) and time.monotonic() < deadline:
            time.sleep(_TICK_SECONDS / 4)
            if self.grace == 0:
                break
        for process in running:
            _signal_group(process, signal.SIGKILL)
            process.wait()
        for child in self._children:
            child.running = None
        for door in self._doors.values():
            door.close()
        self._doors.clear()

    def groups_of(self, name: str) -> list[int]:
        """The process groups of the children of a name that run: each is the child and all that it started."""
        return [child.running.pid for child in self._children if child.process.name == name and child.running]

    def _on_signal(self, _number: int, _frame: object) -> None:
        if self._stop.is_set():
            self.grace = 0
        self._stop.set()

    def _start(self, child: _Child) -> None:
        launcher = [sys.executable, "-I", "-S", os.path.abspath(__file__), str(os.getpid())]
        env, kept_open = child.process.env, list[int]()
        if child.process.listens:
            kept_open = [self._door(child.process.listens).fileno()]
            env = {**(os.environ if env is None else env), LISTENS_ON: str(kept_open[0])}
        child.running = subprocess.Popen(
            [*launcher, *child.process.argv],
            env=env,
            pass_fds=kept_open,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C reaches the supervisor alone, and it stops them in order
        )
        child.started_at = time.monotonic()
        threading.Thread(target=self._copy_lines, args=(child.process.name, child.running), daemon=True).start()

    def _door(self, bind: str) -> socket.socket:
        if bind not in self._doors:
            self._doors[bind] = listening(bind)
        return self._doors[bind]

    def _bury(self, child: _Child, now: float) -> None:
        assert child.running is not None
        _signal_group(child.running, signal.SIGTERM)  # a server's forked workers must not keep its port
        if now - child.started_at > _STEADY_SECONDS:
            child.pause = _FIRST_PAUSE
        self._say(child.process.name, f"ended with {child.running.returncode}; again in {child.pause:g} s")
        child.running, child.start_again_at = None, now + child.pause
        child.pause = min(child.pause * 2, _LONGEST_PAUSE)

    def _copy_lines(self, name: str, running: subprocess.Popen) -> None:
        assert running.stdout is not None
        with running.stdout as lines:
            for line in lines:
                self._say(name, line.rstrip("\n"))

    def _say(self, name: str, line: str) -> None:
        with self._writing, contextlib.suppress(OSError, ValueError):  # a closed terminal must not stop the service
            print(f"{name:<8}| {line}", file=self.log, flush=True)


def _signal_group(process: subprocess.Popen, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
