"""A carrier that takes every call and sends nothing: it notes when it was asked, and by whom."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Exchange(ThreadingHTTPServer):
    """Takes every call, and writes down when it was asked for (time.monotonic)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.asked: list[float] = []
        self.attempts: list[int] = []  #: which they were
        self.refuses = False  #: credentials that it does not know, say
        self.lists_asked = 0
        self.lists = threading.Event()  #: until it is set no list is answered
        self.lists.set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Exchange

    def do_POST(self) -> None:
        body = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
        if self.server.refuses:
            self._answer(401, {"code": 20003, "message": "Authenticate", "status": 401})
            return
        self.server.asked.append(time.monotonic())
        self.server.attempts.append(int(parse_qs(urlsplit(body["Url"][0]).query)["attempt"][0]))
        self._answer(
            201, {"sid": f"CA{self.server.server_address[1]:08}{len(self.server.asked):024}", "status": "queued"}
        )

    def do_GET(self) -> None:
        self.server.lists_asked += 1
        self.server.lists.wait(30)
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


@contextmanager
def an_exchange() -> Iterator[Exchange]:
    """One that listens while the test runs."""
    with Exchange() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(5)
