"""An order that an operator opened while they had a call comes from the consultation that the call leaves, whichever of
the two is kept first (R29, R46)."""

from datetime import datetime

from sqlalchemy import Connection, update

from cases.attentions import conversation
from cases.catalogue.order_kinds import OrderKind
from cases.events import EventKind, note
from cases.orders import theft
from cases.tables import work_order
from core import audit
from core.privacy import Vault


def take_in(tx: Connection, vault: Vault, now: datetime, room_id: int, operator: str) -> list[int]:
    """The orders of this operator, since the call began and for its person, that came from no consultation as yet: they
    do from its case, where it has left one. Their numbers."""
    conversation.held(tx, room_id)
    case = conversation.case_of(tx, room_id, locked=True)
    if case is None or case.document_print is None:
        return []
    of_the_call = (
        work_order.c.document_print == case.document_print,
        work_order.c.case_id.is_(None),
        work_order.c.opened_by == operator,
        work_order.c.opened_at >= conversation.began(room_id),
    )
    taken = update(work_order).where(*of_the_call).values(case_id=case.id)
    rows = tx.execute(taken.returning(work_order.c.id, work_order.c.kind)).all()
    for row in rows:
        if row.kind == OrderKind.PIN_SUSTRACCION and case.subject in theft.ASKED_IN:
            theft.is_claimed(tx, vault, now, case, operator, row.id)
        else:
            text = f"En la llamada se abrió la orden {row.id}: {OrderKind(row.kind).label.lower()}."
            note(tx, vault, now, operator, EventKind.ADDED, case_id=case.id, text=text, order=row.id)
        audit.record(tx, now, operator, "order.of_case", "order", row.id, case=case.id)
    return [row.id for row in rows]
