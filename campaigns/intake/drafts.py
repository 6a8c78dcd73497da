"""Files that wait for somebody to say which of their columns is which; forgotten the night after a day."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, delete, insert, select

from campaigns.intake.tables import mapping_draft
from core import files
from core.privacy import Vault

KEPT = timedelta(days=1)


def hold(
    tx: Connection, vault: Vault, now: datetime, actor: str, filename: str, data: bytes, replaces: int | None
) -> int:
    """Keeps a file, encrypted; the draft's id. ``replaces``: the returned campaign that it corrects."""
    file_id = files.keep(tx, vault, now, actor, filename, data)
    draft = {"file_id": file_id, "filename": filename, "replaces": replaces, "at": now, "by": actor}
    return tx.execute(insert(mapping_draft).values(**draft).returning(mapping_draft.c.id)).scalar_one()


def held(tx: Connection, draft_id: int, actor: str) -> Row | None:
    """The draft, for whoever brought it and nobody else."""
    mine = (mapping_draft.c.id == draft_id, mapping_draft.c.by == actor)
    return tx.execute(select(mapping_draft).where(*mine)).first()


def remove(tx: Connection, draft_id: int) -> bool:
    """Its end, with its file. False where somebody else ended it: of two at once, one waits for the other."""
    gone = delete(mapping_draft).where(mapping_draft.c.id == draft_id).returning(mapping_draft.c.file_id)
    file_id = tx.execute(gone).scalar()
    if file_id is None:
        return False
    files.remove(tx, file_id)
    return True


def forget(tx: Connection, before: datetime) -> int:
    """Removes those that nobody said anything of since then; how many."""
    old = tx.execute(select(mapping_draft.c.id).where(mapping_draft.c.at <= before)).scalars().all()
    return sum(remove(tx, draft_id) for draft_id in old)
