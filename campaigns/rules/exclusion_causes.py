"""Why somebody is not to be called, as a person wrote it: sealed. Beside it in the clear for as long as the version
before may read it; the next one writes it sealed alone (docs/migrations.md)."""

from sqlalchemy import Row, bindparam, select, update

from campaigns.tables import exclusion
from core.database import Database
from core.person import ERASED
from core.privacy import Vault

AT_ONCE = 1000
LONGEST = 300


def written(vault: Vault, cause: str) -> dict[str, object]:
    """The columns of a row whose cause somebody wrote."""
    told = cause.strip()[:LONGEST]
    return {"cause": told, "cause_sealed": vault.seal(told)}


def cause_of(vault: Vault, row: Row) -> str:
    """Of a row of ``exclusion``; what a line says by itself was never sealed."""
    return row.cause if row.cause_sealed is None else vault.open(row.cause_sealed)


def seal_causes(db: Database, vault: Vault) -> int:
    """Seals what stands in the clear alone, a part a transaction; how many. A second run finds none."""
    count, last = 0, 0
    while True:
        with db.begin() as tx:
            bare = (exclusion.c.cause_sealed.is_(None), exclusion.c.added_by != "ivr", exclusion.c.cause != ERASED)
            query = select(exclusion.c.id, exclusion.c.cause).where(*bare, exclusion.c.id > last)
            rows = tx.execute(query.order_by(exclusion.c.id).limit(AT_ONCE).with_for_update()).all()
            if not rows:
                return count
            this = update(exclusion).where(exclusion.c.id == bindparam("which"))
            sealed = [{"which": row.id, "sealed": vault.seal(row.cause)} for row in rows]
            tx.execute(this.values(cause_sealed=bindparam("sealed")), sealed)
        count, last = count + len(rows), rows[-1].id
