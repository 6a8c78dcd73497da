"""The case that the line itself left of a call before a person had it (R38): whoever attends the same call takes it
up, so that one call leaves one case (R17)."""

from sqlalchemy import Connection, Row, select

from cases.attentions import conversation
from cases.attentions.drafts import Draft
from cases.catalogue.catalogue import Subject, subject_named
from cases.tables import attention, case_

BY_LINE = "ivr"  #: who opened it


def of_call(tx: Connection, call_sid: str | None, line: str, *, locked: bool = False) -> Row | None:
    """The last one that the line left of this call. ``locked``: to the end of the transaction."""
    if call_sid is None:
        return None
    left = (case_.c.call_sid == call_sid, case_.c.line == line, case_.c.opened_by == BY_LINE)
    found = select(case_).where(*left).order_by(case_.c.id.desc()).limit(1)
    return tx.execute(found.with_for_update() if locked else found).first()


def left_by_line(tx: Connection, draft: Draft) -> Subject | None:
    """What the case is about that this draft completes once it is saved; None: there is none, or a person of the call
    has saved."""
    if draft.saved_at or draft.moved_at or conversation.case_of(tx, draft.room_id) is not None:
        return None
    call_sid = tx.execute(select(attention.c.call_sid).where(attention.c.id == draft.id)).scalar()
    row = of_call(tx, call_sid, draft.line)
    return subject_named(row.subject) if row is not None else None
