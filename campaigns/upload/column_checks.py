"""What can be told of many cells of one column at once, at the speed of C; of a cell that is not plain it says nothing.

What a cell must be is said in ``rows``, one row at a time; here is the same for the thousands of which all is well.
"""

import unicodedata
from collections.abc import Callable, Hashable, Sequence
from datetime import date
from typing import Generic, NamedTuple, TypeVar

from campaigns.upload.row_values import age_on
from campaigns.upload.values import FORMULA_SIGNS, clean, parse_date

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
_BETWEEN = "|"  # cells that are joined to be looked at together
_MOST_KEPT = 50_000
_NOT_PLAIN = date.min  # long before any date that may be in a list
_SIGNS = frozenset(FORMULA_SIGNS)
_JOINED_SIGNS = tuple(_BETWEEN + sign for sign in FORMULA_SIGNS if sign.isprintable())


class Memo(dict[Key, Value], Generic[Key, Value]):
    """What ``find`` gives for each value, asked once: people of one list were born on few days, in few towns."""

    def __init__(self, find: Callable[[Key], Value]) -> None:
        self._find = find

    def __missing__(self, key: Key) -> Value:
        if len(self) >= _MOST_KEPT:
            self.clear()
        found = self[key] = self._find(key)
        return found

    def of(self, keys: Sequence[Key]) -> list[Value]:
        """What is found for each."""
        return list(map(self.__getitem__, keys))


class TextColumn(NamedTuple):
    """A column of cells as written: ``cleaned`` as ``values.clean`` leaves them; ``is_plain``: in JSON they need
    nothing but quotes around them; ``unsure``: the places of cells that may be too long, be taken for a formula, or
    are blank in a column that must not be."""

    cleaned: Sequence[str]
    is_plain: bool
    unsure: list[int]


def text_column(
    written: Sequence[str], longest: int | None, *, is_required: bool, may_begin_with_a_sign: bool
) -> TextColumn:
    """What is to be known of any column. ``longest``: characters; None: whatever they are."""
    joined = _BETWEEN.join(written)
    is_printable = joined.isprintable()
    is_plain = is_printable and '"' not in joined and "\\" not in joined
    unsure: list[int] = []
    if not may_begin_with_a_sign and _may_have_a_sign(joined, is_printable):
        unsure = [place for place, cell in enumerate(written) if cell[:1] in _SIGNS]
    if longest is not None and max(map(len, written)) > longest:
        unsure += [place for place, cell in enumerate(written) if len(cell) > longest]
    is_clean = is_printable and not _has_blanks_to_drop(joined) and _is_composed(joined)
    cleaned = written if is_clean else [cell if not cell or cell.isalnum() else clean(cell) for cell in written]
    if is_required and (not is_clean or "||" in joined or joined[:1] == "|" or joined[-1:] in ("|", "")):
        unsure += places_of("", cleaned)
    return TextColumn(cleaned, is_plain, unsure)


def _is_composed(text: str) -> bool:
    return text.isascii() or unicodedata.is_normalized("NFC", text)


def _may_have_a_sign(joined: str, is_printable: bool) -> bool:
    return not is_printable or joined[:1] in _SIGNS or any(sign in joined for sign in _JOINED_SIGNS)


def _has_blanks_to_drop(joined: str) -> bool:
    """Whether a blank stands at the end of a cell, or beside another. Of all blanks only the space is printable."""
    return "  " in joined or " |" in joined or "| " in joined or joined[:1] == " " or joined[-1:] == " "


def dui_numbers(written: Sequence[str]) -> list[str]:
    """The nine digits of each text that is a DUI, wherever its hyphen stands; "" where it may not be one."""
    joined = "|".join(written).replace("-", "")
    count = len(written)
    if not (joined.isascii() and len(joined) == 10 * count - 1 and joined[9::10] == "|" * (count - 1)):
        return [""] * count
    digits = joined.replace("|", "")
    if len(digits) != 9 * count or not digits.isdigit():
        return [""] * count
    # As ASCII each digit is 48 more: 48 × (9 + 8 + … + 2 + 1) is 2160, so the sum ends in the same digit.
    columns = [digits[place::9].encode() for place in range(9)]
    holds = [
        (9 * a + 8 * b + 7 * c + 6 * d + 5 * e + 4 * f + 3 * g + 2 * h + i) % 10 == 0
        for a, b, c, d, e, f, g, h, i in zip(*columns, strict=True)
    ]
    numbers = joined.split("|")
    return [number if is_one and number != "000000000" else "" for number, is_one in zip(numbers, holds, strict=True)]


class Days:
    """The dates of a column: possible ones, and of whoever was born on them, of people of age."""

    def __init__(self, adult_on: date, least_age: int | None = None) -> None:
        self._adult_on, self._least_age = adult_on, least_age
        self._memo = Memo(self._find)

    def of(self, texts: Sequence[str]) -> tuple[Sequence[date | None], list[int]]:
        """The date of each, None where it is blank; and the places where it is not a plain one."""
        found = self._memo.of(texts)
        if _NOT_PLAIN not in found:
            return found, []
        return [None if day is _NOT_PLAIN else day for day in found], places_of(_NOT_PLAIN, found)

    def _find(self, text: str) -> date | None:
        if not text:
            return None
        day = parse_date(text)
        if day is None or day > self._adult_on or day.year < 1900:
            return _NOT_PLAIN
        if self._least_age is not None and age_on(self._adult_on, day) < self._least_age:
            return _NOT_PLAIN
        return day


def places_of(wanted: object, found: Sequence[object]) -> list[int]:
    """Where it stands."""
    return [place for place, each in enumerate(found) if each == wanted] if wanted in found else []
