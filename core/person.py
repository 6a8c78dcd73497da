"""A person who asks what is kept of them, or to have it erased: how each room answers (its ``person.py``).

Each of those modules is a ``Room``: what it keeps of a person, what stands in the way of erasing it, erasing it.
Together they name every sealed column that there is, as held or as nobody's.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, func, literal, or_

from core.privacy import Vault, mask_document, mask_phone

#: In place of words that had to be something.
ERASED = "Se borró porque su titular lo pidió."
LAPSED = "Se borró porque venció el plazo en que se guarda."
BY_TERM = "system"  #: who erases what nobody asked to have erased
_NO_DOCUMENT = b""


@dataclass(frozen=True)
class Person:
    """Who asks. A telephone is theirs because the institution saw that it is, never because it is written beside them:
    several people of one house share one."""

    documents: frozenset[str] = field(repr=False)  #: letters and digits
    phones: frozenset[str] = field(repr=False)  #: E.164
    document_prints: tuple[bytes, ...] = field(repr=False)
    phone_prints: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def known_by(cls, vault: Vault, documents: Iterable[str], phones: Iterable[str] = ()) -> "Person":
        numbers, telephones = frozenset(documents), frozenset(phones)
        prints = (
            vault.fingerprint_each("document", sorted(numbers)),
            vault.fingerprint_each("phone", sorted(telephones)),
        )
        return cls(numbers, telephones, tuple(prints[0]), tuple(prints[1]))

    @property
    def prints(self) -> tuple[bytes, ...]:
        return (*self.document_prints, *self.phone_prints)

    def owns(self, document: ColumnElement, phone: ColumnElement) -> ColumnElement[bool]:
        """Whether a row is theirs, by its columns of prints: it has their document, or none and their telephone."""
        has_none = func.coalesce(document, literal(_NO_DOCUMENT)) == _NO_DOCUMENT
        return or_(document.in_(self.document_prints), has_none & phone.in_(self.phone_prints))

    def is_anothers(self, document: ColumnElement) -> ColumnElement[bool]:
        """Whether a row has a document, and not theirs."""
        return func.coalesce(document, literal(_NO_DOCUMENT)).not_in((_NO_DOCUMENT, *self.document_prints))

    def document(self, number: str | None) -> str:
        """Theirs whole, another's masked: what is handed over says nothing of anybody else."""
        return "" if not number else number if number in self.documents else mask_document(number)

    def phone(self, e164: str | None) -> str:
        return "" if not e164 else e164 if e164 in self.phones else mask_phone(e164)


@dataclass(frozen=True)
class Kept:
    """One thing that is kept of them, as they may read it."""

    what: str  #: in Spanish: Consulta, Llamada…
    where: str  #: table and number, for whoever answers for it
    since: datetime
    told: Mapping[str, str] = field(repr=False)  #: what it says, by its Spanish name; nothing for what is empty
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)  #: by their names


@dataclass(frozen=True)
class Forgotten:
    """What became of one kind of thing. ``stays``: how many are kept in spite of it, and ``because``: a sentence."""

    what: str
    erased: int
    stays: int = 0
    because: str = ""


class Room(Protocol):
    """What each ``person.py`` has."""

    @property
    def HOLDS(self) -> frozenset[str]:
        """The sealed columns that it answers for, ``table.column``."""

    @property
    def NOBODYS(self) -> Mapping[str, str]:
        """Those that are no citizen's, and whose or what they are."""

    def kept_of(self, tx: Connection, vault: Vault, who: Person) -> Iterator[Kept]:
        """All that is kept of them, opened for themselves."""

    def holding(self, tx: Connection, vault: Vault, who: Person) -> Iterator[str]:
        """What has to end before anything of them is erased, a sentence each: a call, a task, a campaign."""

    def forget(self, tx: Connection, vault: Vault, now: datetime, who: Person, by: str) -> Iterator[Forgotten]:
        """Erases it; a second time there is nothing. ``by``: who does it."""


def opened(vault: Vault, sealed: bytes | None) -> str:
    """What was sealed; empty where nothing is."""
    return vault.open(sealed) if sealed else ""


def erased_words(by: str | None) -> str:
    """Why they are gone, by who erased them."""
    return LAPSED if by == BY_TERM else ERASED


def plain(code: str | None) -> str:
    """A code as people read it: ``CAMBIO_SIN_CONSENTIMIENTO`` → «Cambio sin consentimiento»."""
    return (code or "").replace("_", " ").strip().capitalize()


def told(said: Mapping[str, str | None]) -> dict[str, str]:
    """What a thing says, without what is empty."""
    return {name: value for name, value in said.items() if value}
