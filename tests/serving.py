"""An application before a real browser, on this machine alone."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        pass


def listening(app: "WSGIApplication", port: int = 0) -> BaseWSGIServer:
    """Not yet served: ``serve_forever`` is for a thread of whoever asked."""
    return make_server("127.0.0.1", port, _closed_at_its_end(app), threaded=True, request_handler=_Quiet)


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
