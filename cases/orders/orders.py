"""Work orders and their suborders (R25, R26, R29): what a person of the institution allows, and how far it came."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from cases.catalogue.order_kinds import OrderKind, SuborderKind
from cases.events import EventKind, note
from cases.orders import claims, suborders, term
from cases.orders.suborders import OrderStep, Registering, StepsLeft
from cases.problem import TextMissing
from cases.tables import case_, work_order
from core import audit
from core.privacy import Vault, mask_document


class OrderState(StrEnum):
    """An order is good for what it is for while it is open."""

    ABIERTA = "ABIERTA"
    CERRADA = "CERRADA"
    ANULADA = "ANULADA"  # before all of its suborders were closed

    @property
    def label(self) -> str:
        return self.value.capitalize()


#: Written out in the statement: the server's kept plans see that the indexes of open orders serve.
IS_OPEN = work_order.c.state == literal_column(f"'{OrderState.ABIERTA}'")


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
    case_id: int | None = None
    is_registering: bool = False  #: its bill is being linked in the padrón
    steps: tuple[OrderStep, ...] = ()

    @property
    def has_linked(self) -> bool:
        """Whether it came to its end, and the household has its bill by it."""
        return self.kind.links and self.state is OrderState.CERRADA


class OtherBillOpen(Exception):
    """La persona ya tiene abierta una orden de otro recibo."""

    def __init__(self, order_id: int) -> None:
        super().__init__(order_id)
        self.order_id = order_id

    def __str__(self) -> str:
        return f"La persona ya tiene abierta la orden {self.order_id}, de otro recibo: ciérrela o anúlela antes."


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
    *,
    case_id: int | None = None,
    bill: str = "",
    members: Collection[str] = (),
) -> int:
    """Opens an order and returns its id: that of the open one, where the person has one. Raises TextMissing (R8);
    OtherBillOpen where that one links another bill.

    ``document``: letters and digits. It need not be in the padrón yet. ``bill``: the one that is to be linked;
    ``members``: the documents of the others of the household, by which each is found while the order is open.
    """
    if not detail.strip():
        raise TextMissing
    document_print = vault.fingerprint("document", document)
    member_prints = vault.fingerprint_each("document", members)
    values = {
        "kind": kind,
        "state": OrderState.ABIERTA,
        "document_print": document_print,
        "document_sealed": vault.seal(document),
        "detail_sealed": vault.seal(detail.strip()),
        "opened_at": now,
        "opened_by": opened_by,
        "case_id": case_id,
        "bill_print": vault.fingerprint("bill", bill) if bill else None,
        "bill_sealed": vault.seal(bill) if bill else None,
        "member_prints": member_prints or None,
    }
    added = insert(work_order).values(**values).on_conflict_do_nothing().returning(work_order.c.id)
    order_id = tx.execute(added).scalar()
    if order_id is None:
        theirs = (work_order.c.kind == kind, work_order.c.document_print == document_print, IS_OPEN)
        found = tx.execute(select(work_order).where(*theirs).with_for_update()).first()
        if found is None:  # closed by someone else in this very moment: then this one is new after all
            more: dict[str, Any] = {"case_id": case_id, "bill": bill, "members": members}
            return open_order(tx, vault, now, document, opened_by, detail, kind, **more)
        if found.bill_print != values["bill_print"]:
            raise OtherBillOpen(found.id)
        order_id = found.id
        named = dict.fromkeys((*(found.member_prints or ()), *member_prints))
        tx.execute(update(work_order).where(work_order.c.id == order_id).values(member_prints=list(named) or None))
    else:
        suborders.open_those_of(tx, order_id, kind)
        audit.record(tx, now, opened_by, "order.opened", "order", order_id, kind=kind)
    if kind is OrderKind.PIN_SUSTRACCION:
        claims.settle(tx, now, document_print, opened_by, order_id)
    return order_id


def one_order(tx: Connection, vault: Vault, order_id: int) -> Order:
    """With its suborders. Raises NoSuchOrder."""
    row = tx.execute(select(work_order).where(work_order.c.id == order_id)).first()
    if row is None:
        raise NoSuchOrder
    return replace(_order(vault, row), steps=suborders.of_orders(tx, vault, [order_id]).get(order_id, ()))


def orders_of_case(tx: Connection, vault: Vault, case_id: int) -> list[Order]:
    """Newest first."""
    found = select(work_order).where(work_order.c.case_id == case_id).order_by(work_order.c.id.desc())
    return [_order(vault, row) for row in tx.execute(found)]


def check_step(tx: Connection, vault: Vault, order_id: int, step: SuborderKind, words: str) -> list[SuborderKind]:
    """The suborders that are open, if this one may be closed now; the order is locked. Raises NoSuchOrder, StepsLeft,
    TextMissing."""
    if not words.strip():
        raise TextMissing
    row = tx.execute(select(work_order).where(work_order.c.id == order_id).with_for_update()).first()
    if row is None or row.state != OrderState.ABIERTA:
        raise NoSuchOrder
    left = suborders.left_of(tx, vault, order_id)
    if step in left and left[0] is not step:
        raise StepsLeft
    return left


def close_step(
    tx: Connection, vault: Vault, now: datetime, order_id: int, step: SuborderKind, actor: str, words: str
) -> bool:
    """Closes a suborder with what was done; with the last one the order is closed, and True is returned (R26). Its
    case's history says so.

    One that is closed stays as it is. Raises NoSuchOrder, TextMissing; StepsLeft where one before it is open.
    """
    left = check_step(tx, vault, order_id, step, words)
    if step not in left:
        return False
    suborders.fill(tx, vault, now, order_id, step, actor, words)
    is_over = len(left) == 1
    after = ", y con ella la orden" if is_over else ""
    told = f"Cerró la suborden «{step.label}» de la orden {order_id}{after}: {words.strip()}"
    note_in_case(tx, vault, now, order_id, actor, told)
    if is_over:
        _end(tx, vault, now, order_id, actor, OrderState.CERRADA)
    return is_over


def open_order_of(
    tx: Connection,
    vault: Vault,
    document: str,
    kind: OrderKind = OrderKind.PIN_SUSTRACCION,
    *,
    since: datetime | None = None,
) -> int | None:
    """The id of the person's open order of this kind. ``since``: only one opened after it (cases/orders/term.py)."""
    theirs = (work_order.c.kind == kind, work_order.c.document_print == vault.fingerprint("document", document))
    good = (work_order.c.opened_at > since,) if since is not None else ()
    return tx.execute(select(work_order.c.id).where(*theirs, IS_OPEN, *good)).scalar()


