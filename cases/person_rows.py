"""Which consultations and attentions are a person's, and in which of others they are only named."""

from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from cases.contact import read_document, read_phone
from cases.drafts import Typed, as_draft, opened_contact
from core.documents import Document
from core.person import Person
from core.phones import Phone
from core.privacy import Vault


@dataclass(frozen=True)
class Attended:
    """An attention, opened."""

    row: Row
    vault: Vault

    @cached_property
    def typed(self) -> Typed:
        return as_draft(self.vault, self.row).typed

    @cached_property
    def told(self) -> tuple[str | None, str | None]:
        """The telephone and the document that the call itself told."""
        return opened_contact(self.vault, self.row)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.row.zone)

    def is_of(self, who: Person) -> bool:
        """Whose it is: what was typed goes before what the call told, and a document before a telephone."""
        phone, document = self.told
        typed_document = read_document(self.typed.document, self.zone) if self.typed.document.strip() else None
        typed_phone = read_phone(self.typed.phone, self.zone) if self.typed.phone.strip() else None
        document = typed_document.number if isinstance(typed_document, Document) else document
        phone = typed_phone.e164 if isinstance(typed_phone, Phone) else phone
        return document in who.documents if document else phone in who.phones
