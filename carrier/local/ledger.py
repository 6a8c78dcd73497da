"""An append-only file, one JSON a line, read back at the start: a carrier that is killed forgets nothing.

Each line is one write to the end of the file, so what was written outlives the process at once.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

Entry: TypeAlias = dict[str, Any]
_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Ledger:
    """Entries by their place in the file: ``(offset, length)``, so that memory holds places and no texts."""

    def __init__(self, path: Path | None) -> None:
        """With no path, a nameless file that is gone with the process."""
        if path is None:
            with tempfile.TemporaryFile() as nameless:
                self._file = os.dup(nameless.fileno())
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            os.fchmod(self._file, 0o600)
        self._end = os.fstat(self._file).st_size
        self._begin_on_a_line_of_its_own()

    def close(self) -> None:
        os.close(self._file)

    def append(self, kind: str, sid: str, facts: Entry) -> tuple[int, int]:
        """Writes one entry. Answers its place."""
        data = (_written({"kind": kind, "sid": sid, **facts}) + "\n").encode()
        written = os.write(self._file, data)
        while written < len(data):
            written += os.write(self._file, data[written:])
        place = (self._end, len(data))
        self._end += len(data)
        return place

    def read(self, place: tuple[int, int]) -> Entry:
        """The entry at a place."""
        entry: Entry = json.loads(os.pread(self._file, place[1], place[0]))
        return entry

    def entries(self) -> Iterator[tuple[tuple[int, int], Entry]]:
        """Every entry since the first start, with its place. A line that was cut off by a kill is passed over."""
        with open(os.dup(self._file), "rb") as file:
            file.seek(0)
            offset = 0
            for line in file:
                try:
                    entry = json.loads(line)
                except ValueError:
                    entry = None
                if isinstance(entry, dict) and "kind" in entry:
                    yield (offset, len(line)), entry
                offset += len(line)

    def _begin_on_a_line_of_its_own(self) -> None:
        if self._end and os.pread(self._file, 1, self._end - 1) != b"\n":
            os.write(self._file, b"\n")
            self._end += 1
