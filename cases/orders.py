"""Work orders and their suborders (R25, R26, R29): what a person of the institution allows, and how far it came."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from cases import claims
from cases.order_kinds import OrderKind, Step
from cases.problem import TextMissing
from cases.tables import order_step, work_order
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
_IS_OPEN = work_order.c.state == literal_column(f"'{OrderState.ABIERTA}'")


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
    steps: tuple["OrderStep", ...] = ()


@dataclass(frozen=True)
class OrderStep:
    """A suborder."""

    step: Step
    closed_at: datetime | None
    closed_by: str | None
    filled: str = field(repr=False)


@dataclass(frozen=True)
class Link:
    """What an order of the enlace is to link."""

    document: str = field(repr=False)
    bill: str = field(repr=False)


class StepsLeft(Exception):
    """La orden se cierra cuando se cierran sus subórdenes."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


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
) -> int:
    """Opens an order and returns its id: that of the open one, where the person has one. Raises TextMissing (R8);
    OtherBillOpen where that one links another bill.

    ``document``: letters and digits. It need not be in the padrón yet. ``bill``: the one that is to be linked.
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
        "case_id": case_id,
        "bill_print": vault.fingerprint("bill", bill) if bill else None,
        "bill_sealed": vault.seal(bill) if bill else None,
    }
    added = insert(work_order).values(**values).on_conflict_do_nothing().returning(work_order.c.id)
    order_id = tx.execute(added).scalar()
    if order_id is None:
        theirs = (work_order.c.kind == kind, work_order.c.document_print == document_print, _IS_OPEN)
        found = tx.execute(select(work_order.c.id, work_order.c.bill_print).where(*theirs)).first()
        if found is None:  # closed by someone else in this very moment: then this one is new after all
            return open_order(tx, vault, now, document, opened_by, detail, kind, case_id=case_id, bill=bill)
        if found.bill_print != values["bill_print"]:
            raise OtherBillOpen(found.id)
        order_id = found.id
    else:
        steps = [{"order_id": order_id, "step": step, "place": place} for place, step in enumerate(kind.steps)]
        if steps:
            tx.execute(insert(order_step), steps)
        audit.record(tx, now, opened_by, "order.opened", "order", order_id, kind=kind)
    if kind is OrderKind.PIN_SUSTRACCION:
        claims.settle(tx, now, document_print, opened_by, order_id)
    return order_id


def is_under_way(tx: Connection, vault: Vault, document: str, others: Collection[str], bill: str) -> bool:
    """Whether somebody else of the household has an order open that is not of a PIN, or one for that bill (R24)."""
    prints = [vault.fingerprint("document", each) for each in others if each != document]
    elses = (_IS_OPEN, work_order.c.kind != OrderKind.PIN_SUSTRACCION)
    mine = work_order.c.document_print == vault.fingerprint("document", document)
    same_bill = work_order.c.bill_print == vault.fingerprint("bill", bill)
    found = select(work_order.c.id).where(*elses, ~mine, or_(work_order.c.document_print.in_(prints), same_bill))
    return tx.execute(found.limit(1)).first() is not None


def order_of_other_bill(tx: Connection, vault: Vault, document: str, kind: OrderKind, bill: str) -> int | None:
    """The person's open order of this kind where it links another bill: it is in the way of one for this."""
    theirs = (work_order.c.kind == kind, work_order.c.document_print == vault.fingerprint("document", document))
    another = work_order.c.bill_print.is_distinct_from(vault.fingerprint("bill", bill))
    return tx.execute(select(work_order.c.id).where(*theirs, _IS_OPEN, another)).scalar()


def one_order(tx: Connection, vault: Vault, order_id: int) -> Order:
    """With its suborders. Raises NoSuchOrder."""
    row = tx.execute(select(work_order).where(work_order.c.id == order_id)).first()
    if row is None:
        raise NoSuchOrder
    return replace(_order(vault, row), steps=_steps_of(tx, vault, [order_id]).get(order_id, ()))


def orders_of_case(tx: Connection, vault: Vault, case_id: int) -> list[Order]:
    """Newest first."""
    found = select(work_order).where(work_order.c.case_id == case_id).order_by(work_order.c.id.desc())
    return [_order(vault, row) for row in tx.execute(found)]


def link_of(tx: Connection, vault: Vault, order_id: int) -> Link | None:
    """What the order is to link; None where it links nothing. Raises NoSuchOrder."""
    row = tx.execute(select(work_order).where(work_order.c.id == order_id)).first()
    if row is None:
        raise NoSuchOrder
    if row.bill_sealed is None:
        return None
    return Link(vault.open(row.document_sealed), vault.open(row.bill_sealed))


