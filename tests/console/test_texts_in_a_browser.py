"""A campaign of texts in a real Chromium: its review, the letters it goes in, how it goes and its report."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from campaigns.approval import approve
from campaigns.importing import import_campaign
from campaigns.life import move
from campaigns.states import AttemptState, CampaignState
from campaigns.texting import delivery
from console.office import Office
from core.roles import Role
from core.tariffs import TextTariff
from core.trunks import Trunks
from core.trunks_file import TrunksInUse
from tests.campaigns.builders import attempts_of, set_attempt
from tests.console.accessibility import looked_at
from tests.console.browser import already_in
from tests.console.builders import account
from tests.console.test_texts import texted
from tests.trunks import a_trunk

pytestmark = pytest.mark.browser
NAMES = ("Ana", "María José", "Rosa", "Óscar", "Maximiliana Guadalupe", "Luis")


@pytest.fixture
def office(office: Office) -> Office:
    return replace(office, trunks=TrunksInUse(Trunks((a_trunk(),), {}, {"": TextTariff("USD", Decimal("0.05"))})))


def test_from_its_formato_to_what_came_of_it(address, page, db, vault, clock, office, tmp_path):
    already_in(page, address, account(db, clock, Role.SUPERVISOR))
    page.goto(f"{address}/campanas/nueva")
    expect(page.get_by_text("¿Solo mensajes de texto?")).to_be_visible()
    looked_at(page, "upload-texts", tmp_path)
    file = {"name": "mensajes.xlsx", "mimeType": "application/octet-stream", "buffer": texted(*NAMES)}
    page.get_by_label("Suelte aquí").set_input_files(file)
    page.get_by_role("button", name="Subir y revisar").click()
    page.wait_for_url("**/importacion")
    import_campaign(db, vault, clock, office.lines, 1)  # as the worker does
    page.goto(f"{address}/campanas/1/revision")
    expect(page.get_by_text("de 6 recibirán un mensaje")).to_be_visible()
    looked_at(page, "review-texts", tmp_path)
    page.get_by_role("button", name="Enviarlo sin tildes").press("Enter")
    expect(page.get_by_text("Se enviará sin tildes. Como está")).to_be_visible()
    looked_at(page, "review-texts-plain", tmp_path)
    page.get_by_role("link", name="Aprobar 6 de 6").press("Enter")
    expect(page.get_by_text("Se escribirá a 6 personas desde el lunes")).to_be_visible()
    looked_at(page, "approve-texts", tmp_path)
    number = int(page.url.split("/campanas/")[1].split("/")[0])

    with db.begin() as tx:
        approve(tx, clock.now(), number, "ana@ejemplo.gob.sv", Role.SUPERVISOR, at_once=True, reason="prueba")
        move(tx, clock.now(), number, CampaignState.RUNNING, "dialer")
    for place, each in enumerate(attempts_of(db, number)[:5]):
        at = clock.now() - timedelta(minutes=5 - place)
        set_attempt(db, each.id, state=AttemptState.PLACED, remote_sid=f"SM{place}", started_at=at, asked_at=at)
        with db.begin() as tx:
            if place < 3:
                delivery.tell(tx, clock.now(), each.id, "delivered")
            elif place == 3:
                delivery.tell(tx, clock.now(), each.id, "undelivered", 30005)
            else:
                delivery.give_up_hearing(tx, clock.now(), each.id, "sent")
    page.goto(f"{address}/campanas/{number}/en-vivo")
    expect(page.get_by_text("personas con mensaje enviado")).to_be_visible()
    expect(page.get_by_role("heading", name="Mensajes por minuto")).to_be_visible()
    assert "llamad" not in page.locator("#live").inner_text().lower()
    looked_at(page, "live-texts", tmp_path)
    page.get_by_role("link", name="Mensaje no entregado").first.press("Enter")
    page.locator("table a").first.click()
    expect(page.get_by_text("Se le escribió: mensaje no entregado.")).to_be_visible()
    looked_at(page, "contact-texts", tmp_path)
    page.goto(f"{address}/campanas/{number}/informe")
    expect(page.get_by_text("Personas con mensaje enviado").first).to_be_visible()
    looked_at(page, "report-texts", tmp_path)
