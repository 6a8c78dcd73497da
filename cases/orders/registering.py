"""An order whose bill is being linked in the padrón, which may not answer: that it is to be is written down first, then
it is linked, and then its suborder is closed. Whoever comes between finds it so and annuls nothing, and whoever it is
taken from links the same again (procedures/linking.py)."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update

from cases.catalogue.order_kinds import SuborderKind
from cases.orders import orders
from cases.orders.orders import IS_OPEN
from cases.orders.suborders import Registering
from cases.tables import order_step, work_order
from core import audit
from core.privacy import Vault

__all__ = ["Begun", "Registering", "begin", "begun", "give_back", "held", "is_over", "left_half_made"]

_STEP = SuborderKind.REGISTRO


@dataclass(frozen=True)
class Begun:
    """Who registers it, and what they wrote."""

    actor: str
    words: str = field(repr=False)


def begin(tx: Connection, vault: Vault, now: datetime, order_id: int, actor: str, words: str) -> None:
    """From now on it is to be linked; of one that is already, what was written first stays. The order is locked, and
    its suborder may be closed (``orders.check_step``)."""
    new = (work_order.c.id == order_id, work_order.c.registering_since.is_(None))
    if not tx.execute(update(work_order).where(*new).values(registering_since=now)).rowcount:
        return
    said = {"filled_sealed": vault.seal(words.strip()), "closed_by": actor}
    tx.execute(update(order_step).where(*_its_step(order_id)).values(**said))
    audit.record(tx, now, actor, "order.registering", "order", order_id)


def begun(tx: Connection, vault: Vault, order_id: int) -> Begun | None:
    """None: it is not being registered, or not any more."""
    being = work_order.c.registering_since.is_not(None)
    asked = select(order_step.c.closed_by, order_step.c.filled_sealed).join(work_order)
    row = tx.execute(asked.where(*_its_step(order_id), being)).first()
    return Begun(row.closed_by, vault.open(row.filled_sealed)) if row else None


def held(tx: Connection, order_id: int) -> bool:
    """Whether it is still being registered; the order is locked."""
    asked = select(work_order.c.registering_since).where(work_order.c.id == order_id)
    return tx.execute(asked.with_for_update()).scalar() is not None


def is_over(tx: Connection, order_id: int) -> None:
    """The padrón has it."""
    tx.execute(update(work_order).where(work_order.c.id == order_id).values(registering_since=None))


def give_back(tx: Connection, vault: Vault, now: datetime, order_id: int, why: str) -> None:
    """It cannot be linked: the suborder is open, as before. ``why``: nothing of a person."""
    done = begun(tx, vault, order_id) if held(tx, order_id) else None
    if done is None:
        return
    is_over(tx, order_id)
    nothing = dict.fromkeys(("filled_sealed", "closed_by"))
    tx.execute(update(order_step).where(*_its_step(order_id)).values(**nothing))
    orders.note_in_case(tx, vault, now, order_id, done.actor, f"No se pudo registrar la orden {order_id}: {why}")
    audit.record(tx, now, done.actor, "order.given_back", "order", order_id)


def left_half_made(tx: Connection, before: datetime) -> list[int]:
    """Those that began by then and of which nobody knows whether the padrón has them, oldest first."""
    theirs = (IS_OPEN, work_order.c.registering_since <= before)
    return list(tx.execute(select(work_order.c.id).where(*theirs).order_by(work_order.c.id)).scalars())


def _its_step(order_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (order_step.c.order_id == order_id, order_step.c.step == _STEP)
