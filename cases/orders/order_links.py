"""What an order of the enlace links, and what is in the way of one (R24, R25)."""

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import Connection, or_, select

from cases.catalogue.order_kinds import OrderKind
from cases.orders.orders import IS_OPEN, NoSuchOrder, OrderState
from cases.tables import work_order
from core.privacy import Vault


@dataclass(frozen=True)
class Link:
    """What an order of the enlace is to link."""

    document: str = field(repr=False)
    bill: str = field(repr=False)


def is_under_way(tx: Connection, vault: Vault, document: str, others: Collection[str], bill: str) -> bool:
    """Whether somebody else has an order open, that is not of a PIN, for one of the household, in whose household one
    of them is named, or for that bill (R24)."""
    own = vault.fingerprint("document", document)
    prints = [vault.fingerprint("document", each) for each in others if each != document]
    elses = (IS_OPEN, work_order.c.kind != OrderKind.PIN_SUSTRACCION, work_order.c.document_print != own)
    theirs = work_order.c.document_print.in_(prints) | work_order.c.member_prints.overlap([own, *prints])
    same_bill = work_order.c.bill_print == vault.fingerprint("bill", bill)
    found = select(work_order.c.id).where(*elses, or_(theirs, same_bill))
    return tx.execute(found.limit(1)).first() is not None


def order_of_other_bill(tx: Connection, vault: Vault, document: str, kind: OrderKind, bill: str) -> int | None:
    """The person's open order of this kind where it links another bill: it is in the way of one for this."""
    theirs = (work_order.c.kind == kind, work_order.c.document_print == vault.fingerprint("document", document))
    another = work_order.c.bill_print.is_distinct_from(vault.fingerprint("bill", bill))
    return tx.execute(select(work_order.c.id).where(*theirs, IS_OPEN, another)).scalar()


def link_of(tx: Connection, vault: Vault, order_id: int) -> Link | None:
    """What the order is to link; None where it links nothing. Raises NoSuchOrder."""
    row = tx.execute(select(work_order).where(work_order.c.id == order_id)).first()
    if row is None:
        raise NoSuchOrder
    if row.bill_sealed is None:
        return None
    return Link(vault.open(row.document_sealed), vault.open(row.bill_sealed))


def order_of_case(tx: Connection, case_id: int) -> int | None:
    """The order of the enlace that the consultation led to, open or closed: no second one comes of it. One that was
    annulled leaves it free for another."""
    theirs = (work_order.c.case_id == case_id, work_order.c.bill_sealed.is_not(None))
    left = (*theirs, work_order.c.state != OrderState.ANULADA)
    return tx.execute(select(work_order.c.id).where(*left).order_by(work_order.c.id.desc()).limit(1)).scalar()
