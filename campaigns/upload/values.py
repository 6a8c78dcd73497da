"""From what people write in a cell to a date, an hour, a yes or a set of weekdays."""

import re
import unicodedata
from datetime import date, datetime, time
from functools import lru_cache

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")  # with one of these a spreadsheet takes a text for a formula

_NUMBERED_DAYS = {"L": 0, "M": 1, "MA": 1, "MI": 2, "X": 2, "J": 3, "V": 4, "S": 5, "D": 6}
_NAMED_DAYS = ("LUNES", "MARTES", "MIERCOLES", "JUEVES", "VIERNES", "SABADO", "DOMINGO")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ][0-9:.]+)?\Z")
_LOCAL_DATE = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})(?: [0-9:.]+)?\Z")


def clean(text: str) -> str:
    """The text in one line: composed, without invisible signs, blanks at its ends or doubled."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()  # nearly every cell
    composed = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(sign for sign in composed if sign.isprintable())


def without_accents(text: str) -> str:
    """Upper case without accents: ``Sí`` → ``SI``."""
    decomposed = unicodedata.normalize("NFKD", text.strip().upper())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


@lru_cache(maxsize=8192)
def parse_date(text: str) -> date | None:
    """``DD/MM/AAAA`` or ISO, or None. Two digits of year are refused: they would be a guess."""
    if match := _ISO_DATE.match(text):
        year, month, day = match.groups()
    elif match := _LOCAL_DATE.match(text):
        day, month, year = match.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def parse_hour(text: str) -> time | None:
    """``HH:MM``, with seconds or without, or None."""
    match = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?", text.strip())
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        return None
    return time(int(match[1]), int(match[2]))


def parse_moment(text: str) -> datetime | None:
    """A date and an hour, ``DD/MM/AAAA HH:MM`` or ISO, without a zone; None for anything else, a date alone too."""
    day, _, hour = text.strip().replace("T", " ").partition(" ")
    on, at = parse_date(day), parse_hour(hour.strip())
    return datetime.combine(on, at) if on is not None and at is not None else None


def parse_yes_no(text: str) -> bool | None:
    """``SI`` and ``NO``, with accent or without, or their initials; None for anything else."""
    return {"SI": True, "S": True, "NO": False, "N": False}.get(without_accents(text))


def parse_whole(text: str, lowest: int, highest: int) -> int | None:
    """A whole number from ``lowest`` to ``highest``, or None."""
    if not re.fullmatch(r"[0-9]{1,9}", text.strip()):
        return None
    number = int(text)
    return number if lowest <= number <= highest else None


def parse_days(text: str) -> frozenset[int] | None:
    """``L-V,S`` as weekdays, Monday 0; names in full too. None when a part is not understood or none is left."""
    days: set[int] = set()
    for part in re.split(r"[,;]|\bY\b", without_accents(text).replace(" A ", "-")):
        ends = [_day(end) for end in part.strip().split("-")]
        if len(ends) > 2 or None in ends:
            return None
        first, last = ends[0], ends[-1]
        if first is None or last is None or last < first:
            return None
        days.update(range(first, last + 1))
    return frozenset(days) or None


def _day(text: str) -> int | None:
    plain = text.strip().rstrip(".")
    if plain in _NUMBERED_DAYS:
        return _NUMBERED_DAYS[plain]
    return _NAMED_DAYS.index(plain) if plain in _NAMED_DAYS else None
