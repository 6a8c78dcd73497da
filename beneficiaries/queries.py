"""What the padrón asks of its tables. Nothing here commits."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, Select, exists, func, insert, or_, select, update

from beneficiaries.tables import beneficiary, pin


def beneficiary_with(tx: Connection, document_print: bytes) -> Row | None:
    """The person's sealed values and standing, and whether a PIN is in force."""
    return tx.execute(_people().where(beneficiary.c.document_print == document_print)).one_or_none()


def beneficiaries_with(
    tx: Connection, document_print: bytes | None, phone_print: bytes | None, limit: int
) -> Sequence[Row]:
    """Whoever has the document, then whoever has the telephone; nobody has None."""
    has_document, has_phone = beneficiary.c.document_print == document_print, beneficiary.c.phone_print == phone_print
    given = [has for has, value in ((has_document, document_print), (has_phone, phone_print)) if value is not None]
    if not given:
        return []
    found = _people().where(or_(*given)).order_by(has_document.desc(), beneficiary.c.id)
    return tx.execute(found.limit(limit)).all()


def holder_of(tx: Connection, bill_print: bytes) -> bytes | None:
    """The sealed document of whoever is linked on the bill."""
    return tx.execute(select(beneficiary.c.document_sealed).where(beneficiary.c.bill_print == bill_print)).scalar()


def wait_for_bills(tx: Connection, *, imports: bool) -> None:
    """Until the transaction ends no padrón comes in while somebody is linked on a bill, nor two at once: each would
    hold what the other waits for."""
    lock = func.pg_advisory_xact_lock if imports else func.pg_advisory_xact_lock_shared
    tx.execute(select(lock(func.hashtext("padron"))))


def hold_beneficiary(tx: Connection, document_print: bytes) -> int | None:
    """The person's id; until the transaction ends nobody else writes of them, nor gives them a PIN."""
    found = select(beneficiary.c.id).where(beneficiary.c.document_print == document_print)
    return tx.execute(found.with_for_update(key_share=True)).scalar()


def change(tx: Connection, beneficiary_id: int, now: datetime, values: Mapping[str, object]) -> None:
    """Writes these columns of a person who is held."""
    tx.execute(update(beneficiary).where(beneficiary.c.id == beneficiary_id).values(**values, updated_at=now))


def hashes_made_by(tx: Connection, beneficiary_id: int, made_by: str) -> Sequence[str]:
    """Of the PINs that this act gave the person."""
    of_act = select(pin.c.hash).where(pin.c.beneficiary_id == beneficiary_id, pin.c.made_by == made_by)
    return tx.execute(of_act).scalars().all()


def latest_hashes(tx: Connection, document_print: bytes, count: int) -> Sequence[str]:
    """Of the last PINs, newest first: the first is the one in force."""
    of_person = select(pin.c.hash).join(beneficiary).where(beneficiary.c.document_print == document_print)
    return tx.execute(of_person.order_by(pin.c.id.desc()).limit(count)).scalars().all()


def replace_pin(tx: Connection, beneficiary_id: int, hashed: str, now: datetime, reason: str, made_by: str) -> None:
    """Ends the PIN in force, if any, and begins another."""
    tx.execute(update(pin).where(pin.c.beneficiary_id == beneficiary_id, pin.c.until.is_(None)).values(until=now))
    values = {"hash": hashed, "since": now, "reason": str(reason), "made_by": made_by}
    tx.execute(insert(pin).values(beneficiary_id=beneficiary_id, **values))


def _people() -> Select:
    has_pin = exists().where(pin.c.beneficiary_id == beneficiary.c.id, pin.c.until.is_(None)).label("has_pin")
    return select(beneficiary, has_pin)
