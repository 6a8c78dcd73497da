"""By what an attention is found when a person asks what is kept of them: a fingerprint of every document and telephone
in it, whoever's they are. Those of before it had any: cases/old_prints.py."""

import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cases.contact import read_document, read_phone
from core.documents import Document
from core.phones import Phone
from core.privacy import Vault

if TYPE_CHECKING:
    from cases.drafts import Typed

_BETWEEN = re.compile(r"[\n,;]+")


def prints_of(vault: Vault, zone: ZoneInfo, phone: str | None, document: str | None, typed: "Typed") -> list[bytes]:
    """Of what the call told and of what was typed, each once. What was typed and cannot be read as a document or a
    telephone has none."""
    phones = (phone, phone_in(typed.phone, zone))
    documents = (document, document_in(typed.document, zone), *(document_in(each, zone) for each in members(typed)))
    found = [
        *vault.fingerprint_each("phone", filter(None, phones)),
        *vault.fingerprint_each("document", filter(None, documents)),
    ]
    return list(dict.fromkeys(found))


def phone_in(written: str, zone: ZoneInfo) -> str | None:
    """E.164, of what somebody typed; None where it is no telephone."""
    read = read_phone(written, zone) if written.strip() else None
    return read.e164 if isinstance(read, Phone) else None


def document_in(written: str, zone: ZoneInfo) -> str | None:
    """The normal form, of what somebody typed; None where it is no document."""
    read = read_document(written, zone) if written.strip() else None
    return read.number if isinstance(read, Document) else None


def members(typed: "Typed") -> list[str]:
    """The documents of a household, as they were typed (R20)."""
    return [each.strip() for each in _BETWEEN.split(typed.household) if each.strip()]
