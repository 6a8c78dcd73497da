"""Several people of one call write one case: what each saved in it, so that no word goes over another unseen."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from cases.attentions import conversation, papers
from cases.attentions.drafts import Draft, NotYours, mine
from cases.catalogue.catalogue import Subject, subject_named
from cases.consultations.consultations import CaseState, close_case, open_again
from cases.events import EventKind, note
from cases.problem import TextMissing
from cases.tables import case_event
from core import audit
from core.privacy import Vault

LONGEST_NOTE = 2000  # characters
_SAVED = (
    *(EventKind.OPENED, EventKind.REPEATED, EventKind.WROTE, EventKind.COMPLETED, EventKind.ADDED),
    EventKind.CLOSED,
)


class Keep(StrEnum):
    """What the second to save chooses, once they know what the first one saved."""

    THEIRS = "suyo"  # the case stays as it is, and mine is added to its history
    MINE = "mio"  # the case is as I wrote it, and theirs stays in its history


@dataclass(frozen=True)
class Word:
    """What somebody left in the call's case. ``subject``, ``state``: as they had them; None: nothing said of it."""

    id: int
    at: datetime
    actor: str
    kind: EventKind
    subject: Subject | None
    state: CaseState | None
    text: str = field(repr=False)


@dataclass(frozen=True)
class Standing:
    """The call's case as it is now, with every word of it, first to last."""

    case_id: int
    subject: Subject
    state: CaseState
    words: list[Word]

    def by_others(self, operator: str | None, after: datetime | None = None) -> list[Word]:
        """Those of others, after a moment."""
        return [word for word in self.words if word.actor != operator and (after is None or word.at > after)]

    @property
    def newest(self) -> int:
        """The number of the last word; 0: none."""
        return max((word.id for word in self.words), default=0)


class SavedMeanwhile(Exception):
    """Otra persona guardó este caso mientras usted lo escribía."""

    def __init__(self, words: Sequence[Word]) -> None:
        super().__init__()
        self.words = words

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def standing(tx: Connection, vault: Vault, room_id: int) -> Standing | None:
    """The case that somebody of this call left; None: nobody has saved yet."""
    known = conversation.case_of(tx, room_id)
    if known is None:
        return None
    rows = tx.execute(_words(room_id).order_by(case_event.c.id))
    return Standing(known.id, subject_named(known.subject), CaseState(known.state), [_word(vault, row) for row in rows])


def newest(tx: Connection, room_id: int) -> int:
    """The number of the last word in the call's case; 0: nobody has saved. It changes with each."""
    return tx.execute(select(func.max(_words(room_id).subquery().c.id))).scalar() or 0


def check_news(tx: Connection, vault: Vault, draft: Draft, seen: int) -> None:
    """Raises SavedMeanwhile where others saved since the draft was opened, and not all of it was shown yet.

    ``seen``: the number of the last word that was; the room's saving is to be locked (conversation.held).
    """
    case = standing(tx, vault, draft.room_id)
    words = case.by_others(draft.operator, draft.opened_at) if case else []
    if any(word.id > seen for word in words):
        raise SavedMeanwhile(words)


def add_note(
    tx: Connection,
    vault: Vault,
    now: datetime,
    draft_id: int,
    operator: str,
    text: str,
    state: CaseState | None = None,
) -> None:
    """What is said once the case was saved goes into its history, under this operator's name.

    ``state``: how the case stands from now on; None: as it did. Raises NoSuchDraft; NotYours, also before it is saved;
    TextMissing; OnlyInformation, of one that may not wait (R22).
    """
    row = mine(tx, draft_id, operator)
    if row.case_id is None or row.saved_at is None:
        raise NotYours
    told = text.strip()
    if not told:
        raise TextMissing
    if state is CaseState.PENDIENTE:
        papers.check_may_wait(tx, vault, row.case_id)
    facts: dict[str, Any] = {"outcome": state} if state else {}
    if state is CaseState.CERRADO and close_case(tx, vault, now, row.case_id, operator, told):
        return
    note(tx, vault, now, operator, EventKind.ADDED, case_id=row.case_id, text=told, **facts)
    audit.record(tx, now, operator, "case.added_to", "case", row.case_id, **facts)
    if state is CaseState.PENDIENTE:
        open_again(tx, vault, now, row.case_id, operator)


def note_late(tx: Connection, vault: Vault, now: datetime, draft_id: int, operator: str, text: str) -> None:
    """What somebody still wrote of a call after their draft went with a colleague's case: into its history, under their
    name, and once however often a page sends it. Raises NoSuchDraft; NotYours, also of one that they saved themselves.
    """
    row = mine(tx, draft_id, operator)
    if row.case_id is None or not row.is_concluded:
        raise NotYours
    case = standing(tx, vault, row.room_id)
    told = [word.text for word in case.words if word.actor == operator] if case else []
    if text.strip() not in told:
        add_note(tx, vault, now, draft_id, operator, text)


def _words(room_id: int) -> Select:
    """A day's case may have taken in this call: what was written in it before is not of this conversation."""
    left = (case_event.c.case_id.in_(conversation.cases_of(room_id)), case_event.c.kind.in_(_SAVED))
    return select(case_event).where(*left, case_event.c.at >= conversation.began(room_id))


def _word(vault: Vault, row: Row) -> Word:
    outcome = CaseState.CERRADO if row.kind == EventKind.CLOSED else row.facts.get("outcome")
    return Word(
        id=row.id,
        at=row.at,
        actor=row.actor,
        kind=EventKind(row.kind),
        subject=subject_named(row.facts["topic"]) if row.facts.get("topic") else None,
        state=CaseState(outcome) if outcome else None,
        text=vault.open(row.text_sealed) if row.text_sealed else "",
    )
