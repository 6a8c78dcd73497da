"""A call that went from one person to another leaves one case: the second completes what the first began (R17, R34).

Each keeps an attention of their own, so that who wrote what stays known; the case is told by whoever had the call last,
whoever opened theirs first. What an operator answers for themselves, a conflict of interest and a gift (R12, R13), is
never handed over, nor taken as answered by anybody else.
"""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select, update

from cases.attentions import conversation, gifts
from cases.attentions.drafts import Draft, as_draft
from cases.events import EventKind, note
from cases.prints import prints_of
from cases.tables import attention, case_
from cases.typed import Typed, opened_contact, sealed
from core import audit
from core.privacy import Vault

_OF_THEIR_OWN = {each.name for each in fields(Typed) if each.name.startswith("gift_")}
_SAME = ("subject", "caller_kind", "is_anonymous")
_TURN = conversation.turn(attention)
#: Since the last word: until then somebody may be in the midst of a sentence. A page sends them as they are typed.
STILL_TYPING = timedelta(minutes=3)


def begin(tx: Connection, vault: Vault, now: datetime, draft_id: int) -> None:
    """A draft just opened begins with what whoever had the call before has written."""
    row = tx.execute(select(attention).where(attention.c.id == draft_id)).one()
    before = tx.execute(select(attention).where(*conversation.before(row)).order_by(_TURN.desc()).limit(1)).first()
    if before is None:
        return
    mine = not_of_their_own(as_draft(vault, before).typed)
    same = {name: getattr(before, name) for name in _SAME}
    same["prints"] = prints_of(vault, ZoneInfo(row.zone), *opened_contact(vault, row), mine)
    tx.execute(update(attention).where(attention.c.id == draft_id).values(**same, typed_sealed=sealed(vault, mine)))
    note(tx, vault, now, row.operator, EventKind.HANDED_OVER, attention_id=draft_id)
    audit.record(tx, now, row.operator, "attention.handed_over", "attention", draft_id, begun_as=before.id)


def not_of_their_own(typed: Typed) -> Typed:
    """What was typed, without what each answers for themselves (R13)."""
    return replace(typed, **{name: getattr(Typed(), name) for name in _OF_THEIR_OWN})


def begun_by(tx: Connection, draft: Draft) -> list[str]:
    """Whose words this draft began with, who had the call before it was opened, first to last: their e-mails."""
    others = conversation.is_somebodys(draft.operator)
    earlier = (conversation.of_room(draft.room_id), attention.c.id < draft.id, *others)
    return list(tx.execute(select(attention.c.operator).where(*earlier).order_by(attention.c.id)).scalars())


def owes_answers_alone(tx: Connection, draft: Draft) -> bool:
    """Whether somebody who had the call after has saved its case: what its operator still has to say is what nobody
    else can, a conflict of interest and a gift (R12, R13)."""
    if draft.saved_at or draft.moved_at or draft.operator is None:
        return False
    return conversation.case_of(tx, draft.room_id) is not None and not conversation.is_last(tx, draft.id)


def conclude_earlier(tx: Connection, vault: Vault, now: datetime, draft: Draft, case_id: int) -> None:
    """What those before wrote and did not save goes into the history under their own names: theirs is done too.

    Whoever still owes an answer of their own keeps their draft: a declaration never made (R12, R13), a conflict, a gift
    not described yet; and so does whoever typed in these last minutes.
    """
    row = tx.execute(select(attention).where(attention.c.id == draft.id)).one()
    for earlier in _unsaved(tx, vault, row):
        assert earlier.operator, "only somebody's own are asked for"
        given = gifts.read(earlier.typed) if earlier.is_gift_offered else None
        has_declared = earlier.has_conflict is False and earlier.is_gift_offered is not None
        is_typing = earlier.typed_at is not None and earlier.typed_at > now - STILL_TYPING
        if isinstance(given, list) or is_typing or not has_declared:
            continue
        if earlier.detail.strip():
            note(tx, vault, now, earlier.operator, EventKind.WROTE, case_id=case_id, text=earlier.detail.strip())
        if given is not None:
            day = earlier.opened_at.astimezone(earlier.zone).date()
            gifts.register(
                tx, vault, now, given, line=draft.line, offered_on=day, agent=earlier.operator, case_id=case_id
            )
        done: dict[str, Any] = {"saved_at": now, "is_concluded": True, "case_id": case_id, "outcome": draft.outcome}
        tx.execute(update(attention).where(attention.c.id == earlier.id).values(**done))
        audit.record(tx, now, draft.operator or "", "attention.completed", "attention", earlier.id, by=draft.id)


def forget(tx: Connection, vault: Vault, room_id: int, case_id: int) -> None:
    """Where the case is of somebody who stays anonymous, what anybody of this call typed of them goes (R81)."""
    if not tx.execute(select(case_.c.is_anonymous).where(case_.c.id == case_id)).scalar_one():
        return
    nothing: dict[str, Any] = {"phone_sealed": None, "document_sealed": None, "prints": []}
    nothing["typed_sealed"] = vault.seal("{}")
    saved = (conversation.of_room(room_id), attention.c.saved_at.is_not(None))
    tx.execute(update(attention).where(*saved).values(**nothing))


def _unsaved(tx: Connection, vault: Vault, row: Row) -> Iterator[Draft]:
    unsaved = select(attention).where(*conversation.before(row), attention.c.saved_at.is_(None)).order_by(_TURN)
    for each in tx.execute(unsaved.with_for_update()).all():
        yield as_draft(vault, each)
