"""What consultations, attentions, orders and registers keep of a person (core/person.py).

A consultation stays as a figure, its words gone. Work orders and the register of gifts stay as they are: what a public
employee did, and with which authority, is answered for by law. An open one of anything stands in the way.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from cases.corrections import telling
from cases.corrections.corrections import CorrectionState
from cases.keeping.erasing import erase_cases
from cases.keeping.person_told import kept_of
from cases.orders.orders import IS_OPEN
from cases.person_rows import Attended, attentions_of, cases_of, rooms_of
from cases.prints import prints_of
from cases.tables import (
    attention,
    claim,
    correction,
    gift,
    task,
    work_order,
)
from cases.typed import sealed
from core.person import Forgotten, Person
from core.privacy import Vault

__all__ = ["HOLDS", "NOBODYS", "forget", "holding", "kept_of"]

HOLDS = frozenset(
    {
        *("case_.document_sealed", "case_.phone_sealed", "case_.contact_name_sealed", "case_.detail_sealed"),
        *("case_.resolution_sealed", "case_event.text_sealed", "escalation.reason_sealed", "quality.comment_sealed"),
        *("attention.phone_sealed", "attention.document_sealed", "attention.typed_sealed"),
        *("task.unit_sealed", "task.words_sealed", "task.end_sealed"),
        *("claim.document_sealed", "claim.phone_sealed", "claim.reason_sealed"),
        *("correction.document_sealed", "correction.proposed_sealed", "correction.reason_sealed"),
        "correction.proposed_name_sealed",
        *("work_order.document_sealed", "work_order.detail_sealed", "work_order.bill_sealed"),
        *("order_step.filled_sealed", "gift.offer_sealed", "gift.item_sealed"),
    }
)
NOBODYS: dict[str, str] = {}
_LAW = "La ley obliga a conservar"


def holding(tx: Connection, vault: Vault, who: Person) -> Iterator[str]:
    """Whatever of it waits for somebody."""
    cases = cases_of(tx, who, lock=True)
    for row in cases:
        if row.closed_at is None:
            yield f"La consulta {row.id} está pendiente: ciérrela antes."
    ids = [row.id for row in cases if row.closed_at is not None]
    still_open = (task.c.case_id.in_(ids), task.c.ended_at.is_(None))
    for row in tx.execute(select(task).where(*still_open).order_by(task.c.id)):
        yield f"De la consulta {row.case_id} hay una tarea abierta (la {row.id}): termínela antes."
    theirs, naming = attentions_of(tx, vault, who)
    for each in (*theirs, *naming):
        if each.row.saved_at is None and each.row.moved_at is None:
            yield f"La atención {each.row.id} está sin guardar en la línea {each.row.line}: guárdela antes."
    yield from _corrections(tx, who)
    orders = (work_order.c.document_print.in_(who.document_prints), work_order.c.closed_at.is_(None))
    for number in tx.execute(select(work_order.c.id).where(*orders)).scalars():
        yield f"La orden de trabajo {number} está abierta: ciérrela antes."
    claims = (who.owns(claim.c.document_print, claim.c.phone_print), claim.c.decided_at.is_(None))
    for number in tx.execute(select(claim.c.id).where(*claims)).scalars():
        yield f"El reclamo {number} está por confirmar: confírmelo o descártelo antes."


def _corrections(tx: Connection, who: Person) -> Iterator[str]:
    theirs = select(correction).where(correction.c.document_print.in_(who.document_prints))
    rows = tx.execute(theirs.order_by(correction.c.id)).all()
    for row in rows:
        if row.state == CorrectionState.SOLICITADA or row.told_at is None:
            yield f"La corrección {row.id} del padrón está en curso: espere a que se decida y se le diga."
    for number in telling.owed_of(tx, [row.id for row in rows]):
        yield f"De la corrección {number} del padrón falta avisar a la persona: avísele antes, y anótelo en ella."


def forget(tx: Connection, vault: Vault, now: datetime, who: Person, by: str) -> Iterator[Forgotten]:
    """The words go, and whose they were; that there was a consultation stays, for whoever counts them."""
    ids = [row.id for row in cases_of(tx, who)]
    theirs, naming = attentions_of(tx, vault, who)
    attended = [each.row.id for each in theirs]
    rooms = rooms_of(tx, vault, who)
    gifts = len(tx.execute(select(gift.c.id).where(gift.c.case_id.in_(ids))).all())
    words = erase_cases(tx, vault, now, ids, attended, rooms, by)
    yield Forgotten("Palabras de la historia de una consulta", words)
    yield Forgotten("Atenciones", len(attended))
    for each in naming:
        _take_out(tx, vault, who, each)
    yield Forgotten("Atenciones de otra persona que la nombraban", len(naming))
    yield Forgotten("Consultas", len(ids))
    decided = delete(claim).where(who.owns(claim.c.document_print, claim.c.phone_print))
    yield Forgotten("Reclamos en una llamada", tx.execute(decided).rowcount)
    corrected = {
        "document_print": b"",
        "document_sealed": vault.seal(""),
        "proposed_sealed": None,
        "proposed_name_sealed": None,
        "reason_sealed": None,
    }
    asked = update(correction).where(correction.c.document_print.in_(who.document_prints))
    yield Forgotten("Correcciones del padrón", tx.execute(asked.values(**corrected)).rowcount)
    for print_ in who.document_prints:
        named = update(work_order).where(IS_OPEN, work_order.c.member_prints.contains([print_]))
        tx.execute(named.values(member_prints=func.array_remove(work_order.c.member_prints, print_)))
    orders = select(work_order.c.id).where(work_order.c.document_print.in_(who.document_prints))
    because = f"{_LAW} las órdenes de trabajo: dicen por qué se cambió algo de su subsidio."
    yield Forgotten("Órdenes de trabajo", 0, len(tx.execute(orders).all()), because)
    yield Forgotten("Regalías", 0, gifts, f"{_LAW} el registro de regalías de quien atiende.")


def _take_out(tx: Connection, vault: Vault, who: Person, each: Attended) -> None:
    """What is said of the person in somebody else's attention, and nothing else of it."""
    document, typed = each.without(who)
    left = {
        "document_sealed": vault.seal(document) if document else None,
        "typed_sealed": sealed(vault, typed),
        "prints": prints_of(vault, each.zone, each.told[0], document, typed),
    }
    tx.execute(update(attention).where(attention.c.id == each.row.id).values(**left))
