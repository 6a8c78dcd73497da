"""Files that go back to a coordinator: the results, and the upload with its observations. No cell in them can run."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TextIO

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from campaigns.upload.observations import CONTACTS_SHEET, REQUEST_SHEET, Observation
from campaigns.upload.reading import RawField, Upload
from campaigns.upload.vocabulary import is_answer_column, is_hidden_column

HIDDEN = "•••"
Cell = str | int | float | None
Target = Path | BinaryIO
_MOST_IN_A_CELL = 32_767  # characters, Excel's own limit
_WORKBOOK_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_NOTES = ("observaciones", "valor_sugerido")

# Signs with which a spreadsheet begins a formula, or skips to one. A bare number is none: «+50371234567» stays as it
# is, so that a program reads the telephone back, and the worst that Excel does to it is to drop the plus.
_BEGINS_A_FORMULA = re.compile(r"[=+\-@\t\r\n]|[\s\u200b\ufeff]+[=+\-@]|[＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?\Z")


def csv_text(cell: Cell) -> str:
    """The cell as a CSV may carry it: what a spreadsheet would run gets an apostrophe in front and arrives as text."""
    text = "" if cell is None else str(cell)
    return "'" + text if _BEGINS_A_FORMULA.match(text) and not _NUMBER.match(text) else text


def positions_without_answers(headings: Sequence[str]) -> list[int]:
    """Which columns of an upload the results carry: all but ``resp_N`` (formato-v1.md §7)."""
    return [position for position, heading in enumerate(headings) if not is_answer_column(heading)]


def write_results(
    target: Target,
    rows: Iterable[Sequence[Cell]],
    headings: Sequence[str],
    delimiter: str = ";",
    kind: str | None = None,
) -> None:
    """Writes ``rows`` one by one: nothing is held. ``kind``: ``csv`` (UTF-8 with BOM, CRLF, ``delimiter``) or ``xlsx``;
    a path says it by its ending. Text is text in both; only int and float are numbers. Raises ValueError for any other
    kind."""
    kind = kind or _kind_of(target)
    if kind == "xlsx":
        with _workbook(target) as book:
            _fill(book.add_worksheet("Resultados"), enumerate(chain([headings], rows)))
        return
    with _csv(target) as stream:
        writer = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n")
        writer.writerow([csv_text(cell) for cell in headings])
        writer.writerows([csv_text(cell) for cell in row] for row in rows)


def csv_in_pieces(
    rows: Iterable[Sequence[Cell]], headings: Sequence[str], delimiter: str, at_once: int = 500
) -> Iterator[bytes]:
    """What ``write_results`` writes as ``csv``, so many rows at a time."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n")
    encoding = "utf-8-sig"  # its first piece alone begins with the BOM
    for number, row in enumerate(chain([headings], rows), start=1):
        writer.writerow([csv_text(cell) for cell in row])
        if number % at_once == 0:
            yield stream.getvalue().encode(encoding)
            encoding = "utf-8"
            stream.seek(0)
            stream.truncate()
    yield stream.getvalue().encode(encoding)


def annotated_kind(upload: Upload) -> str:
    """The ending of an upload's annotated file: a CSV stays one, any workbook becomes an ``xlsx``."""
    return "csv" if upload.kind == "csv" else "xlsx"


def annotated(target: Target, upload: Upload, observations: Iterable[Observation]) -> None:
    """The upload with the columns ``observaciones`` and ``valor_sugerido``; ``resp_N`` and ``fecha_*`` as ``•••``
    (formato-v1.md §1 and §5). Rows stay where they were, so that «fila 12» is row 12; only fields that were missing are
    added, after the others. ``annotated_kind`` says what is written. Raises Unreadable as the upload itself would."""
    noted = _by_row(observations)
    if annotated_kind(upload) == "csv":
        with _csv(target) as stream:
            writer = csv.writer(stream, delimiter=upload.delimiter, lineterminator="\r\n")
            for row in _one_sheet(upload, noted):
                writer.writerow([csv_text(cell) for cell in row])
        return
    with _workbook(target) as book:
        request = [(0, ("Campo", "Valor", *_NOTES)), *enumerate(_request_rows(upload, noted), start=1)]
        _fill(book.add_worksheet(REQUEST_SHEET), request)
        _fill(book.add_worksheet(CONTACTS_SHEET), ((number - 1, row) for number, row in _contact_rows(upload, noted)))


Noted = dict[tuple[str, int | None], list[Observation]]


def _by_row(observations: Iterable[Observation]) -> Noted:
    noted: Noted = defaultdict(list)
    for observation in observations:
        noted[observation.sheet, observation.row].append(observation)
    return noted


def _notes(noted: Noted, sheet: str, row: int | None) -> tuple[str, str]:
    """What is said of a row, and what to put, each in one cell."""
    found = noted.get((sheet, row), [])
    said = " | ".join(f"{observation.code} {observation.column or ''}: {observation.message}" for observation in found)
    suggested = " | ".join(observation.suggestion for observation in found if observation.suggestion)
    return said, suggested


def _request_rows(upload: Upload, noted: Noted) -> Iterator[tuple[str, str, str, str]]:
    for field in upload.fields:
        yield (field.written, field.value, *_notes(noted, REQUEST_SHEET, field.row))
    for observation in noted.get((REQUEST_SHEET, None), []):
        yield observation.column or "", "", f"{observation.code}: {observation.message}", observation.suggestion


def _contact_rows(upload: Upload, noted: Noted) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells) of the heading and every person."""
    hidden = [position for position, heading in enumerate(upload.headings) if is_hidden_column(heading)]
    said, suggested = _notes(noted, CONTACTS_SHEET, upload.heading_row)
    headings = [*upload.headings, *_NOTES]
    yield upload.heading_row, [*headings, said, suggested] if said else headings
    for number, cells in upload.rows():
        shown = list(cells)
        has_slipped = len(cells) > len(upload.headings)  # then nobody knows under which heading an answer stands
        for position in range(hidden[0], len(cells)) if hidden and has_slipped else hidden:
            if shown[position].strip():
                shown[position] = HIDDEN
        yield number, [*shown, *_notes(noted, CONTACTS_SHEET, number)]


def _one_sheet(upload: Upload, noted: Noted) -> Iterator[Sequence[str]]:
    """A CSV's lines: the request's, what it lacks, and the people, each as near its own line as can be."""
    fields: dict[int, RawField] = {field.row: field for field in upload.fields}
    for number in range(1, upload.heading_row):
        if field := fields.get(number):
            yield ("#" + field.written, field.value, *_notes(noted, REQUEST_SHEET, number))
        else:
            yield ()
    for observation in noted.get((REQUEST_SHEET, None), []):
        told = f"{observation.code}: {observation.message}"
        yield "#" + (observation.column or "solicitud"), "", told, observation.suggestion
    written = upload.heading_row - 1
    for number, cells in _contact_rows(upload, noted):
        yield from ((),) * (number - written - 1)
        yield cells
        written = number


def _fill(sheet: Worksheet, rows: Iterable[tuple[int, Sequence[Cell]]]) -> None:
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
def _workbook(target: Target) -> Iterator[xlsxwriter.Workbook]:
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
