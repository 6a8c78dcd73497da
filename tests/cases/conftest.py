"""A desk's end of the line: an attention that opens, is typed and is saved, in one transaction."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from cases.attentions import attentions

ANA, LUISA = "ana@ejemplo.gob.sv", "luisa@ejemplo.gob.sv"
DUI, PHONE = "000162975", "+50322334455"
SAN_SALVADOR = ZoneInfo("America/El_Salvador")

#: All that a form needs, of a call about prices.
WHOLE: dict[str, Any] = {
    "subject": "C01",
    "caller_kind": "BENEFICIARIO",
    "contact_name": "Alguien Inventado",
    "detail": "Pregunta el precio del cilindro de 25 libras",
    "has_conflict": False,
    "is_gift_offered": False,
    "outcome": "CERRADO",
}


@pytest.fixture
def tx(db):
    with db.begin() as tx:
        yield tx


@pytest.fixture
def answered(tx: Connection, vault, clock) -> Callable[..., int]:
    """A call is answered: its draft."""

    def answered(room: int = 1, operator: str = ANA, **other: Any) -> int:
        told = {"line": "dgs", "call_sid": "CA1", "phone": PHONE, "document": DUI, "zone": SAN_SALVADOR, **other}
        return attentions.open_draft(tx, vault, clock.now(), room_id=room, operator=operator, **told)

    return answered


@pytest.fixture
def typed(tx: Connection, vault, clock) -> Callable[..., attentions.Draft]:
    """The form is filled in, whole but for what is said here."""

    def typed(draft_id: int, operator: str = ANA, **other: Any) -> attentions.Draft:
        return attentions.type_draft(tx, vault, clock.now(), draft_id, operator, **{**WHOLE, **other})

    return typed


@pytest.fixture
def save(tx: Connection, vault, clock) -> Callable[..., Any]:
    def save(draft_id: int, operator: str = ANA) -> Any:
        return attentions.save(tx, vault, clock.now(), draft_id, operator)

    return save
