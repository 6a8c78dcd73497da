"""An application before a real browser, on this machine alone."""

import errno
import socket
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


_PATIENCE = 10.0  # seconds


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        pass


def listening(app: "WSGIApplication", port: int = 0) -> BaseWSGIServer:
    """Not yet served: ``serve_forever`` is for a thread of whoever asked."""
    with _listening_at(port) as door:  # the server takes a copy of it
        return make_server(
            "127.0.0.1", port, _closed_at_its_end(app), threaded=True, request_handler=_Quiet, fd=door.fileno()
        )


def _listening_at(port: int) -> socket.socket:
    """A child that is just being started holds for a moment what its parent had open: the port of a server that was
    stopped a moment ago may still be taken.
    """
    until = time.monotonic() + _PATIENCE
    while True:
        door = socket.socket()
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", port))
        except OSError as refused:
            door.close()
            if refused.errno != errno.EADDRINUSE or time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            door.listen(128)
            return door


def _closed_at_its_end(app: "WSGIApplication") -> "WSGIApplication":
    """A browser that went to another page cut what it was being given; the server then forgets to close it, and a file
    that is left open falls upon whichever test is next.
    """

    def closed(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        return _parts(app, environ, start_response)

    return closed


def _parts(app: "WSGIApplication", environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterator[bytes]:
    body = app(environ, start_response)
    try:
        yield from body
    finally:
        if hasattr(body, "close"):
            body.close()
