"""A padrón in another institution's hands, by the contract of docs/registry-api.md: an object, and on a real wire."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import requests

from tests.beneficiaries.builders import ANA, LUIS

TOKEN = "a token of the tests"


class OtherInstitution:
    """Somebody else's padrón, kept by the contract of docs/registry-api.md."""

    def __init__(self) -> None:
        self.people = {
            ANA: ("Ana María Rivas", "1985-03-12", "ACTIVO", "+50372461935"),
            LUIS: ("Luis Peña", "1971-11-30", "NO_ACTIVO", None),
        }
        self.pins: dict[str, list[str]] = {document: [] for document in self.people}
        self.keys: set[str] = set()

    def find(self, body: dict) -> dict:
        person = self.people.get(body["document"])
        if person is None:
            return {"beneficiary": None}
        members = dict(zip(("name", "birth_date", "standing", "phone"), person, strict=True))
        has_pin = bool(self.pins[body["document"]])
        return {"beneficiary": {"document": body["document"], "has_pin": has_pin, "color": "?", **members}}

    def check(self, body: dict) -> dict:
        pins = self.pins.get(body["document"], [])
        return {"used": body["pin"] in pins[-3:]}

    def set(self, body: dict, key: str) -> dict:
        if body["document"] not in self.people:
            return {"result": "unknown"}
        if key not in self.keys:
            self.keys.add(key)
            self.pins[body["document"]].append(body["pin"])
        return {"result": "set"}

    def answer(self, request: requests.PreparedRequest) -> tuple[int, dict, str]:
        if request.headers["Authorization"] != f"Bearer {TOKEN}":
            return 401, {}, "{}"
        body = json.loads(request.body or "")
        path = request.path_url.removeprefix("/api")
        if path == "/pins/set":
            return 200, {}, json.dumps(self.set(body, request.headers["Idempotency-Key"]))
        return 200, {}, json.dumps({"/beneficiaries/find": self.find, "/pins/check": self.check}[path](body))


class Served(ThreadingHTTPServer):
    """It over HTTP, on loopback. While it is slow it takes every question and answers none."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.institution = OtherInstitution()
        self.asked: list[str] = []  #: the path of every question, answered or not
        self.answers = Event()
        self.answers.set()
        self.is_dripping = False  #: while it is slow, it says something now and then

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/api"


class _Handler(BaseHTTPRequestHandler):
    server: Served

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        asked = requests.Request(
            "POST", f"http://127.0.0.1{self.path}", headers=dict(self.headers), data=body
        ).prepare()
        self.server.asked.append(self.path.removeprefix("/api"))
        self._wait()
        status, _, answer = self.server.institution.answer(asked)
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer.encode())
        except OSError:
            pass  # whoever asked has given up

    def _wait(self) -> None:
        if self.server.is_dripping:
            self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while not self.server.answers.wait(0.05):
                try:
                    self.wfile.write(b" ")
                except OSError:
                    return
        self.server.answers.wait()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def served() -> Iterator[Served]:
    with Served() as padron:
        thread = Thread(target=padron.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield padron
        finally:
            padron.answers.set()
            padron.shutdown()
            thread.join()
