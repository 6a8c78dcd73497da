"""Who answers: people written in a TOML file, matched by their number, or by how it begins."""

import hashlib
import re
import tomllib
import unicodedata
from bisect import bisect
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from carrier.local.line import is_key_row

NUMBER = re.compile(r"\+?[0-9]{1,15}\*?|\*|client:[A-Za-z0-9_-]{1,64}\*?")
MAX_WORDS = 500
PERSON_KEYS = frozenset({"number", "fate", "ring_s", "keys", "hangs_up_after_s", "weight"})


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


class Household:
    """Several people at one number, of whom each call finds one: as often as their weights say.

    Who it is hangs on the seed, the number and how often it rang before: the same calls find the same people.
    """

    def __init__(self, people: Sequence[tuple[Person, float]], seed: int = 0) -> None:
        self._people = [person for person, _ in people]
        self._bounds = list(accumulate(weight for _, weight in people))
        self._seed = seed
        self._rang: dict[str, int] = defaultdict(int)

    def whoever_is_there(self, number: str) -> Person:
        """For one call to the number."""
        self._rang[number] += 1
        drawn = hashlib.blake2b(f"{self._seed}:{number}:{self._rang[number]}".encode(), digest_size=8).digest()
        place = bisect(self._bounds, int.from_bytes(drawn) / 2**64 * self._bounds[-1])
        return self._people[min(place, len(self._people) - 1)]


@dataclass(frozen=True)
class Personas:
    """``speed``: real seconds for each simulated one (1 real time, 0 no waiting)."""

    speed: float
    exact: dict[str, Person | Household]
    prefixes: dict[str, Person | Household]
    lengths: tuple[int, ...]  #: of the prefixes, longest first

    def find(self, number: str) -> Person | None:
        """The person of a number: an exact one, else that of the longest prefix, else None. Of several, one is drawn.

        A client is nobody whom ``*`` stands for: only one who is named is there.
        """
        found = self._at(number)
        return found.whoever_is_there(number) if isinstance(found, Household) else found

    def _at(self, number: str) -> Person | Household | None:
        if number in self.exact:
            return self.exact[number]
        for length in self.lengths:
            found = self.prefixes.get(number[:length]) if length <= len(number) else None
            if found is not None and (length > 0 or not number.startswith("client:")):
                return found
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
    for name in data.keys() - {"speed", "seed", "person"}:
        raise reader.fault(f"«{name}» no se conoce; se esperaba speed, seed o [[person]].", name)
    people = data.get("person", [])
    if not isinstance(people, list) or not all(isinstance(person, dict) for person in people):
        raise reader.fault("se esperaba una lista [[person]].", "person")
    seed = data.get("seed", 0)
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise reader.fault("seed debe ser un número entero.", "seed")
    read = _by_number(reader, people, seed)
    speed = data.get("speed", 1)
    if not _is_number(speed):
        raise reader.fault("speed debe ser un número, 0 o más.", "speed")
    return _gathered(float(speed), read)


def _by_number(reader: "_Reader", people: list[dict[str, Any]], seed: int) -> dict[str, Person | Household]:
    """One person a number, or several where each has a weight."""
    alone: dict[str, Person | Household] = {}
    together: dict[str, list[tuple[Person, float]]] = defaultdict(list)
    for index, given in enumerate(people):
        number, person = reader.person(index, given)
        weight = given.get("weight")
        if number in alone or (weight is None and number in together):
            raise reader.fault(
                f"el número {number} está dos veces; si son varios, cada uno lleva weight.", "number", index
            )
        if weight is None:
            alone[number] = person
        else:
            together[number].append((person, float(weight)))
    return alone | {number: Household(several, seed) for number, several in together.items()}


def _gathered(speed: float, people: dict[str, Person | Household]) -> Personas:
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
        if "weight" in given and not (_is_number(given["weight"]) and given["weight"] > 0):
            raise self.fault("weight debe ser un número mayor que 0.", "weight", index)
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
