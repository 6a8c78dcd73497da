"""A case that another person of the same call left already: added to, and completed by whoever had the call last."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, update
from sqlalchemy.exc import IntegrityError

from cases import tasks
from cases.attentions import conversation
from cases.attentions.drafts import Draft
from cases.attentions.together import Keep
from cases.catalogue.catalogue import subject_named
from cases.consultations.consultations import CaseState, close_case, once_a_day, open_again
from cases.events import EventKind, note
from cases.tables import case_
from core import audit
from core.privacy import Vault

#: What the last person of the call says anew. Who opened it, when, and until when it waits stay.
_CONTACT = ("document_print", "document_sealed", "phone_print", "phone_sealed", "contact_name_sealed")
_SAID_ANEW = frozenset({"subject", "caller_kind", "is_anonymous", *_CONTACT, "detail_sealed", "once", "script"})
#: Goes with the subject, also where it is nothing.
_OF_THE_SUBJECT = frozenset({"subject", "script"})
#: Of a kind of which one a document and day is enough: what would make two of them.
_OF_THE_DAY = frozenset({"subject", "document_print", "document_sealed", "once"})


@dataclass(frozen=True)
class Saved:
    """The case that an attention left. ``is_repeated``: the day's case for this document took it in."""

    case_id: int
    outcome: CaseState
    is_repeated: bool = False


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
    is_last = conversation.is_last(tx, draft.id) if keep is None else keep is Keep.MINE
    kind = EventKind.COMPLETED if is_last else EventKind.WROTE
    facts: dict[str, Any] = {"topic": draft.subject, "outcome": draft.outcome}
    facts |= {"was": known.subject, "was_script": known.script} if is_last else {}
    note(tx, vault, now, draft.operator, kind, case_id=known.id, text=detail, **facts)
    action = "case.completed" if is_last else "case.added_to"
    audit.record(tx, now, draft.operator, action, "case", known.id, **facts)
    if not is_last:
        return Saved(known.id, CaseState(known.state))
    changed = _said_anew(vault, known, draft, values)
    stored = update(case_).where(case_.c.id == known.id)
    try:
        with tx.begin_nested():
            tx.execute(stored.values(**changed))
    except IntegrityError:  # the day has one of this kind and document already, which stays a case of its own
        tx.execute(stored.values(**{name: changed[name] for name in changed.keys() - _OF_THE_DAY}))
    else:
        tasks.land_with(tx, known.id, changed["subject"])
    if draft.outcome is CaseState.CERRADO:
        close_case(tx, vault, now, known.id, draft.operator, detail)
    if draft.outcome is CaseState.PENDIENTE:
        open_again(tx, vault, now, known.id, draft.operator)
    return Saved(known.id, draft.outcome)


def _said_anew(vault: Vault, known: Row, draft: Draft, values: dict[str, Any]) -> dict[str, Any]:
    """What becomes of the case: what this one knows nothing of stays as a colleague saved it. A person who asks to be
    anonymous is so from then on (R81), and stays so where this one wrote nothing that says who they are."""
    anew = {name: value for name, value in values.items() if name in _SAID_ANEW}
    if draft.is_anonymous:
        return anew
    if known.is_anonymous and not _names(draft):
        return {name: value for name, value in anew.items() if name not in {"is_anonymous", "once", *_CONTACT}}
    told = {name: value for name, value in anew.items() if value is not None or name in _OF_THE_SUBJECT}
    told["once"] = anew["once"]
    if anew["document_sealed"] is None and known.document_sealed is not None:
        document = vault.open(known.document_sealed)
        told["once"] = once_a_day(vault, subject_named(anew["subject"]), document, known.opened_on)
    return told


def _names(draft: Draft) -> bool:
    typed = draft.typed
    return any(said.strip() for said in (typed.phone, typed.document, typed.contact_name))


def answer(tx: Connection, vault: Vault, now: datetime, known: Row, draft: Draft) -> Saved:
    """Of a call whose case another person saved: what this one wrote, if anything, goes into its history, and the case
    stays as it is."""
    assert draft.operator, "only somebody's own are saved"
    facts: dict[str, Any] = {"topic": draft.subject} if draft.subject else {}
    if draft.detail.strip():
        note(tx, vault, now, draft.operator, EventKind.WROTE, case_id=known.id, text=draft.detail.strip(), **facts)
    audit.record(tx, now, draft.operator, "case.answered", "case", known.id)
    return Saved(known.id, CaseState(known.state))
