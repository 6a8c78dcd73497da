"""The web server: Granian with the Flask app in each of its workers."""

import gc
import os
import signal
from collections.abc import Callable
from functools import partial
from importlib import import_module

from granian._granian import SocketHolder
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import MPServer as Granian

from core.processes import BACKLOG, LISTENS_ON, die_with_parent

THREADS = 8  # a worker's; its pool of database connections has the same size
# Connections that a worker takes on, idle ones too: a carrier keeps many open, and one more than this would wait until
# another is closed. How many requests run at once is THREADS.
_QUEUE = 1024
_KILL_SECONDS = 10  # less than the supervisor's grace, or it would kill us first


class _OnAnOpenSocket(Granian):
    """Serves on a socket that somebody else opened and keeps open: who connects during a restart waits in it."""

    listener: int

    def _init_shared_socket(self) -> None:
        os.set_blocking(self.listener, False)
        holder = SocketHolder(self.listener, False, BACKLOG)  # type: ignore[call-arg]  # its stub knows none
        vars(self).update(_shd=holder, _sfd=self.listener, _ssp=None, _sso=None)


def run_web(factory_target: str, bind: str, workers: int) -> None:
    """Serves until SIGTERM. ``factory_target``: ``module:function`` that makes the WSGI app, called in each worker.

    ``bind``: ``address:port``; under a supervisor that opened it already, its socket is used. Open no connection before
    this: the workers are forked. (stack.md §4, §7)
    """
    import_module(factory_target.partition(":")[0])  # once, and not in each worker: a restart takes half as long
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
        server.listener = int(listener or 0)
    server.serve(target_loader=partial(_load, os.getpid()))


def _load(main: int, target: str) -> Callable:
    """Runs in a worker: an orphan would keep the port and answer with old code.

    Until it serves, the worker has the handler of the main process that it was forked from, which only takes note: a
    signal that came while the app is being made would be lost, and with it the news that the parent died.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    die_with_parent(main)
    module, _, factory = target.partition(":")
    made = getattr(import_module(module), factory)()
    gc.collect()
    gc.freeze()  # what is there now stays: it is not looked through again, and its pages remain the main process's
    return made
