"""Which consultations and attentions are a person's, and which of others only name them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select

from cases.tables import attention, case_
from cases.typed import Typed, document_in, members, opened, opened_contact, phone_in
from core.person import Person
from core.privacy import Vault


@dataclass(frozen=True)
class Attended:
    """An attention, opened."""

    row: Row
    vault: Vault

    @cached_property
    def typed(self) -> Typed:
        return opened(self.vault, self.row.typed_sealed)

    @cached_property
    def told(self) -> tuple[str | None, str | None]:
        """The telephone and the document that the call itself told."""
        return opened_contact(self.vault, self.row)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.row.zone)

    def is_of(self, who: Person) -> bool:
        """What was typed goes before what the call told, and a document before a telephone."""
        phone, document = self.told
        document, phone = document_in(self.typed.document, self.zone) or document, self._typed_phone or phone
        return document in who.documents if document else phone in who.phones

    def names(self, who: Person) -> bool:
        """A telephone names nobody: whose attention it is may have the same."""
        written = (self.typed.document, *members(self.typed))
        return bool(who.documents & {self.told[1], *(document_in(each, self.zone) for each in written)})

    def without(self, who: Person) -> tuple[str | None, Typed]:
        """Document and what was typed, as they are once nothing of the person is in them."""
        (_, document), typed = self.told, self.typed
        if document_in(typed.document, self.zone) in who.documents:
            typed = replace(typed, document="")
        others = [each for each in members(typed) if document_in(each, self.zone) not in who.documents]
        return None if document in who.documents else document, replace(typed, household="\n".join(others))

    @property
    def _typed_phone(self) -> str | None:
        return phone_in(self.typed.phone, self.zone)


def cases_of(tx: Connection, who: Person, *, lock: bool = False) -> Sequence[Row]:
    """Their consultations, the oldest first. ``lock``: nobody opens one again to the end of the transaction."""
    query = select(case_).where(who.owns(case_.c.document_print, case_.c.phone_print)).order_by(case_.c.id)
    return tx.execute(query.with_for_update() if lock else query).all()


def attentions_of(tx: Connection, vault: Vault, who: Person) -> tuple[list[Attended], list[Attended]]:
    """(theirs, those of others that name them), the oldest first. What was attended for a case is whose the case is."""
    cases = {row.id for row in cases_of(tx, who)}
    touched = attention.c.prints.overlap(list(who.prints)) | attention.c.case_id.in_(cases)
    theirs: list[Attended] = []
    naming: list[Attended] = []
    for row in tx.execute(select(attention).where(touched).order_by(attention.c.id)):
        each = Attended(row, vault)
        is_theirs = row.case_id in cases if row.case_id is not None else each.is_of(who)
        if is_theirs:
            theirs.append(each)
        elif each.names(who):
            naming.append(each)
    return theirs, naming


def rooms_of(tx: Connection, vault: Vault, who: Person) -> set[int]:
    """The desk's conversations in which they were attended."""
    theirs, _ = attentions_of(tx, vault, who)
    return {each.row.room_id for each in theirs}


def calls_of(tx: Connection, vault: Vault, who: Person) -> set[str]:
    """The calls, by their sid, of which they have a consultation or were attended."""
    theirs, _ = attentions_of(tx, vault, who)
    return {row.call_sid for row in (*cases_of(tx, who), *(each.row for each in theirs)) if row.call_sid}
