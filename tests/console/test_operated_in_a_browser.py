"""The contact at the desk in Chromium: nothing that is pressed leaves the page, whose telephone may be in use."""

import pytest
from playwright.sync_api import expect

from core.roles import Role
from demo.invent import citizen
from tests.campaigns.builders import running
from tests.console.browser import already_in, served
from tests.console.test_operated import hang_up, reach


@pytest.mark.slow(15)
def test_a_contact_from_its_card_to_what_still_lacks(centre, app, browser, db, vault, clock):
    running(db, vault, clock, 2, modo="OPERADOR", tipo_campana="VERIFICACION_COBRO")
    ana = centre.arrives(Role.OPERADOR, "ana")
    with served(app) as where, browser.new_page() as page:
        already_in(page, where, ana.email)
        page.goto(f"{where}/puesto")
        page.evaluate("window.isTheSame = true")
        page.get_by_role("button", name="Siguiente contacto").click()
        page.get_by_role("button", name="Devolver").wait_for()

        reach(centre, ana)  # the part follows the telephone by itself
        answer, check = page.get_by_label("Lo que respondió"), page.get_by_role("button", name="Comprobar")
        answer.first.fill("9999")
        check.first.click()
        page.get_by_text("queda un intento").wait_for()
        expect(answer.first).to_have_value("")
        answer.first.fill(citizen(0).ddmm)
        check.first.click()
        page.get_by_text("correcta", exact=True).wait_for()
        answer.first.fill(citizen(0).last4)
        check.first.click()
        page.get_by_text("Persona confirmada").wait_for()

        hang_up(centre)
        page.get_by_label("Resultado de la llamada").select_option(label="Dato recolectado")
        page.get_by_label("No lo cobró y quiere reclamar").check()
        page.get_by_role("button", name="Guardar el resultado").click()
        page.get_by_text("Falta algo").wait_for()
        assert page.get_by_label("No lo cobró y quiere reclamar").is_checked()
        assert page.evaluate("window.isTheSame")