def has_open_order(
    tx: Connection,
    vault: Vault,
    document: str,
    kind: OrderKind = OrderKind.PIN_SUSTRACCION,
    *,
    since: datetime | None = None,
) -> bool:
    """Whether the person may have what the order is for."""
    return open_order_of(tx, vault, document, kind, since=since) is not None


def close_order(
    tx: Connection, vault: Vault, now: datetime, order_id: int, actor: str, reason: str, *, is_annulled: bool = False
) -> bool:
    """Ends an order by hand; False when it was closed already. One whose suborders are open is annulled. The reason
    stands sealed under its detail: people write names, and of the trail nothing can be erased.

    Raises NoSuchOrder, TextMissing; Registering: whether the padrón has what it is for is not known.
    """
    if not reason.strip():
        raise TextMissing
    row = tx.execute(select(work_order).where(work_order.c.id == order_id).with_for_update()).first()
    if row is None:
        raise NoSuchOrder
    if row.state != OrderState.ABIERTA:
        return False
    if row.registering_since is not None:
        raise Registering
    detail = f"{vault.open(row.detail_sealed)}\n\nCierre: {reason.strip()}"
    is_annulled = is_annulled or bool(suborders.left_of(tx, vault, order_id))
    state = OrderState.ANULADA if is_annulled else OrderState.CERRADA
    tx.execute(update(work_order).where(work_order.c.id == order_id).values(detail_sealed=vault.seal(detail)))
    did = "Anuló" if state is OrderState.ANULADA else "Cerró"
    note_in_case(tx, vault, now, order_id, actor, f"{did} la orden {order_id}: {reason.strip()}")
    _end(tx, vault, now, order_id, actor, state)
    return True


def note_in_case(tx: Connection, vault: Vault, now: datetime, order_id: int, actor: str, told: str) -> None:
    """A line in the history of the consultation that the order comes from, if it comes from one."""
    case_id = tx.execute(select(work_order.c.case_id).where(work_order.c.id == order_id)).scalar()
    if case_id is not None:
        note(tx, vault, now, actor, EventKind.ADDED, case_id=case_id, text=told, order=order_id)


def _end(tx: Connection, vault: Vault, now: datetime, order_id: int, actor: str, state: OrderState) -> None:
    ended = {"state": state, "closed_at": now, "closed_by": actor, "member_prints": None}
    tx.execute(update(work_order).where(work_order.c.id == order_id).values(**ended))
    term.ended(tx, vault, now, order_id, actor)
    audit.record(tx, now, actor, "order.closed", "order", order_id, state=state)


def list_orders(
    tx: Connection,
    vault: Vault,
    *,
    only_open: bool = True,
    hidden_lines: Collection[str] = (),
    before: int | None = None,
    limit: int = 100,
) -> list[Order]:
    """Work orders with their suborders, newest first, masked. ``hidden_lines``: those of whose cases the reader may not
    know (R81); ``before``: those older than this number."""
    found = select(work_order).order_by(work_order.c.id.desc()).limit(limit)
    if only_open:
        found = found.where(IS_OPEN)
    if hidden_lines:
        theirs = (case_.c.id == work_order.c.case_id, case_.c.line.in_(list(hidden_lines)))
        found = found.where(~select(case_.c.id).where(*theirs).exists())
    if before is not None:
        found = found.where(work_order.c.id < before)
    listed = [_order(vault, row) for row in tx.execute(found)]
    steps = suborders.of_orders(tx, vault, [each.id for each in listed])
    return [replace(each, steps=steps.get(each.id, ())) for each in listed]


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
        case_id=row.case_id,
        is_registering=row.registering_since is not None,
    )
