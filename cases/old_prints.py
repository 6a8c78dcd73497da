"""Attentions and claims of a version that did not say by what they are found get their prints, some at a time."""

from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select, update

from cases.drafts import as_draft, opened_contact
from cases.prints import prints_of
from cases.tables import attention, claim
from core.privacy import Vault


def fill(tx: Connection, vault: Vault, most: int) -> int:
    """At most ``most`` of each; how many. A second run finds none but what an older version wrote meanwhile."""
    bare = select(attention).where(attention.c.prints.is_(None)).order_by(attention.c.id).limit(most)
    rows = tx.execute(bare.with_for_update(skip_locked=True)).all()
    for row in rows:
        prints = prints_of(vault, ZoneInfo(row.zone), *opened_contact(vault, row), as_draft(vault, row).typed)
        tx.execute(update(attention).where(attention.c.id == row.id).values(prints=prints))
    unknown = select(claim.c.id, claim.c.phone_sealed).where(claim.c.phone_print.is_(None)).limit(most)
    claims = tx.execute(unknown.with_for_update(skip_locked=True)).all()
    for each in claims:
        phone_print = vault.fingerprint("phone", vault.open(each.phone_sealed))
        tx.execute(update(claim).where(claim.c.id == each.id).values(phone_print=phone_print))
    return len(rows) + len(claims)
