"""The whole service as processes of its own, on free ports of loopback, over a test's database."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from assembly import Parts, parts
from settings import Settings
from tests.ports import free_port

CLOCK_START = "2026-11-23T10:00:00-06:00"


class Service:
    """``web``, ``dialer`` and ``carrier`` under a rehearsal clock; each can be killed and started again."""

    def __init__(self, folder: Path, database_url: str, personas: str, **more: str) -> None:
        web, carrier = free_port(), free_port()
        people = folder / "personas.toml"
        people.write_text(personas, "utf-8")
        self.log = folder / "service.log"
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("TWILIO_", "REGISTRY_"))},
            "DATABASE_URL": database_url,
            "DATA_DIR": str(folder),
            "BIND": f"127.0.0.1:{web}",
            "PUBLIC_URL": f"http://127.0.0.1:{web}",
            "CARRIER_BIND": f"127.0.0.1:{carrier}",
            "CARRIER_PERSONAS": str(people),
            "CLOCK_START": CLOCK_START,
            "WEB_WORKERS": "1",
            **more,
        }
        self.settings = Settings.from_environment(self.env)
        self.running: dict[str, subprocess.Popen] = {}

    def start(self, role: str) -> None:
        with self.log.open("ab") as log:
            argv = [sys.executable, "-m", "cli", "serve", "--role", role]
            self.running[role] = subprocess.Popen(argv, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self, role: str) -> None:
        """As kill -9 does it, and waits for its end."""
        self.running[role].kill()
        self.running.pop(role).wait(10)

    def stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)
        self.running.clear()

    def wait_until_ready(self, seconds: float = 150) -> None:
        wait_for(lambda: self._answers(f"{self.settings.public_url}/readyz"), seconds, "the web")
        wait_for(lambda: self._answers(f"http://{self.settings.carrier_bind}/local/calls"), seconds, "the carrier")

    def _answers(self, url: str) -> bool:
        """Fails at once where one of them has ended: no waiting brings it back."""
        ended = [role for role, process in self.running.items() if process.poll() is not None]
        assert not ended, f"{ended} ended:\n{self.log.read_text('utf-8', errors='replace')[-2000:]}"
        return _status(url) == 200

    def parts(self) -> Parts:
        return parts(self.settings, pool_size=2)

    def ledger(self) -> list[dict]:
        """The carrier's own record, entry by entry."""
        lines = (self.settings.data_dir / "carrier.jsonl").read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines]


@contextmanager
def service(folder: Path, database_url: str, personas: str, **more: str) -> Iterator[Service]:
    """The service, ready; stopped whatever happens."""
    running = Service(folder, database_url, personas, **more)
    try:
        for role in ("carrier", "web", "dialer"):
            running.start(role)
        running.wait_until_ready()
        yield running
    finally:
        running.stop()


def wait_for(is_so, seconds: float, what: str) -> None:
    """Asks again and again; fails with what did not come."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"{what} did not come within {seconds:g} s"
        time.sleep(0.2)


def _status(url: str) -> int:
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(url, timeout=2).status_code
        except requests.RequestException:
            return 0
