"""Whoever writes of a conversation waits for whoever writes of it, and takes nothing before (docs/decisions/0046)."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from cases.attentions import attentions, conversation
from cases.orders import of_call
from core.troubles import Trouble, trouble_of
from tests.cases.conftest import ANA, DUI, LUISA, PHONE, SAN_SALVADOR

Write = Callable[[Connection, int], object]
CALL: dict[str, Any] = {"line": "dgs", "call_sid": "CA1", "phone": PHONE, "document": DUI, "zone": SAN_SALVADOR}


@pytest.fixture
def drafts(db, vault, clock) -> dict[str, int]:
    """Ana's was saved; Eva's goes to a colleague; Luisa's is being written."""
    with db.begin() as tx:
        now = clock.now()
        made = {}
        for who in (ANA, "eva@ejemplo.gob.sv", LUISA):
            made[who] = attentions.open_draft(tx, vault, now, room_id=1, operator=who, **CALL)
        whole: dict[str, Any] = {
            "subject": "C01",
            "caller_kind": "BENEFICIARIO",
            "detail": "Pregunta el precio del cilindro",
        }
        mine: dict[str, Any] = {"has_conflict": False, "is_gift_offered": False, "outcome": "PENDIENTE"}
        attentions.type_draft(tx, vault, now, made[ANA], ANA, **whole, **mine)
        assert isinstance(attentions.save(tx, vault, now, made[ANA], ANA), attentions.Saved)
        moved = attentions.reassign(tx, vault, now, made["eva@ejemplo.gob.sv"], "eva@ejemplo.gob.sv")
        return {"saved": made[ANA], "waiting": moved, "written": made[LUISA]}


@pytest.fixture
def writes(vault, clock, drafts) -> dict[str, Write]:
    now, new = clock.now(), "rita@ejemplo.gob.sv"
    return {
        "opens": lambda tx, room: attentions.open_draft(tx, vault, now, room_id=room, operator=new, **CALL),
        "types": lambda tx, _: attentions.type_draft(tx, vault, now, drafts["written"], LUISA, detail="x"),
        "saves": lambda tx, _: attentions.save(tx, vault, now, drafts["written"], LUISA),
        "moves": lambda tx, _: attentions.reassign(tx, vault, now, drafts["written"], LUISA),
        "takes": lambda tx, _: attentions.take(tx, vault, now, drafts["waiting"], LUISA),
        "notes": lambda tx, _: attentions.add_note(tx, vault, now, drafts["saved"], ANA, "Volvió a llamar"),
        "tells the place": lambda tx, room: attentions.tell_place(tx, vault, now, room, ANA, "Soyapango"),
        "drops": lambda tx, room: attentions.drop_untouched(tx, now, room, LUISA),
        "takes its orders in": lambda tx, room: of_call.take_in(tx, vault, now, room, ANA),
    }


EACH = ["opens", "types", "saves", "moves", "takes", "notes", "tells the place", "drops", "takes its orders in"]


@pytest.mark.parametrize("how", EACH)
def test_waits_for_whoever_has_it_and_for_no_other(db, writes, how):
    with db.begin() as theirs:
        conversation.held(theirs, 2)
        with db.engine.connect() as mine:
            mine.execute(text("set local lock_timeout = '100ms'"))
            writes[how](mine, 1)
            mine.rollback()
        conversation.held(theirs, 1)
        with db.engine.connect() as mine, mine.begin(), pytest.raises(OperationalError) as waited:
            mine.execute(text("set local lock_timeout = '100ms'"))
            writes[how](mine, 1)
        assert getattr(waited.value.orig, "sqlstate", "") == "55P03"


def test_who_looks_again_at_what_they_have_waits_for_nobody(db, vault, clock, drafts):
    """A desk asks for its draft each second or two."""
    with db.begin() as theirs:
        conversation.held(theirs, 1)
        with db.begin() as mine:
            mine.execute(text("set local lock_timeout = '100ms'"))
            same = attentions.open_draft(mine, vault, clock.now(), room_id=1, operator=LUISA, **CALL)
    assert same == drafts["written"]


def test_two_that_wait_for_each_other_are_told_as_what_they_are():
    class Deadlock(Exception):
        sqlstate = "40P01"

    assert trouble_of(OperationalError("update", {}, Deadlock())) is Trouble.CROSSED
