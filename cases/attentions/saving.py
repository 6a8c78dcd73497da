"""An attention becomes its case, or goes to a colleague when its operator has a conflict of interest (R12)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, not_, select, update

from cases import tasks
from cases.attentions import completing, conversation, gifts, handovers, together
from cases.attentions.checks import problems_of
from cases.attentions.completing import Saved
from cases.attentions.drafts import Draft, NotYours, as_draft, mine
from cases.attentions.together import Keep
from cases.catalogue.catalogue import subject_named, subject_of
from cases.consultations import escalations
from cases.consultations.consultations import CaseState, add, once_a_day, open_again
from cases.events import EventKind, note
from cases.problem import Problem
from cases.tables import attention
from cases.tasks import DUE
from cases.typed import document_in, opened_contact, phone_in
from core import audit
from core.privacy import Vault
from core.roles import Role


def save(
    tx: Connection,
    vault: Vault,
    now: datetime,
    draft_id: int,
    operator: str,
    *,
    keep: Keep | None = None,
    seen: int | None = None,
) -> Saved | list[Problem]:
    """Leaves the case, its history, its gift and what is to be escalated; or says what is still missing.

    Of a call that went from one person to another there is one case: each adds to it, and the last one completes it.
    Where the case is there already, whoever had the call before need only answer for themselves (R12, R13).
    ``seen``: the last word of a colleague that this operator was shown; with it, what others saved meanwhile is told
    first, and ``keep`` says whose stands. One that was saved before gives the same answer again. Pendiente is due in
    24 hours (R73).
    Raises NoSuchDraft; NotYours, also where it went to a colleague; SavedMeanwhile, with nothing changed.
    """
    room_id = tx.execute(select(attention.c.room_id).where(attention.c.id == draft_id)).scalar()
    if room_id is not None:
        conversation.lock(tx, room_id)
    row = mine(tx, draft_id, operator)
    if row.moved_at:
        raise NotYours
    if row.saved_at:
        return Saved(row.case_id, CaseState(row.outcome))
    draft = as_draft(vault, row)
    if problems := problems_of(draft):
        if not handovers.owes_answers_alone(tx, draft):
            return problems
        return problems_of(draft, answers_alone=True) or _answer(tx, vault, now, row, draft)
    if seen is not None:
        together.check_news(tx, vault, draft, seen)
    phone, document = _contact(vault, row, draft)
    saved = _leave_case(tx, vault, now, row, draft, phone, document, keep)
    _register_gift(tx, vault, now, draft, saved.case_id)
    _escalate(tx, vault, now, draft, saved.case_id)
    if conversation.is_last(tx, draft):
        handovers.conclude_earlier(tx, vault, now, draft, saved.case_id)
    _end(tx, vault, now, row, draft, saved)
    return saved


def reassign(
    tx: Connection,
    vault: Vault,
    now: datetime,
    draft_id: int,
    operator: str,
    *,
    to_role: Role = Role.OPERADOR,
    to_queue: str | None = None,
) -> int:
    """Puts the attention in the colleagues' tray because its operator has a conflict of interest (R12).

    What was typed goes with it, but the answer about the conflict; this operator never saves it, and stays in its
    history. Returns the id of the new draft, which nobody has yet. Raises NoSuchDraft; NotYours.
    """
    row = mine(tx, draft_id, operator)
    if row.saved_at or row.moved_at:
        raise NotYours
    tx.execute(update(attention).where(attention.c.id == draft_id).values(has_conflict=True, moved_at=now))
    skipped = {"id", "operator", "has_conflict", "moved_at", "typed_at", "version"}
    same = {name: value for name, value in row._mapping.items() if name not in skipped}
    values = {**same, "to_role": to_role, "to_queue": to_queue, "from_id": draft_id}
    new = tx.execute(insert(attention).values(**values).returning(attention.c.id)).scalar_one()
    note(tx, vault, now, operator, EventKind.MOVED, attention_id=draft_id, to_role=to_role)
    audit.record(tx, now, operator, "attention.moved", "attention", draft_id, to=new, to_role=to_role)
    return new


def colleagues_drafts(
    tx: Connection, vault: Vault, operator: str, role: Role, *, hidden_lines: Collection[str] = ()
) -> list[Draft]:
    """What waits for somebody of this role to take it, oldest first; never what came from this operator."""
    waiting = (attention.c.operator.is_(None), attention.c.to_role == role, attention.c.line.not_in(hidden_lines))
    found = select(attention).where(*waiting, not_(_came_from(operator))).order_by(attention.c.id)
    return [as_draft(vault, row) for row in tx.execute(found)]


def take(tx: Connection, vault: Vault, now: datetime, draft_id: int, operator: str) -> bool:
    """Makes a colleague's draft this operator's; False where somebody was quicker or it came from them."""
    free = (attention.c.id == draft_id, attention.c.operator.is_(None), not_(_came_from(operator)))
    if not tx.execute(update(attention).where(*free).values(operator=operator)).rowcount:
        return False
    note(tx, vault, now, operator, EventKind.TAKEN, attention_id=draft_id)
    audit.record(tx, now, operator, "attention.taken", "attention", draft_id)
    return True


def _came_from(operator: str) -> Any:
    """Whether the operator had a conflict over the same conversation: they never get it back."""
    earlier = attention.alias("earlier")
    theirs = (earlier.c.operator == operator, earlier.c.moved_at.is_not(None))
    return select(earlier.c.id).where(*theirs, conversation.of_room(attention.c.room_id, earlier)).exists()


def _contact(vault: Vault, row: Row, draft: Draft) -> tuple[str | None, str | None]:
    """The telephone and the document of the case, in normal form: what was typed goes before what the call told."""
    if draft.is_anonymous:
        return None, None
    phone, document = opened_contact(vault, row)
    return phone_in(draft.typed.phone, draft.zone) or phone, document_in(draft.typed.document, draft.zone) or document


def _leave_case(
    tx: Connection,
    vault: Vault,
    now: datetime,
    row: Row,
    draft: Draft,
    phone: str | None,
    document: str | None,
    keep: Keep | None,
) -> Saved:
    assert draft.subject and draft.outcome and draft.operator  # checks.py saw to it
    is_closed, detail = draft.outcome is CaseState.CERRADO, _detail(draft)
    kind, day = subject_of(draft.subject), draft.opened_at.astimezone(draft.zone).date()
    name = draft.contact_name.strip()
    ended = {"closed_at": now, "closed_by": draft.operator, "resolution_sealed": vault.seal(detail)}
    values = {
        **{"subject": draft.subject, "state": draft.outcome, "line": draft.line, "call_sid": row.call_sid},
        **{"channel": draft.channel, "caller_kind": draft.caller_kind, "is_anonymous": draft.is_anonymous},
        "document_print": vault.fingerprint("document", document) if document else None,
        "document_sealed": vault.seal(document) if document else None,
        "phone_print": vault.fingerprint("phone", phone) if phone else None,
        "phone_sealed": vault.seal(phone) if phone else None,
        "contact_name_sealed": vault.seal(name) if name and not draft.is_anonymous else None,
        "detail_sealed": vault.seal(detail),
        **{"opened_by": draft.operator, "opened_at": draft.opened_at, "due_at": now + DUE},
        **{"opened_on": day, "once": once_a_day(vault, kind, document, day)},
        "script": kind.script.label if kind.script else None,
        **(ended if is_closed else {}),
    }
    if (known := conversation.case_of(tx, draft.room_id, locked=True)) is not None:
        return completing.add_to(tx, vault, now, known, draft, values, detail, keep)
    case_id, is_new = add(tx, values)
    happened = EventKind.OPENED if is_new else EventKind.REPEATED
    facts: dict[str, Any] = {"topic": draft.subject, "outcome": draft.outcome}
    note(tx, vault, now, draft.operator, happened, case_id=case_id, text=detail, **facts)
    facts["line"] = draft.line
    audit.record(tx, now, draft.operator, "case.opened" if is_new else "case.repeated", "case", case_id, **facts)
    if is_new and not is_closed:
        tasks.close_by(tx, vault, now + DUE, case_id, kind.code, draft.line, now=now, actor=draft.operator)
    if not is_new and not is_closed:
        open_again(tx, vault, now, case_id, draft.operator)
    return Saved(case_id, draft.outcome, not is_new)


def _answer(tx: Connection, vault: Vault, now: datetime, row: Row, draft: Draft) -> Saved:
    """What its operator answers for themselves, of a call whose case somebody else saved."""
    known = conversation.case_of(tx, draft.room_id, locked=True)
    assert known is not None and draft.operator, "owes_answers_alone saw to it"
    saved = completing.answer(tx, vault, now, known, draft)
    _register_gift(tx, vault, now, draft, saved.case_id)
    if draft.typed.is_unattended:
        escalations.to_director(tx, vault, now, saved.case_id, draft.operator, draft.typed.reason)
    _end(tx, vault, now, row, draft, saved)
    return saved


def _register_gift(tx: Connection, vault: Vault, now: datetime, draft: Draft, case_id: int) -> None:
    given = gifts.read(draft.typed) if draft.is_gift_offered and not _is_silent(draft) else None
    if isinstance(given, gifts.Given) and draft.operator:
        day = draft.opened_at.astimezone(draft.zone).date()
        gifts.register(tx, vault, now, given, line=draft.line, offered_on=day, agent=draft.operator, case_id=case_id)


def _escalate(tx: Connection, vault: Vault, now: datetime, draft: Draft, case_id: int) -> None:
    assert draft.subject and draft.operator
    if subject_named(draft.subject).needs_unit:
        escalations.to_unit(tx, vault, now, case_id, draft.operator, draft.typed.unit, draft.detail)
    if draft.typed.is_unattended and not _is_silent(draft):
        escalations.to_director(tx, vault, now, case_id, draft.operator, draft.typed.reason)


def _end(tx: Connection, vault: Vault, now: datetime, row: Row, draft: Draft, saved: Saved) -> None:
    """The attention, and those that it came from, know their case; it ended as the case stands, which a colleague may
    have said otherwise (R14: what ended with the first contact). Of an anonymous person nothing stays (R81).
    """
    told = {"saved_at": now, "outcome": saved.outcome}
    tx.execute(update(attention).where(attention.c.id == draft.id).values(**told))
    chain = [draft.id]
    before = row.from_id
    while before is not None:
        chain.append(before)
        before = tx.execute(select(attention.c.from_id).where(attention.c.id == before)).scalar_one()
    known: dict[str, Any] = {"case_id": saved.case_id}
    if draft.is_anonymous:
        known |= {"phone_sealed": None, "document_sealed": None, "typed_sealed": _nothing(vault), "prints": []}
    tx.execute(update(attention).where(attention.c.id.in_(chain)).values(**known))
    if draft.is_anonymous:
        handovers.forget(tx, vault, draft.room_id)


def _nothing(vault: Vault) -> bytes:
    return vault.seal("{}")


def _detail(draft: Draft) -> str:
    assert draft.subject
    return draft.detail.strip() or subject_named(draft.subject).first_detail


def _is_silent(draft: Draft) -> bool:
    return bool(draft.subject) and subject_named(draft.subject or "").is_silent
