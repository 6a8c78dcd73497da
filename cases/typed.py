"""What an attention says of a person: what its operator typed, kept sealed all together, and what the call itself told;
how telephones and documents are read in it, as the line's country writes them (R8, R16, R20)."""

import json
import re
from dataclasses import asdict, dataclass, field, fields
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from core.countries import country_in
from core.documents import Document, DocumentProblem, check_written
from core.phones import Phone, PhoneProblem, parse_phone
from core.privacy import Vault

_BETWEEN = re.compile(r"[\n,;]+")


def _words(longest: int) -> Any:
    """A field of words, empty at first. ``longest``: characters; its form says the same to the browser."""
    return field(default="", metadata={"longest": longest})


@dataclass(frozen=True)
class Typed:
    """What an operator typed that says something of a person: kept sealed, all of it together."""

    phone: str = _words(30)
    document: str = _words(30)
    contact_name: str = _words(120)
    detail: str = _words(4000)
    unit: str = _words(120)  #: where another kind of consultation is to be sent on (R19)
    is_unattended: bool = False  #: «no recibió la atención que necesitaba» (R80)
    reason: str = _words(2000)  #: of that
    gift_offer: str = _words(1000)
    gift_item: str = _words(200)
    gift_value: str = _words(20)
    gift_is_accepted: bool | None = None
    gift_basis: str = _words(300)
    gift_form: str = _words(60)
    household: str = _words(400)  #: DUI of its members, one a line (R20)
    bill: str = _words(30)  #: the number of its electricity bill
    place: str = ""  #: where the emergency is, as its own page has it (R76); in no field of the form


#: The fields of words, and the longest that each may be.
LONGEST = {each.name: each.metadata["longest"] for each in fields(Typed) if "longest" in each.metadata}
#: Its fields, by name.
TYPED = frozenset(each.name for each in fields(Typed))


def sealed(vault: Vault, typed: Typed) -> bytes:
    """As ``attention.typed_sealed`` keeps it."""
    return vault.seal(json.dumps(asdict(typed), ensure_ascii=False))


def opened(vault: Vault, typed_sealed: bytes) -> Typed:
    kept = json.loads(vault.open(typed_sealed))
    return Typed(**{name: value for name, value in kept.items() if name in TYPED})


def opened_contact(vault: Vault, row: Row) -> tuple[str | None, str | None]:
    """The telephone and the document that the call itself told, whole; of a row of ``attention``."""
    kept = (row.phone_sealed, row.document_sealed)
    phone, document = (vault.open(each) if each is not None else None for each in kept)
    return phone, document


def read_phone(text: str, zone: ZoneInfo) -> Phone | PhoneProblem:
    """The telephone in E.164, or what is wrong with it."""
    return parse_phone(text.strip(), country_in(zone).code)


def read_document(text: str, zone: ZoneInfo) -> Document | DocumentProblem:
    """The document in normal form, or what is wrong with it."""
    return check_written(text, country_in(zone).code)


def phone_in(written: str, zone: ZoneInfo) -> str | None:
    """E.164, of what somebody typed; None where it is no telephone."""
    read = read_phone(written, zone) if written.strip() else None
    return read.e164 if isinstance(read, Phone) else None


def document_in(written: str, zone: ZoneInfo) -> str | None:
    """The normal form, of what somebody typed; None where it is no document."""
    read = read_document(written, zone) if written.strip() else None
    return read.number if isinstance(read, Document) else None


def members(typed: Typed) -> list[str]:
    """The documents of a household, as they were typed (R20)."""
    return [each.strip() for each in _BETWEEN.split(typed.household) if each.strip()]
