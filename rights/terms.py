"""Until when the law lets an institution answer (requirements §5): in working days, from the day after the request."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.countries import COUNTRIES, MONDAY_TO_FRIDAY


class Right(StrEnum):
    """What is asked."""

    EXPORT = "export"  # access
    ERASE = "erase"  # cancellation, suppression


@dataclass(frozen=True)
class Term:
    """``days`` and, where a reason is given to the person, ``more``. ``is_known``: requirements §5 has it; another is
    to be confirmed by whoever answers for personal data."""

    law: str
    days: int
    more: int
    is_known: bool = True

    def last_day(self, country: str, requested_on: date, closed: Collection[date], *, is_extended: bool) -> date:
        """``closed``: days on which nobody works, beside the country's holidays (core/closed_days.py)."""
        left, day = self.days + (self.more if is_extended else 0), requested_on
        while left:
            day += timedelta(days=1)
            left -= _is_worked(country, day, closed)
        return day


def _is_worked(country: str, day: date, closed: Collection[date]) -> bool:
    return day.weekday() in MONDAY_TO_FRIDAY and day not in closed and not COUNTRIES[country].is_holiday(day)


_SV = Term("Ley para la Protección de Datos Personales (D.L. 144 de 2024)", 20, 20)
_MX = Term("LGPDPPSO (instituciones públicas) o LFPDPPP (particulares)", 20, 10, is_known=False)
TERMS = {
    ("SV", Right.EXPORT): _SV,
    ("SV", Right.ERASE): _SV,
    ("CO", Right.EXPORT): Term("Ley 1581 de 2012, consulta", 10, 5, is_known=False),
    ("CO", Right.ERASE): Term("Ley 1581 de 2012, reclamo", 15, 8),
    ("MX", Right.EXPORT): _MX,
    ("MX", Right.ERASE): _MX,
}
