"""The draft of an attended call, kept as it is typed (R17). cases/attentions/opening.py opens it."""

from collections.abc import Collection
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, delete, select, update

from cases.attentions import conversation
from cases.catalogue.catalogue import callers_for, subjects_for
from cases.catalogue.values import SPOKEN, WRITTEN
from cases.consultations.consultations import CaseState
from cases.prints import prints_of
from cases.tables import attention
from cases.typed import LONGEST, TYPED, Typed, opened, opened_contact, sealed
from core import audit
from core.privacy import Vault, mask_document, mask_phone

#: What the person does, and how that is called, by channel; whoever was attended otherwise came to us, or we to them.
_DOES = {SPOKEN: ("llama", "llamada"), WRITTEN: ("escribe", "conversación")}
_CAME = ("acude", "atención")
_CHOSEN = frozenset({"subject", "caller_kind", "is_anonymous", "has_conflict", "is_gift_offered", "outcome"})


@dataclass(frozen=True)
class Draft:
    """An attention as its form shows it."""

    id: int
    room_id: int
    line: str
    channel: str
    zone: ZoneInfo
    is_sensitive: bool
    operator: str | None  #: None: it waits in a tray for a colleague
    to_role: str | None
    from_id: int | None
    subject: str | None
    caller_kind: str | None
    phone: str | None  #: of the call, masked
    document: str | None  #: of the call, masked
    is_anonymous: bool
    has_conflict: bool | None
    is_gift_offered: bool | None
    outcome: CaseState | None
    opened_at: datetime
    typed_at: datetime | None
    moved_at: datetime | None
    saved_at: datetime | None
    is_concluded: bool  #: went with the case of who had the call after, which its operator did not save
    case_id: int | None
    version: int
    typed: Typed = field(default=Typed(), repr=False)

    @property
    def is_written(self) -> bool:
        """Whether it was a written conversation."""
        return self.channel == WRITTEN

    @property
    def does(self) -> str:
        """What the person does, as screens say it: ``llama``."""
        return _DOES.get(self.channel, _CAME)[0]

    @property
    def held(self) -> str:
        """How it is called on screens: ``llamada``."""
        return _DOES.get(self.channel, _CAME)[1]

    @property
    def detail(self) -> str:
        return self.typed.detail

    @property
    def contact_name(self) -> str:
        return self.typed.contact_name


class NoSuchDraft(Exception):
    """No hay una atención con ese número."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class NotYours(Exception):
    """Esta atención la tiene otra persona."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class NotTypable(Exception):
    """Ese dato no cabe en el formulario, o su código no existe."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def draft(tx: Connection, vault: Vault, draft_id: int) -> Draft:
    """This one, saved or not. Raises NoSuchDraft."""
    row = tx.execute(select(attention).where(attention.c.id == draft_id)).one_or_none()
    if row is None:
        raise NoSuchDraft
    return as_draft(vault, row)


def drafts_of(tx: Connection, vault: Vault, operator: str) -> list[Draft]:
    """What this operator has still to save, oldest first."""
    unsaved = (attention.c.operator == operator, attention.c.saved_at.is_(None), attention.c.moved_at.is_(None))
    kept = select(attention).where(*unsaved, attention.c.erased_at.is_(None))
    return [as_draft(vault, row) for row in tx.execute(kept.order_by(attention.c.id))]


def type_draft(tx: Connection, vault: Vault, now: datetime, draft_id: int, operator: str, **typed: Any) -> Draft:
    """Keeps what was typed, whole or not: any of the fields of ``Typed``, and subject, caller_kind, is_anonymous,
    has_conflict, is_gift_offered, outcome. The last one to write wins.

    Nothing is checked but lengths and codes. Raises NoSuchDraft; NotYours, also once it is saved or moved; NotTypable.
    """
    row = mine(tx, draft_id, operator)
    if row.saved_at or row.moved_at:
        raise NotYours
    words = {name: value for name, value in typed.items() if name in TYPED}
    chosen = {name: value for name, value in typed.items() if name in _CHOSEN}
    if len(words) + len(chosen) < len(typed) or any(
        len(words.get(name) or "") > most for name, most in LONGEST.items()
    ):
        raise NotTypable
    _check_codes(row.line, chosen)
    kept = replace(opened(vault, row.typed_sealed), **words)
    changed = {**chosen, "typed_sealed": sealed(vault, kept), "typed_at": now, "version": attention.c.version + 1}
    changed["erased_at"] = None  # of one that was erased, what is written from now on is erased too
    changed["prints"] = prints_of(vault, ZoneInfo(row.zone), *opened_contact(vault, row), kept)
    stored = update(attention).where(attention.c.id == draft_id).values(**changed).returning(attention)
    return as_draft(vault, tx.execute(stored).one())


def drop_untouched(tx: Connection, now: datetime, room_id: int, operator: str) -> bool:
    """Nobody was spoken with after all: the draft that opened by itself goes, unless its operator wrote in it."""
    conversation.held(tx, room_id)
    theirs = (attention.c.room_id == room_id, attention.c.operator == operator, attention.c.from_id.is_(None))
    untouched = (attention.c.typed_at.is_(None), attention.c.saved_at.is_(None), attention.c.moved_at.is_(None))
    dropped = tx.execute(delete(attention).where(*theirs, *untouched).returning(attention.c.id)).scalar()
    if dropped is not None:
        audit.record(tx, now, operator, "attention.dropped", "attention", dropped)
    return dropped is not None


def mine(tx: Connection, draft_id: int, operator: str) -> Row:
    """The row, locked to the end of the transaction, its conversation before it. Raises NoSuchDraft, NotYours."""
    room_id = tx.execute(select(attention.c.room_id).where(attention.c.id == draft_id)).scalar()
    if room_id is not None:
        conversation.held(tx, room_id)
    row = tx.execute(select(attention).where(attention.c.id == draft_id).with_for_update()).one_or_none()
    if row is None:
        raise NoSuchDraft
    if row.operator != operator:
        raise NotYours
    return row


def as_draft(vault: Vault, row: Row) -> Draft:
    """A row of ``attention`` as the form shows it."""
    phone, document = opened_contact(vault, row)
    same = {each.name for each in fields(Draft)} - {"phone", "document", "typed", "zone", "outcome"}
    return Draft(
        **{name: getattr(row, name) for name in same},
        zone=ZoneInfo(row.zone),
        phone=mask_phone(phone) if phone else None,
        document=mask_document(document) if document else None,
        outcome=CaseState(row.outcome) if row.outcome else None,
        typed=opened(vault, row.typed_sealed),
    )


def _check_codes(line: str, chosen: dict[str, Any]) -> None:
    """Empty ones become None. Raises NotTypable."""
    known: dict[str, Collection[str]] = {
        "subject": [each.code for each in subjects_for(line)],
        "caller_kind": [each.code for each in callers_for(line)],
        "outcome": list(CaseState),
    }
    for name in known.keys() & chosen.keys():
        chosen[name] = chosen[name] or None
        if chosen[name] is not None and chosen[name] not in known[name]:
            raise NotTypable
