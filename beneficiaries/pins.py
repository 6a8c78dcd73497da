"""How a PIN is made, and which ones are too easy to guess (requirements.md §7)."""

import secrets
from collections.abc import Callable, Iterator
from datetime import date

_COLUMNS = ("2580", "0852")  # straight down and straight up the keypad
_RUN = 4  # digits in a row that may not be those of a document or telephone
_PATIENCE = 1000  # a PIN is refused about one time in fifteen


class NoPinLeft(Exception):
    """No PIN passed the deny list: it, or the history of PINs, refuses everything."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def make_pin(digits: int, *, birth_date: date, document: str, phone: str | None, used: Callable[[str], bool]) -> str:
    """A random PIN of so many digits (4 to 8) that is not weak and was not ``used``. Raises NoPinLeft.

    ``used`` is asked last, because its answer is slow: whether the PIN is one of the person's last three.
    """
    for _ in range(_PATIENCE):
        pin = f"{secrets.randbelow(10**digits):0{digits}}"
        if not is_weak(pin, birth_date=birth_date, document=document, phone=phone) and not used(pin):
            return pin
    raise NoPinLeft


def is_weak(pin: str, *, birth_date: date, document: str, phone: str | None) -> bool:
    """Whether someone who knows the person, or nobody in particular, would try this PIN early."""
    return (
        _is_sequence(pin)
        or _is_repetition(pin)
        or _is_doubled(pin)
        or any(column in pin for column in _COLUMNS)
        or _holds_a_year(pin)
        or any(part in pin for part in _parts_of(birth_date))
        or any(run in number for run in _runs(pin) for number in (document, phone or ""))
    )


def _is_sequence(pin: str) -> bool:
    """1234, 4321, and over the end of the keypad: 7890, 0987."""
    steps = {(int(after) - int(before)) % 10 for before, after in zip(pin, pin[1:], strict=False)}
    return steps in ({1}, {9})


def _is_repetition(pin: str) -> bool:
    """1111, 1212, 123123: a piece said more than once and nothing else. A piece found in its double, before its end."""
    return (pin + pin).find(pin, 1) < len(pin)


def _is_doubled(pin: str) -> bool:
    """1122, 112233: each digit pressed twice."""
    return pin[0::2] == pin[1::2]


def _holds_a_year(pin: str) -> bool:
    """1985 or 2004; in a longer PIN, at its beginning or its end."""
    return any(part.startswith(("19", "20")) for part in (pin[:4], pin[-4:]))


def _parts_of(birth_date: date) -> tuple[str, ...]:
    return tuple(birth_date.strftime(form) for form in ("%d%m", "%m%d", "%Y", "%y%m", "%m%y"))


def _runs(pin: str) -> Iterator[str]:
    return (pin[start : start + _RUN] for start in range(len(pin) - _RUN + 1))
