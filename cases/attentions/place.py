"""Where the emergency of a call is, as its own page has it: it goes into the case by itself, whoever writes it (R76,
R78)."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select, update

from cases.attentions import conversation
from cases.attentions.drafts import Draft
from cases.events import EventKind, note
from cases.tables import attention
from cases.typed import opened, sealed
from core import audit
from core.privacy import Vault


def tell_place(tx: Connection, vault: Vault, now: datetime, room_id: int, actor: str, place: str) -> None:
    """Puts it into the drafts of the call, and into the history of its case where somebody saved that already; not into
    that of whoever stays anonymous, who would be found by it (R81)."""
    conversation.held(tx, room_id)
    unsaved = (conversation.of_room(room_id), attention.c.saved_at.is_(None), attention.c.moved_at.is_(None))
    for row in tx.execute(select(attention).where(*unsaved).order_by(attention.c.id).with_for_update()).all():
        typed = replace(opened(vault, row.typed_sealed), place=place)
        mine = update(attention).where(attention.c.id == row.id)
        tx.execute(mine.values(typed_sealed=sealed(vault, typed), version=attention.c.version + 1))
    known = conversation.case_of(tx, room_id)
    if known is not None and not known.is_anonymous:
        note(tx, vault, now, actor, EventKind.ADDED, case_id=known.id, text=_told(place))
        audit.record(tx, now, actor, "case.added_to", "case", known.id)


def with_place(draft: Draft, detail: str) -> str:
    """The detail of the case, with where they are."""
    if not draft.typed.place or draft.is_anonymous:
        return detail
    return f"{detail}\n\n{_told(draft.typed.place)}"


def _told(place: str) -> str:
    return f"Lugar de la emergencia: {place}"
