"""By what an attention is found when a person asks what is kept of them: the fingerprint of every document and telephone
in it, whoever's they are. Those of before it had any: cases/old_prints.py."""

import re
from collections.abc import Iterator
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
    """Of what the call told and of what was typed, in their order, each once. What was typed and cannot be read as a
    document or a telephone has none."""
    phones = [*([phone] if phone else []), *_phones(typed, zone)]
    documents = [*([document] if document else []), *_documents(typed, zone)]
    found = [*vault.fingerprint_each("phone", phones), *vault.fingerprint_each("document", documents)]
    return list(dict.fromkeys(found))


def _phones(typed: "Typed", zone: ZoneInfo) -> Iterator[str]:
    if typed.phone.strip() and isinstance(read := read_phone(typed.phone, zone), Phone):
        yield read.e164


def _documents(typed: "Typed", zone: ZoneInfo) -> Iterator[str]:
    for written in (typed.document, *_BETWEEN.split(typed.household)):
        if written.strip() and isinstance(read := read_document(written, zone), Document):
            yield read.number
