"""What an address or a form asks for by number, page or day; what makes no sense is not asked."""

from datetime import date, datetime

from flask import abort, request
from werkzeug.routing import IntegerConverter, Map

MOST_ID = 2**63 - 1  # PostgreSQL's bigint
MOST_ROW = 2**31 - 1  # its integer: a row of a file
_MOST_PAGES = 100_000
_YEARS = range(2000, 2201)


class Id(IntegerConverter):
    """``<id:case_id>``: the number of a row. A larger one than the database counts to is nobody's address: 404."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=MOST_ID)


def read_number(written: str | None, most: int = MOST_ID) -> int | None:
    """A number in plain digits, from 0 to ``most``."""
    text = (written or "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST_ID))):
        return None
    return number if (number := int(text)) <= most else None


def asked_number(name: str, most: int = MOST_ID) -> int | None:
    """The number that the address or the form has by this name."""
    return read_number(request.values.get(name), most)


def page_number() -> int:
    """Which page of a list is asked for (``pagina``), from 1 on."""
    return min(max(asked_number("pagina") or 1, 1), _MOST_PAGES)


def place_of(at: datetime, number: int) -> str:
    """Where a page ends, as its address tells it: the moment and the number of its last row."""
    return f"{at.isoformat()}~{number}"


def asked_place(name: str) -> tuple[datetime, int] | None:
    """The moment and the number that the address has by this name, as ``place_of`` tells them."""
    at, _, written = request.values.get(name, "").partition("~")
    number, day = read_number(written), read_day(at[:10])
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, number) if number is not None and day and moment.tzinfo is not None else None


def read_day(written: str | None) -> date | None:
    """A day as browsers write it, of a year that is counted with here: the day after it is a day too, anywhere."""
    try:
        found = date.fromisoformat(written or "")
    except ValueError:
        return None
    return found if found.year in _YEARS else None


def refuse_unreadable() -> None:
    """Runs before every view: PostgreSQL keeps no text with a NUL in it, and nobody types one. Answers 400."""
    said = [*(request.view_args or {}).values(), *request.args, *request.form]
    said += [each for given in (request.args, request.form) for each in given.values()]
    if any(isinstance(each, str) and "\0" in each for each in said):
        abort(400)
