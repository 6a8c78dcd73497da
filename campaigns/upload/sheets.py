"""The sheets of an .xlsx, .ods or .xls, read by a process that may die of them."""

import marshal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from campaigns.upload.raw import TOO_WIDE, Raw
from core.spreadsheets import Unreadable

MAX_MEMORY = 2 * 1024**3  # bytes: a million rows of twenty columns take 0.7 GB
MAX_SECONDS = 120  # of processor
_CHILD = Path(__file__).with_name("workbook_child.py")
_FAILED = {
    "password": "El archivo está protegido con contraseña. Quite la contraseña y súbalo otra vez.",
    "damaged": "El archivo está incompleto o dañado. Ábralo en su programa, guárdelo otra vez y súbalo.",
    "large": "El archivo se extiende sobre demasiadas celdas. Copie los datos a un libro nuevo, o súbalos como CSV.",
    "columns": TOO_WIDE,
    "rows": "El archivo tiene más de 1,000,000 de filas. Divídalo en varias campañas.",
}


def sheet_rows(
    data: bytes, sheets: list[str], most_columns: int, most_rows: int
) -> Iterator[tuple[str, int, list[str]]]:
    """(sheet, row number from 1, cells as text) of each row of ``sheet_pieces``."""
    for sheet, raw in sheet_pieces(data, sheets, most_columns, most_rows):
        yield from numbered(sheet, raw)


def numbered(sheet: str, raw: Raw) -> Iterator[tuple[str, int, list[str]]]:
    """The rows of a piece of a sheet, one by one."""
    assert isinstance(raw.body, bytes)
    for number, cells in enumerate(marshal.loads(raw.body), start=raw.first):  # noqa: S302 - our own process wrote it
        yield sheet, number, cells


def sheet_pieces(
    data: bytes, sheets: list[str], most_columns: int, most_rows: int, heights: dict[str, int] | None = None
) -> Iterator[tuple[str, Raw]]:
    """(sheet, some of its rows) of each sheet in ``sheets`` (keys as ``vocabulary.key_of`` makes them) that the
    workbook has, in that order. ``heights`` takes in how many rows each has. Raises Unreadable, here or while rows are
    read."""
    limits = [str(limit) for limit in (MAX_MEMORY, MAX_SECONDS, most_columns, most_rows)]
    command = [sys.executable, "-I", str(_CHILD), *limits, *sheets]
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={"LC_ALL": "C.UTF-8"}
    )
    try:
        yield from _told_by(child, data, {} if heights is None else heights)
    finally:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                with suppress(BrokenPipeError):
                    pipe.close()


def _told_by(child: "subprocess.Popen[bytes]", data: bytes, heights: dict[str, int]) -> Iterator[tuple[str, Raw]]:
    assert child.stdin and child.stdout
    with suppress(BrokenPipeError):
        child.stdin.write(data)
        child.stdin.close()
    sheet, number = "", 0
    while True:
        length = int.from_bytes(child.stdout.read(8))
        body = child.stdout.read(length)
        if not body or len(body) < length:
            raise Unreadable(_FAILED["large"])  # it died: of memory, or of time
        kind, value = marshal.loads(body)  # our own process wrote it
        if kind == "failed":
            raise Unreadable(_FAILED[value])
        if kind == "end":
            return
        if kind == "sheet":
            (sheet, height), number = value, 0
            heights[sheet] = height
        if kind == "rows":
            count, rows = value
            yield sheet, Raw(number + 1, rows)
            number += count
