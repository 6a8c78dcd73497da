"""What the person of a draft has open already, told before a second of the same is saved (R50)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from cases.attentions import conversation, household, line_case
from cases.attentions.drafts import Draft
from cases.attentions.past import PastAttention, history
from cases.joining import same_as
from cases.tables import attention
from cases.typed import document_in, opened_contact
from core import audit
from core.privacy import Vault

_MOST = 5
_SHOWN = "attention.open_cases_shown"


@dataclass(frozen=True)
class OpenAlready:
    """``every``: what waits of the same document, newest first; ``same``: the numbers of those of the same matter and
    line, to which this attention may be added; ``is_typed``: the document was written in the form: with what the call
    itself told, they are shown from the beginning."""

    every: tuple[PastAttention, ...] = ()
    same: frozenset[int] = frozenset()
    is_typed: bool = False


def open_already(tx: Connection, vault: Vault, draft: Draft, *, hidden_lines: Collection[str] = ()) -> OpenAlready:
    """By document alone: a telephone may be a family's. Nothing of a call whose case is there already, from the line
    itself or a colleague: that one is completed."""
    row = tx.execute(select(attention).where(attention.c.id == draft.id)).one()
    typed = document_in(draft.typed.document, draft.zone)
    told = opened_contact(vault, row)[1]
    document = typed or told or household.whose(draft)
    has_one = conversation.case_of(tx, draft.room_id) or line_case.of_call(tx, row.call_sid, row.line)
    if document is None or draft.is_anonymous or draft.saved_at or draft.moved_at or has_one:
        return OpenAlready()
    by: dict[str, Any] = {"document_print": vault.fingerprint("document", document), "hidden_lines": hidden_lines}
    is_typed = document != told
    found = history(tx, vault, **by, is_open=True, limit=_MOST)
    alike = same_as(draft.subject) if draft.subject else []
    same = frozenset(each.case_id for each in found if each.subject.code in alike and each.line == draft.line)
    shown = tuple(each for each in found if is_typed or each.case_id in same)
    return OpenAlready(shown, same, is_typed)


def show(tx: Connection, now: datetime, draft: Draft, found: OpenAlready, operator: str) -> frozenset[int]:
    """Those of the same matter that whoever writes sees for the first time. Whom they were shown by a document that
    they typed is written down, once each."""
    if not found.is_typed:
        return frozenset()
    trail = audit.history(tx, "attention", draft.id)
    before = {case_id for each in trail if each["action"] == _SHOWN for case_id in each["facts"]["cases"]}
    news = [each.case_id for each in found.every if each.case_id not in before]
    if news:
        audit.record(tx, now, operator, _SHOWN, "attention", draft.id, cases=news)
    return found.same.intersection(news)
