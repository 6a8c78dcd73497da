"""What the padrón is to have of somebody, as their document has it: a date of birth, a name, or both (R18, type 11)."""

import unicodedata
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sqlalchemy import Row

from core.privacy import Vault

LONGEST_NAME = 120  #: in characters
_EARLIEST = date(1900, 1, 1)
_BETWEEN_LETTERS = frozenset(" '-")


class Datum(StrEnum):
    """What of a person is put right."""

    BIRTH_DATE = "BIRTH_DATE"
    NAME = "NAME"
    BOTH = "BOTH"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Datum.BIRTH_DATE: "Fecha de nacimiento",
    Datum.NAME: "Nombre",
    Datum.BOTH: "Fecha de nacimiento y nombre",
}


@dataclass(frozen=True)
class Proposed:
    """Nothing, where what is wrong is something else: the PIN, no history."""

    birth_date: date | None = field(default=None, repr=False)
    name: str = field(default="", repr=False)  #: as ``tidied`` writes it

    def __bool__(self) -> bool:
        return self.datum is not None

    @property
    def datum(self) -> Datum | None:
        if self.name:
            return Datum.NAME if self.birth_date is None else Datum.BOTH
        return None if self.birth_date is None else Datum.BIRTH_DATE

    @property
    def words(self) -> str:
        """In one line."""
        born = f"{self.birth_date:%d/%m/%Y}" if self.birth_date is not None else ""
        return ", ".join(each for each in (born, self.name) if each)

    def adds_nothing_to(self, other: "Proposed") -> bool:
        """Small letters for capitals are no other name."""
        is_same_name = self.name.casefold() in ("", other.name.casefold())
        return is_same_name and self.birth_date in (None, other.birth_date)


def opened(vault: Vault, row: Row) -> Proposed:
    """Of a row of ``correction``."""
    born, name = row.proposed_sealed, row.proposed_name_sealed
    return Proposed(
        date.fromisoformat(vault.open(born)) if born is not None else None,
        vault.open(name) if name is not None else "",
    )


def tidied(name: str) -> str:
    """A name as somebody typed it, its letters and the space between them written in one way."""
    return " ".join(unicodedata.normalize("NFC", name).replace("’", "'").split())


def wrong_with_date(born: date, today: date) -> str | None:
    """A sentence in Spanish; None: nothing is."""
    if born > today:
        return "Esa fecha no ha llegado todavía. Escriba la de nacimiento como está en el documento."
    if born < _EARLIEST:
        return "Esa fecha es de antes de 1900. Escriba la de nacimiento como está en el documento."
    return None


def wrong_with_name(name: str) -> str | None:
    """A sentence in Spanish; None: nothing is. ``name``: as ``tidied`` writes it."""
    if not all(each.isalpha() or each in _BETWEEN_LETTERS for each in name):
        return "Escriba el nombre solo con letras, espacios, apóstrofo o guion: sin números ni otros signos."
    if len(name) > LONGEST_NAME:
        return f"El nombre no puede tener más de {LONGEST_NAME} letras."
    of_letters = all(any(each.isalpha() for each in word) for word in name.split())
    if not of_letters or len({each for each in name.casefold() if each.isalpha()}) < 2:
        return "Escriba el nombre completo, como está en el documento."
    return None
