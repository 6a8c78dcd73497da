"""Work orders: today the one that a theft of the subsidy needs before a new PIN (R29)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert

from cases.order_kinds import OrderKind
from cases.problem import TextMissing
from cases.tables import claim, work_order
from core import audit
from core.privacy import Vault, mask_document


class OrderState(StrEnum):
    """An order is good for a PIN while it is open."""

    ABIERTA = "ABIERTA"
    CERRADA = "CERRADA"


@dataclass(frozen=True)
class Order:
    """A work order as a screen shows it."""

    id: int
    kind: OrderKind
    state: OrderState
    document: str  #: masked
    detail: str = field(repr=False)  #: of a closed one, with why it was closed
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_by: str | None


class NoSuchOrder(Exception):
    """No hay una orden de trabajo con ese número."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def open_order(
    tx: Connection,
    vault: Vault,
    now: datetime,
    document: str,
    opened_by: str,
    detail: str,
    kind: OrderKind = OrderKind.PIN_SUSTRACCION,
) -> int:
    """Opens an order and returns its id: that of the open one, where the person has one. Raises TextMissing (R8).

    ``document``: letters and digits. It need not be in the padrón yet.
    """
    if not detail.strip():
        raise TextMissing
    document_print = vault.fingerprint("document", document)
    values = {
        "kind": kind,
        "state": OrderState.ABIERTA,
        "document_print": document_print,
        "document_sealed": vault.seal(document),
        "detail_sealed": vault.seal(detail.strip()),
        "opened_at": now,
        "opened_by": opened_by,
    }
    added = insert(work_order).values(**values).on_conflict_do_nothing().returning(work_order.c.id)
    order_id = tx.execute(added).scalar()
    if order_id is None:
        found = open_order_of(tx, vault, document, kind)
        if found is None:  # closed by someone else in this very moment: then this one is new after all
            return open_order(tx, vault, now, document, opened_by, detail, kind)
        _settle_claim(tx, now, document_print, opened_by, found)
        return found
    audit.record(tx, now, opened_by, "order.opened", "order", order_id, kind=kind)
    _settle_claim(tx, now, document_print, opened_by, order_id)
    return order_id


def _settle_claim(tx: Connection, now: datetime, document_print: bytes, actor: str, order_id: int) -> None:
    """Whoever claimed on a call of the system has spoken with a person now: nobody else need call them."""
    theirs = (claim.c.document_print == document_print, claim.c.state == "POR_CONFIRMAR")
    settled = {"state": "CONFIRMADO", "decided_at": now, "decided_by": actor, "order_id": order_id}
    tx.execute(update(claim).where(*theirs).values(**settled))


def open_order_of(
    tx: Connection, vault: Vault, document: str, kind: OrderKind = OrderKind.PIN_SUSTRACCION
) -> int | None:
    """The id of the person's open order of this kind."""
    theirs = (work_order.c.kind == kind, work_order.c.document_print == vault.fingerprint("document", document))
    still_open = work_order.c.state == OrderState.ABIERTA
    return tx.execute(select(work_order.c.id).where(*theirs, still_open)).scalar()


def has_open_order(tx: Connection, vault: Vault, document: str, kind: OrderKind = OrderKind.PIN_SUSTRACCION) -> bool:
    """Whether the person may have what the order is for."""
    return open_order_of(tx, vault, document, kind) is not None


def close_order(tx: Connection, vault: Vault, now: datetime, order_id: int, actor: str, reason: str) -> bool:
    """Ends an order; False when it was closed already. The reason stands sealed under its detail: people write names,
    and of the trail nothing can be erased.

    Raises NoSuchOrder, TextMissing.
    """
    if not reason.strip():
        raise TextMissing
    row = tx.execute(select(work_order).where(work_order.c.id == order_id).with_for_update()).first()
    if row is None:
        raise NoSuchOrder
    if row.state != OrderState.ABIERTA:
        return False
    detail = f"{vault.open(row.detail_sealed)}\n\nCierre: {reason.strip()}"
    ended = {"state": OrderState.CERRADA, "closed_at": now, "closed_by": actor, "detail_sealed": vault.seal(detail)}
    tx.execute(update(work_order).where(work_order.c.id == order_id).values(**ended))
    audit.record(tx, now, actor, "order.closed", "order", order_id, has_reason=True)
    return True


def list_orders(tx: Connection, vault: Vault, *, only_open: bool = True, limit: int = 200) -> list[Order]:
    """Work orders, newest first, masked."""
    found = select(work_order).order_by(work_order.c.id.desc()).limit(limit)
    if only_open:
        found = found.where(work_order.c.state == OrderState.ABIERTA)
    return [_order(vault, row) for row in tx.execute(found)]


def _order(vault: Vault, row: Row) -> Order:
    return Order(
        id=row.id,
        kind=OrderKind(row.kind),
        state=OrderState(row.state),
        document=mask_document(vault.open(row.document_sealed)),
        detail=vault.open(row.detail_sealed),
        opened_at=row.opened_at,
        opened_by=row.opened_by,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
    )
