"""The file of an upload, whatever it is: its request fields, its headings and its rows, as text (formato-v1.md §1)."""

import io
import marshal
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePath
from typing import Protocol

from campaigns.upload.raw import MAX_COLUMNS, TOO_WIDE, Raw, csv_pieces, shaped
from campaigns.upload.sheets import numbered, sheet_pieces
from campaigns.upload.values import clean
from campaigns.upload.vocabulary import COLUMN_BY_KEY, FIELD_BY_KEY, key_of
from core.spreadsheets import CsvFile, Opener, Unreadable, look_at_csv, open_csv

__all__ = ["RawField", "Unreadable", "Upload", "open_csv", "read_upload"]

MAX_BYTES = 200_000_000  # of an upload, wherever it comes in: a million rows with every column of the contract filled
MAX_WORKBOOK = 64_000_000  # bytes: a workbook is read whole, and is packed; a CSV is read a piece at a time
MAX_INFLATED = 300 * 1024**2  # bytes, all parts of a workbook together
MAX_RATIO = 200  # inflated to packed, of a part that is large; a sheet of repeated words reaches 100
LARGE_PART = 10 * 1024**2
MAX_PARTS = 2_000
MAX_ROWS = 1_000_000
_REMEMBERED = 10  # pieces of a workbook that was looked at
_BEFORE_HEADINGS = 10  # rows in which the headings are looked for: some put a title above them

TOO_HEAVY = f"El archivo pesa más de {MAX_BYTES // 1_000_000} MB."
_TOO_HEAVY_A_BOOK = f"El libro pesa más de {MAX_WORKBOOK // 1_000_000} MB. Guárdelo como «CSV UTF-8» y súbalo otra vez."
TOO_LONG = "El archivo tiene más de 1,000,000 de filas. Divídalo en varias campañas."
_NOT_A_SHEET = "El archivo no es una hoja de cálculo ni un CSV. Suba el Formato como .xlsx, .ods, .xls o .csv."
_NOT_A_FORMATO = "El archivo no parece un Formato Campañas OutBound V1: no encontramos los encabezados de Contactos."
_TOO_LARGE = "El archivo se expande a un tamaño desmedido y no se abrió. Copie los datos a un libro nuevo y súbalo."
_LOCKED = "El archivo está protegido con contraseña. Quite la contraseña y súbalo otra vez."
_DAMAGED = "El archivo está incompleto o dañado. Ábralo en su programa, guárdelo otra vez y súbalo."
_NO_CONTACTS = "El libro no tiene la hoja «Contactos». Use la plantilla del Formato Campañas OutBound V1."
_SHEETS = ["solicitud", "contactos"]
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_BOOKS = (b"PK", _OLE)


@dataclass(frozen=True, slots=True)
class RawField:
    """A request field as written. ``name`` is the contract's, or None when it has no such field."""

    name: str | None
    written: str
    value: str
    row: int


class Source(Protocol):
    """A file that is read as often as it is asked for, so that a million rows need no memory."""

    def look(self) -> Iterator["Record"]:
        """What ``records`` begins with. Raises Unreadable."""

    def records(self) -> Iterator["Record"]:
        """Every row of Solicitud and of Contactos. Raises Unreadable."""

    def pieces(self, after: int, rows_each: int) -> Iterator[Raw]:
        """The rows of Contactos that follow the row ``after``, about so many at a time. Raises Unreadable."""


Record = tuple[str, int, list[str]]  # sheet, row number from 1, cells


@dataclass(frozen=True)
class Upload:
    """A file that could be opened."""

    source: Source
    kind: str  #: csv, xlsx, ods or xls
    delimiter: str  #: of a CSV; ``;`` for a workbook (§7)
    fields: tuple[RawField, ...]
    has_request: bool  #: whether there is a sheet Solicitud, or a line #campo, at all
    headings: tuple[str, ...]
    heading_row: int
    rows_expected: int  #: at most so many people, as far as can be told without reading them; 0: it cannot

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
        kind = _kind(source, PurePath(filename).suffix.lower())
        if kind != "csv":
            return _read_book(source, kind, headings)
    return _read_csv(look_at_csv(source), headings)


def _whole_if_a_book(source: bytes | Opener) -> bytes | Opener:
    """The bytes, unless they are a CSV's that need not be in memory together."""
    if isinstance(source, bytes):
        return source
    with source() as file:
        beginning = file.read(8)
        return beginning + file.read() if beginning.startswith(_BOOKS) else source


def _read_csv(file: CsvFile, headings: Sequence[str] | None) -> Upload:
    return _opened(_Csv(file), "csv", headings, file.delimiter, file.lines)


