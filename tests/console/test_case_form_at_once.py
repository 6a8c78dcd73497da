"""Two people of one call press «Guardar» in the same moment: neither waits for the other for ever (R17, R34)."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from cases.attentions import attentions
from cases.tables import attention, case_
from core.countries import COUNTRIES
from core.roles import Role
from tests.console.test_case_form import DUI, OPERATOR, PHONE, WHOLE

SUPERVISOR = "supervisor@ejemplo.gob.sv"
ROUNDS = 12


def test_each_is_saved_or_told_of_the_other(as_role, db, vault, clock):
    browsers = {OPERATOR: as_role(Role.OPERADOR), SUPERVISOR: as_role(Role.SUPERVISOR)}
    for room in range(1, ROUNDS + 1):
        drafts = {who: answered(db, vault, clock, room, who) for who in browsers}
        together = Barrier(2)

        def press(who: str, drafts: dict[str, int] = drafts, together: Barrier = together) -> int:
            return save(browsers[who], drafts[who], together)

        with ThreadPoolExecutor(2) as both:
            codes = list(both.map(press, browsers))
        assert sorted(codes) in ([200, 200], [200, 409]), (room, codes)
    with db.begin() as tx:
        assert len(tx.execute(select(case_.c.id)).all()) == ROUNDS
        saved = attention.c.saved_at.is_not(None)
        assert len(tx.execute(select(attention.c.room_id).where(saved).distinct()).all()) == ROUNDS


def save(browser: FlaskClient, draft_id: int, together: Barrier) -> int:
    together.wait(20)
    return browser.post(f"/casos/{draft_id}/guardar", data=WHOLE, headers={"X-Part": "case-form"}).status_code


def answered(db, vault, clock, room: int, who: str) -> int:
    told: dict[str, Any] = {
        "line": "dgs",
        "call_sid": None,
        "phone": PHONE,
        "document": DUI,
        "zone": COUNTRIES["SV"].zone,
    }
    with db.begin() as tx:
        return attentions.open_draft(tx, vault, clock.now(), room_id=room, operator=who, **told)
