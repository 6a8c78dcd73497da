"""Where in the database something of a person can be read by whoever has the key, or found by a fingerprint."""

from collections.abc import Collection, Iterator

from sqlalchemy import Column, Connection, LargeBinary, Table, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.database import metadata
from core.person import Person
from core.privacy import CannotOpen, Vault


def sealed_columns() -> list[Column]:
    """Every column of every table whose values are sealed."""
    return [column for table in metadata.sorted_tables for column in table.c if column.name.endswith("sealed")]


def told_in(tx: Connection, vault: Vault, words: Collection[str]) -> dict[str, int]:
    """The sealed columns that say one of these words once they are opened, and how often."""
    found: dict[str, int] = {}
    for column in sealed_columns():
        for sealed in tx.execute(select(column).where(column.is_not(None))).scalars():
            if any(word in _opened(vault, sealed) for word in words):
                found[f"{column.table.name}.{column.name}"] = found.get(f"{column.table.name}.{column.name}", 0) + 1
    return found


def found_by_print(tx: Connection, who: Person) -> set[str]:
    """The columns in which one of their fingerprints is."""
    prints = set(who.prints)
    return {
        f"{table.name}.{column.name}"
        for table, column in _binary_columns()
        if any(prints & set(_values(value)) for value in tx.execute(select(column)).scalars())
    }


def _binary_columns() -> Iterator[tuple[Table, Column]]:
    for table in metadata.sorted_tables:
        for column in table.c:
            kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
            if isinstance(kind, LargeBinary) and not column.name.endswith("sealed"):
                yield table, column


def _values(value: object) -> Iterator[bytes]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, bytes | memoryview):
            yield bytes(each)


def _opened(vault: Vault, sealed: bytes) -> str:
    try:
        return vault.open_bytes(sealed).decode("utf-8", "replace")
    except CannotOpen:
        return ""
