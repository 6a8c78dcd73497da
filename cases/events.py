"""The history of a case: what happened, who did it, in their own words. Only added to, never changed."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, any_, func, insert, or_, select, update

from cases.tables import attention, case_, case_event
from core.person import erased_words
from core.privacy import Vault


class EventKind(StrEnum):
    """What can happen to a case, as people read it."""

    OPENED = "OPENED"
    REPEATED = "REPEATED"  # the same document asked for the same thing on the same day
    REOPENED = "REOPENED"
    MOVED = "MOVED"  # for a conflict of interest (R12)
    TAKEN = "TAKEN"
    HANDED_OVER = "HANDED_OVER"  # with the call itself, from one person to the next
    WROTE = "WROTE"  # of a call that went on with somebody else
    ADDED = "ADDED"  # once it was saved, by whoever saved it
    COMPLETED = "COMPLETED"  # by whoever had the call last
    ESCALATED = "ESCALATED"
    CORRECTION = "CORRECTION"  # of the padrón: asked for, made, refused, told (R39–R41)
    CLOSED = "CLOSED"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    EventKind.OPENED: "Se abrió",
    EventKind.REPEATED: "Volvió a llamar por lo mismo",
    EventKind.REOPENED: "Se abrió otra vez",
    EventKind.MOVED: "Se trasladó por conflicto de interés",
    EventKind.TAKEN: "La tomó otra persona",
    EventKind.HANDED_OVER: "Recibió la llamada con su caso",
    EventKind.WROTE: "Escribió",
    EventKind.ADDED: "Agregó",
    EventKind.COMPLETED: "Lo completó",
    EventKind.ESCALATED: "Se elevó",
    EventKind.CORRECTION: "Corrección del padrón",
    EventKind.CLOSED: "Se cerró",
}


class CorrectionAct(StrEnum):
    """What was done about a correction: the fact ``act`` of its events."""

    ASKED = "asked"
    ASKED_AGAIN = "asked_again"
    # Asked for again with another date of birth or another name, the first line of its words. Its code is of when there
    # were dates alone: the version before this one can read no other.
    OTHER_DATA = "other_date"
    MADE = "made"
    SOLVED = "solved"  # and nothing was written into the padrón
    REFUSED = "refused"
    GIVEN_BACK = "given_back"
    TEXTED = "texted"
    TOLD = "told"
    UNTOLD = "untold"  # nobody could be called, or was reached

    @property
    def label(self) -> str:
        return _ACT_LABELS[self]


_ACT_LABELS = {
    CorrectionAct.ASKED: "Pidió la corrección",
    CorrectionAct.ASKED_AGAIN: "Volvió a pedir la corrección",
    CorrectionAct.OTHER_DATA: "Pidió la corrección con otros datos",
    CorrectionAct.MADE: "Corrigió el padrón",
    CorrectionAct.SOLVED: "Dio por resuelta la corrección",
    CorrectionAct.REFUSED: "Rechazó la corrección",
    CorrectionAct.GIVEN_BACK: "No se pudo corregir",
    CorrectionAct.TEXTED: "SMS a la persona",
    CorrectionAct.TOLD: "Se avisó a la persona",
    CorrectionAct.UNTOLD: "No se pudo avisar a la persona",
}


@dataclass(frozen=True)
class CaseEvent:
    """One line of a case's history."""

    at: datetime
    actor: str
    kind: EventKind
    text: str | None = field(repr=False)
    facts: dict

    @property
    def label(self) -> str:
        return label_of(self.kind, self.facts)

    @property
    def masked(self) -> str | None:
        """Its words, for whoever did not ask to see a date of birth or a name that is among them."""
        if self.text is None or self.facts.get("act") != CorrectionAct.OTHER_DATA or "\n" not in self.text:
            return self.text
        _, _, said = self.text.partition("\n")
        return f"Dijo ••••.\n{said}"


def label_of(kind: EventKind, facts: dict) -> str:
    """What happened, as people read it."""
    return CorrectionAct(facts["act"]).label if kind is EventKind.CORRECTION and "act" in facts else kind.label


def note(
    tx: Connection,
    vault: Vault,
    now: datetime,
    actor: str,
    kind: EventKind,
    *,
    case_id: int | None = None,
    attention_id: int | None = None,
    text: str | None = None,
    **facts: object,
) -> None:
    """Adds a line about a case, or about an attention that has none yet. ``facts``: codes, never personal data;
    ``was`` and ``was_script`` where its subject changes: the former ones (reports/consultations.py).

    A case that was erased is to be erased again, since somebody wrote in it.
    """
    told = vault.seal(text) if text else None
    if text and case_id is not None:
        was_erased = (case_.c.id == case_id, case_.c.erased_at.is_not(None))
        tx.execute(update(case_).where(*was_erased).values(erased_at=None))
    about = {"case_id": case_id, "attention_id": attention_id}
    tx.execute(insert(case_event).values(**about, at=now, actor=actor, kind=kind, text_sealed=told, facts=facts))


def joined_to(tx: Connection, case_id: int) -> int | None:
    """The case in which this one goes on, of one that was last closed for that (cases/joining.py)."""
    closed = (case_event.c.case_id == case_id, case_event.c.kind == EventKind.CLOSED)
    last = select(case_event.c.facts).where(*closed).order_by(case_event.c.id.desc()).limit(1)
    return (tx.execute(last).scalar() or {}).get("joined_to")


def taken_in_by(tx: Connection, case_id: int) -> list[int]:
    """The cases that were joined to this one, and to those."""
    found = [case_id]
    for each in found:
        taken = (
            case_event.c.case_id == each,
            case_event.c.kind == EventKind.ADDED,
            case_event.c.facts.has_key("joined"),
        )
        rows = tx.execute(select(case_event.c.facts["joined"].as_integer()).where(*taken)).scalars()
        found += [joined for joined in rows if joined not in found]
    return found[1:]


def events_of(tx: Connection, vault: Vault, case_id: int) -> list[CaseEvent]:
    """The history of a case, oldest first, with what happened while it still was somebody's draft."""
    # An array, found first: beside a subquery the server would look at each event that there ever was.
    before = func.array(select(attention.c.id).where(attention.c.case_id == case_id).scalar_subquery())
    mine = or_(case_event.c.case_id == case_id, case_event.c.attention_id == any_(before))
    return [
        CaseEvent(
            row.at,
            row.actor,
            EventKind(row.kind),
            erased_words(row.erased_by) if row.erased_at else vault.open(row.text_sealed) if row.text_sealed else None,
            row.facts,
        )
        for row in tx.execute(select(case_event).where(mine).order_by(case_event.c.id))
    ]
