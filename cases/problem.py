"""What is wrong with something that a person wrote, and beside which field to say it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """``field``: its name in the form; ``sentence``: Spanish, says what to do, and never repeats what was written."""

    field: str
    sentence: str
