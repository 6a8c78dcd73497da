"""Bringing a padrón into our own tables: one COPY, one upsert, and not one PIN touched."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, LargeBinary, MetaData, Table, Text, column, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.schema import Column

from beneficiaries import queries
from beneficiaries.local import written
from beneficiaries.padron import BILL, COUNTRY, REDEEMED, Person, read_padron
from beneficiaries.tables import beneficiary
from core import audit
from core.countries import COUNTRIES
from core.database import Moment
from core.privacy import Vault

_incoming = Table(
    "incoming_beneficiary",
    MetaData(),  # temporary: no business of the migrations
    Column("document_print", LargeBinary),
    Column("document_sealed", LargeBinary),
    Column("name_sealed", LargeBinary),
    Column("birth_date_sealed", LargeBinary),
    Column("standing", Text),
    Column("phone_sealed", LargeBinary),
    Column("phone_print", LargeBinary),
    Column("bill_sealed", LargeBinary),
    Column("bill_print", LargeBinary),
    Column("redemption_sealed", LargeBinary),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)
_COPY = f"COPY {_incoming.name} ({', '.join(_incoming.c.keys())}) FROM STDIN (FORMAT BINARY)"
#: Left as they are in the padrón by a file that has no such column.
_TOLD_BY = {"bill_sealed": BILL, "bill_print": BILL, "redemption_sealed": REDEEMED}
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
    unlinked: int  #: people the file does not name, whose bill it gives to somebody else


def import_padron(tx: Connection, vault: Vault, now: datetime, data: bytes, actor: str) -> ImportReport:
    """Inserts and updates, keyed by document. ``data``: the CSV of ``padron.read_padron``.

    A column that the file lacks leaves what was there; of one that it has, an empty cell empties it. A bill is taken
    from whoever had it. Raises Unreadable; the transaction must then be rolled back.
    """
    queries.wait_for_bills(tx, imports=True)
    _incoming.create(tx)
    tells: frozenset[str] = frozenset()
    rejected: list[Rejection] = []
    completed = 0
    cursor = tx.connection.driver_connection.cursor()  # type: ignore[union-attr]
    with cursor.copy(_COPY) as copy:
        copy.set_types(_TYPES)
        for row, found in read_padron(data, now.astimezone(COUNTRIES[COUNTRY].zone).date()):
            if isinstance(found, str):
                rejected.append(Rejection(row, found))
                continue
            completed += found.was_completed
            tells = found.tells
            copy.write_row(_sealed(vault, found))
    unlinked = _free_bills(tx, now)
    inserted, updated = _upsert(tx, now, tells)
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
        unlinked=unlinked,
    )
    return ImportReport(inserted, updated, rejected, completed, unlinked)


def _sealed(vault: Vault, person: Person) -> tuple[bytes | str | None, ...]:
    return (
        vault.fingerprint("document", person.document),
        vault.seal(person.document),
        vault.seal(person.name),
        vault.seal(person.birth_date.isoformat()),
        person.standing.value,
        vault.seal(person.phone) if person.phone else None,
        vault.fingerprint("phone", person.phone) if person.phone else None,
        vault.seal(person.bill) if person.bill else None,
        vault.fingerprint("bill", person.bill) if person.bill else None,
        vault.seal(written(person.redemption)) if person.redemption else None,
    )


def _free_bills(tx: Connection, now: datetime) -> int:
    """Takes the bills that are coming from whoever else is linked on them; of how many the file says nothing more."""
    is_anothers = (beneficiary.c.bill_print == _incoming.c.bill_print) & (
        beneficiary.c.document_print != _incoming.c.document_print
    )
    nothing = {"bill_sealed": None, "bill_print": None, "updated_at": now}
    freed = update(beneficiary).where(is_anothers).values(nothing).returning(beneficiary.c.document_print).cte("freed")
    is_coming = exists().where(_incoming.c.document_print == freed.c.document_print)
    return tx.execute(select(func.count()).select_from(freed).where(~is_coming)).scalar_one()


def _upsert(tx: Connection, now: datetime, tells: frozenset[str]) -> tuple[int, int]:
    """How many were new, and how many were there. Rows are taken in one order, so that two imports cannot deadlock."""
    names = [each.name for each in _incoming.c if each.name not in _TOLD_BY or _TOLD_BY[each.name] in tells]
    at = literal(now, Moment)
    ordered = select(*(_incoming.c[name] for name in names), at, at).order_by(_incoming.c.document_print)
    upsert = insert(beneficiary).from_select([*names, "created_at", "updated_at"], ordered)
    news = {name: upsert.excluded[name] for name in [*names, "updated_at"]}
    # xmax is 0 in a row version that replaces none: PostgreSQL's way to tell an insert from an update.
    was_new = (column("xmax", is_literal=True).op("=")(0)).label("was_new")
    done = upsert.on_conflict_do_update(index_elements=["document_print"], set_=news).returning(was_new).cte("done")
    count = select(func.count().filter(done.c.was_new), func.count().filter(~done.c.was_new))
    inserted, updated = tx.execute(count).one()
    return inserted, updated
