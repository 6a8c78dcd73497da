"""Dialogues as text: how they are written, and what of a call is compared with them.

    == Who presses 2 and then 1 leaves with a PIN
    GIVEN   padrón 00016297-5 05/03/1960 ACTIVO
    IVR     root.welcome
    CALLER  2
    …
    END     application
    THEN    pin in force

IVR lines are keys of the catalogue: what is heard must be that sentence, its values filled in. CALLER lines are keys
pressed, ``(silence)`` or ``(hangs up)``. DIAL says what comes of a transfer; PERSON what becomes of a wait: somebody
``talks``, or there is ``nobody``. THEN is looked up in the database.
LINE names the line that is dialled; before the first title it is that of the whole file. Without one, it is dgs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from carrier.local.events import Dialled, Pressed, Said
from carrier.local.in_process import Transcript
from prompts.catalog import Catalog
from prompts.template import Placeholder

UNHEARD = (("CALLER", "(silence)"), ("CALLER", "(hangs up)"), ("PERSON", "nobody"))
VERBS = frozenset({"LINE", "GIVEN", "CALL", "IVR", "CALLER", "DIAL", "PERSON", "END", "THEN"})


@dataclass
class Dialogue:
    title: str
    lines: list[tuple[str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        return self.title

    def of(self, verb: str) -> list[str]:
        return [text for said, text in self.lines if said == verb]

    @property
    def line(self) -> str:
        """The line that is dialled."""
        return (self.of("LINE") or ["dgs"])[-1]

    @property
    def call(self) -> list[tuple[str, str]]:
        """What is compared with the transcript, in order."""
        shown = [line for line in self.lines if line[0] in ("IVR", "CALLER", "DIAL", "PERSON", "END")]
        return [line for line in shown if line not in UNHEARD]


def dialogues(folder: Path) -> Iterator[Dialogue]:
    """Every dialogue of every file."""
    for path in sorted(folder.glob("*.txt")):
        current: Dialogue | None = None
        of_the_file: list[tuple[str, str]] = []
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("=="):
                if current:
                    yield current
                current = Dialogue(f"{path.stem}: {line[2:].strip()}", list(of_the_file))
            elif text := _without_comment(line):
                verb, _, rest = text.partition(" ")
                assert verb in VERBS, f"{path.name}: {verb}?"
                (current.lines if current else of_the_file).append((verb, rest.strip()))
        if current:
            yield current


def _without_comment(line: str) -> str:
    """A # after a key ends what was pressed, and is no comment."""
    return re.sub(r"(^|\s)#.*", "", line).rstrip()


def happened(transcript: Transcript, catalog: Catalog, expected: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The call in the words of a dialogue. A sentence is named by the expected key if it can be that one."""
    told: list[tuple[str, str]] = []
    for event in transcript.events:
        match event:
            case Said(text=text) if text:
                told.append(("IVR", _key_of(text, catalog, _expected_at(expected, len(told)))))
            case Pressed(digits=digits):
                told.append(("CALLER", digits))
            case Dialled(result="answered"):
                told.append(("PERSON", "talks"))
            case Dialled(result=result):
                told.append(("DIAL", result))
    return [*told, ("END", transcript.ended_by)]


def _expected_at(expected: list[tuple[str, str]], place: int) -> str:
    return expected[place][1] if place < len(expected) else ""


def _key_of(text: str, catalog: Catalog, expected: str) -> str:
    names = catalog.keys()
    if expected in names and _pattern(catalog, expected).fullmatch(text):
        return expected
    found = [key for key in names if _is_ours(catalog, key) and _pattern(catalog, key).fullmatch(text)]
    return found[0] if found else f"«{text}»"


def _is_ours(catalog: Catalog, key: str) -> bool:
    """Not a sentence made of somebody's values alone, which any text would match."""
    return bool(catalog.own_words(key).strip())


def _pattern(catalog: Catalog, key: str) -> re.Pattern[str]:
    parts = catalog._entry(key).template.parts
    return re.compile("".join(".*" if isinstance(part, Placeholder) else re.escape(part) for part in parts), re.DOTALL)
