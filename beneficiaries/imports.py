"""Bringing a padrón into our own tables: one COPY, one upsert, and not one PIN touched."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, LargeBinary, MetaData, Table, Text, column, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.schema import Column

from beneficiaries.padron import Person, read_padron
from beneficiaries.tables import beneficiary
from core import audit
from core.database import Moment
from core.privacy import Vault

_ZONE = ZoneInfo("America/El_Salvador")

_incoming = Table(
    "incoming_beneficiary",
    MetaData(),  # temporary: no business of the migrations
    Column("document_print", LargeBinary),
    Column("document_sealed", LargeBinary),
    Column("name_sealed", LargeBinary),
    Column("birth_date_sealed", LargeBinary),
    Column("standing", Text),
    Column("phone_sealed", LargeBinary),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)
_COPY = f"COPY {_incoming.name} ({', '.join(_incoming.c.keys())}) FROM STDIN (FORMAT BINARY)"
_TYPES = ["text" if isinstance(each.type, Text) else "bytea" for each in _incoming.c]


class Rejection(NamedTuple):
    """A row that was left out. ``row`` as a spreadsheet counts it, the heading being 1."""

    row: int
    sentence: str


@dataclass(frozen=True)
class ImportReport:
    """What came of a padrón. A row that was rejected changed nothing: who was there before is as before."""

    inserted: int
    updated: int
    rejected: list[Rejection]
    completed: int  #: documents whose leading zeros, lost in a spreadsheet, were put back


def import_padron(tx: Connection, vault: Vault, now: datetime, data: bytes, actor: str) -> ImportReport:
    """Inserts and updates, keyed by document. ``data``: the CSV of ``padron.read_padron``.

    Raises Unreadable; the transaction must then be rolled back.
    """
    _incoming.create(tx)
    rejected: list[Rejection] = []
    completed = 0
    cursor = tx.connection.driver_connection.cursor()  # type: ignore[union-attr]
    with cursor.copy(_COPY) as copy:
        copy.set_types(_TYPES)
        for row, found in read_padron(data, now.astimezone(_ZONE).date()):
            if isinstance(found, str):
                rejected.append(Rejection(row, found))
                continue
            completed += found.was_completed
            copy.write_row(_sealed(vault, found))
    inserted, updated = _upsert(tx, now)
    _incoming.drop(tx)
    audit.record(
        tx,
        now,
        actor,
        "beneficiaries.imported",
        "file",
        hashlib.sha256(data).hexdigest(),
        inserted=inserted,
        updated=updated,
        rejected=len(rejected),
    )
    return ImportReport(inserted, updated, rejected, completed)


def _sealed(vault: Vault, person: Person) -> tuple[bytes | str | None, ...]:
    return (
        vault.fingerprint("document", person.document),
        vault.seal(person.document),
        vault.seal(person.name),
        vault.seal(person.birth_date.isoformat()),
        person.standing.value,
        vault.seal(person.phone) if person.phone else None,
    )


def _upsert(tx: Connection, now: datetime) -> tuple[int, int]:
    """How many were new, and how many were there. Rows are taken in one order, so that two imports cannot deadlock."""
    names = _incoming.c.keys()
    at = literal(now, Moment)
    ordered = select(*_incoming.c, at, at).order_by(_incoming.c.document_print)
    upsert = insert(beneficiary).from_select([*names, "created_at", "updated_at"], ordered)
    news = {name: upsert.excluded[name] for name in [*names, "updated_at"]}
    # xmax is 0 in a row version that replaces none: PostgreSQL's way to tell an insert from an update.
    was_new = (column("xmax", is_literal=True).op("=")(0)).label("was_new")
    done = upsert.on_conflict_do_update(index_elements=["document_print"], set_=news).returning(was_new).cte("done")
    count = select(func.count().filter(done.c.was_new), func.count().filter(~done.c.was_new))
    inserted, updated = tx.execute(count).one()
    return inserted, updated
