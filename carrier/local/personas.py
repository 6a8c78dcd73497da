"""Who answers: people written in a TOML file, matched by their number, or by how it begins."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from carrier.local.line import is_key_row

NUMBER = re.compile(r"\+?[0-9]{1,15}\*?|\*|client:[A-Za-z0-9_-]{1,64}\*?")
MAX_WORDS = 500
PERSON_KEYS = frozenset({"number", "fate", "ring_s", "keys", "hangs_up_after_s"})


class FaultyPersonas(Exception):
    """El archivo de personas no se puede usar; la frase dice en qué línea."""


class Fate(StrEnum):
    """What becomes of a call to somebody."""

    ANSWER = "answer"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class Reaction:
    """On hearing this, presses that, or says that to the others in a conference."""

    hears: re.Pattern[str]  #: searched in ``folded`` text
    presses: str = ""
    says: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Seconds are simulated; ``hangs_up_after_s`` counts from the answer, None: stays to the end."""

    fate: Fate = Fate.ANSWER
    ring_s: float = 3.0
    keys: tuple[Reaction, ...] = ()
    hangs_up_after_s: float | None = None


NOBODY = Person(fate=Fate.NO_ANSWER)


@dataclass(frozen=True)
class Personas:
    """``speed``: real seconds for each simulated one (1 real time, 0 no waiting)."""

    speed: float
    exact: dict[str, Person]
    prefixes: dict[str, Person]
    lengths: tuple[int, ...]  #: of the prefixes, longest first

    def find(self, number: str) -> Person | None:
        """The person of a number: an exact one, else that of the longest prefix, else None.

        A client is nobody whom ``*`` stands for: only one who is named is there.
        """
        if number in self.exact:
            return self.exact[number]
        for length in self.lengths:
            person = self.prefixes.get(number[:length]) if length <= len(number) else None
            if person is not None and (length > 0 or not number.startswith("client:")):
                return person
        return None

    @classmethod
    def load(cls, path: Path | None) -> "Personas":
        """Reads the file; without one there is nobody, in real time. Raises FaultyPersonas."""
        if path is None:
            return _gathered(1.0, {})
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise FaultyPersonas(f"No se puede leer el archivo de personas {path.name}.") from None
        return read_personas(text)


def read_personas(text: str) -> Personas:
    """The personas of a TOML text. Raises FaultyPersonas, naming the line."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        where = f"línea {line[1]}" if line else f"línea {text.count(chr(10)) + 1}"
        raise FaultyPersonas(f"Personas, {where}: no es TOML válido.") from None
    reader = _Reader(text)
    for name in data.keys() - {"speed", "person"}:
        raise reader.fault(f"«{name}» no se conoce; se esperaba speed o [[person]].", name)
    people = data.get("person", [])
    if not isinstance(people, list) or not all(isinstance(person, dict) for person in people):
        raise reader.fault("se esperaba una lista [[person]].", "person")
    read: dict[str, Person] = {}
    for index, given in enumerate(people):
        number, person = reader.person(index, given)
        if number in read:
            raise reader.fault(f"el número {number} está dos veces.", "number", index)
        read[number] = person
    speed = data.get("speed", 1)
    if not _is_number(speed):
        raise reader.fault("speed debe ser un número, 0 o más.", "speed")
    return _gathered(float(speed), read)


def _gathered(speed: float, people: dict[str, Person]) -> Personas:
    prefixes = {number[:-1]: person for number, person in people.items() if number.endswith("*")}
    exact = {number: person for number, person in people.items() if not number.endswith("*")}
    return Personas(speed, exact, prefixes, tuple(sorted({len(prefix) for prefix in prefixes}, reverse=True)))


class _Reader:
    """Reads people, and finds the line of a fault: TOML's reader does not keep them."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._heads = [n for n, line in enumerate(self._lines) if re.match(r"\s*\[\[\s*person\s*\]\]", line)]

    def fault(self, sentence: str, key: str, person: int | None = None, occurrence: int = 0) -> FaultyPersonas:
        return FaultyPersonas(f"Personas, línea {self._line(key, person, occurrence)}: {sentence}")

    def _line(self, key: str, person: int | None, occurrence: int) -> int:
        has_head = person is not None and person < len(self._heads)
        first = self._heads[person] if has_head and person is not None else 0
        last = self._heads[person + 1] if has_head and person is not None and person + 1 < len(self._heads) else None
        found = []
        for number, line in enumerate(self._lines[first:last], first + 1):
            found += [number] * len(re.findall(rf"(?<![\w-]){re.escape(key)}\s*[=\]]", line))
        return found[min(occurrence, len(found) - 1)] if found else first + 1

    def person(self, index: int, given: dict[str, Any]) -> tuple[str, Person]:
        for name in given.keys() - PERSON_KEYS:
            raise self.fault(f"«{name}» no se conoce en una persona.", name, index)
        number = given.get("number")
        if not isinstance(number, str) or not NUMBER.fullmatch(number):
            raise self.fault("number debe ser un número (+503...), client:ana, o su comienzo con *.", "number", index)
        fate = given.get("fate", "answer")
        if fate not in list(Fate):
            raise self.fault(f"fate debe ser uno de {', '.join(Fate)}.", "fate", index)
        for name in ("ring_s", "hangs_up_after_s"):
            if name in given and not _is_number(given[name]):
                raise self.fault(f"{name} debe ser un número, 0 o más.", name, index)
        keys = given.get("keys", [])
        if not isinstance(keys, list):
            raise self.fault("keys debe ser una lista de { hears, presses, says }.", "keys", index)
        reactions = tuple(self._reaction(index, n, reaction) for n, reaction in enumerate(keys))
        after = None if "hangs_up_after_s" not in given else float(given["hangs_up_after_s"])
        return number, Person(Fate(fate), float(given.get("ring_s", 3)), reactions, after)

    def _reaction(self, index: int, occurrence: int, given: Any) -> Reaction:
        names = given.keys() if isinstance(given, dict) else set()
        if "hears" not in names or not names & {"presses", "says"} or names - {"hears", "presses", "says"}:
            raise self.fault('cada una de keys debe ser { hears = "...", presses = "..." } o says.', "keys", index)
        hears, presses, says = given["hears"], given.get("presses", ""), given.get("says", "")
        if not isinstance(presses, str) or not is_key_row(presses):
            raise self.fault("presses solo lleva 0-9, *, #, A-D y w.", "presses", index, occurrence)
        if not isinstance(says, str) or len(says) > MAX_WORDS:
            raise self.fault("says debe ser un texto de hasta 500 letras.", "says", index, occurrence)
        try:
            pattern = re.compile(folded(hears), re.IGNORECASE)
        except (re.error, TypeError):
            raise self.fault("hears no es una expresión regular válida.", "hears", index, occurrence) from None
        return Reaction(pattern, presses, says)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9


@lru_cache(maxsize=2048)
def folded(text: str) -> str:
    """Without accents: how a text is searched."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
