"""The preflight and the test call in a real Chromium: on one screen, usable by everybody, with the keyboard alone."""

from dataclasses import replace
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from campaigns.forecast import trial
from campaigns.submission import submit
from console.office import Office
from core.roles import Role
from core.tariffs import Tariff
from tests.console.accessibility import looked_at
from tests.console.browser import already_in
from tests.console.builders import account, forty
from tests.trunks import priced

pytestmark = pytest.mark.browser


@pytest.fixture
def office(office: Office) -> Office:
    return replace(office, trunks=priced({"": Tariff("USD", Decimal("0.085"), 60)}))


def test_what_decides_is_on_one_screen_and_a_test_call_takes_the_keyboard_alone(
    address, page, db, vault, clock, office, tmp_path
):
    asks = {"requiere_preguntas_seguridad": "SI", "pregunta_1": "NACIMIENTO_DDMM"}
    number = submit(db, vault, clock, office.lines, "otra@ejemplo.gob.sv", "lista.xlsx", forty(**asks)).id
    already_in(page, address, account(db, clock, Role.SUPERVISOR))
    page.goto(f"{address}/campanas/{number}/revision")
    section = page.get_by_role("region", name="Antes de empezar")
    for figure in ("de 40 se llamarán", "Termina el", "llamadas", "USD", "no se llamará"):
        box = section.get_by_text(figure).first.bounding_box()
        assert box and box["y"] + box["height"] < 800, figure
    looked_at(page, "preflight", tmp_path)
    section.get_by_text("De dónde salen estas cifras").press("Enter")
    expect(section.get_by_text("Llamadas por día")).to_be_visible()
    looked_at(page, "preflight-open", tmp_path)
    section.get_by_role("link", name="Teléfono (1)").press("Enter")
    expect(page.get_by_role("heading", name="No se llaman: Teléfono")).to_be_visible()
    looked_at(page, "excused", tmp_path)
    page.go_back()

    page.get_by_role("link", name="Llamada de prueba").press("Enter")
    looked_at(page, "test-call", tmp_path)
    page.get_by_label("Su teléfono").focus()
    page.keyboard.type("7999-0000")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Comprobamos que su número no sea el de nadie de la lista…")
    with db.begin() as tx:
        assert trial.take(tx, vault, 1) and trial.prove(tx, 1, "CA1")
    expect(page.get_by_role("status")).to_contain_text("Le estamos llamando")
    with db.begin() as tx:
        trial.end(tx, clock.now(), 1, "CA1", "completed", 65)
    expect(page.get_by_role("status")).to_contain_text("duró 1:05")
    looked_at(page, "test-call-over", tmp_path)
