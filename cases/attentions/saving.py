"""An attention becomes its case (R8, R12, R13)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from cases import tasks
from cases.attentions import colleagues, completing, conversation, gifts, handovers, household, line_case, together
from cases.attentions.checks import problems_of
from cases.attentions.completing import Saved
from cases.attentions.drafts import Draft, NotYours, as_draft, mine
from cases.attentions.place import with_place
from cases.attentions.together import Keep
from cases.catalogue.catalogue import subject_named, subject_of
from cases.consultations import escalations
from cases.consultations.consultations import CaseState, add, close_case, once_a_day, open_again
from cases.events import EventKind, note
from cases.problem import Problem
from cases.tables import attention
from cases.tasks import DUE
from cases.typed import document_in, opened_contact, phone_in
from core import audit
from core.privacy import Vault


def save(
    tx: Connection,
    vault: Vault,
    now: datetime,
    draft_id: int,
    operator: str,
    *,
    keep: Keep | None = None,
    seen: int | None = None,
    into: int | None = None,
) -> Saved | list[Problem]:
    """Leaves the case, its history, its gift and what is to be escalated; or says what is still missing.

    Of a call that went from one person to another there is one case: each adds to it, and the last one completes it;
    and so is the one completed that the line itself left of it.
    Where the case is there already, whoever had the call before need only answer for themselves (R12, R13).
    ``seen``: the last word of a colleague that this operator was shown; with it, what others saved meanwhile is told
    first, and ``keep`` says whose stands. ``into``: an open case of the person about the same, which takes this one in
    (R50). One that was saved before gives the same answer again. Pendiente is due in 24 hours (R73).
    Raises NoSuchDraft; NotYours, also where it went to a colleague; SavedMeanwhile, with nothing changed.
    """
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
    saved = _leave_case(tx, vault, now, row, draft, phone, document, keep, into)
    _register_gift(tx, vault, now, draft, saved.case_id)
    _escalate(tx, vault, now, draft, saved.case_id)
    if conversation.is_last(tx, draft.id):
        handovers.conclude_earlier(tx, vault, now, draft, saved.case_id)
    _end(tx, vault, now, row, draft, saved)
    return saved


def _contact(vault: Vault, row: Row, draft: Draft) -> tuple[str | None, str | None]:
    """The telephone and the document of the case, in normal form: what was typed goes before what the call told, and
    whoever is alone in their household is who asks."""
    if draft.is_anonymous:
        return None, None
    phone, document = opened_contact(vault, row)
    document = document_in(draft.typed.document, draft.zone) or document or household.whose(draft)
    return phone_in(draft.typed.phone, draft.zone) or phone, document


def _leave_case(
    tx: Connection,
    vault: Vault,
    now: datetime,
    row: Row,
    draft: Draft,
    phone: str | None,
    document: str | None,
    keep: Keep | None,
    into: int | None,
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
    known = conversation.case_of(tx, draft.room_id, locked=True)
    known = known or line_case.of_call(tx, row.call_sid, row.line, locked=True)
    if known is not None:
        return completing.add_to(tx, vault, now, known, draft, values, detail, keep)
    case_id, is_new = add(tx, values) if into is None else (into, False)
    happened = EventKind.OPENED if is_new else EventKind.REPEATED
    facts: dict[str, Any] = {"topic": draft.subject, "outcome": draft.outcome}
    note(tx, vault, now, draft.operator, happened, case_id=case_id, text=detail, **facts)
    facts["line"] = draft.line
    audit.record(tx, now, draft.operator, "case.opened" if is_new else "case.repeated", "case", case_id, **facts)
    if is_new and not is_closed:
        tasks.close_by(tx, vault, now + DUE, case_id, kind.code, draft.line, now=now, actor=draft.operator)
    if not is_new and not is_closed:
        open_again(tx, vault, now, case_id, draft.operator)
    if into is not None and is_closed:
        close_case(tx, vault, now, case_id, draft.operator, detail)
    return Saved(case_id, draft.outcome, not is_new)


def _answer(tx: Connection, vault: Vault, now: datetime, row: Row, draft: Draft) -> Saved:
    """What its operator answers for themselves, of a call whose case somebody else saved."""
    known = conversation.case_of(tx, draft.room_id, locked=True)
    assert known is not None and draft.operator, "owes_answers_alone saw to it"
    saved = completing.answer(tx, vault, now, known, draft)
    _register_gift(tx, vault, now, draft, saved.case_id)
    if draft.typed.is_unattended:
        escalations.to_director(tx, vault, now, saved.case_id, draft.operator, draft.typed.reason)
    _end(tx, vault, now, row, draft, saved, is_concluded=True)
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


def _end(
    tx: Connection, vault: Vault, now: datetime, row: Row, draft: Draft, saved: Saved, *, is_concluded: bool = False
) -> None:
    """The attention, and those that it came from, know their case; it ended as the case stands, which a colleague may
    have said otherwise (R14: what ended with the first contact). Of an anonymous person nothing stays (R81).
    """
    told = {"saved_at": now, "outcome": saved.outcome, "is_concluded": is_concluded}
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
    colleagues.attended(tx, now, chain, draft.operator or "")
    handovers.forget(tx, vault, draft.room_id, saved.case_id)


def _nothing(vault: Vault) -> bytes:
    return vault.seal("{}")


def _detail(draft: Draft) -> str:
    assert draft.subject
    return with_place(draft, draft.detail.strip() or subject_named(draft.subject).first_detail)


def _is_silent(draft: Draft) -> bool:
    return bool(draft.subject) and subject_named(draft.subject or "").is_silent
