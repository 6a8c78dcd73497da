"""The file of an upload, whatever it is: its request fields, its headings and its rows, as text (formato-v1.md §1)."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import PurePath

from campaigns.upload.kinds import BOOKS, kind_of
from campaigns.upload.raw import MAX_COLUMNS, TOO_WIDE, Raw, shaped
from campaigns.upload.sources import BEFORE_HEADINGS, FromBook, FromCsv, Record, Source
from campaigns.upload.values import clean
from campaigns.upload.vocabulary import COLUMN_BY_KEY, FIELD_BY_KEY, HIDDEN, is_hidden_column, key_of
from core.spreadsheets import CsvFile, Opener, Unreadable, look_at_csv

MAX_BYTES = 200_000_000  # of an upload, wherever it comes in: a million rows with every column of the contract filled
MAX_ROWS = 1_000_000

TOO_HEAVY = f"El archivo pesa más de {MAX_BYTES // 1_000_000} MB."
TOO_LONG = "El archivo tiene más de 1,000,000 de filas. Divídalo en varias campañas."
_NOT_A_FORMATO = "El archivo no parece un Formato Campañas OutBound V1: no encontramos los encabezados de Contactos."
_NO_CONTACTS = "El libro no tiene la hoja «Contactos». Use la plantilla del Formato Campañas OutBound V1."


@dataclass(frozen=True, slots=True)
class RawField:
    """A request field as written. ``name`` is the contract's, or None when it has no such field."""

    name: str | None
    written: str
    value: str
    row: int


@dataclass(frozen=True)
class Upload:
    """A file that could be opened."""

    source: Source
    kind: str  #: csv, xlsx, ods or xls
    delimiter: str  #: of a CSV; ``;`` for a workbook (§7)
    fields: tuple[RawField, ...]
    has_request: bool  #: whether there is a sheet Solicitud, or a line #campo, at all
    headings: tuple[str, ...]
    written: tuple[str, ...]  #: the headings as the file has them, which may be another's names for ours
    heading_row: int
    rows_expected: int  #: at most so many people, as far as can be told without reading them; 0: it cannot
    is_masked: bool = False  #: its first people have cells that a download of ours hid

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(row number from 1, cells as written) of every person; blank rows are left out, blank cells at the end too,
        and short rows come filled up to the headings. Raises Unreadable."""
        width = len(self.headings)
        number = 0
        for sheet, row, written in self.source.records():
            if sheet != "contactos" or row <= self.heading_row:
                continue
            if (cells := shaped(written, width)) is None:
                continue
            number += 1
            if number > MAX_ROWS:
                raise Unreadable(TOO_LONG)
            yield row, cells

    def pieces(self, rows_each: int) -> Iterator[Raw]:
        """The same rows unread, about so many at a time (``raw.rows_in`` reads them). Raises Unreadable."""
        return self.source.pieces(self.heading_row, rows_each)


def read_upload(source: bytes | Opener, filename: str, headings: Sequence[str] | None = None) -> Upload:
    """The upload in ``source``: its bytes, or what opens it anew each time, so that a CSV is never whole in memory.

    ``filename`` only helps to say what is wrong, the content decides what it is. ``headings``: what to take the columns
    for, where a person said it (campaigns/intake/mapping.py), instead of what the file calls them; none at all
    (``()``): as written, whatever they are called. Raises Unreadable with one sentence in Spanish.
    """
    source = _whole_if_a_book(source)
    if isinstance(source, bytes):
        if not source:
            raise Unreadable("El archivo está vacío.")
        if len(source) > MAX_BYTES:
            raise Unreadable(f"{TOO_HEAVY} Divídalo en varias campañas.")
        kind = kind_of(source, PurePath(filename).suffix.lower())
        if kind != "csv":
            return _read_book(source, kind, headings)
    return _read_csv(look_at_csv(source), headings)


def _whole_if_a_book(source: bytes | Opener) -> bytes | Opener:
    """The bytes, unless they are a CSV's that need not be in memory together."""
    if isinstance(source, bytes):
        return source
    with source() as file:
        beginning = file.read(8)
        return beginning + file.read() if beginning.startswith(BOOKS) else source


