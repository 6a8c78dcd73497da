"""Whom an upload has named already: documents, identifiers and telephones, each with its first row (E08)."""

from collections.abc import Mapping
from typing import Protocol, TypeVar

from core.documents import Document, DocumentType

Key = TypeVar("Key", str, int)


class Repeats(Protocol):
    """Where a person, an identifier or a telephone of a row stood before. The rows are asked for in their order."""

    def id_before(self, id_registro: str, row: int) -> int | None:
        """The earlier row with this identifier, if any."""

    def person_before(self, document: Document, row: int) -> int | None:
        """The earlier row with this document, if any. A DUI and a passport of the same digits are two people."""

    def phone_before(self, e164: str, row: int) -> int | None:
        """The earlier row with this telephone, if any; the same row does not count."""


class Seen:
    """Remembers first rows. Telephones are kept as numbers: a long list of them must fit."""

    def __init__(self) -> None:
        self._people: dict[str, int] = {}
        self._phones: dict[int, int] = {}
        self._ids: dict[str, int] = {}

    def id_before(self, id_registro: str, row: int) -> int | None:
        return _before(self._ids, id_registro, row) if id_registro else None

    def person_before(self, document: Document, row: int) -> int | None:
        return _before(self._people, person_key(document.kind, document.number), row)

    def phone_before(self, e164: str, row: int) -> int | None:
        return _before(self._phones, int(e164), row)


class Unseen:
    """Knows of no earlier row, and notes what each row names: its rows are compared later, in the database."""

    def __init__(self) -> None:
        self.id = ""
        self.person = ""
        self.phones: list[str] = []

    def forget(self) -> None:
        """Before each row."""
        self.id = self.person = ""
        self.phones = []

    def id_before(self, id_registro: str, row: int) -> int | None:
        self.id = id_registro
        return None

    def person_before(self, document: Document, row: int) -> int | None:
        self.person = person_key(document.kind, document.number)
        return None

    def phone_before(self, e164: str, row: int) -> int | None:
        self.phones.append(e164)
        return None


class Found:
    """What the database found out about one row: the earlier row of its identifier, of its person, of its telephones
    (by their place among those that can be dialled)."""

    def __init__(self, id_row: int | None, person_row: int | None, phone_rows: Mapping[int, int]) -> None:
        self._id_row, self._person_row, self._phone_rows = id_row, person_row, phone_rows
        self._asked = 0

    def id_before(self, id_registro: str, row: int) -> int | None:
        return self._id_row

    def person_before(self, document: Document, row: int) -> int | None:
        return self._person_row

    def phone_before(self, e164: str, row: int) -> int | None:
        self._asked += 1
        return self._phone_rows.get(self._asked - 1)


def person_key(kind: DocumentType, number: str) -> str:
    """Who a person is within an upload."""
    return f"{kind}{number}"


def _before(rows: dict[Key, int], key: Key, row: int) -> int | None:
    first = rows.setdefault(key, row)
    return first if first != row else None
