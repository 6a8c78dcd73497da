"""What something takes: waited, and of the processor, ours and the database's, which whatever else the machine does
changes little."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import psutil
from sqlalchemy import text

from core.database import Database


@dataclass(frozen=True)
class Spent:
    """Milliseconds: waited, of this process's processor and of the database's; ``counted``: until all of it was there,
    where a page said first that it was being counted."""

    waited: float
    ours: float
    database: float
    counted: float | None = None

    @property
    def processor(self) -> float:
        return self.ours + self.database


class Meter:
    """Of a database server on this machine. Its time is known in hundredths of a second: what takes less is told right
    of many together."""

    def __init__(self, db: Database) -> None:
        with db.begin() as tx:
            backend = psutil.Process(tx.execute(text("select pg_backend_pid()")).scalar_one())
        server = backend.parent()
        assert server
        self._server = server

    def spent(self, do: Callable[[], object]) -> Spent:
        """Asking for the server's time costs us some of ours: it is asked before and after."""
        database = self._of_the_server()
        began, ours = time.perf_counter(), time.process_time()
        do()
        ours, waited = time.process_time() - ours, time.perf_counter() - began
        return Spent(1e3 * waited, 1e3 * ours, 1e3 * (self._of_the_server() - database))

    def _of_the_server(self) -> float:
        """Seconds of processor of all its processes, those that ended too."""
        own = self._server.cpu_times()
        database = own.children_user + own.children_system
        for child in self._server.children():
            with suppress(psutil.Error):
                times = child.cpu_times()
                database += times.user + times.system
        return database
