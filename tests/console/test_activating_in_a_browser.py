"""Making somebody active in the padrón, in a real Chromium: from the case to what is written in its history."""

import pytest
from playwright.sync_api import expect

from beneficiaries.imports import import_padron
from cases.consultations.consultations import open_case
from core.roles import Role
from tests.console.accessibility import looked_at
from tests.console.browser import already_in
from tests.console.builders import account

pytestmark = pytest.mark.browser

PADRON = "documento;nombre;fecha_nacimiento;estado;telefono\n00016297-5;Ana López;05/03/1960;NO_GENERADO;\n"


def test_from_the_case_to_its_history(page, address, db, vault, clock, tmp_path):
    with db.begin() as tx:
        import_padron(tx, vault, clock.now(), PADRON.encode(), "test")
        about = ("C12", "000162975", None, "dgs", None, "Dice que no le llega el subsidio desde septiembre")
        number = open_case(tx, vault, clock.now(), *about, actor="ana@ejemplo.gob.sv")
    already_in(page, address, account(db, clock, Role.COORDINADOR))
    page.goto(f"/casos/{number}/historia")
    page.get_by_role("link", name="Activar en el padrón…").click()
    expect(page.get_by_text("−1 No generado")).to_be_visible()
    looked_at(page, "activating", tmp_path)
    page.get_by_role("button", name="Activar y cerrar el caso").click()
    expect(page.get_by_text("Escriba con qué lo comprobó.")).to_be_visible()
    looked_at(page, "activating-unfilled", tmp_path)
    page.get_by_label("Con qué lo comprobó").fill("Acta de Ventanilla del 20 de noviembre")
    page.get_by_role("button", name="Activar y cerrar el caso").click()
    expect(page.get_by_text("La persona quedó activa en el padrón")).to_be_visible()
    expect(page.get_by_text("Quedó activa en el padrón. Acta de Ventanilla")).to_be_visible()
    looked_at(page, "activated", tmp_path)