def _read_csv(file: CsvFile, headings: Sequence[str] | None) -> Upload:
    return _opened(FromCsv(file), "csv", headings, file.delimiter, file.lines)


def _read_book(data: bytes, kind: str, headings: Sequence[str] | None) -> Upload:
    book = FromBook(data, MAX_ROWS)
    return _opened(book, kind, headings, ";", 0, book.heights)


def _opened(
    source: Source,
    kind: str,
    given: Sequence[str] | None,
    delimiter: str,
    lines: int,
    heights: dict[str, int] | None = None,
) -> Upload:
    with closing(source.look()) as opened:  # type: ignore[type-var]
        fields, first_rows = _beginning(opened, kind)
    if not first_rows:
        raise Unreadable(_NOT_A_FORMATO if kind == "csv" else _NO_CONTACTS)
    heading_row, headings = max(first_rows, key=lambda found: (_known(found[1]), -found[0]))
    if not _known(headings):
        if given is None or (kind == "csv" and not _is_table([cells for _, cells in first_rows])):
            raise Unreadable(_NOT_A_FORMATO)
        heading_row, headings = max(first_rows, key=lambda found: (sum(map(_says, found[1])), -found[0]))
    while not headings[-1].strip():
        headings.pop()
    if len(headings) > MAX_COLUMNS:
        raise Unreadable(TOO_WIDE)
    written = tuple(map(clean, headings))
    names = tuple(given or written)
    has_request, expected = fields is not None, max((heights or {}).get("contactos", lines) - heading_row, 0)
    is_masked = _is_masked(names, [cells for row, cells in first_rows if row > heading_row])
    told = tuple(fields or ())
    return Upload(source, kind, delimiter, told, has_request, names, written, heading_row, expected, is_masked)


def _beginning(records: Iterator[Record], kind: str) -> tuple[list[RawField] | None, list[tuple[int, list[str]]]]:
    """The request's fields, None when there is no place for them at all; and the first rows that are not blank."""
    fields: list[RawField] | None = None
    first_rows: list[tuple[int, list[str]]] = []
    for sheet, row, cells in records:
        if sheet == "solicitud":
            fields = fields or []
            fields.extend(_field(cells, row, kind))
        elif sheet == "contactos" and any(cell.strip() for cell in cells):
            first_rows.append((row, cells))
            if len(first_rows) == BEFORE_HEADINGS:
                break
    return fields, first_rows


def _is_masked(headings: Sequence[str], rows: list[list[str]]) -> bool:
    hidden = [position for position, heading in enumerate(headings) if is_hidden_column(heading)]
    return any(cells[position].strip() == HIDDEN for cells in rows for position in hidden if position < len(cells))


def _says(cell: str) -> bool:
    """Whether a cell may be a heading: a word, and not a person's number."""
    return any(map(str.isalpha, cell)) and sum(map(str.isdigit, cell)) < 4


def _is_table(rows: list[list[str]]) -> bool:
    """Whether rows under headings that nobody knows are a table: most have as many cells as the others, and more than
    one. A text has commas too, but not as many in each line."""
    widths = [len(cells) for cells in rows]
    usual = max(set(widths), key=widths.count)
    return usual > 1 and widths.count(usual) > len(rows) / 2


def _known(cells: list[str]) -> int:
    return sum(key_of(cell) in COLUMN_BY_KEY for cell in cells)


def _field(cells: list[str], row: int, kind: str) -> Iterator[RawField]:
    """The field that a row of Solicitud says, if any."""
    written = clean(cells[0]) if cells else ""
    key = key_of(written)
    if not key or (key == "campo" and kind != "csv"):
        return
    yield RawField(FIELD_BY_KEY.get(key), written, cells[1] if len(cells) > 1 else "", row)
