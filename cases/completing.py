"""A case that another person of the same call left already: added to, and completed by whoever had the call last."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from cases import handovers, tasks
from cases.consultations import CaseState, close_case, open_again
from cases.drafts import Draft
from cases.events import EventKind, note
from cases.saved import Saved
from cases.tables import case_
from cases.together import Keep
from core import audit
from core.privacy import Vault

#: What the last person of the call says anew. Who opened it, when, and until when it waits stay.
_SAID_ANEW = frozenset(
    {
        *("subject", "caller_kind", "is_anonymous", "document_print", "document_sealed", "phone_print", "phone_sealed"),
        *("contact_name_sealed", "detail_sealed", "once", "script"),
    }
)


def add_to(
    tx: Connection,
    vault: Vault,
    now: datetime,
    known: Row,
    draft: Draft,
    values: dict[str, Any],
    detail: str,
    keep: Keep | None = None,
) -> Saved:
    """Keeps what this person wrote in the history of the case ``known``; the last of the call says how it stands,
    unless they chose otherwise with what the colleague saved before them (``keep``).

    ``values``: the columns of ``case_`` as a case of this draft's own would have them.
    """
    assert draft.operator and draft.outcome, "checks.py saw to it"
    is_last = handovers.is_last(tx, draft) if keep is None else keep is Keep.MINE
    kind = EventKind.COMPLETED if is_last else EventKind.WROTE
    facts: dict[str, Any] = {"topic": draft.subject, "outcome": draft.outcome}
    note(tx, vault, now, draft.operator, kind, case_id=known.id, text=detail, **facts)
    action = "case.completed" if is_last else "case.added_to"
    audit.record(tx, now, draft.operator, action, "case", known.id, **facts)
    if not is_last:
        return Saved(known.id, CaseState(known.state))
    changed = {name: value for name, value in values.items() if name in _SAID_ANEW}
    if _is_another_of_the_day(tx, known, values):
        for name in ("subject", "document_print", "document_sealed", "once"):
            del changed[name]  # that one is there already, and stays a case of its own
    tx.execute(update(case_).where(case_.c.id == known.id).values(**changed))
    if "subject" in changed:
        tasks.land_with(tx, known.id, changed["subject"])
    if draft.outcome is CaseState.CERRADO:
        close_case(tx, vault, now, known.id, draft.operator, detail)
    if draft.outcome is CaseState.PENDIENTE:
        open_again(tx, vault, now, known.id, draft.operator)
    return Saved(known.id, draft.outcome)


def _is_another_of_the_day(tx: Connection, known: Row, values: dict[str, Any]) -> bool:
    if values["once"] is None:
        return False
    same = (case_.c.subject == values["subject"]) & (case_.c.document_print == values["document_print"])
    that_day = or_(case_.c.once == values["once"], same & (case_.c.opened_on == known.opened_on))
    return tx.execute(select(case_.c.id).where(that_day, case_.c.id != known.id).limit(1)).first() is not None
