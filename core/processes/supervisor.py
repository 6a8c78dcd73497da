"""Runs the roles of one host: restarts what dies, renews all without a gap, stops all when told, and takes all with it
when it is killed."""

import contextlib
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TextIO

from core.logs import relayed
from core.processes.child import Child, NotStarted, Process
from core.processes.doors import listening
from core.processes.readiness import tell_systemd

__all__ = ["Process", "Supervisor"]

_TICK_SECONDS = 0.1
_FIRST_SECONDS = 5.0  # at the very start, that those who listen may have the processors to themselves
_READY_SECONDS = 120.0  # a new version that is not ready by then is not used


@dataclass
class Supervisor:
    """Keeps ``processes`` running. Use it from the main thread only: the kernel ties a child to the thread that forked.

    ``grace``: seconds between asking a child to stop and killing it. ``log``: where the children's lines go.
    ``before_renewing``: a command that must succeed before anything is replaced (the migrations of a new version).
    ``doors``: sockets that listen already, by ``address:port``; others are opened when a child needs them.
    ``logs_as_json``: whether every line is an object.
    """

    processes: Sequence[Process]
    grace: float = 12.0
    log: TextIO = sys.stderr
    before_renewing: Sequence[str] = ()
    doors: dict[str, socket.socket] = field(default_factory=dict)
    logs_as_json: bool = False
    _children: list[Child] = field(init=False)
    _aside: list[Child] = field(init=False, default_factory=list)  # the new not ready yet, the old not ended yet
    _stop: threading.Event = field(init=False, default_factory=threading.Event)
    _asked_to_renew: bool = field(init=False, default=False)
    _is_open: bool = field(init=False, default=False)
    _began: float = field(init=False, default=0.0)
    _was_ready: bool = field(init=False, default=False)
    _writing: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._children = [Child(process) for process in self.processes]

    def run(self) -> int:
        """Blocks until SIGTERM or SIGINT, then stops all: 0. A second signal does not wait for the grace. SIGHUP renews
        (``renew``), but where there is a terminal: there it says that the terminal was closed, and ends all.

        Raises OSError where an address that a child is to listen on is taken.
        """
        handlers: dict[signal.Signals, Callable] = dict.fromkeys((signal.SIGTERM, signal.SIGINT), self._on_signal)
        handlers[signal.SIGHUP] = self._on_signal if _has_terminal() else self._on_hangup
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            while not self._stop.is_set():
                if self._asked_to_renew:
                    self._asked_to_renew = False
                    self.renew()
                self.tick()
                self._stop.wait(_TICK_SECONDS)
        finally:
            tell_systemd("STOPPING=1")
            self.stop()
            for number, handler in before.items():
                signal.signal(number, handler)
        return 0

    def tick(self) -> None:
        """Starts what is not running and whose pause is over. What the host has nothing left to start with is tried
        again, like what died. Raises OSError where an address is taken."""
        now = time.monotonic()
        for child in [*self._children, *self._aside]:
            child.hear()
        self._is_open = self._is_open or self._are_callers_answered(now)
        for child in self._children:
            if not self._is_open and child.process.listens is None:
                continue
            if child.running is None and now >= child.start_again_at:
                try:
                    self._start(child)
                except NotStarted as error:
                    self._say(child.process.name, f"not started: {error}; {child.put_off(now)}")
            elif child.running is not None and child.running.poll() is not None:
                self._say(child.process.name, child.bury(now))
        if not self._was_ready and all(child.is_ready or not child.process.is_renewed for child in self._children):
            self._was_ready = True
            tell_systemd("READY=1")

    def renew(self) -> bool:
        """Replaces the processes one after another with new ones of the code that is on the disk now, each ready before
        its predecessor is asked to stop. Whether all were: one that does not start leaves the old ones at work."""
        tell_systemd("RELOADING=1")
        renewed = [child for child in self._children if child.process.is_renewed]
        done = self._prepare() and all(self._replace(child) for child in renewed)
        self._say("renew", "every process is new" if done else "not renewed: what did not start is above")
        tell_systemd("READY=1")
        return done

    def stop(self) -> None:
        """Asks every child to stop, waits for ``grace`` seconds, and kills whatever is left of it."""
        mine = [*self._children, *self._aside]
        for child in mine:
            if child.running is not None:
                child.running.terminate()
        deadline = time.monotonic() + self.grace
        while any(child.is_alive() for child in mine) and time.monotonic() < deadline:
            time.sleep(_TICK_SECONDS / 4)
            if self.grace == 0:
                break
        for child in mine:
            child.end()
        self._aside.clear()
        for door in self.doors.values():
            door.close()
        self.doors.clear()

    def groups_of(self, name: str) -> list[int]:
        """The process groups of the children of a name that run: each is the child and all that it started."""
        return [child.running.pid for child in self._children if child.process.name == name and child.running]

    def _on_signal(self, _number: int, _frame: object) -> None:
        if self._stop.is_set():
            self.grace = 0
        self._stop.set()

    def _on_hangup(self, _number: int, _frame: object) -> None:
        self._asked_to_renew = True

    def _prepare(self) -> bool:
        """Whether the command that comes before succeeded."""
        if not self.before_renewing:
            return True
        first = self._start_aside(Process("before", self.before_renewing))
        self._wait(lambda: not first.is_alive())
        return self._ended(first) == 0

    def _replace(self, old: Child) -> bool:
        """The old one is asked to stop once the new one is ready. False, and the old one stays, where it never is."""
        fresh = self._start_aside(old.process)
        self._wait(lambda: fresh.is_ready or not fresh.is_alive(), _READY_SECONDS)
        if self._stop.is_set() or not (fresh.is_ready and fresh.is_alive()):
            self._ended(fresh)
            return False
        self._aside.remove(fresh)
        self._children[self._children.index(old)] = fresh
        self._aside.append(old)
        if old.running is not None:
            old.running.terminate()
            patience = old.process.finishing
            self._wait(lambda: not old.is_alive(), self.grace if patience is None else patience)
        if not self._stop.is_set():  # else it is stopped with the others
            self._ended(old)
        return True

    def _wait(self, is_so: Callable[[], bool], seconds: float = float("inf")) -> None:
        """Until it is so, the time is over, or we are to stop; what dies meanwhile is started again."""
        deadline = time.monotonic() + seconds
        while not is_so() and not self._stop.is_set() and time.monotonic() < deadline:
            self.tick()
            self._stop.wait(_TICK_SECONDS)

    def _start_aside(self, process: Process) -> Child:
        """One that could not be started is not alive."""
        child = Child(process)
        try:
            self._start(child)
        except NotStarted as error:
            self._say(process.name, f"not started: {error}")
        self._aside.append(child)
        return child

    def _are_callers_answered(self, now: float) -> bool:
        """Whoever listens starts first: where all begin at once on two cores, each is ready when the last one is."""
        self._began = self._began or now
        first = [child for child in self._children if child.process.listens is not None]
        return all(child.is_ready for child in first) or now > self._began + _FIRST_SECONDS

    def _ended(self, child: Child) -> int | None:
        """Ends what is left of one that is aside; its exit status, None where it was never started."""
        self._aside.remove(child)
        return child.end()

    def _start(self, child: Child) -> None:
        bind = child.process.listens
        if bind is not None and bind not in self.doors:
            self.doors[bind] = listening(bind)
        child.start(self.doors[bind].fileno() if bind is not None else None, self._say)

    def _say(self, name: str, line: str) -> None:
        with self._writing, contextlib.suppress(OSError, ValueError):  # a closed terminal must not stop the service
            print(relayed(name, line, as_json=self.logs_as_json), file=self.log, flush=True)


def _has_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()
