"""Consultations, closed or not, by their number or by the whole document or telephone of whose they are (R16, R50)."""

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import Connection, or_

from cases.consultations import PendingCase, as_pending, seen_by
from cases.tables import case_
from core.documents import Document, check_written
from core.phones import Phone, parse_phone
from core.privacy import Vault
from core.roles import Role

LONGEST = 60  # characters
_MOST_DIGITS = 18  # of a number that the database takes


class CannotFind(ValueError):
    """Escriba el número de un caso, o un documento o un teléfono completo."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


@dataclass(frozen=True)
class Sought:
    """Whatever may have been meant: nine digits are a document, a telephone in another country, and a case's number."""

    number: int | None
    documents: tuple[bytes, ...] = field(repr=False)  #: of Vault.fingerprint
    phones: tuple[bytes, ...] = field(repr=False)


def read(vault: Vault, written: str, countries: Collection[str]) -> Sought:
    """What somebody typed, read as each of these ``countries`` writes documents and telephones. Raises CannotFind."""
    plain = written.strip()
    if not plain or len(plain) > LONGEST:
        raise CannotFind
    is_number = plain.isascii() and plain.isdecimal() and len(plain) <= _MOST_DIGITS
    documents = {
        read.number for read in (check_written(plain, each) for each in countries) if isinstance(read, Document)
    }
    phones = {read.e164 for read in (parse_phone(plain, each) for each in countries) if isinstance(read, Phone)}
    if not (is_number or documents or phones):
        raise CannotFind
    return Sought(
        int(plain) if is_number else None,
        tuple(vault.fingerprint_each("document", sorted(documents))),
        tuple(vault.fingerprint_each("phone", sorted(phones))),
    )


def find(
    tx: Connection,
    vault: Vault,
    sought: Sought,
    *,
    roles: Collection[Role] | None = None,
    hidden_lines: Collection[str] = (),
    limit: int = 50,
) -> list[PendingCase]:
    """Newest first. ``roles``, ``hidden_lines``: as in ``consultations.pending_cases``."""
    same = [case_.c.id == sought.number] if sought.number is not None else []
    same += [case_.c.document_print == each for each in sought.documents]
    same += [case_.c.phone_print == each for each in sought.phones]
    found = seen_by(roles, hidden_lines).where(or_(*same)).order_by(case_.c.opened_at.desc(), case_.c.id.desc())
    return [as_pending(vault, row) for row in tx.execute(found.limit(limit))]
