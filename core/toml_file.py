"""A TOML file of ours as it is read: each fault is told with the file and the line where it is."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import UnionType
from typing import Any, ClassVar, Self

_HEAD = re.compile(r"\s*\[+([^\]]+)\]+")
_MISSING = object()


class FaultyFile(Exception):
    """A file cannot be used. The message names the file, the line of it and what is wrong, in Spanish."""


@dataclass(frozen=True)
class Sheet:
    """One table of the file: its values, read with their kind checked, and its place in the text.

    ``nth``: which one of a list of tables (``[[servicios]]``).
    """

    file: str
    rows: tuple[str, ...]
    data: Mapping[str, Any]
    place: tuple[str, ...] = ()
    nth: int = 0

    #: What a fault of it raises.
    fails: ClassVar[type[FaultyFile]] = FaultyFile

    @classmethod
    def read(cls, path: Path) -> Self:
        """The whole file. Raises FaultyFile."""
        try:
            text = path.read_text("utf-8")
            return cls(path.name, tuple(text.splitlines()), tomllib.loads(text))
        except UnicodeDecodeError as error:
            row = path.read_bytes()[: error.start].count(b"\n") + 1
            raise cls.fails(f"{path.name}, línea {row}: guarde el archivo como UTF-8.") from None
        except tomllib.TOMLDecodeError as error:
            place = re.search(r"line (\d+)", str(error))
            row = int(place[1]) if place else len(text.splitlines())
            raise cls.fails(f"{path.name}, línea {row}: no es TOML válido ({error}).") from None
        except OSError:
            raise cls.fails(f"{path.name}: no se puede leer.") from None

    def fault(self, key: str, sentence: str) -> FaultyFile:
        """What is wrong with a key of this table; with this table itself, if it has no such key."""
        return self.fails(f"{self.file}, línea {self.row(key)}: {sentence}")

    def only(self, *known: str) -> None:
        """Refuses what nobody would read. Raises FaultyFile."""
        for key in self.data:
            if key not in known:
                raise self.fault(key, f"no se conoce «{key}»; se esperaba {', '.join(known)}.")

    def text(self, key: str, default: Any = _MISSING) -> str:
        return self._of_kind(key, default, str, "un texto entre comillas")

    def flag(self, key: str, default: bool = False) -> bool:
        return self._of_kind(key, default, bool, "true o false")

    def whole(self, key: str, default: Any = _MISSING, least: int = 0, most: int = 86_400) -> int:
        """A whole number within these limits. Raises FaultyFile."""
        value = self._of_kind(key, default, int, "un número entero")
        if isinstance(value, bool) or not least <= value <= most:
            raise self.fault(key, f"{key} va de {least} a {most}.")
        return value

    def number(self, key: str, default: Any = _MISSING, least: float = 0.0, most: float = 1e9) -> float:
        """A number within these limits, whole or not. Raises FaultyFile."""
        value = self._of_kind(key, default, int | float, "un número")
        if isinstance(value, bool) or not least <= value <= most:
            raise self.fault(key, f"{key} va de {least:g} a {most:g}.")
        return float(value)

    def texts(self, key: str, default: Any = ()) -> tuple[str, ...]:
        found = self._of_kind(key, list(default) if default is not _MISSING else default, list, "una lista de textos")
        if not all(isinstance(each, str) for each in found):
            raise self.fault(key, f"{key} es una lista de textos entre comillas.")
        return tuple(found)

    def listed(self, key: str) -> list[str | dict[str, Any]]:
        """A list whose items are texts or tables. Raises FaultyFile."""
        found = self._of_kind(key, [], list, "una lista")
        if not all(isinstance(each, str | dict) for each in found):
            raise self.fault(key, f"{key} es una lista de textos entre comillas, o de tablas.")
        return found

    def code(self, key: str, known: Mapping[str, Any] | Iterator[str] | tuple[str, ...]) -> str:
        """A text out of a few. Raises FaultyFile."""
        value, allowed = self.text(key), tuple(known)
        if value not in allowed:
            raise self.fault(key, f"{key} debe ser uno de {', '.join(allowed)}.")
        return value

    def needed(self, *keys: str) -> None:
        """Raises FaultyFile for the first one that is not there."""
        for key in keys:
            if key not in self.data:
                raise self.fault(key, f"falta «{key}».")

    def table(self, key: str) -> Self:
        """The table of that name; an empty one where there is none. Raises FaultyFile."""
        data = self.data.get(key, {})
        if not isinstance(data, dict):
            raise self.fault(key, f"{key} es una tabla, como [{'.'.join((*self.place, key))}].")
        return replace(self, data=data, place=(*self.place, key), nth=0)

    def tables(self, key: str) -> list[Self]:
        """The tables of a list such as ``[[servicios]]``. Raises FaultyFile."""
        data = self.data.get(key, [])
        if not isinstance(data, list) or not all(isinstance(each, dict) for each in data):
            raise self.fault(key, f"{key} se escribe como [[{key}]].")
        return [replace(self, data=each, place=(*self.place, key), nth=nth) for nth, each in enumerate(data)]

    def each_table(self) -> Iterator[tuple[str, Self]]:
        """The named tables of this one: ``[colas.general]``, ``[colas.crisis]``. Raises FaultyFile."""
        return ((name, self.table(name)) for name in self.data)

    def _of_kind(self, key: str, default: Any, kind: type | UnionType, told: str) -> Any:
        value = self.data.get(key, default)
        if value is _MISSING:
            raise self.fault(key, f"falta «{key}».")
        if not isinstance(value, kind) or (value == "" and default is _MISSING):
            raise self.fault(key, f"{key} debe ser {told}.")
        return value

    def row(self, key: str) -> int:
        """The row of a key, from 1: found by its heading and its name, since TOML's reader keeps no places."""
        names = (*self.place, key)
        for depth in range(len(names), -1, -1):
            heads = [row for row, name in _heads(self.rows) if name == names[:depth]]
            if heads or not depth:
                first = heads[min(self.nth, len(heads) - 1)] if heads else -1
                return self._below(first, names[depth:]) + 1
        return 1

    def _below(self, head: int, names: tuple[str, ...]) -> int:
        following = [row for row, _ in _heads(self.rows) if row > head]
        last = following[0] if following else len(self.rows)
        here = max(head, 0)
        for name in names:
            written = re.compile(rf"(?<![\w.-])\"?{re.escape(name)}\"?\s*=")
            found = (row for row in range(max(here, head + 1), last) if written.search(self.rows[row]))
            here = next(found, here)
        return here


@lru_cache(maxsize=1)  # asked again for each key, while one file is read
def _heads(rows: tuple[str, ...]) -> list[tuple[int, tuple[str, ...]]]:
    """Each heading of a file: its row, from 0, and its names."""
    found = ((row, _HEAD.match(text)) for row, text in enumerate(rows))
    return [(row, tuple(part.strip().strip('"') for part in head[1].split("."))) for row, head in found if head]
