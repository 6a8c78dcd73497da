"""A piece of the sheet Contactos as it comes out of its file: rows that nobody has looked at yet."""

import csv
import io
import marshal
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from core.spreadsheets import CsvFile, Unreadable

MAX_COLUMNS = 1_000
TOO_WIDE = "El archivo tiene más de 1,000 columnas. Borre las que sobran y súbalo otra vez."


class Raw(NamedTuple):
    """Rows that follow one another. ``first``: the number of the first, from 1; ``body``: whole lines of a CSV, or the
    rows of a workbook, each a list of texts, as marshal writes them."""

    first: int
    body: str | bytes


def rows_in(raw: Raw, delimiter: str, width: int) -> list[tuple[int, list[str]]]:
    """(row number, cells) of each person in it (``shaped``). Raises Unreadable."""
    rows = _read(raw, delimiter) if isinstance(raw.body, str) else marshal.loads(raw.body)  # noqa: S302 - our own wrote it
    numbered = enumerate(rows, start=raw.first)
    if set(map(len, rows)) == {width}:
        first_cells = [cells[0] for cells in rows]
        if all(first_cells) and not any(map(str.isspace, first_cells)):
            return list(numbered)  # nearly every piece
    return [(number, found) for number, cells in numbered if (found := shaped(cells, width)) is not None]


def _read(raw: Raw, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        rows.extend(csv.reader(io.StringIO(str(raw.body), newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise _damaged(error, raw.first + len(rows) - 1) from None
    return rows


def shaped(cells: list[str], width: int) -> list[str] | None:
    """The cells of a person, of whom there are headings for ``width``: filled up to them, and without the blank ones
    beyond. None for a blank row. Raises Unreadable when there are too many."""
    if len(cells) > MAX_COLUMNS and any(cells[MAX_COLUMNS:]):
        raise Unreadable(TOO_WIDE)
    if not any(map(str.strip, cells)):
        return None
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    if len(cells) < width:
        cells += [""] * (width - len(cells))
    return cells


def csv_pieces(file: CsvFile, after: int, lines_each: int) -> Iterator[Raw]:
    """What follows the row ``after``, so many lines at a time: no row is cut in two. Raises Unreadable.

    Rows are only counted here, which takes next to nothing where no cell is quoted; whoever gets a piece reads it.
    """
    with file.text() as text:
        before = csv.reader(text, delimiter=file.delimiter, strict=True)
        number = sum(1 for _ in islice(before, after)) + 1
        while lines := list(islice(text, lines_each)):
            body, count = "".join(lines), len(lines)
            if '"' in body:
                lines, count = _whole_rows(lines, text, file.delimiter, number)
                body = "".join(lines)
            yield Raw(number, body)
            number += count


def _whole_rows(lines: list[str], more: Iterator[str], delimiter: str, number: int) -> tuple[list[str], int]:
    """The lines with those of ``more`` that its last row needs, and how many rows they are."""
    taken: list[str] = []

    def all_lines() -> Iterator[str]:
        yield from lines
        for line in more:
            taken.append(line)
            yield line

    reader = csv.reader(all_lines(), delimiter=delimiter, strict=True)
    count = 0
    try:
        while reader.line_num < len(lines) and next(reader, None) is not None:
            count += 1
    except csv.Error as error:
        raise _damaged(error, number + count - 1) from None
    return lines + taken, count


def _damaged(error: csv.Error, last_good: int) -> Unreadable:
    if "end of data" in str(error):
        return Unreadable(f"El archivo está cortado, o en la fila {last_good + 1} faltan las comillas de cierre.")
    return Unreadable(f"La fila {last_good + 1} no se puede leer: revise sus comillas.")
