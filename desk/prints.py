"""By what a conversation and a promise are found when a person asks what is kept of them, and a message too; of those
that a version before this one left without, some at a time."""

import json
from typing import Any

from sqlalchemy import Connection, Table, select, update

from core.privacy import Vault
from desk.tables import promise, room, voice_message

_LEARNT: tuple[Table, ...] = (room, promise)


def document_print(vault: Vault, learnt: dict[str, Any]) -> bytes:
    """Of the document that a call told; empty where it told none, so that nobody opens it again to see."""
    return vault.fingerprint("document", learnt["document"]) if learnt.get("document") else b""


def fill(tx: Connection, vault: Vault, most: int) -> int:
    """At most ``most`` of each; how many. A second run finds none but what an older version wrote meanwhile."""
    count = 0
    for table in _LEARNT:
        bare = (table.c.learnt_sealed.is_not(None), table.c.document_print.is_(None))
        found = select(table.c.id, table.c.learnt_sealed).where(*bare).order_by(table.c.id).limit(most)
        for row in tx.execute(found.with_for_update(skip_locked=True)).all():
            told = document_print(vault, json.loads(vault.open(row.learnt_sealed)))
            tx.execute(update(table).where(table.c.id == row.id).values(document_print=told))
            count += 1
    unknown = (voice_message.c.phone_sealed.is_not(None), voice_message.c.phone_print.is_(None))
    left = select(voice_message.c.id, voice_message.c.phone_sealed).where(*unknown).limit(most)
    for row in tx.execute(left.with_for_update(skip_locked=True)).all():
        told = vault.fingerprint("phone", vault.open(row.phone_sealed))
        tx.execute(update(voice_message).where(voice_message.c.id == row.id).values(phone_print=told))
        count += 1
    return count
