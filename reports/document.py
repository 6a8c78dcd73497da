"""A report before it is drawn: what the page, the workbook and the PDF all say, each in its own way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Rate(float):
    """A share of one, printed as ``48.6 %``."""


class Times(float):
    """How many times, printed as ``1.37``."""


class Seconds(float):
    """How long, printed as ``1:05``."""


Value = str | int | float | None  #: Rate, Times and Seconds are floats; None is printed as a dash


class Drawn(StrEnum):
    """How a chart is drawn."""

    BARS = "bars"
    STACKED = "stacked"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Chart:
    """``series``: (name, a number for each label; None: there is none). ``kind`` LINE is of rates from 0 to 1."""

    kind: Drawn
    labels: Sequence[str]
    series: Sequence[tuple[str, Sequence[float | None]]]
    axis: str  #: what the labels are


@dataclass(frozen=True, slots=True)
class Section:
    """A table under a heading. ``sheet``: its name in the workbook, 31 characters at most; ``widths``: of the columns,
    in parts of the page; ``note``: a sentence below; ``is_detail``: what is on paper has told it by its sums, and of a
    long one has no rows."""

    title: str
    sheet: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Value]]
    note: str = ""
    chart: Chart | None = None
    widths: Sequence[float] = ()
    is_detail: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """``facts``: what it is about, (name, what it is); ``name``: of its files; ``told``: one sentence on top;
    ``footer``: on every page, beside its number."""

    title: str
    subtitle: str
    name: str
    facts: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    footer: str
    told: str = ""
    contacts: Section | None = field(default=None)  #: only the workbook has its rows, the rest its note


def printed(value: Value) -> str:
    """A cell as people read it."""
    if value is None:
        return "—"
    if isinstance(value, Rate):
        return f"{100 * value:.1f} %"
    if isinstance(value, Times):
        return f"{value:.2f}"
    if isinstance(value, Seconds):
        minutes, seconds = divmod(round(value), 60)
        return f"{minutes:,}:{seconds:02}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def is_number(value: Value) -> bool:
    return isinstance(value, (int, float))
