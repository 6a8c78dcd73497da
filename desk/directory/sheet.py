"""The directory as a CSV: its columns, how an entry is written in it, and how its rows are read."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from campaigns.workbooks import write_results
from core.folding import fold
from core.spreadsheets import Unreadable, open_csv
from desk.directory.facts import COLUMNS, Fault
from desk.directory.queries import DirectoryEntry

NUMBER = "numero"  #: of the entry, as the download writes it: what says surely which one a row changes
HEADINGS = (NUMBER, *COLUMNS)
MAX_BYTES = 16_000_000
MAX_ROWS = 100_000
MAX_FAULTS = 1_000  #: told of one file; whoever has more has another file in mind

_SYNONYMS = {
    "nombre completo": "nombre",
    "area": "unidad",
    "departamento": "unidad",
    "puesto": "cargo",
    "ext": "extension",
    "tel": "telefono",
    "email": "correo",
    "e mail": "correo",
    "correo electronico": "correo",
    "verificado el": "verificado",
    "no": NUMBER,
}
_NO_NAME = "Al archivo le falta la columna «nombre». La primera fila debe nombrar las columnas, como en la plantilla."
_NO_WAY = "Al archivo le falta una columna «extension», «telefono» o «correo»: sin ninguna no se llega a nadie."


class FaultyRows(Exception):
    """Rows of the file are wrong, so nothing of it was stored. ``faults``: (row, column, sentence)."""

    def __init__(self, faults: "list[RowFault]") -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong, where, in one sentence without the value. ``row`` as a spreadsheet counts it, from 1."""

    row: int
    column: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Written:
    """A row: its number, and its cells by column; of columns that the file does not have there is none."""

    row: int
    cells: dict[str, str]


def written(entry: DirectoryEntry) -> dict[str, str]:
    """An entry as the cells of its row, without its number."""
    return {
        "nombre": entry.name,
        "unidad": entry.unit,
        "cargo": entry.role,
        "extension": entry.extension or "",
        "telefono": entry.telephone or "",
        "correo": entry.email or "",
        "categoria": entry.category.value,
        "notas": entry.notes,
        "verificado": f"{entry.verified_on:%d/%m/%Y}" if entry.verified_on else "",
    }


def write_sheet(target: BinaryIO, entries: Iterable[DirectoryEntry]) -> None:
    """The CSV of these entries, which no spreadsheet runs a formula of; with none, the template to fill in."""
    rows = ([str(entry.id), *(written(entry)[column] for column in COLUMNS)] for entry in entries)
    write_results(target, rows, HEADINGS, kind="csv")


def read_sheet(data: bytes) -> Iterator[Written | RowFault]:
    """Each row that is not blank, or why it cannot be read. Raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable(f"El archivo pesa más de {MAX_BYTES // 1_000_000} MB.")
    if data.startswith(b"PK"):
        raise Unreadable("El archivo es un libro de Excel. Guárdelo como «CSV UTF-8» y súbalo otra vez.")
    _, rows = open_csv(data)
    numbered = ((number, row) for number, row in enumerate(rows, start=1) if any(cell.strip() for cell in row))
    _, heading = next(numbered, (1, []))
    while heading and not heading[-1].strip():
        heading.pop()
    columns = _columns(heading)
    for count, (number, row) in enumerate(numbered, start=1):
        if count > MAX_ROWS:
            raise Unreadable(f"El archivo tiene más de {MAX_ROWS:,} filas.")
        if any(cell.strip() for cell in row[len(columns) :]):
            told = "Tiene más celdas que columnas; revise si un dato lleva el delimitador adentro."
            yield RowFault(number, "—", told)
            continue
        yield Written(number, {name: _cell(row, place) for place, name in enumerate(columns)})


def _columns(heading: list[str]) -> list[str]:
    """The column that each heading names. Raises Unreadable."""
    found = [_SYNONYMS.get(fold(cell), fold(cell)) for cell in heading]
    if "nombre" not in found:
        raise Unreadable(_NO_NAME)
    if not {"extension", "telefono", "correo"} & set(found):
        raise Unreadable(_NO_WAY)
    for place, name in enumerate(found):
        if name not in HEADINGS:
            told = f"«{heading[place].strip()[:40]}»" if heading[place].strip() else f"número {place + 1}, sin nombre,"
            raise Unreadable(f"La columna {told} no se conoce. Las columnas son: {', '.join(HEADINGS)}.")
        if name in found[:place]:
            raise Unreadable(f"La columna «{name}» está dos veces.")
    return found


def _cell(row: list[str], place: int) -> str:
    """What was written, without the apostrophe that keeps a spreadsheet from running it."""
    return re.sub(r"^'(?=\s*[=+\-@＝＋－＠])", "", row[place].strip()) if place < len(row) else ""


def row_faults(row: int, faults: Iterable[Fault]) -> list[RowFault]:
    """Those of an entry, at their row."""
    return [RowFault(row, fault.column, fault.sentence) for fault in faults]
