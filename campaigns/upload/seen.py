"""Whom an upload has named already: documents, identifiers and telephones, each with its first row."""

from typing import TypeVar

from core.documents import Document

Key = TypeVar("Key", str, int)


class Seen:
    """Remembers first rows. Telephones are kept as numbers: a million of them must fit."""

    def __init__(self) -> None:
        self._people: dict[str, int] = {}
        self._phones: dict[int, int] = {}
        self._ids: dict[str, int] = {}

    def id_before(self, id_registro: str, row: int) -> int | None:
        """The earlier row with this identifier, if any."""
        return _before(self._ids, id_registro, row) if id_registro else None

    def person_before(self, document: Document, row: int) -> int | None:
        """The earlier row with this document, if any. A DUI and a passport of the same digits are two people."""
        return _before(self._people, f"{document.kind}{document.number}", row)

    def phone_before(self, e164: str, row: int) -> int | None:
        """The earlier row with this telephone, if any; the same row does not count."""
        return _before(self._phones, int(e164), row)


def _before(rows: dict[Key, int], key: Key, row: int) -> int | None:
    first = rows.setdefault(key, row)
    return first if first != row else None
