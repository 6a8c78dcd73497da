"""One process that a supervisor starts: how it is begun, heard, and ended."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.processes.doors import LISTENS_ON
from core.processes.launcher import launched
from core.processes.readiness import READY_ON

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0  # seconds before a dead child is started again, doubled at each death
_STEADY_SECONDS = 10.0  # a child that lived this long has its pause forgiven


@dataclass(frozen=True)
class Process:
    """One role: its name in the log, its command, and its environment (None: ours).

    ``listens``: the ``address:port`` that the supervisor keeps open for it, so that whoever connects while it is being
    started again waits, and is not refused. The child finds the descriptor in PREGONERO_SOCKET; children that listen on
    the same address share it, and each takes what the others have no hands for.
    ``finishing``: seconds that an old one may take over what it has in hand, once a new one does its work (None: the
    supervisor's grace). ``is_renewed``: whether SIGHUP replaces it; it must then call ``readiness.tell_ready``.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    listens: str | None = None
    finishing: float | None = None
    is_renewed: bool = True


class NotStarted(Exception):
    """The host had no descriptor, process or memory left to begin it with; the words are the kernel's."""


@dataclass(eq=False)
class Child:
    """A process of that kind, and how it fares."""

    process: Process
    running: subprocess.Popen | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    pause: float = _FIRST_PAUSE
    is_ready: bool = False
    _ready: int | None = None  # the pipe on which it says so

    def start(self, listener: int | None, say: Callable[[str, str], None]) -> None:
        """Begins it. ``listener``: the descriptor of its open socket; ``say`` is handed each line that it prints.
        Raises NotStarted; then nothing is left of it, nor kept open."""
        try:
            self._begin(listener)
            assert self.running is not None
            copying = (self.process.name, self.running, say)
            threading.Thread(target=_copy_lines, args=copying, daemon=True).start()
        except (OSError, RuntimeError) as error:  # RuntimeError: no thread
            begun = self.running
            self.end()
            if begun is not None and begun.stdout is not None:
                begun.stdout.close()
            raise NotStarted(error.strerror if isinstance(error, OSError) else str(error)) from error
        self.started_at, self.is_ready = time.monotonic(), False

    def _begin(self, listener: int | None) -> None:
        env = {**(os.environ if self.process.env is None else self.process.env)}
        self._ready, said = os.pipe()
        with open(said, "wb"), open(os.devnull) as nothing:
            os.set_blocking(self._ready, False)
            kept_open, env[READY_ON] = [said], str(said)
            if listener is not None:
                kept_open.append(listener)
                env[LISTENS_ON] = str(listener)
            self.running = subprocess.Popen(
                launched(self.process.argv),
                env=env,
                pass_fds=kept_open,
                stdin=nothing,  # DEVNULL would stay open where no descriptor is left for the rest
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, and it stops them in order
            )

    def is_alive(self) -> bool:
        return self.running is not None and self.running.poll() is None

    def hear(self) -> None:
        """Notes whether it has said that it is ready."""
        if self._ready is None:
            return
        with contextlib.suppress(BlockingIOError):
            self.is_ready = bool(os.read(self._ready, 1))
            self._stop_hearing()

    def bury(self, now: float) -> str:
        """It died: when it is to be started again, and a sentence of it for the log."""
        assert self.running is not None
        self.signal_group(signal.SIGTERM)  # a server's forked workers must not keep its port
        if now - self.started_at > _STEADY_SECONDS:
            self.pause = _FIRST_PAUSE
        ended, self.running = self.running.returncode, None
        self._stop_hearing()
        return f"ended with {ended}; {self.put_off(now)}"

    def put_off(self, now: float) -> str:
        """It is started again after a pause, which is longer each time; the words for the log."""
        told = f"again in {self.pause:g} s"
        self.start_again_at = now + self.pause
        self.pause = min(self.pause * 2, _LONGEST_PAUSE)
        return told

    def end(self) -> int | None:
        """Kills what is left of it and of all that it started; its exit status, None where it does not run."""
        self._stop_hearing()
        if self.running is None:
            return None
        self.signal_group(signal.SIGKILL)
        ended, self.running = self.running.wait(), None
        return ended

    def signal_group(self, number: signal.Signals) -> None:
        """To the process and all that it started."""
        assert self.running is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.running.pid, number)

    def _stop_hearing(self) -> None:
        if self._ready is not None:
            os.close(self._ready)
            self._ready = None


def _copy_lines(name: str, running: subprocess.Popen, say: Callable[[str, str], None]) -> None:
    assert running.stdout is not None
    with running.stdout as lines:
        for line in lines:
            say(name, line.rstrip("\n"))
