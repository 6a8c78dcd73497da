"""The file of an upload, whatever it is: its request fields, its headings and its rows, as text (formato-v1.md §1)."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from campaigns.upload.sheets import sheet_rows
from campaigns.upload.values import clean
from campaigns.upload.vocabulary import COLUMN_BY_KEY, FIELD_BY_KEY, key_of
from core.spreadsheets import Unreadable, open_csv

__all__ = ["RawField", "Unreadable", "Upload", "open_csv", "read_upload"]

MAX_BYTES = 64_000_000  # of an upload, wherever it comes in
MAX_INFLATED = 300 * 1024**2  # bytes, all parts of a workbook together
MAX_RATIO = 200  # inflated to packed, of a part that is large; a sheet of repeated words reaches 100
LARGE_PART = 10 * 1024**2
MAX_PARTS = 2_000
MAX_COLUMNS = 1_000
MAX_ROWS = 1_000_000
_BEFORE_HEADINGS = 10  # rows in which the headings are looked for: some put a title above them

TOO_HEAVY = f"El archivo pesa más de {MAX_BYTES // 1_000_000} MB."
_NOT_A_SHEET = "El archivo no es una hoja de cálculo ni un CSV. Suba el Formato como .xlsx, .ods, .xls o .csv."
_NOT_A_FORMATO = "El archivo no parece un Formato Campañas OutBound V1: no encontramos los encabezados de Contactos."
_TOO_LARGE = "El archivo se expande a un tamaño desmedido y no se abrió. Copie los datos a un libro nuevo y súbalo."
_LOCKED = "El archivo está protegido con contraseña. Quite la contraseña y súbalo otra vez."
_DAMAGED = "El archivo está incompleto o dañado. Ábralo en su programa, guárdelo otra vez y súbalo."
_NO_CONTACTS = "El libro no tiene la hoja «Contactos». Use la plantilla del Formato Campañas OutBound V1."
_SHEETS = ["solicitud", "contactos"]


@dataclass(frozen=True, slots=True)
class RawField:
    """A request field as written. ``name`` is the contract's, or None when it has no such field."""

    name: str | None
    written: str
    value: str
    row: int


@dataclass(frozen=True)
class Upload:
    """A file that could be opened. ``rows`` reads it again each time, so that a million rows need no memory."""

    data: bytes
    kind: str  #: csv, xlsx, ods or xls
    delimiter: str  #: of a CSV; ``;`` for a workbook (§7)
    fields: tuple[RawField, ...]
    has_request: bool  #: whether there is a sheet Solicitud, or a line #campo, at all
    headings: tuple[str, ...]
    heading_row: int

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(row number from 1, cells as written) of every person; blank rows are left out, blank cells at the end too,
        and short rows come filled up to the headings. Raises Unreadable."""
        width = len(self.headings)
        number = 0
        for sheet, row, cells in _records(self.data, self.kind):
            if sheet != "contactos" or row <= self.heading_row or not any(cells):
                continue
            while len(cells) > width and not cells[-1].strip():
                cells.pop()
            if not any(cell.strip() for cell in cells):
                continue
            number += 1
            if number > MAX_ROWS:
                raise Unreadable("El archivo tiene más de 1,000,000 de filas. Divídalo en varias campañas.")
            yield row, cells + [""] * (width - len(cells))


def read_upload(data: bytes, filename: str) -> Upload:
    """The upload in ``data``; ``filename`` only helps to say what is wrong, the content decides what it is.
    Raises Unreadable with one sentence in Spanish."""
    if not data:
        raise Unreadable("El archivo está vacío.")
    if len(data) > MAX_BYTES:
        raise Unreadable(f"{TOO_HEAVY} Divídalo en varias campañas.")
    kind = _kind(data, PurePath(filename).suffix.lower())
    records = _records(data, kind)
    try:
        return _opened(data, kind, records)
    finally:
        records.close()  # type: ignore[attr-defined]


def _opened(data: bytes, kind: str, records: Iterator[tuple[str, int, list[str]]]) -> Upload:
    fields: list[RawField] = []
    has_request = False
    first_rows: list[tuple[int, list[str]]] = []
    for sheet, row, cells in records:
        if sheet == "solicitud":
            has_request = True
            fields.extend(_field(cells, row, kind))
        elif sheet == "contactos" and any(cell.strip() for cell in cells):
            first_rows.append((row, cells))
            if len(first_rows) == _BEFORE_HEADINGS:
                break
    if not first_rows:
        raise Unreadable(_NOT_A_FORMATO if kind == "csv" else _NO_CONTACTS)
    heading_row, headings = max(first_rows, key=lambda found: (_known(found[1]), -found[0]))
    if not _known(headings):
        raise Unreadable(_NOT_A_FORMATO)
    while not headings[-1].strip():
        headings.pop()
    if len(headings) > MAX_COLUMNS:
        raise Unreadable("El archivo tiene más de 1,000 columnas. Borre las que sobran y súbalo otra vez.")
    delimiter = open_csv(data)[0] if kind == "csv" else ";"
    return Upload(data, kind, delimiter, tuple(fields), has_request, tuple(map(clean, headings)), heading_row)


def _known(cells: list[str]) -> int:
    return sum(key_of(cell) in COLUMN_BY_KEY for cell in cells)


def _field(cells: list[str], row: int, kind: str) -> Iterator[RawField]:
    """The field that a row of Solicitud says, if any."""
    written = clean(cells[0]) if cells else ""
    key = key_of(written)
    if not key or (key == "campo" and kind != "csv"):
        return
    yield RawField(FIELD_BY_KEY.get(key), written, cells[1] if len(cells) > 1 else "", row)


def _records(data: bytes, kind: str) -> Iterator[tuple[str, int, list[str]]]:
    if kind == "csv":
        return _csv_records(data)
    return sheet_rows(data, _SHEETS, MAX_COLUMNS, MAX_ROWS + _BEFORE_HEADINGS)


def _csv_records(data: bytes) -> Iterator[tuple[str, int, list[str]]]:
    """The lines ``#campo;valor`` as a sheet Solicitud, and what follows as Contactos."""
    delimiter, rows = open_csv(data)
    numbered = enumerate(rows, start=1)
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
            raise Unreadable("El archivo tiene más de 1,000 columnas. Borre las que sobran y súbalo otra vez.")
        yield "contactos", number, cells


def _kind(data: bytes, suffix: str) -> str:
    """csv, xlsx, ods or xls, by what the bytes are. Raises Unreadable."""
    if data.startswith(b"PK"):
        return _kind_of_zip(data)
    if data.startswith(bytes.fromhex("d0cf11e0a1b11ae1")):
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
