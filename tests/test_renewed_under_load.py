"""A new version under load: web, desk, dialer and worker are replaced, and no webhook is refused, lost or failed.

In the suite under a load of some thirty webhooks a second; ``make whole`` asks as fast as they are answered.
"""

import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import text
from twilio.request_validator import RequestValidator

from core.database import Database
from core.processes.doors import listening
from ivr.line import load_lines
from tests.service import Service, wait_for
from tests.slow import IS_WHOLE

ASKING = 4  # half of them keep their connection open, half connect anew each time
BETWEEN_CALLS_S = 0.05 if IS_WHOLE else 0.2  #: of each of them
MOST_WITHOUT_A_DIALER = 2.5  # seconds: a lease that was not given back would take four


@pytest.fixture
def whole(tmp_path: Path, db: Database, database_url: str) -> Iterator[Service]:
    """Every role, as ``pregonero serve`` runs them, with the local network."""
    running = Service(tmp_path, database_url, "")
    try:
        running.start("all")
        running.wait_until_ready()
        yield running
    finally:
        running.stop()


@pytest.mark.slow(45)
@pytest.mark.timeout(480)
def test_every_process_is_renewed_and_no_webhook_notices(whole: Service, db: Database) -> None:
    callers = [Caller(whole, keeps_open=at % 2 == 0) for at in range(ASKING)]
    trunk = Watch(db)
    wait_for(lambda: all(caller.answered >= 3 for caller in callers) and trunk.epochs, 120, "the first answers")
    first = trunk.epochs[-1]
    whole.running["all"].send_signal(signal.SIGHUP)
    wait_for(lambda: "renew   |" in said(whole), 300, "the renewal")
    time.sleep(1)
    trunk.stop()
    for caller in callers:
        caller.stop()
    assert "every process is new" in said(whole), said(whole)[-3000:]
    assert [caller.wrong for caller in callers] == [[]] * ASKING
    assert sum(caller.answered for caller in callers) > 100
    assert trunk.epochs[-1] > first, "another dialer has the trunk"
    assert trunk.longest_gap < MOST_WITHOUT_A_DIALER


@pytest.mark.slow(30)
@pytest.mark.timeout(480)
def test_a_web_host_whose_socket_systemd_keeps_is_renewed_and_restarted(
    tmp_path: Path, db: Database, database_url: str
) -> None:
    """As ``pregonero-web.socket`` and ``.service``: here the test itself holds the socket, as systemd would."""
    web = Service(tmp_path, database_url, "")
    with listening(web.settings.bind) as door:
        try:
            start_with(web, door)
            callers = [Caller(web, keeps_open=at % 2 == 0) for at in range(2)]
            wait_for(lambda: all(caller.answered >= 3 for caller in callers), 120, "the first answers")
            web.running["web"].send_signal(signal.SIGHUP)
            wait_for(lambda: "renew   |" in said(web), 300, "the renewal")
            web.stop()
            answered = sum(caller.answered for caller in callers)
            start_with(web, door)
            wait_for(lambda: sum(caller.answered for caller in callers) > answered + 10, 120, "answers after it")
            for caller in callers:
                caller.stop()
        finally:
            web.stop()
    assert "every process is new" in said(web), said(web)[-3000:]
    assert [caller.wrong for caller in callers] == [[], []]


def start_with(web: Service, door: socket.socket) -> None:
    """The role with an open socket for its descriptor 3, and what systemd says of it."""
    fd = door.fileno()
    given = f"export LISTEN_PID=$$ LISTEN_FDS=1; exec 3<&{fd}; exec {sys.executable} -m cli serve --role web"
    with web.log.open("ab") as log:
        web.running["web"] = subprocess.Popen(
            ["bash", "-c", given], env=web.env, pass_fds=[fd], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )


def said(whole: Service) -> str:
    return whole.log.read_text("utf-8", errors="replace")


class Caller(threading.Thread):
    """Rings again and again: each time the first webhook of a call, and the one of its end, both signed."""

    def __init__(self, whole: Service, *, keeps_open: bool) -> None:
        super().__init__(daemon=True)
        self._url, self._sign = whole.settings.public_url, RequestValidator("local").compute_signature
        self._to = next(iter(load_lines(None).values())).numbers[0]
        self._keeps_open, self._over = keeps_open, threading.Event()
        self.answered, self.wrong = 0, list[str]()
        self.start()

    def run(self) -> None:
        session = _session()
        while not self._over.is_set():
            sid = "CA" + secrets.token_hex(16)
            for path, more in (("/voice/incoming", {}), ("/voice/status", {"CallStatus": "completed"})):
                self._ask(session, path, {"CallSid": sid, "From": "+50322220000", "To": self._to, **more})
                if not self._keeps_open:
                    session.close()
                    session = _session()
            time.sleep(BETWEEN_CALLS_S)
        session.close()

    def _ask(self, session: requests.Session, path: str, form: dict[str, str]) -> None:
        url = f"{self._url}{path}"
        headers = {"X-Twilio-Signature": self._sign(url, form)}
        try:
            answer = session.post(url, form, headers=headers, timeout=60)
        except requests.RequestException as error:
            self.wrong.append(repr(error))
            return
        if answer.status_code in (200, 204):
            self.answered += 1
        else:
            self.wrong.append(f"{path}: {answer.status_code}")

    def stop(self) -> None:
        self._over.set()
        self.join(20)


class Watch(threading.Thread):
    """Looks at who has the trunk, and for how long nobody had it."""

    def __init__(self, db: Database) -> None:
        super().__init__(daemon=True)
        self._db, self._over = db, threading.Event()
        self.epochs, self.longest_gap = list[int](), 0.0
        self.start()

    def run(self) -> None:
        held_at = time.monotonic()
        while not self._over.wait(0.05):
            with self._db.begin() as tx:
                found = tx.execute(text("select epoch, expires_at > clock_timestamp() as held from lease")).first()
            now = time.monotonic()
            if found is not None and found.held:
                self.longest_gap = max(self.longest_gap, now - held_at) if self.epochs else 0.0
                self.epochs.append(found.epoch)
                held_at = now

    def stop(self) -> None:
        self._over.set()
        self.join(5)


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session
