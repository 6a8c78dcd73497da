"""Lists in pages, newest first, with Twilio's next_page_uri (twilio.md §3.1)."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import urlencode

from aiohttp import web

from carrier.local.rest.errors import RestError

T = TypeVar("T")
PAGE_SIZE = 50
MAX_PAGE_SIZE = 1000
PAGE_NAMES = ("Page", "PageToken", "PageSize")


def page_token(request: web.Request) -> str | None:
    """The sid after which this page begins."""
    token = request.query.get("PageToken", "")
    return token.removeprefix("PA") or None


def page(
    request: web.Request, name: str, items: Iterable[T], shape: Callable[[T], dict[str, Any]], sid: Callable[[T], str]
) -> dict[str, Any]:
    """One page of items that already begin where it begins."""
    size = min(_whole(request, "PageSize", PAGE_SIZE) or PAGE_SIZE, MAX_PAGE_SIZE)
    number = _whole(request, "Page", 0)
    found = list(islice(items, size + 1))
    shown, has_more = found[:size], len(found) > size
    filters = [(key, value) for key, value in request.query.items() if key not in PAGE_NAMES]

    def uri(page_number: int, after: str | None = None) -> str:
        query = [*filters, ("PageSize", str(size)), ("Page", str(page_number))]
        if after:
            query.append(("PageToken", f"PA{after}"))
        return f"{request.path}?{urlencode(query)}"

    start = number * size
    return {
        name: [shape(item) for item in shown],
        "page": number,
        "page_size": size,
        "start": start,
        "end": start + len(shown) - 1 if shown else start,
        "uri": uri(number, page_token(request)),
        "first_page_uri": uri(0),
        "next_page_uri": uri(number + 1, sid(shown[-1])) if has_more else None,
        "previous_page_uri": uri(0) if number else None,
    }


def _whole(request: web.Request, name: str, default: int) -> int:
    value = request.query.get(name, "")
    if not value:
        return default
    if not value.isascii() or not value.isdigit():
        raise RestError(20001, f"{name} must be a whole number")
    return int(value)


def after(items: Iterable[T], sid: Callable[[T], str], token: str | None) -> Iterable[T]:
    """The items that follow the one with that sid."""
    is_past = token is None
    for item in items:
        if is_past:
            yield item
        is_past = is_past or sid(item) == token


class Span:
    """The days or moments that ``Name``, ``Name<`` and ``Name>`` ask for. A list takes all; UTC."""

    def __init__(self, request: web.Request, name: str) -> None:
        self._on = _moment(request, name)
        self._before = _moment(request, f"{name}<")
        self._from = _moment(request, f"{name}>")

    @property
    def is_open(self) -> bool:
        return self._on is None and self._before is None and self._from is None

    def has(self, moment: datetime | None) -> bool:
        """Whether a moment falls in it; one that is not known yet only where nothing is asked."""
        if self.is_open:
            return True
        if moment is None:
            return False
        if self._on is not None and not self._on[0] <= moment < self._on[1]:
            return False
        if self._before is not None and moment >= self._before[0]:
            return False
        return self._from is None or moment >= self._from[0]


def _moment(request: web.Request, name: str) -> tuple[datetime, datetime] | None:
    """The beginning and the end of what was written: a day, or a second."""
    value = request.query.get(name, "")
    if not value:
        return None
    try:
        if len(value) == len("2026-11-23"):
            day = date.fromisoformat(value)
            start = datetime(day.year, day.month, day.day, tzinfo=UTC)
            return start, start + timedelta(days=1)
        moment = datetime.fromisoformat(value.replace(" ", "+"))
    except ValueError:
        raise RestError(20001, f"{name} must be a date") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment, moment + timedelta(seconds=1)
