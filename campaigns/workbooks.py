"""Files that go back to a coordinator, as CSV or as a workbook. No cell in them can run."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TextIO
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from campaigns.upload.vocabulary import is_answer_column

Cell = str | int | float | None
Target = Path | BinaryIO
_MOST_IN_A_CELL = 32_767  # characters, Excel's own limit
_WORKBOOK_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}

# Signs with which a spreadsheet begins a formula, or skips to one. A bare number is none: «+50371234567» stays as it
# is, so that a program reads the telephone back, and the worst that Excel does to it is to drop the plus.
_BEGINS_A_FORMULA = re.compile(r"[=+\-@\t\r\n]|[\s\u200b\ufeff]+[=+\-@]|[＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?\Z")


def csv_text(cell: Cell) -> str:
    """The cell as a CSV may carry it: what a spreadsheet would run gets an apostrophe in front and arrives as text."""
    text = "" if cell is None else str(cell)
    return "'" + text if _BEGINS_A_FORMULA.match(text) and not _NUMBER.match(text) else text


def iso(moment: datetime | None, zone: ZoneInfo) -> str | None:
    """A moment as the files tell it: ``2026-11-23T10:00:00-06:00``."""
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else None


def positions_without_answers(headings: Sequence[str]) -> list[int]:
    """Which columns of an upload the results carry: all but ``resp_N`` (formato-v1.md §7)."""
    return [position for position, heading in enumerate(headings) if not is_answer_column(heading)]


def write_results(
    target: Target,
    rows: Iterable[Sequence[Cell]],
    headings: Sequence[str],
    delimiter: str = ";",
    kind: str | None = None,
    sheet: str = "Resultados",
) -> None:
    """Writes ``rows`` one by one: nothing is held. ``kind``: ``csv`` (UTF-8 with BOM, CRLF, ``delimiter``) or ``xlsx``;
    a path says it by its ending; ``sheet``: its name. Text is text in both; only int and float are numbers. Raises
    ValueError for any other kind."""
    kind = kind or _kind_of(target)
    if kind == "xlsx":
        with workbook(target) as book:
            fill(book.add_worksheet(sheet), enumerate(chain([headings], rows)))
        return
    with _csv(target) as stream:
        writer = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n")
        writer.writerow([csv_text(cell) for cell in headings])
        writer.writerows([csv_text(cell) for cell in row] for row in rows)


def csv_in_pieces(rows: Iterable[Sequence[Cell]], headings: Sequence[str], delimiter: str) -> Iterator[bytes]:
    """What ``write_results`` writes as ``csv``, some rows at a time."""
    return csv_pieces(chain([headings], rows), delimiter)


def csv_pieces(rows: Iterable[Sequence[Cell]], delimiter: str, at_once: int = 500) -> Iterator[bytes]:
    """Rows as a CSV (UTF-8 with BOM, CRLF), so many at a time."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n")
    encoding = "utf-8-sig"  # its first piece alone begins with the BOM
    for number, row in enumerate(rows, start=1):
        writer.writerow([csv_text(cell) for cell in row])
        if number % at_once == 0:
            yield stream.getvalue().encode(encoding)
            encoding = "utf-8"
            stream.seek(0)
            stream.truncate()
    yield stream.getvalue().encode(encoding)


def fill(sheet: Worksheet, rows: Iterable[tuple[int, Sequence[Cell]]]) -> None:
    """Writes (row number from 0, cells): numbers as numbers, everything else as text."""
    for number, cells in rows:
        for column, cell in enumerate(cells):
            if isinstance(cell, (int, float)) and not isinstance(cell, bool):
                sheet.write_number(number, column, cell)
            elif cell not in (None, ""):
                sheet.write_string(number, column, str(cell)[:_MOST_IN_A_CELL])


def _kind_of(target: Target) -> str:
    kind = target.suffix.lower().removeprefix(".") if isinstance(target, Path) else ""
    if kind not in {"csv", "xlsx"}:
        raise ValueError("a results file is .csv or .xlsx")
    return kind


@contextmanager
def workbook(target: Target) -> Iterator[xlsxwriter.Workbook]:
    book = xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, _WORKBOOK_OPTIONS)
    try:
        yield book
    finally:
        book.close()


@contextmanager
def _csv(target: Target) -> Iterator[TextIO]:
    """A stream of text over the target: UTF-8 with BOM, line ends as written. A stream that was given stays open."""
    if isinstance(target, Path):
        with target.open("w", encoding="utf-8-sig", newline="") as stream:
            yield stream
        return
    wrapped = io.TextIOWrapper(target, "utf-8-sig", newline="", write_through=True)
    try:
        yield wrapped
    finally:
        wrapped.flush()
        wrapped.detach()
