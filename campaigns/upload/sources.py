"""Where the rows of an upload come from: a CSV or a workbook, read as often as they are asked for."""

import marshal
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from campaigns.upload.raw import MAX_COLUMNS, TOO_WIDE, Raw, csv_pieces
from campaigns.upload.sheets import numbered, sheet_pieces
from core.spreadsheets import CsvFile, Unreadable

BEFORE_HEADINGS = 10  # rows in which the headings are looked for: some put a title above them
_REMEMBERED = 10  # pieces of a workbook that was looked at
_SHEETS = ["solicitud", "contactos"]

Record = tuple[str, int, list[str]]  #: sheet, row number from 1, cells


class Source(Protocol):
    """A file that is read as often as it is asked for, so that a million rows need no memory."""

    def look(self) -> Iterator[Record]:
        """What ``records`` begins with. Raises Unreadable."""

    def records(self) -> Iterator[Record]:
        """Every row of Solicitud and of Contactos. Raises Unreadable."""

    def pieces(self, after: int, rows_each: int) -> Iterator[Raw]:
        """The rows of Contactos that follow the row ``after``, about so many at a time. Raises Unreadable."""


@dataclass(frozen=True)
class FromCsv:
    """``#campo;valor`` lines, and then the people."""

    file: CsvFile

    def look(self) -> Iterator[Record]:
        return self.records()

    def records(self) -> Iterator[Record]:
        return _records(self.file)

    def pieces(self, after: int, rows_each: int) -> Iterator[Raw]:
        return csv_pieces(self.file, after, rows_each)


class FromBook:
    """A workbook is read whole before its first row is told: whoever reads it first goes on from where it was looked
    at, instead of reading it again."""

    def __init__(self, data: bytes, most_rows: int) -> None:
        self._data, self._most_rows = data, most_rows + BEFORE_HEADINGS
        self.heights: dict[str, int] = {}
        self._begun: Iterator[tuple[str, Raw]] | None = None

    def look(self) -> Iterator[Record]:
        told: list[tuple[str, Raw]] = []
        given = self._given()
        try:
            for each in given:
                if len(told) <= _REMEMBERED:
                    told.append(each)
                yield from numbered(*each)
        finally:
            if len(told) <= _REMEMBERED:
                self._begun = chain(told, given)

    def records(self) -> Iterator[Record]:
        return (record for each in self._given() for record in numbered(*each))

    def pieces(self, after: int, rows_each: int) -> Iterator[Raw]:
        for sheet, raw in self._given():
            if sheet != "contactos":
                continue
            if raw.first <= after:
                rows = [cells for _, number, cells in numbered(sheet, raw) if number > after]
                raw = Raw(after + 1, marshal.dumps(rows))
            yield raw

    def _given(self) -> Iterator[tuple[str, Raw]]:
        begun, self._begun = self._begun, None
        return begun or sheet_pieces(self._data, _SHEETS, MAX_COLUMNS, self._most_rows, self.heights)


def _records(file: CsvFile) -> Iterator[Record]:
    """The lines ``#campo;valor`` as a sheet Solicitud, and what follows as Contactos."""
    delimiter = file.delimiter
    numbered = enumerate(file.rows(), start=1)
    for number, cells in numbered:
        if cells and cells[0].startswith("#"):
            while len(cells) > 2 and not cells[-1]:  # Excel fills every line up to the widest
                cells.pop()
            # A line has one value: what a delimiter parts without quotes belongs together.
            yield "solicitud", number, [cells[0][1:], delimiter.join(cells[1:])]
        elif any(cells):
            yield "contactos", number, cells
            break
    for number, cells in numbered:
        if len(cells) > MAX_COLUMNS and any(cells[MAX_COLUMNS:]):
            raise Unreadable(TOO_WIDE)
        yield "contactos", number, cells
