"""The web server: Granian with the Flask app in each of its workers."""

import contextlib
import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Iterable
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

import psutil
from granian._granian import SocketHolder
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import MPServer as Granian

from core.processes.doors import BACKLOG, LISTENS_ON
from core.processes.launcher import die_with_parent
from core.processes.readiness import tell_ready

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

THREADS = 8  # a worker's; its pool of database connections has the same size
# Connections that a worker takes on, idle ones too: a carrier keeps many open, and one more than this would wait until
# another is closed. How many requests run at once is THREADS.
_QUEUE = 1024
_LEAVE_SECONDS = 3.0  # for connections that are kept open to be closed by whoever opened them
_KILL_SECONDS = 8  # with the former less than the supervisor's grace, or it would kill us first
#: Objects made until those that are left over are looked for: a request makes thousands and leaves none. As the
#: interpreter does it (every 700) it takes a twentieth of the time of an answer.
_MADE_BETWEEN_LOOKS = (20_000, 20, 50)
#: Seconds that one thread may keep the others of its worker from running. As the interpreter does it (ten times this) a
#: turn of a call beside somebody's long page waits that long at each of its statements: 62 ms in the middle, not 9.
_LONGEST_HOLD_S = 0.0005
_LEAVE = signal.SIGUSR1  # to a worker: what is asked now is the last of its connection


class _OnAnOpenSocket(Granian):
    """Serves on a socket that somebody else opened and keeps open: who connects during a restart waits in it.

    Of a connection that was kept open, a request may be on its way when it is closed, and would be lost. So before it
    stops it lets nobody else in and answers with ``Connection: close``: whoever asks again does so at a newer process.
    """

    listener: int
    supervisor: int  # its pid

    def _init_shared_socket(self) -> None:
        os.set_blocking(self.listener, False)
        holder = SocketHolder(self.listener, False, BACKLOG)  # type: ignore[call-arg]  # its stub knows none
        vars(self).update(_shd=holder, _sfd=self.listener, _ssp=None, _sso=None)

    def _stop_workers(self) -> None:
        for worker in self.wrks:
            with contextlib.suppress(OSError):
                os.kill(worker.inner.pid, _LEAVE)
        until = time.monotonic() + _LEAVE_SECONDS
        while time.monotonic() < until and os.getppid() == self.supervisor and self._is_spoken_to():
            time.sleep(0.05)
        super()._stop_workers()

    def _is_spoken_to(self) -> bool:
        return any(_has_connections(worker.inner.pid, self.bind_port) for worker in self.wrks)


def run_web(factory_target: str, bind: str, workers: int) -> None:
    """Serves until SIGTERM. ``factory_target``: ``module:function`` that makes the WSGI app, called in each worker.

    ``bind``: ``address:port``; under a supervisor that opened it already, its socket is used. Open no connection before
    this: the workers are forked. (stack.md §4, §7)
    """
    if workers > 1:
        import_module(factory_target.partition(":")[0])  # once, and not in each of them
    address, _, port = bind.rpartition(":")
    listener = os.environ.get(LISTENS_ON)
    server = (_OnAnOpenSocket if listener else Granian)(
        factory_target,
        address=address.strip("[]"),
        port=int(port),
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        backpressure=_QUEUE,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=_KILL_SECONDS,
        log_access=False,
        log_level=LogLevels.warning,
    )
    if isinstance(server, _OnAnOpenSocket):
        server.listener, server.supervisor = int(listener or 0), os.getppid()
        signal.signal(_LEAVE, signal.SIG_IGN)  # a worker that does not serve yet has nothing to finish
    server.serve(target_loader=partial(_load, os.getpid()))


def _let_nobody_in(listener: int) -> None:
    """Puts, in this process alone, a door at which nobody knocks in the place of the one that others answer too.

    Granian stops with letting nobody in and with closing what it let in but did not read yet, all in one moment: who
    came in then was lost. ``listener``: a descriptor of the shared socket; it is here under others too.
    """
    shared = os.fstat(listener).st_ino
    with socket.socket(socket.AF_UNIX) as nobodys:
        nobodys.bind("")  # a name of the kernel's choice, which no file has
        nobodys.listen()
        nobodys.setblocking(False)
        for name in os.listdir("/proc/self/fd"):
            with contextlib.suppress(OSError):  # the list itself was open while it was read
                if os.fstat(int(name)).st_ino == shared:
                    os.dup2(nobodys.fileno(), int(name))


def _has_connections(pid: int, port: int) -> bool:
    with contextlib.suppress(psutil.Error):
        found = psutil.Process(pid).net_connections("tcp")
        return any(each.status == psutil.CONN_ESTABLISHED and each.laddr.port == port for each in found)
    return False


def _load(main: int, target: str) -> "WSGIApplication":
    """Runs in a worker: an orphan would keep the port and answer with old code.

    Until it serves, the worker has the handler of the main process that it was forked from, which only takes note: a
    signal that came while the app is being made would be lost, and with it the news that the parent died.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    die_with_parent(main)
    module, _, factory = target.partition(":")
    made = _leaving_when_told(getattr(import_module(module), factory)())
    gc.collect()
    gc.set_threshold(*_MADE_BETWEEN_LOOKS)
    sys.setswitchinterval(_LONGEST_HOLD_S)
    gc.freeze()  # what is there now stays: it is not looked through again, and its pages remain the main process's
    tell_ready()
    return made


def _leaving_when_told(app: "WSGIApplication") -> "WSGIApplication":
    """The app; from the signal on nobody else is let in, and each answer is the last of its connection."""
    leaving: list[int] = []

    def leave(number: int, _frame: object) -> None:
        leaving.append(number)
        if listener := os.environ.get(LISTENS_ON):
            _let_nobody_in(int(listener))

    signal.signal(_LEAVE, leave)

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if not leaving:
            return app(environ, start_response)

        def last(status, headers, *raised):
            return start_response(status, [*headers, ("Connection", "close")], *raised)

        return app(environ, last)

    return answer
