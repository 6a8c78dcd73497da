"""Run as a process of its own: reads a workbook from standard input, writes its two sheets as text to standard output.

The reader keeps a sheet as one full rectangle, so a file of 5 KB with two cells far apart asks for 500 GB and takes the
process with it, whatever Python catches. Here that process has nothing to lose: no settings, no database, a limit of
memory and of time. It imports nothing of the product and is started by its path.
"""

import io
import marshal
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

_ROWS_AT_ONCE = 2_000


def main() -> None:
    memory, seconds, most_columns, most_rows = map(int, sys.argv[1:5])
    wanted = sys.argv[5:]
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    out = sys.stdout.buffer
    try:
        for message in read(sys.stdin.buffer.read(), wanted, most_columns, most_rows):
            tell(message, out)
    except MemoryError:
        tell(("failed", "large"), out)
    except BaseException as error:  # a panic of the reader is not an Exception
        kind = "password" if type(error).__name__ == "PasswordError" else "damaged"
        tell(("failed", kind), out)
    out.flush()


def tell(message: tuple[str, Any], out: BinaryIO) -> None:
    """One message: its length in 8 bytes, then itself."""
    body = marshal.dumps(message)
    out.write(len(body).to_bytes(8))
    out.write(body)


def read(data: bytes, wanted: list[str], most_columns: int, most_rows: int) -> Iterator[tuple[str, Any]]:
    """("sheets", names); for each wanted sheet ("sheet", [name, height]) and ("rows", [how many, the same as lists of
    text, marshalled: who reads this may hand it on as it is]); ("end", 0)."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    yield "sheets", book.sheet_names
    for name in [name for want in wanted for name in book.sheet_names if _plain(name) == want]:
        sheet = book.get_sheet_by_name(name)
        if sheet.total_width > most_columns:
            yield "failed", "columns"
            return
        if sheet.total_height > most_rows:
            yield "failed", "rows"
            return
        yield "sheet", [_plain(name), sheet.total_height]
        yield from _rows(sheet)
    yield "end", 0


def _rows(sheet: Any) -> Iterator[tuple[str, Any]]:
    left = [""] * (sheet.start[1] if sheet.start else 0)
    rows: list[list[str]] = []
    for row in sheet.iter_rows():
        rows.append(left + [cell if type(cell) is str else as_text(cell) for cell in row])
        if len(rows) == _ROWS_AT_ONCE:
            yield "rows", [len(rows), marshal.dumps(rows)]
            rows = []
    yield "rows", [len(rows), marshal.dumps(rows)]


def as_text(cell: object) -> str:
    """A cell as a person would have typed it: no ``.0``, dates ISO, hours HH:MM, true and false as SI and NO."""
    if isinstance(cell, bool):
        return "SI" if cell else "NO"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat("minutes")
    if isinstance(cell, timedelta):  # an hour in a cell formatted as a duration
        minutes = int(cell.total_seconds()) // 60
        return f"{minutes // 60:02}:{minutes % 60:02}"
    return str(cell) if cell is not None else ""


def _plain(name: str) -> str:
    import re
    import unicodedata

    return re.sub(r"[^0-9a-z]", "", unicodedata.normalize("NFKD", name).casefold())


if __name__ == "__main__":
    main()
