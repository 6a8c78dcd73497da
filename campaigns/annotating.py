"""An upload as it goes back to be read: its own rows, with what there is to say of each beside them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from campaigns.upload.observations import CONTACTS_SHEET, REQUEST_SHEET, Observation
from campaigns.upload.reading import RawField, Upload
from campaigns.upload.vocabulary import HIDDEN, is_hidden_column
from campaigns.workbooks import csv_pieces, fill, workbook

_NOTES = ("observaciones", "valor_sugerido")
#: It is said in the file itself, where the reader of uploads takes it for nothing (formato-v1.md §1).
_TO_BE_READ = "Este archivo es para leer: oculta datos con •••. Corrija su archivo original y suba ese."


def in_order(observation: Observation) -> tuple[Any, ...]:
    """The order in which observations are told: the request's first, then each row's."""
    return observation.sheet == CONTACTS_SHEET, observation.row or 0


def annotated_csv(upload: Upload, observations: Iterable[Observation]) -> Iterator[bytes]:
    """The upload, a CSV, with the columns ``observaciones`` and ``valor_sugerido``, some rows at a time; ``resp_N`` and
    ``fecha_*`` as ``•••`` (formato-v1.md §1 and §5).

    Rows stay where they were, so that «fila 12» is row 12; only fields that were missing are added, after the others.
    ``observations`` come ``in_order``, and no more of them is held than of one row. Raises Unreadable as the upload
    itself would.
    """
    return csv_pieces(_one_sheet(upload, _Noted(observations)), upload.delimiter)


def write_annotated(target: BinaryIO, upload: Upload, observations: Iterable[Observation]) -> None:
    """The same of a workbook, whatever its kind, as an ``xlsx``."""
    noted = _Noted(observations)
    with workbook(target) as book:
        fill(book.add_worksheet("Instrucciones"), [(0, (_TO_BE_READ,))])
        request = [(0, ("Campo", "Valor", *_NOTES)), *enumerate(_request_rows(upload, noted), start=1)]
        fill(book.add_worksheet(REQUEST_SHEET), request)
        fill(book.add_worksheet(CONTACTS_SHEET), ((number - 1, row) for number, row in _contact_rows(upload, noted)))


class _Noted:
    """What is said: of the request all at once, of the people row by row as they come."""

    def __init__(self, observations: Iterable[Observation]) -> None:
        self._rest = iter(observations)
        self._next = next(self._rest, None)
        self.of_request: dict[int | None, list[Observation]] = defaultdict(list)
        while self._next is not None and self._next.sheet != CONTACTS_SHEET:
            self.of_request[self._next.row].append(self._next)
            self._next = next(self._rest, None)

    def of_row(self, row: int) -> list[Observation]:
        """Of a row of Contactos; they have to be asked for as they rise."""
        found = []
        while self._next is not None and (self._next.row or 0) <= row:
            found += [self._next] if self._next.row == row else []
            self._next = next(self._rest, None)
        return found


def _notes(found: Sequence[Observation]) -> tuple[str, str]:
    """What is said of a row, and what to put, each in one cell."""
    said = " | ".join(f"{observation.code} {observation.column or ''}: {observation.message}" for observation in found)
    suggested = " | ".join(observation.suggestion for observation in found if observation.suggestion)
    return said, suggested


def _request_rows(upload: Upload, noted: _Noted) -> Iterator[tuple[str, str, str, str]]:
    for field in upload.fields:
        yield (field.written, field.value, *_notes(noted.of_request.get(field.row, [])))
    for observation in noted.of_request.get(None, []):
        yield observation.column or "", "", f"{observation.code}: {observation.message}", observation.suggestion


def _contact_rows(upload: Upload, noted: _Noted) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells) of the heading and every person."""
    hidden = [position for position, heading in enumerate(upload.headings) if is_hidden_column(heading)]
    said, suggested = _notes(noted.of_row(upload.heading_row))
    headings = [*upload.headings, *_NOTES]
    yield upload.heading_row, [*headings, said, suggested] if said else headings
    for number, cells in upload.rows():
        shown = list(cells)
        has_slipped = len(cells) > len(upload.headings)  # then nobody knows under which heading an answer stands
        for position in range(hidden[0], len(cells)) if hidden and has_slipped else hidden:
            if shown[position].strip():
                shown[position] = HIDDEN
        yield number, [*shown, *_notes(noted.of_row(number))]


def _one_sheet(upload: Upload, noted: _Noted) -> Iterator[Sequence[str]]:
    """A CSV's lines: the request's, what it lacks, and the people, each as near its own line as can be."""
    fields: dict[int, RawField] = {field.row: field for field in upload.fields}
    told = False
    for number in range(1, upload.heading_row):
        if field := fields.get(number):
            said = _notes(noted.of_request.get(number, []))
            yield ("#" + field.written, field.value, *said, *([] if told else [_TO_BE_READ]))
            told = True
        else:
            yield ()
    for observation in noted.of_request.get(None, []):
        said_of_all = f"{observation.code}: {observation.message}"
        yield "#" + (observation.column or "solicitud"), "", said_of_all, observation.suggestion
    written = upload.heading_row - 1
    for number, cells in _contact_rows(upload, noted):
        yield from ((),) * (number - written - 1)
        yield cells
        written = number
