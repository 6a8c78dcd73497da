"""The suborders of a work order: they are closed one after the other, each with what was done (R26)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from cases.catalogue.order_kinds import OrderKind, SuborderKind
from cases.tables import order_step
from core import audit
from core.privacy import Vault


@dataclass(frozen=True)
class OrderStep:
    """A suborder."""

    step: SuborderKind
    closed_at: datetime | None
    closed_by: str | None
    filled: str = field(repr=False)


class StepsLeft(Exception):
    """La orden se cierra cuando se cierran sus subórdenes."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class Registering(Exception):
    """Su recibo se está enlazando en el padrón: espere. Si el padrón no contesta, se intenta otra vez cada minuto."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def open_those_of(tx: Connection, order_id: int, kind: OrderKind) -> None:
    """The suborders of a new order of this kind."""
    steps = [{"order_id": order_id, "step": step, "place": place} for place, step in enumerate(kind.steps)]
    if steps:
        tx.execute(insert(order_step), steps)


def of_orders(tx: Connection, vault: Vault, order_ids: Collection[int]) -> dict[int, tuple[OrderStep, ...]]:
    """In their order."""
    asked = select(order_step).where(order_step.c.order_id.in_(list(order_ids)))
    found: dict[int, tuple[OrderStep, ...]] = {}
    for row in tx.execute(asked.order_by(order_step.c.order_id, order_step.c.place)):
        filled = vault.open(row.filled_sealed) if row.filled_sealed is not None else ""
        step = OrderStep(SuborderKind(row.step), row.closed_at, row.closed_by, filled)
        found[row.order_id] = (*found.get(row.order_id, ()), step)
    return found


def left_of(tx: Connection, vault: Vault, order_id: int) -> list[SuborderKind]:
    """Those that are open, in their order."""
    return [each.step for each in of_orders(tx, vault, [order_id]).get(order_id, ()) if each.closed_at is None]


def fill(
    tx: Connection, vault: Vault, now: datetime, order_id: int, step: SuborderKind, actor: str, words: str
) -> None:
    """Closes one with what was done."""
    mine = (order_step.c.order_id == order_id, order_step.c.step == step)
    done = {"filled_sealed": vault.seal(words.strip()), "closed_at": now, "closed_by": actor}
    tx.execute(update(order_step).where(*mine).values(**done))
    audit.record(tx, now, actor, "order.step_closed", "order", order_id, step=step)
