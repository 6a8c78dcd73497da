"""Scenarios of several people on one call, as text.

    == Rosa asks Luz, and leaves the call to her
    GIVEN    operator Rosa available
    GIVEN    operator Luz available
    CITIZEN  dials dgs
    CITIZEN  presses 0
    ROSA     answers
    ROSA     consults Luz
    CITIZEN  hears desk.on_hold
    …

One step a line: who, and what they do or what happens to them (``tests/desk/acting.py`` has every verb). A step waits
for what it needs, a few seconds at most. ``hears`` takes a key of the catalogue, or «words».
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Scenario:
    title: str
    steps: list[tuple[int, str, str]] = field(default_factory=list)  #: line of the file, who, what

    def __str__(self) -> str:
        return self.title


def scenarios(folder: Path) -> Iterator[Scenario]:
    """Every scenario of every file."""
    for path in sorted(folder.glob("*.txt")):
        current: Scenario | None = None
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            text = line if line.startswith("==") else line.partition("#")[0].rstrip()
            if text.startswith("=="):
                if current:
                    yield current
                current = Scenario(f"{path.stem}: {text[2:].strip()}")
            elif text and current:
                who, _, what = text.partition(" ")
                current.steps.append((number, who, what.strip()))
        if current:
            yield current
