"""Who is not to be called: added by hand, by key 8 or from a file; taken back by somebody and for a reason.

An exclusion is heeded as soon as it is committed: every call is decided by what the database says at that moment. Why
stands in its row alone: people write names, and of the audit trail nothing can be erased.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from campaigns.outcomes import Outcome
from campaigns.rules.exclusion_causes import cause_of, written
from campaigns.tables import attempt, campaign, exclusion, recipient
from core import audit
from core.documents import DocumentProblem, check_written, normal_form
from core.phones import Phone, parse_phone
from core.privacy import Vault, mask_document, mask_phone

HIDDEN = "••••••"  # what was excluded before its value was kept, or whose value nobody knew


class Kind(StrEnum):
    PERSON = "person"
    PHONE = "phone"
    WRONG_NUMBER = "wrong_number"  #: a telephone for one person, whose it is not: others may be called on it

    @property
    def label(self) -> str:
        return {"person": "Documento", "phone": "Teléfono", "wrong_number": "Número equivocado"}[self.value]


GIVEN = (Kind.PERSON, Kind.PHONE)  #: what somebody writes in a form, or brings in a file


@dataclass(frozen=True)
class Scope:
    """Where it holds: in one campaign, in every campaign of the entity of a line (or in those of one kind,
    tipo_campana), or (neither) everywhere."""

    campaign_id: int | None = None
    line: str | None = None
    campaign_kind: str | None = None

    @property
    def place(self) -> dict[str, Any]:
        """As a row says it."""
        return {"campaign_id": self.campaign_id, "line": self.line, "campaign_kind": self.campaign_kind}


class CannotExclude(Exception):
    """What was given is neither a document nor a telephone, or is of no known campaign. One sentence in Spanish."""


def value_of(kind: Kind, written: str, country: str) -> str:
    """A document in normal form, or a telephone in E.164, of what somebody wrote. Raises CannotExclude.

    A document is checked as in an upload: one that no upload can have would exclude nobody. A DUI that lost its leading
    zeros gets them back where the check digit then holds.
    """
    if "•" in written:
        raise CannotExclude("El dato viene oculto: descargue la lista con los datos a la vista.")
    if kind is Kind.PHONE:
        phone = parse_phone(written.strip(), country)
        if not isinstance(phone, Phone):
            raise CannotExclude(f"El teléfono no se puede leer: {phone.reason}.")
        return phone.e164
    document = check_written(written, country, completes=True)
    if isinstance(document, DocumentProblem):
        raise CannotExclude(f"El documento no se puede leer: {document.reason}; {document.suggestion}.")
    return document.number


def add(
    tx: Connection, vault: Vault, now: datetime, actor: str, kind: Kind, value: str, scope: Scope, cause: str
) -> bool:
    """Excludes a document or telephone (``value_of``); False where it was already. Raises CannotExclude."""
    if not cause.strip():
        raise CannotExclude("Escriba por qué no se le debe llamar.")
    check_scope(tx, scope)
    (added,) = add_all(tx, vault, now, actor, [(kind, value, cause)], scope)
    if added:
        audit.record(tx, now, actor, "exclusion.added", "exclusion", _told(scope), has_reason=True, kind=kind.value)
    return added


def add_all(
    tx: Connection,
    vault: Vault,
    now: datetime,
    actor: str,
    values: Sequence[tuple[Kind, str, str]],
    scope: Scope,
) -> list[bool]:
    """The same for many, each with its cause, in one statement; of each, whether it is new. Whoever calls writes the
    audit trail."""
    rows = [
        {
            "kind": kind.value,
            "print": print_of(vault, kind, value),
            **scope.place,
            "value_sealed": vault.seal(value),
            "since": now,
            **written(vault, cause),
            "added_by": actor,
        }
        for kind, value, cause in values
    ]
    if not rows:
        return []
    statement = insert(exclusion).values(rows).on_conflict_do_nothing().returning(exclusion.c.kind, exclusion.c.print)
    new = {(row.kind, bytes(row.print)) for row in tx.execute(statement)}
    found = []
    for row in rows:
        is_new = (row["kind"], row["print"]) in new
        new.discard((row["kind"], row["print"]))  # the same one twice in a list is new once
        found.append(is_new)
    return found


def add_by_key(
    tx: Connection, now: datetime, kind: Kind, fingerprint: bytes, sealed: bytes | None, scope: Scope
) -> None:
    """Key 8: whoever is on the line wants no more calls. Pressed twice, it is as pressed once."""
    values = {"kind": kind.value, "print": fingerprint, "value_sealed": sealed, "since": now, "cause": "tecla 8"}
    tx.execute(insert(exclusion).values(**values, **scope.place).on_conflict_do_nothing())


def add_wrong_number(
    tx: Connection, now: datetime, actor: str, to_print: bytes, person_print: bytes, sealed: bytes, cause: str
) -> None:
    """The telephone (its fingerprint, and itself ``sealed``) is not this person's: no campaign looks for them there.
    Said twice, it is as said once."""
    told = {"value_sealed": sealed, "since": now, "cause": cause, "added_by": actor}
    whose = {"kind": Kind.WRONG_NUMBER.value, "print": wrong_number_print(to_print, person_print)}
    tx.execute(insert(exclusion).values(**whose, **told).on_conflict_do_nothing())


def wrong_number_print(to_print: bytes, person_print: bytes) -> bytes:
    """The fingerprint of a telephone for one person. Both are keyed, and the database can put them together too
    (``wrong_number_in``)."""
    return sha256(to_print + person_print).digest()


def wrong_number_in(to_print: ColumnElement, person_print: ColumnElement) -> ColumnElement:
    """The same, of two columns."""
    return func.sha256(to_print.concat(person_print))


def remove(
    tx: Connection,
    vault: Vault,
    now: datetime,
    actor: str,
    exclusion_id: int,
    reason: str,
    *,
    among: ColumnElement[bool] | None = None,
) -> bool:
    """They may be called again; False where nothing stood. ``among``: as in ``listed``.

    Raises CannotExclude without a reason.
    """
    if not reason.strip():
        raise CannotExclude("Escriba por qué se le puede volver a llamar.")
    row = tx.execute(
        update(exclusion)
        .where(exclusion.c.id == exclusion_id, *standing(among))
        .values(removed_at=now, removed_by=actor, removed_because_sealed=vault.seal(reason.strip()[:300]))
        .returning(exclusion.c.kind, *_PLACE)
    ).first()
    if row is not None:
        found = ("exclusion.removed", "exclusion", _told(scope_of(row)))
        audit.record(tx, now, actor, *found, has_reason=True, kind=row.kind)
    return row is not None


def widen(
    tx: Connection,
    vault: Vault,
    now: datetime,
    actor: str,
    exclusion_id: int,
    scope: Scope,
    reason: str,
    *,
    among: ColumnElement[bool] | None = None,
) -> bool:
    """A supervisor makes what holds in one campaign hold further (formato-v1 §7); False where nothing stood."""
    query = select(exclusion).where(exclusion.c.id == exclusion_id, *standing(among))
    row = tx.execute(query.with_for_update()).first()
    if row is None:
        return False
    if not reason.strip():
        raise CannotExclude("Escriba por qué se amplía.")
    check_scope(tx, scope)
    kept = {"kind": row.kind, "print": row.print, "value_sealed": row.value_sealed, "since": now}
    told = insert(exclusion).values(**kept, **scope.place, **written(vault, reason), added_by=actor)
    tx.execute(told.on_conflict_do_nothing())
    audit.record(tx, now, actor, "exclusion.widened", "exclusion", _told(scope), has_reason=True, kind=row.kind)
    return True


@dataclass(frozen=True)
class ListedExclusion:
    """One exclusion that stands, as it is shown: ``masked`` always, the value itself only on purpose."""

    id: int
    kind: Kind
    masked: str
    scope: Scope
    campaign: str | None  # its radicado and its name
    since: datetime
    cause: str
    added_by: str


def listed(
    tx: Connection,
    vault: Vault,
    *,
    limit: int = 50,
    before: int | None = None,
    about: Sequence[tuple[Kind, bytes]] | None = None,
    among: ColumnElement[bool] | None = None,
) -> list[ListedExclusion]:
    """Those that stand, newest first, from before the id ``before``; ``about``: only of these fingerprints;
    ``among``: only where this holds of ``exclusion``, as ``known_to`` says it for a reader. None: every one.
    """
    query = (
        select(exclusion, campaign.c.name.label("campaign"), campaign.c.filing_number)
        .outerjoin(campaign, campaign.c.id == exclusion.c.campaign_id)
        .where(*standing(among))
        .order_by(exclusion.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(exclusion.c.id < before)
    if about is not None:
        query = query.where(or_(*(_is(kind, fingerprint) for kind, fingerprint in about), _is_wrong_number_of(about)))
    return [_listed(vault, row) for row in tx.execute(query)]


def count(tx: Connection, among: ColumnElement[bool] | None = None) -> int:
    """How many stand."""
    return tx.execute(select(func.count()).select_from(exclusion).where(*standing(among))).scalar_one()


def prints_of(vault: Vault, written: str, country: str) -> list[tuple[Kind, bytes]]:
    """What somebody looks for, as the document and as the telephone that it may be."""
    found = [(Kind.PERSON, document) for document in documents_of(written, country)]
    with suppress(CannotExclude):
        found.append((Kind.PHONE, value_of(Kind.PHONE, written, country)))
    return [(kind, print_of(vault, kind, value)) for kind, value in found]


def documents_of(written: str, country: str) -> list[str]:
    """The documents that somebody who looks for one may mean; one whose check digit is wrong too, for it may be of
    another kind, or be there since before that was asked for. None where it is no document at all."""
    plain = normal_form(written)
    found = {plain} if 3 <= len(plain) <= 30 else set()
    with suppress(CannotExclude):
        found.add(value_of(Kind.PERSON, written, country))
    return sorted(found)


def print_of(vault: Vault, kind: Kind, value: str) -> bytes:
    return vault.fingerprint("document" if kind is Kind.PERSON else "phone", value)


def masked(kind: Kind, value: str | None) -> str:
    """As every screen masks it (screens.md)."""
    if value is None:
        return HIDDEN
    return mask_document(value) if kind is Kind.PERSON else mask_phone(value)


def place_told(campaign_id: int, filing_number: str | None, name: str) -> str:
    """``CAMP-2026-0002: Pago de noviembre``."""
    return f"{filing_number or f'Solicitud {campaign_id}'}: {name}"


_PLACE = (exclusion.c.campaign_id, exclusion.c.line, exclusion.c.campaign_kind)


def scope_of(row: Row) -> Scope:
    """Where a row of ``exclusion`` holds."""
    return Scope(row.campaign_id, row.line, row.campaign_kind)


def holds_in(row: Row) -> ColumnElement[bool]:
    """The condition on ``exclusion`` under which it holds in a campaign (its row: id, line, kind), as
    campaigns/rules/facts.py asks: this campaign's, its line's, or everything."""
    of_line = and_(exclusion.c.line == row.line, func.coalesce(exclusion.c.campaign_kind, row.kind) == row.kind)
    for_several = and_(exclusion.c.campaign_id.is_(None), or_(exclusion.c.line.is_(None), of_line))
    return or_(exclusion.c.campaign_id == row.id, for_several)


def is_left_alone(tx: Connection, phone_print: bytes, line: str) -> bool:
    """Whether nobody may seek who has this telephone for the entity of a line, whatever it is about."""
    of_all = (exclusion.c.campaign_id.is_(None), exclusion.c.campaign_kind.is_(None))
    here = or_(exclusion.c.line.is_(None), exclusion.c.line == line)
    theirs = select(exclusion.c.id).where(_is(Kind.PHONE, phone_print), *standing(None), *of_all, here)
    return tx.execute(theirs.limit(1)).first() is not None


def check_scope(tx: Connection, scope: Scope) -> None:
    """Raises CannotExclude where there is no such campaign."""
    if scope.campaign_id is None:
        return
    query = select(campaign.c.id).where(campaign.c.id == scope.campaign_id)
    if tx.execute(query).first() is None:
        raise CannotExclude("No hay ninguna campaña con ese número.")


def standing(among: ColumnElement[bool] | None) -> list[ColumnElement[bool]]:
    """The conditions of those that stand; ``among`` as in ``listed``."""
    return [exclusion.c.removed_at.is_(None), *([among] if among is not None else [])]


def known_to(campaigns: Select) -> ColumnElement[bool]:
    """Those of no campaign, and of these (readers.ids_visible_to): being excluded from one says that one is in it."""
    return or_(exclusion.c.campaign_id.is_(None), exclusion.c.campaign_id.in_(campaigns))


def _is(kind: Kind, fingerprint: bytes) -> ColumnElement[bool]:
    return (exclusion.c.kind == kind.value) & (exclusion.c.print == fingerprint)


def _is_wrong_number_of(about: Sequence[tuple[Kind, bytes]]) -> ColumnElement[bool]:
    """Found by the calls in which it was said, until their people are purged; after that, only in the whole list."""
    phones = [fingerprint for kind, fingerprint in about if kind is Kind.PHONE]
    people = [fingerprint for kind, fingerprint in about if kind is Kind.PERSON]
    called = (
        select(wrong_number_in(attempt.c.to_print, recipient.c.person_print))
        .join(recipient, recipient.c.id == attempt.c.recipient_id)
        .where(attempt.c.outcome == Outcome.WRONG_NUMBER)
    )
    theirs = called.where(attempt.c.to_print.in_(phones)).union(called.where(recipient.c.person_print.in_(people)))
    return (exclusion.c.kind == Kind.WRONG_NUMBER.value) & exclusion.c.print.in_(theirs)


def _listed(vault: Vault, row: Row) -> ListedExclusion:
    kind = Kind(row.kind)
    value = vault.open(row.value_sealed) if row.value_sealed is not None else None
    told = place_told(row.campaign_id, row.filing_number, row.campaign) if row.campaign_id is not None else None
    return ListedExclusion(
        row.id, kind, masked(kind, value), scope_of(row), told, row.since, cause_of(vault, row), row.added_by
    )


def _told(scope: Scope) -> str:
    """The scope as the trail's subject."""
    if scope.campaign_id is not None:
        return f"campaign {scope.campaign_id}"
    of_kind = f", {scope.campaign_kind}" if scope.campaign_kind else ""
    return f"line {scope.line}{of_kind}" if scope.line else "all"
