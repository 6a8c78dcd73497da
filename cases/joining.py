"""One matter of one person in two open cases: one is joined to the other, which says so (R50)."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select

from cases.consultations.consultations import IS_PENDING, PendingCase, as_pending, close_case, seen_by
from cases.corrections.corrections import KIND_OF
from cases.events import EventKind, note
from cases.tables import case_
from core.privacy import Vault
from core.roles import Role

_MOST = 5


def open_besides(
    tx: Connection,
    vault: Vault,
    case_id: int,
    *,
    roles: Collection[Role] | None = None,
    hidden_lines: Collection[str] = (),
) -> list[PendingCase]:
    """Other cases of the same document and line that wait for the same, oldest first. A telephone may be a family's: by
    it alone nobody is taken for the same. ``roles``, ``hidden_lines``: as in ``consultations.one_case``."""
    known = select(case_.c.document_print, case_.c.subject, case_.c.line).where(case_.c.id == case_id)
    row = tx.execute(known).first()
    if row is None or row.document_print is None:
        return []
    alike = (case_.c.document_print == row.document_print, case_.c.line == row.line, IS_PENDING)
    others = seen_by(roles, hidden_lines).where(*alike, case_.c.subject.in_(_same_as(row.subject)))
    rows = tx.execute(others.where(case_.c.id != case_id).order_by(case_.c.id).limit(_MOST))
    return [as_pending(vault, each) for each in rows]


def join(tx: Connection, vault: Vault, now: datetime, case_id: int, other_id: int, actor: str) -> bool:
    """The other is closed because it goes on in this one; each says so in its history. False where it was closed
    already. Raises NoSuchCase. That they are alike is for the caller to see (``open_besides``)."""
    if not close_case(tx, vault, now, other_id, actor, f"Se sigue en el caso {case_id}, de la misma persona."):
        return False
    note(tx, vault, now, actor, EventKind.ADDED, case_id=case_id, text=f"Se le unió el caso {other_id}.")
    return True


def _same_as(subject: str) -> list[str]:
    """What leads to the same correction is the same, whoever wrote it down: the line or an operator."""
    kind = KIND_OF.get(subject)
    return [subject] if kind is None else [code for code, each in KIND_OF.items() if each is kind]
