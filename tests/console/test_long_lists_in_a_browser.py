"""Lists that do not fit on their page, in a real Chromium: the rest is on the next one, at 360 px and wide."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cases import tasks
from cases.attentions import attentions
from cases.consultations import escalations
from cases.consultations.consultations import open_case
from cases.corrections import asking
from cases.tasks import TaskKind
from console.cases import corrections, drafts, orders, tray
from console.cases import tasks as tasks_page
from console.office import Office
from core.documents import dui_check_digit
from core.roles import Role
from tests.cases.conftest import LUISA, SAN_SALVADOR
from tests.console.accessibility import looked_at
from tests.console.browser import already_in
from tests.console.builders import account

pytestmark = pytest.mark.browser

ANA, PHONE = "ana@ejemplo.gob.sv", "+50370001234"
#: What is read on the second page of each, and on no first one.
SECOND = {
    "/casos": "No lo acepta el sistema 2",
    "/casos/tareas": "Preguntar si ya le atendieron 2",
    "/casos/correcciones": "Abrir la corrección 3",
    "/casos/por-guardar": "Es de mi familia 2",
}


@pytest.fixture
def office(office: Office) -> Office:
    """Without a telephone in the page: there is no carrier here."""
    return replace(office, is_local_carrier=False, carrier_ws_url=None)


@pytest.fixture
def three_of_each(db, vault, clock, monkeypatch) -> None:
    """And pages of two."""
    for screen in (tray, tasks_page, corrections, drafts, orders):
        monkeypatch.setattr(screen, "_PAGE", 2)
    with db.begin() as tx:
        for n in range(3):
            now, document = clock.now() + timedelta(minutes=n), f"{4000000 + n:08}"
            document += str(dui_check_digit(document))
            said = f"No lo acepta el sistema {n}"
            case = open_case(tx, vault, now, "PIN_INVALIDO", document, PHONE, "dgs", None, said)
            asking.ask(tx, vault, now, case, ANA, "No lo acepta")
            told: dict[str, Any] = {"line": "dgs", "about": n, "to_person": LUISA if n else None, "actor": ANA}
            words = f"Preguntar si ya le atendieron {n}"
            tasks.open_task(tx, vault, now, TaskKind.FOLLOW_UP, **told, words=words, due_at=now + timedelta(hours=n))
            whose: dict[str, Any] = {"line": "dgs", "call_sid": None, "phone": PHONE, "document": document}
            draft = attentions.open_draft(tx, vault, now, room_id=n, operator=ANA, **whose, zone=SAN_SALVADOR)
            attentions.type_draft(tx, vault, now, draft, ANA, detail=f"Es de mi familia {n}")
            attentions.reassign(tx, vault, now, draft, ANA, to_role=Role.SUPERVISOR)
        escalations.to_director(tx, vault, clock.now(), 1, ANA, "El operador le gritó")


def test_the_rest_is_on_the_next_page(address, page: Page, db, clock, three_of_each, tmp_path):
    already_in(page, address, account(db, clock, Role.SUPERVISOR))
    for where, late in SECOND.items():
        name = where.rpartition("/")[2]
        page.goto(address + where)
        expect(page.get_by_role("main")).not_to_contain_text(late)
        looked_at(page, f"{name}-larga", tmp_path)
        page.get_by_role("link", name="Las siguientes").click()
        expect(page.get_by_role("main")).to_contain_text(late)
        looked_at(page, f"{name}-siguiente", tmp_path)
