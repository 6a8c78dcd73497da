"""What the same person called for before, for whoever attends them now."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select

from cases.attentions.conversation import cases_of
from cases.attentions.drafts import Draft, as_draft
from cases.catalogue.catalogue import Subject, subject_named
from cases.consultations.consultations import IS_PENDING, CaseState
from cases.tables import attention, case_
from cases.typed import document_in, opened_contact, phone_in
from core.privacy import Vault, mask_document


@dataclass(frozen=True)
class PastAttention:
    """An earlier case of the same telephone or document."""

    case_id: int
    at: datetime
    subject: Subject
    state: CaseState
    line: str
    operator: str  #: who opened it; ``ivr``: the line itself
    document: str | None  #: masked: a telephone may be a family's
    channel: str = "VOZ"

    @property
    def still_open(self) -> str:
        """What is said of one that waits, so that nobody asks for the same twice (R50); "" of one that is closed."""
        if self.state is CaseState.CERRADO:
            return ""
        return f"ya está abierta, por {_BY.get(self.channel, self.channel.lower())}"


_BY = {"VOZ": "teléfono", "WHATSAPP": "WhatsApp", "SMS": "mensaje de texto", "CAMPO": "visita"}


def history(
    tx: Connection,
    vault: Vault,
    *,
    phone_print: bytes | None = None,
    document_print: bytes | None = None,
    typed: Draft | None = None,
    but_room: int | None = None,
    hidden_lines: Collection[str] = (),
    is_open: bool = False,
    limit: int = 10,
) -> list[PastAttention]:
    """Newest first, without the case of ``but_room``, the present conversation. ``typed``: what its operator wrote, by
    whose telephone and document is looked too; ``is_open``: only what waits.
    ``phone_print``, ``document_print``: of Vault.fingerprint; ``hidden_lines``: those
    whose cases the reader may not even know of (R81)."""
    phones, documents = _typed_prints(vault, typed) if typed else ([], [])
    phones += [phone_print] if phone_print is not None else []
    documents += [document_print] if document_print is not None else []
    same = [case_.c.phone_print == each for each in phones] + [case_.c.document_print == each for each in documents]
    if not same:
        return []
    found = select(case_).where(or_(*same), case_.c.line.not_in(hidden_lines))
    if is_open:
        found = found.where(IS_PENDING)
    if but_room is not None:
        found = found.where(case_.c.id.not_in(cases_of(but_room)))
    rows = tx.execute(found.order_by(case_.c.opened_at.desc(), case_.c.id.desc()).limit(limit))
    return [
        PastAttention(
            case_id=row.id,
            at=row.opened_at,
            subject=subject_named(row.subject),
            state=CaseState(row.state),
            line=row.line,
            operator=row.opened_by,
            channel=row.channel,
            document=mask_document(vault.open(row.document_sealed)) if row.document_sealed is not None else None,
        )
        for row in rows
    ]


def history_of(
    tx: Connection, vault: Vault, draft_id: int, *, hidden_lines: Collection[str] = (), limit: int = 10
) -> list[PastAttention]:
    """``history`` of whoever a draft is about, by what the call told and by what was typed since, without the case that
    its call left."""
    row = tx.execute(select(attention).where(attention.c.id == draft_id)).one_or_none()
    if row is None:
        return []
    phone, document = opened_contact(vault, row)
    return history(
        tx,
        vault,
        phone_print=vault.fingerprint("phone", phone) if phone else None,
        document_print=vault.fingerprint("document", document) if document else None,
        typed=as_draft(vault, row),
        but_room=row.room_id,
        hidden_lines=hidden_lines,
        limit=limit,
    )


def _typed_prints(vault: Vault, draft: Draft) -> tuple[list[bytes], list[bytes]]:
    """Of the telephone and of the document that stand in the form; none of whoever stays anonymous (R81)."""
    if draft.is_anonymous:
        return [], []
    phone, document = phone_in(draft.typed.phone, draft.zone), document_in(draft.typed.document, draft.zone)
    phones, documents = vault.fingerprint_each("phone", filter(None, [phone])), filter(None, [document])
    return list(phones), list(vault.fingerprint_each("document", documents))
