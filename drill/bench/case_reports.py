"""How long the report of a day, a week and a month takes among two years: counted and drawn, and as a page."""

import time
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from drill.bench.case_side import NOW, Side
from drill.bench.figure import Figure, Goal, times
from reports.pdf import pdf
from reports.period import Figures, counted, document
from reports.periods import Period
from reports.workbook import workbook

_ZONE = ZoneInfo("America/El_Salvador")
_COUNTING = "data-counting"  # a page that says that it is still counting, and comes back
_COUNTED_WITHIN_S = 120.0
_FIRST_MONTH = date(2026, 11, 1), date(2026, 11, 30)
_ASKED = {
    "informe de un día": (date(2028, 9, 13), date(2028, 9, 13)),
    "informe de una semana": (date(2028, 9, 11), date(2028, 9, 17)),
    "informe de un mes": (date(2028, 9, 1), date(2028, 9, 30)),
}
_GOAL = Goal("≤ 60 s", most=60)

T = TypeVar("T")


def reported(side: Side) -> list[Figure]:
    """Seconds. The month stands beside the first one of the two years, which has as much in it."""
    found = [_report(side, what, *days) for what, days in _ASKED.items()]
    return [*found, _first_month(side), *(_page(side, what, *days) for what, days in _ASKED.items())]


def _report(side: Side, what: str, first: date, last: date) -> Figure:
    figures, counting = _counted(side, first, last)
    made = document(figures, side.house, made_at=NOW, name="informe")
    (book, drawing), (sheet, writing) = _timed(partial(pdf, made)), _timed(partial(workbook, made))
    spent = counting + drawing + writing
    files = f"PDF {drawing:.1f} ({len(book):,} bytes), XLSX {writing:.1f} ({len(sheet):,})"
    return Figure(what, "–", spent, f"{spent:.1f} s: contar {counting:.1f}, {files}", _GOAL)


def _first_month(side: Side) -> Figure:
    _, first = _counted(side, *_FIRST_MONTH)
    _, last = _counted(side, *_ASKED["informe de un mes"])
    told = f"{times(last / first)} ({last:.1f} y {first:.1f} s)"
    return Figure("contar el último mes", "el primero de los dos años", last / first, told)


def _page(side: Side, what: str, first: date, last: date) -> Figure:
    """Until all of it is there; and then its workbook, which is not counted again."""
    asked = f"desde={first}&hasta={last}"
    began = time.perf_counter()
    while _COUNTING in side.looked(f"/informes?{asked}"):
        if time.perf_counter() - began > _COUNTED_WITHIN_S:
            raise SystemExit(f"{asked}: se sigue contando")
        time.sleep(0.1)
    spent = time.perf_counter() - began
    answer, downloading = _timed(lambda: side.coordinator.get(f"/informes/llamadas.xlsx?{asked}"))
    if answer.status_code != 200:
        raise SystemExit(f"{asked}: {answer.status_code}")
    return Figure(f"{what}: la página", "–", spent, f"{spent:.1f} s; su XLSX, {downloading:.1f} s más", _GOAL)


def _counted(side: Side, first: date, last: date) -> tuple[Figures, float]:
    def count() -> Figures:
        with side.db.begin() as tx:
            return counted(tx, side.house, Period(first, last, _ZONE), hidden={"linea131"})

    return _timed(count)


def _timed(do: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    made = do()
    return made, time.perf_counter() - began
