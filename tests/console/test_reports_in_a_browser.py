"""Informes and the report of a campaign in a real Chromium: on both widths, with the keyboard alone, and as printed."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from core.mail import mail
from core.roles import Role
from tests.console.accessibility import leave_a_picture, looked_at
from tests.console.browser import already_in
from tests.console.builders import account
from tests.console.report_builders import finished_with_a_report, maker_of, sent

pytestmark = pytest.mark.browser


@pytest.fixture
def forgiven() -> tuple[str, ...]:
    return ("status of 4",)


def test_a_campaign_from_its_last_call_to_its_place_in_informes(address, page, office, as_role, db, clock, tmp_path):
    finished, maker = finished_with_a_report(office, as_role(Role.SUPERVISOR)), maker_of(office)
    account(db, clock, Role.COORDINADOR)
    with db.begin() as tx:
        tx.execute(update(mail).where(mail.c.kind == "report").values(state="failed", problem="Buzón lleno."))
    already_in(page, address, "coordinador@ejemplo.gob.sv")
    page.goto(f"{address}/campanas/{finished}/en-vivo")
    page.get_by_role("link", name="Informe de la campaña").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Indicadores")).to_be_visible()
    expect(page.get_by_text("no se pudo enviar: Buzón lleno.").first).to_be_visible()
    looked_at(page, "campana", tmp_path)

    page.get_by_label("Enviar el informe final a").focus()
    page.keyboard.type("otra@ejemplo.gob.sv")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Se enviará de inmediato.")).to_be_visible()
    sent(db, clock)
    maker.watch()
    page.reload()
    expect(page.get_by_text("Cerrada").first).to_be_visible()

    page.get_by_role("navigation", name="Principal").get_by_role("link", name="Informes").click()
    page.get_by_label("Hasta").fill("2026-12-31")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Campañas cerradas en el período")).to_be_visible()
    looked_at(page, "informes", tmp_path)
    with page.expect_download() as kept:
        page.get_by_role("link", name="Descargar PDF").click()
    assert kept.value.suggested_filename == "llamadas-2026-11-01-2026-12-31.pdf"

    page.emulate_media(media="print")  # the page is the report as it will be printed
    expect(page.get_by_role("navigation", name="Principal")).to_be_hidden()
    expect(page.get_by_role("link", name="Descargar PDF")).to_be_hidden()
    expect(page.get_by_role("heading", name="Entrantes y salientes por día")).to_be_visible()
    leave_a_picture(page, "impreso", tmp_path)
