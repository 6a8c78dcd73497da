"""Pause, resume and cancel with the real loop, against a carrier that notes when it is asked."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from campaigns import life
from dialer.process import Dialer
from dialer.trunk import Trunk
from tests.campaigns.builders import COORDINATOR, attempts_of, running
from tests.dialer.builders import TRUNK
from tests.service import wait_for

FELT_WITHIN = 2.0  # seconds after the commit


class Exchange(ThreadingHTTPServer):
    """Takes every call, and writes down when it was asked for (time.monotonic)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.asked: list[float] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Exchange

    def do_POST(self) -> None:
        self.server.asked.append(time.monotonic())
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(201, {"sid": f"CA{len(self.server.asked):032}", "status": "queued"})

    def do_GET(self) -> None:
        self._answer(200, {"calls": []})

    def _answer(self, status: int, body: dict) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    with Exchange() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(5)


@contextmanager
def dialling(db, vault, clock, exchange: Exchange) -> Iterator[None]:
    account = ("AC" + "0" * 32, "token", exchange.address)
    dialer = Dialer(db, vault, clock, Trunk(TRUNK, 25, 10_000, 30), account, "http://127.0.0.1:1")
    thread = threading.Thread(target=dialer.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        dialer.stop()
        thread.join(20)
        assert not thread.is_alive()


def decide(db, clock, campaign_id: int, change) -> float:
    """When it was committed."""
    with db.begin() as tx:
        change(tx, clock.now(), campaign_id, COORDINATOR)
    return time.monotonic()


@pytest.mark.parametrize("change", [life.pause, life.cancel])
def test_no_call_is_asked_for_two_seconds_after_the_commit(db, vault, clock, exchange, change):
    campaign_id = running(db, vault, clock, 400)
    with dialling(db, vault, clock, exchange):
        wait_for(lambda: len(exchange.asked) > 10, 20, "the first calls")
        committed = decide(db, clock, campaign_id, change)
        wait_for(lambda: time.monotonic() > committed + FELT_WITHIN + 1, 10, "three seconds")
        late = [moment - committed for moment in exchange.asked if moment > committed + FELT_WITHIN]
        assert late == []
        if change is life.pause:
            asked = len(exchange.asked)
            resumed = decide(db, clock, campaign_id, life.resume)
            wait_for(lambda: len(exchange.asked) > asked, FELT_WITHIN, "the next call")
            assert exchange.asked[asked] - resumed < FELT_WITHIN
    left = [row.state for row in attempts_of(db, campaign_id)]
    assert len(exchange.asked) == len([state for state in left if state not in ("due", "withdrawn")])
