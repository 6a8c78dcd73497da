"""Recordings over real sockets: fetched whole, deleted, and never from an address that somebody told us."""

import base64
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from carrier import recordings
from carrier.client import CarrierDown
from carrier.recordings import NoRecording, Recordings

ACCOUNT, TOKEN = "AC" + "0" * 32, "local"
SID = "RE" + "0123456789abcdef" * 2
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\x00" * 28


class Carrier(BaseHTTPRequestHandler):
    """Answers every request as it was told to, and notes what was asked."""

    answer: tuple[int, bytes, dict[str, str]]
    asked: list[tuple[str, str, str]]

    def do_GET(self) -> None:
        self.asked.append((self.command, self.path, self.headers.get("Authorization", "")))
        status, body, headers = self.answer
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_DELETE = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def carrier(status: int, body: bytes = b"", **headers: str) -> Iterator[tuple[Recordings, list]]:
    """Ours, in front of a carrier that always answers so; and what it was asked."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}

    class Told(Carrier):
        answer = (status, body, told)
        asked: list[tuple[str, str, str]] = []

    server = ThreadingHTTPServer(("127.0.0.1", 0), Told)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Recordings(ACCOUNT, TOKEN, f"http://127.0.0.1:{server.server_port}"), Told.asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_it_is_fetched_by_its_sid_with_our_credentials():
    with carrier(200, WAV) as (ours, asked):
        assert ours.fetch(SID) == WAV
    signed = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    assert asked == [("GET", f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{SID}.wav", signed)]


@pytest.mark.parametrize(("status", "was_there"), [(204, True), (404, False)])
def test_it_is_deleted(status, was_there):
    with carrier(status) as (ours, asked):
        assert ours.delete(SID) == was_there
    assert asked[0][:2] == ("DELETE", f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{SID}.json")


@pytest.mark.parametrize("sid", ["", "RE1", SID.upper(), SID + "\n", SID + "/../x", "CA" + SID[2:], f"http://x/{SID}"])
def test_what_is_no_sid_is_never_asked_for(sid):
    with carrier(200, WAV) as (ours, asked):
        for ask in (ours.fetch, ours.delete):
            with pytest.raises(ValueError, match="not the sid"):
                ask(sid)
        assert asked == []


def test_one_that_is_not_there_is_told_apart():
    with carrier(404) as (ours, _), pytest.raises(NoRecording):
        ours.fetch(SID)


@pytest.mark.parametrize("status", [401, 429, 500, 503])
def test_a_carrier_in_trouble_is_asked_again_later(status):
    with carrier(status, b"oops") as (ours, _):
        for ask in (ours.fetch, ours.delete):
            with pytest.raises(CarrierDown):
                ask(SID)


def test_a_page_that_is_no_recording_is_not_kept():
    with carrier(200, b"<html>sign in</html>") as (ours, _), pytest.raises(CarrierDown):
        ours.fetch(SID)


def test_nobody_is_followed_elsewhere():
    with carrier(200, WAV) as (_, asked), carrier(302, Location="http://127.0.0.1:1/") as (ours, _):
        with pytest.raises(CarrierDown):
            ours.fetch(SID)
        assert asked == []


def test_one_that_is_cut_short_is_not_kept():
    with carrier(200, WAV, Content_Length="9000") as (ours, _), pytest.raises(CarrierDown):
        ours.fetch(SID)


def test_one_larger_than_any_message_is_not_kept(monkeypatch):
    monkeypatch.setattr(recordings, "MAX_BYTES", 20)
    with carrier(200, WAV) as (ours, _), pytest.raises(CarrierDown):
        ours.fetch(SID)


def test_nobody_at_home():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        ours = Recordings(ACCOUNT, TOKEN, f"http://127.0.0.1:{taken.getsockname()[1]}")
        for ask in (ours.fetch, ours.delete):
            with pytest.raises(CarrierDown):
                ask(SID)
