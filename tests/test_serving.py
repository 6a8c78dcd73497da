"""The tests' own server closes what a browser no longer wants."""

import socket
import struct
from collections.abc import Iterator
from threading import Event, Thread, Timer
from typing import Any

from tests.serving import listening

CUT_OFF = struct.pack("ii", 1, 0)  # SO_LINGER: the other side is told at once that nobody is here any more


class Picture:
    """A body whose end comes when the browser has gone."""

    def __init__(self) -> None:
        self.left, self.closed = Event(), Event()

    def __iter__(self) -> Iterator[bytes]:
        yield b"<svg"
        self.left.wait(10)

    def close(self) -> None:
        self.closed.set()


def test_what_a_browser_leaves_in_the_middle_is_closed():
    picture = Picture()

    def app(_environ: Any, start: Any) -> Picture:
        start("200 OK", [("Content-Length", "100")])
        return picture

    server = listening(app)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    with socket.create_connection(("127.0.0.1", server.port)) as browser:
        browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, CUT_OFF)
        browser.sendall(b"GET /icon.svg HTTP/1.0\r\n\r\n")
        seen = b""
        while b"<svg" not in seen:
            seen += browser.recv(1024)
    picture.left.set()
    assert picture.closed.wait(10)
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_port_that_a_starting_child_still_holds_is_waited_for():
    held = socket.create_server(("127.0.0.1", 0))
    port: int = held.getsockname()[1]
    let_go = Timer(0.2, held.close)
    let_go.start()
    server = listening(lambda _environ, _start: [], port)
    assert server.port == port
    server.server_close()
    let_go.join()
