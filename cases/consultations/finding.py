"""Consultations, closed or not, by their number or by the whole document or telephone of whose they are (R16, R50)."""

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import Connection, or_, select

from cases.catalogue.catalogue import Subject, subject_named
from cases.consultations.consultations import IS_PENDING, PendingCase, as_pending, seen_by
from cases.tables import attention, case_
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
        read.number
        for read in (check_written(plain, each, completes=True) for each in countries)
        if isinstance(read, Document)
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


def subjects_of(
    tx: Connection,
    case_ids: Collection[int],
    *,
    roles: Collection[Role] | None = None,
    hidden_lines: Collection[str] = (),
) -> dict[int, Subject]:
    """What these are about, by their numbers. ``roles``, ``hidden_lines``: as in ``consultations.one_case``."""
    if not case_ids:
        return {}
    theirs = seen_by(roles, hidden_lines).where(case_.c.id.in_(list(case_ids)))
    rows = tx.execute(theirs.with_only_columns(case_.c.id, case_.c.subject))
    return {row.id: subject_named(row.subject) for row in rows}


def pending_of(
    tx: Connection, vault: Vault, person: str, *, hidden_lines: Collection[str] = (), limit: int = 200
) -> list[PendingCase]:
    """What waits of the cases that somebody (an e-mail) opened or wrote in, the most urgent first."""
    wrote = select(attention.c.id).where(attention.c.case_id == case_.c.id, attention.c.operator == person)
    theirs = (IS_PENDING, or_(case_.c.opened_by == person, wrote.exists()))
    found = seen_by(None, hidden_lines).where(*theirs).order_by(case_.c.due_at, case_.c.id)
    return [as_pending(vault, row) for row in tx.execute(found.limit(limit))]