def _read_book(data: bytes, kind: str, headings: Sequence[str] | None) -> Upload:
    book = _Book(data)
    return _opened(book, kind, headings, ";", 0, book.heights)


@dataclass(frozen=True)
class _Csv:
    file: CsvFile

    def look(self) -> Iterator[Record]:
        return self.records()

    def records(self) -> Iterator[Record]:
        return _csv_records(self.file)

    def pieces(self, after: int, rows_each: int) -> Iterator[Raw]:
        return csv_pieces(self.file, after, rows_each)


class _Book:
    """A workbook is read whole before its first row is told: whoever reads it first goes on from where it was looked
    at, instead of reading it again."""

    def __init__(self, data: bytes) -> None:
        self._data = data
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
        return begun or sheet_pieces(self._data, _SHEETS, MAX_COLUMNS, MAX_ROWS + _BEFORE_HEADINGS, self.heights)


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
        if given is None:
            raise Unreadable(_NOT_A_FORMATO)
        heading_row, headings = max(first_rows, key=lambda found: (sum(map(_says, found[1])), -found[0]))
    while not headings[-1].strip():
        headings.pop()
    if len(headings) > MAX_COLUMNS:
        raise Unreadable(TOO_WIDE)
    names = given or tuple(map(clean, headings))
    has_request, expected = fields is not None, max((heights or {}).get("contactos", lines) - heading_row, 0)
    return Upload(source, kind, delimiter, tuple(fields or ()), has_request, tuple(names), heading_row, expected)


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
            if len(first_rows) == _BEFORE_HEADINGS:
                break
    return fields, first_rows


def _says(cell: str) -> bool:
    """Whether a cell may be a heading: a word, and not a person's number."""
    return any(map(str.isalpha, cell)) and sum(map(str.isdigit, cell)) < 4


def _known(cells: list[str]) -> int:
    return sum(key_of(cell) in COLUMN_BY_KEY for cell in cells)


def _field(cells: list[str], row: int, kind: str) -> Iterator[RawField]:
    """The field that a row of Solicitud says, if any."""
    written = clean(cells[0]) if cells else ""
    key = key_of(written)
    if not key or (key == "campo" and kind != "csv"):
        return
    yield RawField(FIELD_BY_KEY.get(key), written, cells[1] if len(cells) > 1 else "", row)


def _csv_records(file: CsvFile) -> Iterator[Record]:
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


def _kind(data: bytes, suffix: str) -> str:
    """csv, xlsx, ods or xls, by what the bytes are. Raises Unreadable."""
    if data.startswith(_BOOKS) and len(data) > MAX_WORKBOOK:
        raise Unreadable(_TOO_HEAVY_A_BOOK)
    if data.startswith(b"PK"):
        return _kind_of_zip(data)
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unreadable(_LOCKED)
        if not any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
            raise Unreadable(_NOT_A_SHEET if suffix != ".xls" else _DAMAGED)
        return "xls"
    if data.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")):
        raise Unreadable(_NOT_A_SHEET)
    if data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{", b"[")):  # HTML or XML called .xls, JSON
        raise Unreadable(_NOT_A_SHEET)
    if suffix in {".xlsx", ".ods", ".xls"}:
        raise Unreadable(_DAMAGED)
    return "csv"


def _kind_of_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            _refuse_bomb(parts)
            names = {part.filename for part in parts}
            if any(part.flag_bits & 1 for part in parts):
                raise Unreadable(_LOCKED)
            if "xl/workbook.xml" in names:
                return "xlsx"
            if "content.xml" in names and b"opendocument.spreadsheet" in _small(archive, "mimetype"):
                if b"encryption-data" in _small(archive, "META-INF/manifest.xml"):
                    raise Unreadable(_LOCKED)
                return "ods"
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, zipfile.LargeZipFile):
        raise Unreadable(_DAMAGED) from None
    raise Unreadable(_NOT_A_SHEET)


def _refuse_bomb(parts: list[zipfile.ZipInfo]) -> None:
    """Looks at what the parts say of themselves, before any is inflated; what they hide, the reader's limits stop."""
    dense = (part.file_size > max(LARGE_PART, part.compress_size * MAX_RATIO) for part in parts)
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_INFLATED or any(dense):
        raise Unreadable(_TOO_LARGE)


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    """The first 256 KB of a part; nothing when there is none. Raises ValueError for what cannot be inflated."""
    try:
        with archive.open(name) as part:
            return part.read(256 * 1024)
    except KeyError:
        return b""
    except Exception as error:  # zlib, lzma and bz2 each have their own
        raise ValueError from error
