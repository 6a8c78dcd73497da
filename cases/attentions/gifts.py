"""Offers and gifts of citizens: all of them registered, and the ministry's form where one was accepted (R13, §6.e)."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, Row, insert, select

from cases.problem import Problem
from cases.tables import gift
from cases.typed import Typed
from core import audit
from core.privacy import Vault


@dataclass(frozen=True)
class Given:
    """A gift as it is to be registered, right in itself."""

    offer: str = field(repr=False)
    item: str = field(repr=False)
    value: Decimal | None  #: in the money of the line's country
    is_accepted: bool
    legal_basis: str = ""
    form_number: str = ""


@dataclass(frozen=True)
class Gift:
    """A line of the register."""

    id: int
    line: str
    case_id: int | None
    offered_on: date
    offer: str = field(repr=False)
    item: str = field(repr=False)
    value: Decimal | None
    is_accepted: bool
    legal_basis: str
    form_number: str
    file_id: int | None
    agent: str
    registered_at: datetime


class NoSuchGift(Exception):
    """No hay un registro de regalía con ese número."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def read(typed: Typed) -> Given | list[Problem]:
    """What the fields ``gift_*`` say, or what they lack. An accepted gift needs its legal basis and its form (§6.e)."""
    found: list[Problem] = []
    if not typed.gift_offer.strip():
        found.append(Problem("gift_offer", "Escriba quién lo ofreció y cómo."))
    if not typed.gift_item.strip():
        found.append(Problem("gift_item", "Escriba qué ofrecieron."))
    value = _amount(typed.gift_value)
    if isinstance(value, Problem):
        found.append(value)
    if typed.gift_is_accepted is None:
        found.append(Problem("gift_is_accepted", "Diga si se aceptó."))
    elif typed.gift_is_accepted:
        found += _of_an_accepted_one(typed)
    if found or isinstance(value, Problem):
        return found
    return Given(
        offer=typed.gift_offer.strip(),
        item=typed.gift_item.strip(),
        value=value,
        is_accepted=bool(typed.gift_is_accepted),
        legal_basis=typed.gift_basis.strip(),
        form_number=typed.gift_form.strip(),
    )


def register(
    tx: Connection,
    vault: Vault,
    now: datetime,
    given: Given,
    *,
    line: str,
    offered_on: date,
    agent: str,
    case_id: int | None = None,
    file_id: int | None = None,
) -> int:
    """Adds it to the register and returns its number. ``file_id``: of core.files, the form itself."""
    values = {
        **{"line": line, "case_id": case_id, "offered_on": offered_on, "file_id": file_id},
        **{"offer_sealed": vault.seal(given.offer), "item_sealed": vault.seal(given.item)},
        **{"estimated_value": given.value, "is_accepted": given.is_accepted},
        **{"legal_basis": given.legal_basis or None, "form_number": given.form_number or None},
        **{"agent": agent, "registered_at": now},
    }
    number = tx.execute(insert(gift).values(**values).returning(gift.c.id)).scalar_one()
    audit.record(tx, now, agent, "gift.registered", "gift", number, accepted=given.is_accepted, line=line)
    return number


def list_gifts(
    tx: Connection, vault: Vault, *, hidden_lines: Collection[str] = (), limit: int | None = 500
) -> list[Gift]:
    """The register, newest first. ``hidden_lines``: those that the reader may not see."""
    found = select(gift).where(gift.c.line.not_in(hidden_lines)).order_by(gift.c.offered_on.desc(), gift.c.id.desc())
    return [_gift(vault, row) for row in tx.execute(found.limit(limit))]


def one_gift(tx: Connection, vault: Vault, number: int) -> Gift:
    """Raises NoSuchGift."""
    row = tx.execute(select(gift).where(gift.c.id == number)).one_or_none()
    if row is None:
        raise NoSuchGift
    return _gift(vault, row)


def _of_an_accepted_one(typed: Typed) -> list[Problem]:
    needed = {
        "gift_value": (typed.gift_value, "Escriba su valor estimado."),
        "gift_basis": (typed.gift_basis, "Escriba la norma que permite aceptarlo."),
        "gift_form": (typed.gift_form, "Escriba el número del formulario de control de regalos."),
    }
    return [Problem(name, sentence) for name, (text, sentence) in needed.items() if not text.strip()]


def _amount(text: str) -> Decimal | Problem | None:
    """``25``, ``$25.50`` or ``25,50``; an empty one is not known."""
    written = text.strip().removeprefix("$").strip()
    if not written:
        return None
    if written.count(",") == 1 and "." not in written and len(written.partition(",")[2]) <= 2:
        written = written.replace(",", ".")
    written = written.replace(",", "")
    value = Decimal(written) if re.fullmatch(r"[0-9]{1,10}(\.[0-9]{1,2})?", written) else None
    return value if value is not None else Problem("gift_value", "Escriba el valor solo con números, como 25.50.")


def _gift(vault: Vault, row: Row) -> Gift:
    return Gift(
        id=row.id,
        line=row.line,
        case_id=row.case_id,
        offered_on=row.offered_on,
        offer=vault.open(row.offer_sealed),
        item=vault.open(row.item_sealed),
        value=row.estimated_value,
        is_accepted=row.is_accepted,
        legal_basis=row.legal_basis or "",
        form_number=row.form_number or "",
        file_id=row.file_id,
        agent=row.agent,
        registered_at=row.registered_at,
    )