def check_step(tx: Connection, vault: Vault, order_id: int, step: Step, words: str) -> list[Step]:
    """The suborders that are open, if this one may be closed now; the order is locked. Raises NoSuchOrder, StepsLeft,
    TextMissing."""
    if not words.strip():
        raise TextMissing
    row = tx.execute(select(work_order).where(work_order.c.id == order_id).with_for_update()).first()
    if row is None or row.state != OrderState.ABIERTA:
        raise NoSuchOrder
    left = [each.step for each in _steps_of(tx, vault, [order_id]).get(order_id, ()) if each.closed_at is None]
    if step in left and left[0] is not step:
        raise StepsLeft
    return left


def close_step(tx: Connection, vault: Vault, now: datetime, order_id: int, step: Step, actor: str, words: str) -> bool:
    """Closes a suborder with what was done; with the last one the order is closed, and True is returned (R26).

    One that is closed stays as it is. Raises NoSuchOrder, TextMissing; StepsLeft where one before it is open.
    """
    left = check_step(tx, vault, order_id, step, words)
    if step not in left:
        return False
    mine = (order_step.c.order_id == order_id, order_step.c.step == step)
    done = {"filled_sealed": vault.seal(words.strip()), "closed_at": now, "closed_by": actor}
    tx.execute(update(order_step).where(*mine).values(**done))
    audit.record(tx, now, actor, "order.step_closed", "order", order_id, step=step)
    if len(left) > 1:
        return False
    _end(tx, now, order_id, actor, OrderState.CERRADA)
    return True


def open_order_of(
    tx: Connection, vault: Vault, document: str, kind: OrderKind = OrderKind.PIN_SUSTRACCION
) -> int | None:
    """The id of the person's open order of this kind."""
    theirs = (work_order.c.kind == kind, work_order.c.document_print == vault.fingerprint("document", document))
    return tx.execute(select(work_order.c.id).where(*theirs, _IS_OPEN)).scalar()


def has_open_order(tx: Connection, vault: Vault, document: str, kind: OrderKind = OrderKind.PIN_SUSTRACCION) -> bool:
    """Whether the person may have what the order is for."""
    return open_order_of(tx, vault, document, kind) is not None


def close_order(tx: Connection, vault: Vault, now: datetime, order_id: int, actor: str, reason: str) -> bool:
    """Ends an order by hand; False when it was closed already. One whose suborders are open is annulled. The reason
    stands sealed under its detail: people write names, and of the trail nothing can be erased.

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
    is_left = any(each.closed_at is None for each in _steps_of(tx, vault, [order_id]).get(order_id, ()))
    tx.execute(update(work_order).where(work_order.c.id == order_id).values(detail_sealed=vault.seal(detail)))
    _end(tx, now, order_id, actor, OrderState.ANULADA if is_left else OrderState.CERRADA)
    return True


def _end(tx: Connection, now: datetime, order_id: int, actor: str, state: OrderState) -> None:
    ended = {"state": state, "closed_at": now, "closed_by": actor}
    tx.execute(update(work_order).where(work_order.c.id == order_id).values(**ended))
    audit.record(tx, now, actor, "order.closed", "order", order_id, state=state)


def list_orders(
    tx: Connection, vault: Vault, *, only_open: bool = True, before: int | None = None, limit: int = 100
) -> list[Order]:
    """Work orders with their suborders, newest first, masked. ``before``: those older than this number."""
    found = select(work_order).order_by(work_order.c.id.desc()).limit(limit)
    if only_open:
        found = found.where(_IS_OPEN)
    if before is not None:
        found = found.where(work_order.c.id < before)
    listed = [_order(vault, row) for row in tx.execute(found)]
    steps = _steps_of(tx, vault, [each.id for each in listed])
    return [replace(each, steps=steps.get(each.id, ())) for each in listed]


def _steps_of(tx: Connection, vault: Vault, order_ids: Collection[int]) -> dict[int, tuple[OrderStep, ...]]:
    """In their order."""
    asked = select(order_step).where(order_step.c.order_id.in_(list(order_ids)))
    found: dict[int, tuple[OrderStep, ...]] = {}
    for row in tx.execute(asked.order_by(order_step.c.order_id, order_step.c.place)):
        filled = vault.open(row.filled_sealed) if row.filled_sealed is not None else ""
        step = OrderStep(Step(row.step), row.closed_at, row.closed_by, filled)
        found[row.order_id] = (*found.get(row.order_id, ()), step)
    return found


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
    )
