"""By what an attention is found when a person asks what is kept of them: a fingerprint of every document and telephone
in it, whoever's they are."""

from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select, update

from cases.tables import attention, claim
from cases.typed import Typed, document_in, members, opened, opened_contact, phone_in
from core.privacy import Vault


def prints_of(vault: Vault, zone: ZoneInfo, phone: str | None, document: str | None, typed: Typed) -> list[bytes]:
    """Of what the call told and of what was typed, each once. What was typed and cannot be read as a document or a
    telephone has none."""
    phones = (phone, phone_in(typed.phone, zone))
    documents = (document, document_in(typed.document, zone), *(document_in(each, zone) for each in members(typed)))
    found = [
        *vault.fingerprint_each("phone", filter(None, phones)),
        *vault.fingerprint_each("document", filter(None, documents)),
    ]
    return list(dict.fromkeys(found))


def fill(tx: Connection, vault: Vault, most: int) -> int:
    """Attentions and claims of a version that did not say by what they are found get their prints: at most ``most`` of
    each; how many. A second run finds none but what an older version wrote meanwhile."""
    bare = select(attention).where(attention.c.prints.is_(None)).order_by(attention.c.id).limit(most)
    rows = tx.execute(bare.with_for_update(skip_locked=True)).all()
    for row in rows:
        prints = prints_of(vault, ZoneInfo(row.zone), *opened_contact(vault, row), opened(vault, row.typed_sealed))
        tx.execute(update(attention).where(attention.c.id == row.id).values(prints=prints))
    unknown = select(claim.c.id, claim.c.phone_sealed).where(claim.c.phone_print.is_(None)).limit(most)
    claims = tx.execute(unknown.with_for_update(skip_locked=True)).all()
    for each in claims:
        phone_print = vault.fingerprint("phone", vault.open(each.phone_sealed))
        tx.execute(update(claim).where(claim.c.id == each.id).values(phone_print=phone_print))
    return len(rows) + len(claims)
