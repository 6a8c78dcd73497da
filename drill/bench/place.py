"""Where the bench works: databases of its own on one server, and processes that end with it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from assembly import Parts, parts
from core import migrate, postgres
from core.database import libpq_url
from core.processes.launcher import launched
from drill.place import environment
from settings import Settings

_READY_S = 60.0


@dataclass
class Place:
    """``server_url``: of a server on which databases may be made, ``bench_…``; ``port``: the first of a hundred."""

    folder: Path
    server_url: str
    port: int
    prefix: str = "bench_"
    made: set[str] = field(default_factory=set)

    def database(self, name: str, *, anew: bool = False) -> str:
        """The address of a database with every table; ``anew``: with nothing in them."""
        name = self.prefix + name
        if anew:
            self._drop(name)
        self.made.add(name)
        url = postgres.create_database(self.server_url, name)
        migrate.upgrade(url)
        return url

    def forget(self) -> None:
        """Drops every database that was asked for: for a test."""
        for name in self.made:
            self._drop(name)

    def _drop(self, name: str) -> None:
        with psycopg.connect(libpq_url(self.server_url), autocommit=True) as server:
            server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def env(self, url: str, **more: str) -> dict[str, str]:
        """Of a process of the service. On the wall's clock, unless CLOCK_START is among ``more``."""
        env = environment(os.environ, self.folder, self.port, url)
        return {**{name: value for name, value in env.items() if name != "CLOCK_START"}, **more}

    def parts(self, url: str, **more: str) -> Parts:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "personas.toml").touch()
        return parts(Settings.from_environment(self.env(url, **more)), pool_size=4)


def argv_of(role: str) -> list[str]:
    return [sys.executable, "-m", "cli", "serve", "--role", role]


@contextmanager
def running(argv: Sequence[str], env: Mapping[str, str], log: Path) -> Iterator[psutil.Process]:
    """A process and all that it starts, ended at the end whatever happens."""
    with log.open("ab") as file:
        child = subprocess.Popen(
            launched(argv), env=dict(env), stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
        )
    try:
        yield psutil.Process(child.pid)
    finally:
        child.terminate()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait(5)


def wait_for(is_so: Callable[[], bool], what: str, seconds: float = _READY_S) -> None:
    """Raises SystemExit with what did not come."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what}: no llegó en {seconds:g} s")
        time.sleep(0.05)


def wait_until_idle(process: psutil.Process) -> None:
    """What it still does after it said that it is ready is not what is measured."""
    before = processor_of(process)
    for _ in range(40):
        time.sleep(0.5)
        spent, before = processor_of(process) - before, processor_of(process)
        if spent < 0.05:
            return


def processor_of(process: psutil.Process) -> float:
    """Seconds of processor of a process and of those that it started and that live."""
    total = 0.0
    with suppress(psutil.Error):
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                told = each.cpu_times()
                total += told.user + told.system
    return total
