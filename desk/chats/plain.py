"""A message as figures are looked for in it: without accents, and every number in figures, however it was written."""

import re
import unicodedata

from prompts.speech import number

_MARKS = {"Mn", "Me", "Cf"}  # accents, the square of a keycap, what is not seen
_BELOW_1000 = {number(each): each for each in (*range(100), *range(100, 1000, 100))} | {"ciento": 100}


def _unmarked(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", text) if unicodedata.category(each) not in _MARKS)


_VALUES = {_unmarked(word): value for word, value in _BELOW_1000.items()}
_WORD = "|".join(sorted(map(re.escape, _VALUES), key=len, reverse=True))
_HUNDREDS = "|".join(word for word, value in _VALUES.items() if value >= 100)
_QUANTITY = rf"(?:(?:{_HUNDREDS}) )?(?:{_WORD})"
_GROUPS = re.compile(r"\d+(?:[\s.,;·_–-]{1,3}\d+)+")
_LONGEST_GROUP = 3  # figures, of a number that is spelt: a telephone has groups of four
_NUMBER = re.compile(
    rf"\b(?:(?P<thousands>{_QUANTITY} )?(?P<mil>mil)(?: (?P<rest>{_QUANTITY}))?|(?P<less>{_QUANTITY}))\b"
)


def plain(text: str) -> str:
    """``El pin: cuatro ocho DOS nueve`` → ``el pin: 4 8 2 9``; ``mil novecientos ochenta`` → ``1980``."""
    spaced = re.sub(r"[^\S\n]+", " ", _unmarked(text).lower())
    return _NUMBER.sub(lambda found: str(_value(found)), spaced)


def together(text: str) -> str:
    """Of what ``plain`` made: ``4, 8, 2, 9`` and ``48 29`` → ``4829``. What is longer than a PIN stays as it is."""
    return _GROUPS.sub(_joined, text)


def _joined(found: re.Match[str]) -> str:
    groups = re.findall(r"\d+", found[0])
    is_spelt = max(map(len, groups)) <= _LONGEST_GROUP and 4 <= sum(map(len, groups)) <= 7
    return "".join(groups) if is_spelt else found[0]


def _value(found: re.Match[str]) -> int:
    if found["mil"] is None:
        return _quantity(found["less"])
    return (_quantity(found["thousands"]) or 1) * 1000 + _quantity(found["rest"])


def _quantity(words: str | None) -> int:
    """Of less than a thousand; 0 of none."""
    words = (words or "").strip()
    if words in _VALUES or not words:
        return _VALUES.get(words, 0)
    hundreds, _, rest = words.partition(" ")
    return _VALUES[hundreds] + _VALUES[rest]
