"""What anybody told about somebody in consultations, attentions and orders, so that they are never asked for it as if
nobody knew (procedures/facts.py)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, Row, or_, select

from cases.events import taken_in_by
from cases.orders.orders import IS_OPEN
from cases.tables import attention, case_, case_event, order_step, work_order
from cases.typed import opened
from core.privacy import Vault


@dataclass(frozen=True)
class ToldOf:
    """``bills``, ``words``: as they were written; ``rooms``: the conversations in which it was; ``phone_prints``: of
    the telephones from which."""

    bills: tuple[str, ...] = field(repr=False)
    words: tuple[str, ...] = field(repr=False)
    rooms: frozenset[int]
    phone_prints: frozenset[bytes] = field(repr=False)


def told_of(tx: Connection, vault: Vault, document: str, case_id: int) -> ToldOf:
    """Of whoever has this document, as far as it is not erased: in their own consultations and attentions, saved or
    not, in those of others that name them, in ``case_id`` and what was joined to it, and in their orders."""
    whose = vault.fingerprint("document", document)
    cases = _cases(tx, whose, case_id)
    ids = [row.id for row in cases]
    naming = or_(attention.c.prints.contains([whose]), attention.c.case_id.in_(ids))
    attended = tx.execute(select(attention).where(naming)).all()
    theirs = or_(
        work_order.c.document_print == whose,
        IS_OPEN & work_order.c.member_prints.contains([whose]),
        work_order.c.case_id.in_(ids),
    )
    orders = tx.execute(select(work_order).where(theirs)).all()
    typed = [opened(vault, row.typed_sealed) for row in attended]
    bills = [*(each.bill for each in typed), *(_open(vault, row.bill_sealed) for row in orders)]
    words = [
        *(said for each in typed for said in (each.detail, each.reason)),
        *(_open(vault, said) for row in cases for said in (row.detail_sealed, row.resolution_sealed)),
        *(_open(vault, row.detail_sealed) for row in orders),
        *_history(tx, vault, ids, [row.id for row in attended]),
        *_steps(tx, vault, [row.id for row in orders]),
    ]
    phones = [row.phone_print for row in cases if row.phone_print is not None]
    prints = [each for row in attended for each in row.prints or () if each != whose]
    rooms = frozenset(row.room_id for row in attended)
    return ToldOf(tuple(filter(None, bills)), tuple(filter(None, words)), rooms, frozenset((*phones, *prints)))


def _cases(tx: Connection, whose: bytes, case_id: int) -> list[Row]:
    joined = [case_id, *taken_in_by(tx, case_id)]
    return list(tx.execute(select(case_).where(or_(case_.c.document_print == whose, case_.c.id.in_(joined)))))


def _history(tx: Connection, vault: Vault, cases: list[int], attended: list[int]) -> Iterator[str]:
    of_these = or_(case_event.c.case_id.in_(cases), case_event.c.attention_id.in_(attended))
    for sealed in tx.execute(select(case_event.c.text_sealed).where(of_these)).scalars():
        yield _open(vault, sealed)


def _steps(tx: Connection, vault: Vault, orders: list[int]) -> Iterator[str]:
    for sealed in tx.execute(select(order_step.c.filled_sealed).where(order_step.c.order_id.in_(orders))).scalars():
        yield _open(vault, sealed)


def _open(vault: Vault, sealed: bytes | None) -> str:
    return vault.open(sealed) if sealed is not None else ""
