"""How long each request of an application took and how it was answered, for Prometheus."""

from collections.abc import Iterable
from time import perf_counter
from typing import TYPE_CHECKING, Any

from flask import Flask
from prometheus_client import Counter, Histogram

from core.metrics import ANSWERS, WEBHOOK_SECONDS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def watch(app: Flask, part: str) -> None:
    """``part``: ``webhooks``, whose time is told for each route, or ``screens``.

    A route is told by its name in the application: an address may hold a number of somebody's. Around the application,
    and not in it: what Flask does to call a function before each request takes longer than to measure it.
    """
    answer, is_timed = app.wsgi_app, part == "webhooks"
    spent: dict[str, Histogram] = {}  # to ask the library for one takes longer than to use it
    statuses: dict[str, Counter] = {}

    def note(route: str | None, seconds: float) -> None:
        if route is None or "." not in route:
            return  # without a blueprint it is health, or nothing
        if route not in spent:
            spent[route] = WEBHOOK_SECONDS.labels(route)
        spent[route].observe(seconds)

    def watched(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        began = perf_counter()

        def start(status: str, *more: Any) -> Any:
            kind = f"{status[0]}xx"
            if kind not in statuses:
                statuses[kind] = ANSWERS.labels(part, kind)
            statuses[kind].inc()
            if is_timed:
                note(getattr(environ.get("werkzeug.request"), "endpoint", None), perf_counter() - began)
            return start_response(status, *more)

        return answer(environ, start)

    app.wsgi_app = watched  # type: ignore[method-assign]  # as Flask says to do it
