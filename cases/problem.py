"""What is wrong with something that a person wrote, and beside which field to say it."""

from dataclasses import dataclass


class TextMissing(Exception):
    """Hay que escribir un detalle claro y específico."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


@dataclass(frozen=True)
class Problem:
    """``field``: its name in the form; ``sentence``: Spanish, says what to do, and never repeats what was written."""

    field: str
    sentence: str
