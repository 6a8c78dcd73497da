"""Informes and the report of a campaign in a real Chromium: on both widths, with the keyboard alone, and as printed."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import insert, update

from campaigns.texting import delivery
from core.clock import FixedClock
from core.database import Database
from core.post import post
from core.roles import Role
from reports.tables import report
from tests.campaigns.builders import attempts_of, moment, put_on_the_line, running, set_attempt, set_campaign
from tests.console.accessibility import leave_a_picture, looked_at
from tests.console.browser import already_in
from tests.console.builders import account
from tests.console.report_builders import finished_with_a_report, maker_of, sent
from tests.reports.days import Days

pytestmark = pytest.mark.browser


@pytest.fixture
def forgiven() -> tuple[str, ...]:
    return ("status of 4",)


def test_a_campaign_from_its_last_call_to_its_place_in_informes(address, page, office, as_role, db, clock, tmp_path):
    finished, maker = finished_with_a_report(office, as_role(Role.SUPERVISOR)), maker_of(office)
    account(db, clock, Role.COORDINADOR)
    with db.begin() as tx:
        tx.execute(update(post).where(post.c.kind == "report").values(state="failed", problem="Buzón lleno."))
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


def test_a_page_with_every_part_of_it(address, page, db, vault, clock, tmp_path):
    """A week of two operators: plots, indicators and long tables on both widths; a folder that does not answer."""
    both = {"canal": "VOZ_Y_SMS", "texto_sms": "{primer_nombre}: le llamamos hoy.", "momento_sms": "ANTES"}
    _texts(db, clock, running(db, vault, clock, 3, **both))
    with db.begin() as tx:
        _a_week(Days(tx, vault))
        waits = {"waits_since": clock.now(), "problem": "La carpeta de los informes no responde."}
        mine = {"kind": "diario", "until": clock.now().date(), "name": "llamadas-diario-2026-11-22"}
        tx.execute(insert(report).values(**mine, made_at=clock.now(), **waits))
    account(db, clock, Role.DIRECTOR)
    already_in(page, address, "director@ejemplo.gob.sv")
    page.goto(f"{address}/informes?desde=2026-11-16&hasta=2026-11-22")
    for part in ("Indicadores de la atención", "Producción por operador y día", "Consultas por tipo", "PIN por motivo"):
        expect(page.get_by_role("heading", name=part)).to_be_visible()
    for part in ("Entrantes por línea y canal", "Mensajes de texto por línea"):
        expect(page.get_by_role("heading", name=part)).to_be_visible()
    looked_at(page, "informes, una semana", tmp_path)
    page.set_viewport_size({"width": 360, "height": 800})
    calls_of_each_day = page.get_by_role("region", name="Entrantes y salientes por día")
    expect(calls_of_each_day).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollHeight") < 3000  # it was three times as long
    page.get_by_role("heading", name="Entrantes y salientes por día").click()
    expect(calls_of_each_day).to_be_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.report-section:not([open])").count() == 0
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(calls_of_each_day).to_be_visible()
    page.get_by_label("Por", exact=True).select_option("Semana")
    page.get_by_role("button", name="Ver").click()
    expect(page.get_by_role("cell", name="16–22 nov 2026").first).to_be_visible()
    page.get_by_role("button", name="Intentar ahora").click()
    expect(page.get_by_text("Se intentará de inmediato.")).to_be_visible()


def _texts(db: Database, clock: FixedClock, number: int) -> None:
    """Sent on the Thursday before."""
    set_campaign(db, number, starts_at=moment("2026-11-19 08:00"))
    for each, status in zip(attempts_of(db, number), ("delivered", "delivered", "undelivered"), strict=True):
        put_on_the_line(db, each.id, f"SM{each.id}", clock.now())
        set_attempt(db, each.id, segments=2, started_at=moment("2026-11-19 10:00"))
        with db.begin() as tx:
            delivery.tell(tx, clock.now(), each.id, status)


def _a_week(days: Days) -> None:
    for day in range(16, 23):
        for number, who in enumerate(("Ana Guardado", "Luis Portillo")):
            hour = 9 + number
            end = f"{day} {hour:02}:0{day - 14}:20"
            room = days.asks(f"{day} {hour:02}:00:00", end, f"{day} {hour:02}:00:{10 + day - number}", who)
            outcome = "CERRADO" if (day + number) % 3 else "PENDIENTE"
            days.saves(end, who, outcome, room, f"C0{1 + (day + number) % 5}")
            days.writes(who, end, f"{day} {hour:02}:30:00")
        days.writes_to(f"{day} 10:30:00", f"{day} 10:30:05", [("Ana Guardado", f"{day} 10:31:00")], f"{day} 10:50:00")
        days.asks(f"{day} 11:00:00", f"{day} 11:00:{day}", ended_as="abandoned")
        sid = days.rings(f"{day} 12:00:00")
        days.pin(f"{day} 12:03:00", sid, *(("pin.set", "OLVIDO") if day % 2 else ("pin.refused", "BLOQUEO")))
