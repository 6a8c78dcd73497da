"""A padrón in another institution's hands, by the contract of docs/registry-api.md: an object, and on a real wire."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import requests

from tests.beneficiaries.builders import ANA, ANAS_BILL, LUIS

TOKEN = "a token of the tests"


class OtherInstitution:
    """Somebody else's padrón, kept by the contract of docs/registry-api.md."""

    def __init__(self) -> None:
        self.people: dict[str, dict[str, Any]] = {
            ANA: _person("Ana María Rivas", "1985-03-12", "ACTIVO", "+50372461935"),
            LUIS: _person("Luis Peña", "1971-11-30", "NO_ACTIVO", None),
        }
        self.people[ANA] |= {"bill": ANAS_BILL, "redemption": {"month": "2026-11", "place": "Tienda La Ceiba"}}
        self.pins: dict[str, list[str]] = {document: [] for document in self.people}
        self.done: dict[str, dict] = {}  #: by its key, what was answered

    def find(self, body: dict) -> dict:
        return {"beneficiary": self._shown(body["document"]) if body["document"] in self.people else None}

    def search(self, body: dict) -> dict:
        same = [document for document in self.people if document == body["document"]]
        phone = body["phone"]
        same += [each for each, of in self.people.items() if phone and of["phone"] == phone and each not in same]
        return {"beneficiaries": [self._shown(each) for each in same[: body["limit"]]]}

    def check(self, body: dict) -> dict:
        pins = self.pins.get(body["document"], [])
        return {"used": body["pin"] in pins[-3:]}

    def linked_to(self, body: dict) -> dict:
        return {"document": next((each for each, of in self.people.items() if of["bill"] == body["bill"]), None)}

    def set_pin(self, body: dict) -> dict:
        self.pins[body["document"]].append(body["pin"])
        return {"result": "set"}

    def link(self, body: dict) -> dict:
        if self.linked_to(body)["document"] not in (None, body["document"]):
            return {"result": "taken"}
        return self.change(body)

    def change(self, body: dict) -> dict:
        told = {name: value for name, value in body.items() if name not in ("document", "made_by")}
        self.people[body["document"]].update(told)
        return {"result": "set"}

    def write(self, how: Callable[[dict], dict], body: dict, key: str) -> dict:
        """Once for each key: it is answered as the first time."""
        if key not in self.done:
            self.done[key] = how(body) if body["document"] in self.people else {"result": "unknown"}
        return self.done[key]

    def answer(self, request: requests.PreparedRequest) -> tuple[int, dict, str]:
        if request.headers["Authorization"] != f"Bearer {TOKEN}":
            return 401, {}, "{}"
        body, path = json.loads(request.body or ""), request.path_url.removeprefix("/api")
        if writes := self._writes.get(path):
            return 200, {}, json.dumps(self.write(writes, body, request.headers["Idempotency-Key"]))
        return 200, {}, json.dumps(self._reads[path](body))

    @property
    def _reads(self) -> dict[str, Callable[[dict], dict]]:
        return {
            "/beneficiaries/find": self.find,
            "/beneficiaries/search": self.search,
            "/bills/find": self.linked_to,
            "/pins/check": self.check,
        }

    @property
    def _writes(self) -> dict[str, Callable[[dict], dict]]:
        return {
            "/pins/set": self.set_pin,
            "/bills/link": self.link,
            "/beneficiaries/birth-date": self.change,
            "/beneficiaries/name": self.change,
            "/beneficiaries/standing": self.change,
        }

    def _shown(self, document: str) -> dict:
        return {"document": document, "has_pin": bool(self.pins[document]), "color": "?", **self.people[document]}


def _person(name: str, birth_date: str, standing: str, phone: str | None) -> dict[str, Any]:
    told = {"name": name, "birth_date": birth_date, "standing": standing, "phone": phone}
    return told | {"bill": None, "redemption": None}


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
        self.replies_to_lose = 0  #: what was asked is done, and nobody hears of it

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
        if self.server.replies_to_lose:
            self.server.replies_to_lose -= 1
            return
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
