"""The case beside an emergency, and beside a campaign's contact, in a real Chromium: nobody leaves the page for it."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from cases.attentions import attentions
from cases.tables import case_
from core.roles import Role
from demo.invent import citizen
from tests.campaigns.builders import running
from tests.console.accessibility import looked_at
from tests.console.call_centre import address, browser, centre, emergency_of, office, opens
from tests.console.test_operated import hang_up, reach

__all__ = ["address", "browser", "centre", "office", "opens"]  # fixtures

pytestmark = pytest.mark.browser
DETAIL = "Dice que hay un herido frente a su casa"


@pytest.mark.slow(20)
def test_an_emergency_is_written_down_while_it_goes_on(address, opens, centre, db, vault, tmp_path: Path):
    """R76, R78."""
    ana, room_id = emergency_of(centre)
    page = opens(address, ana.email, "/puesto")
    page.get_by_role("link", name="Emergencia", exact=True).click()
    page.get_by_role("textbox", name="Lugar exacto").fill("Calle Inventada 5, portón verde")
    page.get_by_label("Zona").select_option("San Salvador")
    page.get_by_role("button", name="Llamar a los servicios ahora").click()

    expect(page.get_by_text("EMERGENCIA · Línea 131 · San Salvador")).to_be_visible()
    detail = page.get_by_label("Detalle de la llamada")
    detail.fill(DETAIL)
    expect(page.get_by_text("Borrador guardado a las")).to_be_visible()
    expect(page.get_by_text("El lugar de la emergencia entra en el caso por sí solo")).to_be_visible()
    page.get_by_role("button", name="Situación controlada").click()
    expect(page.get_by_role("button", name="Terminar")).to_be_enabled()
    expect(detail).to_have_value(DETAIL)
    looked_at(page, "emergencia-con-caso", tmp_path)
    page.get_by_role("textbox", name="Lugar exacto").fill("Calle Inventada 7")
    page.get_by_role("button", name="Guardar el lugar").click()
    expect(page.get_by_text("El lugar se corrigió 1 vez")).to_be_visible()
    detail.press("Control+End")
    page.keyboard.type(" y pide ayuda")

    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Terminar").click()
    page.wait_for_url("**/puesto")
    expect(page.get_by_label("Detalle de la llamada")).to_have_value(f"{DETAIL} y pide ayuda")
    with db.begin() as tx:
        (draft,) = attentions.drafts_of(tx, vault, ana.email)
    assert draft.typed.place == "Calle Inventada 7 (zona San Salvador)"


@pytest.mark.slow(20)
def test_a_contact_leaves_its_case_from_the_same_page(address, opens, centre, db, vault, clock, tmp_path: Path):
    """R46."""
    running(db, vault, clock, 2, modo="OPERADOR", tipo_campana="VERIFICACION_COBRO")
    ana = centre.arrives(Role.OPERADOR, "ana")
    reach(centre, ana)
    page = opens(address, ana.email, "/puesto")
    expect(page.get_by_label("Motivo de la llamada")).to_have_value("C08")
    expect(page.get_by_label("Nombre", exact=True)).to_have_value(f"{citizen(0).name} {citizen(0).surname}")
    looked_at(page, "contacto-con-caso", tmp_path)
    page.set_viewport_size({"width": 1366, "height": 768})
    page.get_by_label("Detalle de la llamada").fill("Contestó su hijo y colgó")
    expect(page.get_by_text("Borrador guardado a las")).to_be_visible()
    hang_up(centre)
    page.get_by_label("Resultado de la llamada").select_option(label="No es la persona")
    page.get_by_role("button", name="Guardar el resultado").click()
    expect(page.get_by_text("Quedó sin guardar el caso")).to_be_visible()
    page.get_by_role("link", name="complételo").click()
    page.get_by_label("No", exact=True).first.check()
    page.get_by_role("group", name="¿Le ofrecieron algún regalo?").get_by_label("No").check()
    page.get_by_label("Cerrado").check()
    page.get_by_role("button", name="Guardar caso").click()
    expect(page.get_by_text("Guardado como caso 1")).to_be_visible()
    with db.begin() as tx:
        assert tx.execute(select(case_.c.subject)).scalars().all() == ["C08"]


@pytest.mark.slow(15)
def test_a_machine_leaves_none_and_the_form_goes_with_the_result(address, opens, centre, db, vault, clock):
    running(db, vault, clock, 2, modo="OPERADOR")
    ana = centre.arrives(Role.OPERADOR, "ana")
    reach(centre, ana)
    page = opens(address, ana.email, "/puesto")
    expect(page.get_by_role("button", name="Guardar caso")).to_be_visible()
    hang_up(centre)
    page.get_by_label("Resultado de la llamada").select_option(label="Buzón, sin mensaje")
    page.get_by_role("button", name="Guardar el resultado").click()
    expect(page.get_by_role("button", name="Guardar caso")).to_have_count(0)
    expect(page.get_by_text("No queda caso por escribir: pulse «Listo».")).to_be_visible()
