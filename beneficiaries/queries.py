"""What the padrón asks of its tables. Nothing here commits."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, exists, insert, select, update

from beneficiaries.tables import beneficiary, pin


def beneficiary_with(tx: Connection, document_print: bytes) -> Row | None:
    """The person's sealed values and standing, and whether a PIN is in force."""
    has_pin = exists().where(pin.c.beneficiary_id == beneficiary.c.id, pin.c.until.is_(None)).label("has_pin")
    return tx.execute(select(beneficiary, has_pin).where(beneficiary.c.document_print == document_print)).one_or_none()


def hold_beneficiary(tx: Connection, document_print: bytes) -> int | None:
    """The person's id; until the transaction ends nobody else gives them a PIN."""
    found = select(beneficiary.c.id).where(beneficiary.c.document_print == document_print)
    return tx.execute(found.with_for_update(key_share=True)).scalar()


def pin_in_force(tx: Connection, beneficiary_id: int) -> Row | None:
    return tx.execute(select(pin).where(pin.c.beneficiary_id == beneficiary_id, pin.c.until.is_(None))).one_or_none()


def latest_hashes(tx: Connection, document_print: bytes, count: int) -> Sequence[str]:
    """Of the last PINs, newest first: the first is the one in force."""
    of_person = select(pin.c.hash).join(beneficiary).where(beneficiary.c.document_print == document_print)
    return tx.execute(of_person.order_by(pin.c.id.desc()).limit(count)).scalars().all()


def replace_pin(tx: Connection, beneficiary_id: int, hashed: str, now: datetime, reason: str, made_by: str) -> None:
    """Ends the PIN in force, if any, and begins another."""
    tx.execute(update(pin).where(pin.c.beneficiary_id == beneficiary_id, pin.c.until.is_(None)).values(until=now))
    values = {"hash": hashed, "since": now, "reason": str(reason), "made_by": made_by}
    tx.execute(insert(pin).values(beneficiary_id=beneficiary_id, **values))
