"""The service under rehearsal: its carrier, its web and its desk as processes that can be killed, and the way in."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TextIO, TypeVar

import psutil
import requests
from sqlalchemy import Connection

from assembly import Parts, parts
from core import migrate, postgres
from core.processes.listening import answers, is_taken
from core.processes.supervisor import Supervisor
from drill.place import environment
from serve import supervisor
from settings import Settings, SettingsError

T = TypeVar("T")
ROLES = ("carrier", "web", "desk")
LINES = "lines"  #: where in the place the drill's own copy of a line is
_READY_SECONDS = 60
_OURS = ".drill"  # a file that says that everything in its directory may be thrown away


class House:
    """Use it from the main thread: ``tick`` starts again whatever has died."""

    def __init__(
        self,
        environ: Mapping[str, str],
        place: Path,
        port: int,
        url: str | None = None,
        roles: Sequence[str] = ROLES,
        **more: str,
    ) -> None:
        """``url``: a database that is the drill's own already; with none, an embedded one in ``place``."""
        self.place = place
        self._roles = roles
        self.env = environment(environ, place, port, url) | more
        self._own_url = url
        self.settings: Settings
        self.made: Parts
        self._log: TextIO
        self._supervisor: Supervisor

    def open(self, files: Mapping[str, str]) -> None:
        """Begins with nothing but ``files`` (by path in the place). Raises SettingsError where it cannot start."""
        self._begin_anew()
        for name, text in files.items():
            path = self.place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        if (self.place / LINES).is_dir():
            self.env["LINES_DIR"] = str(self.place / LINES)
        self.settings = Settings.from_environment(self.env)
        for bind in (self.settings.bind, self.settings.carrier_bind):
            if is_taken(bind):
                raise SettingsError(f"Ya hay algo en {bind}. Termínelo, o elija otro puerto con --port.")
        url = postgres.address(self.settings)
        if self._own_url is None:
            migrate.start_over(url)
        migrate.upgrade(url)
        self.made = parts(self.settings, pool_size=10)
        self._log = (self.place / "service.log").open("w", encoding="utf-8")
        self._supervisor = supervisor(self.settings, self.env, self._roles)
        self._supervisor.log = self._log
        self._wait_until_ready()

    def _begin_anew(self) -> None:
        if self.place.exists() and any(self.place.iterdir()) and not (self.place / _OURS).exists():
            raise SettingsError(f"{self.place} no es de un ensayo: no se toca nada.")
        for name in ("carrier.jsonl", LINES):
            path = self.place / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        self.place.mkdir(parents=True, exist_ok=True)
        (self.place / _OURS).touch()

    def close(self) -> None:
        """Nothing is left running."""
        if hasattr(self, "_supervisor"):
            self._supervisor.stop()
        if hasattr(self, "_log"):
            time.sleep(0.2)  # its threads copy the last lines
            self._log.close()
        if hasattr(self, "made"):
            self.made.db.close()
        if self._own_url is None:
            postgres.stop(self.place)

    def tick(self) -> None:
        self._supervisor.tick()

    def kill(self, role: str, which: int) -> bool:
        """One process of a role as kill -9 does it, with all that it started; False where none of them lives."""
        groups = self._supervisor.groups_of(role)
        with suppress(ProcessLookupError, IndexError, ZeroDivisionError):
            os.killpg(groups[which % len(groups)], signal.SIGKILL)
            return True
        return False

    def living(self, role: str) -> set[int]:
        """The processes of a role that run, by their pids. One that was killed may be a name still."""
        return {pid for pid in self._supervisor.groups_of(role) if _runs(pid)}

    def act(self, what: Callable[[Connection, datetime], T]) -> T:
        """One transaction, as a screen of the desk does it."""
        with self.made.db.begin() as tx:
            return what(tx, self.made.clock.now())

    def misfortune(self, faults: Mapping[str, float]) -> None:
        """How the carrier misbehaves from now on."""
        _session().post(
            f"{self.settings.trunks.first.api_url}/local/faults", json=dict(faults), timeout=5
        ).raise_for_status()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            self.tick()
            if answers(f"{self.settings.public_url}/readyz") and answers(
                f"{self.settings.trunks.first.api_url}/local/calls"
            ):
                return
            time.sleep(0.1)
        raise SettingsError(f"El servicio no arrancó. Vea {self.place / 'service.log'}.")


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session
