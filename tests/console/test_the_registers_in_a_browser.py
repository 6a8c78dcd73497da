"""Registros in a real Chromium: usable by everybody, at 360 px and wide, with the keyboard alone, and on paper."""

import os
import re
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cases.registers import authority, entries, resources
from cases.registers.authority import AuthorityState
from cases.registers.books import Register, Told
from cases.registers.entries import BOOKS
from cases.registers.resources import Facts
from console.office import Office
from core.roles import Role
from tests.console.accessibility import looked_at
from tests.console.browser import already_in
from tests.console.builders import account
from tests.console.test_the_registers import DAILY, ENTRIES

pytestmark = pytest.mark.browser

WHO = "coordinador@ejemplo.gob.sv"
_NOTE = "La persona pidió acompañamiento para presentar su denuncia; se le explicó a dónde ir y qué llevar."


@pytest.fixture
def office(office: Office) -> Office:
    """Without a telephone in the page: there is no carrier here."""
    return replace(office, is_local_carrier=False, carrier_ws_url=None)


@pytest.fixture
def kept(db, vault, clock) -> dict[str, int]:
    """An entry of each register, the log's corrected, and a step that somebody asked about."""
    texts = {
        Register.DIARIA: ("LLAMADA", {"what": _NOTE}),
        Register.CAMPO: ("VISITA", {"place": "Fiscalía", "companions": "Con la persona", "result": _NOTE}),
        Register.EVENTOS: (
            "TALLER",
            {"subject": "Prevención", "place": "Escuela 8", "audience": "Alumnado", "reached": "40", "notes": _NOTE},
        ),
        Register.GESTIONES: ("OFICIO", {"number": "OF-123/2026", "authority": "Fiscalía", "asked": _NOTE}),
    }
    numbers: dict[str, int] = {}
    with db.begin() as tx:
        for register, (kind, told) in texts.items():
            whose: dict[str, Any] = {"line": "dgs", "person": WHO, "actor": WHO}
            entry = Told(kind, clock.now(), texts=told)
            number = entries.write(tx, vault, clock.now(), BOOKS[register], entry, **whose)
            numbers[register.lower()] = number
        first = numbers["diaria"]
        again = Told("LLAMADA", clock.now(), texts={"what": _NOTE.replace("La persona", "Su hermana")})
        entries.write(tx, vault, clock.now(), BOOKS[Register.DIARIA], again, **whose, corrects=first)
        step: dict[str, Any] = {"text": "Está para firma", "state": AuthorityState.EN_TRAMITE, "follow_up_at": None}
        authority.note_step(tx, vault, clock.now(), numbers["gestiones"], WHO, **step)
        facts = Facts("Contención", "Para una crisis", "Hable despacio", "https://ejemplo.gob.sv/guia", "Dirección")
        numbers["recursos"] = resources.add(tx, clock.now(), WHO, "dgs", facts)
    return numbers


def test_no_screen_has_a_fault_or_is_wider_than_its_window(address, page: Page, db, clock, kept, tmp_path):
    already_in(page, address, account(db, clock, Role.COORDINADOR, WHO))
    for slug in ENTRIES:
        for name, where in (
            (slug, f"/registros/{slug}?desde="),
            (f"{slug}-nueva", f"/registros/{slug}/nueva"),
            (f"{slug}-una", f"/registros/{slug}/{kept[slug]}"),
            (f"{slug}-hoja", f"/registros/{slug}/imprimir?desde="),
        ):
            page.goto(address + where)
            looked_at(page, name, tmp_path)
    for name, where in (("recursos", "/registros/recursos"), ("recurso", f"/registros/recursos/{kept['recursos']}")):
        page.goto(address + where)
        looked_at(page, name, tmp_path)


def test_an_entry_with_the_keyboard_alone(address, page: Page, db, clock):
    already_in(page, address, account(db, clock, Role.COORDINADOR, WHO))
    page.goto(f"{address}/registros/diaria")
    page.get_by_role("link", name="Anotar").press("Enter")
    page.get_by_label("Qué fue").select_option("SEGUIMIENTO")
    expect(page.get_by_label("Hora (hora de El Salvador)")).to_have_value("2026-11-23T10:00")
    page.get_by_label("Qué se hizo").fill(DAILY["what"])
    half = page.get_by_label("Volver a llamar")
    half.press_sequentially("11242026")
    page.get_by_role("button", name="Guardar").press("Enter")
    expect(half).to_be_focused()  # a promise without its hour would be sent as none
    half.fill("2026-11-24T09:00")
    page.get_by_role("button", name="Guardar").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Quedó anotado con el número 1")
    expect(page.get_by_role("cell", name="Llamada de seguimiento")).to_contain_text(DAILY["what"])
    page.get_by_label("Palabras").fill("oriente")
    page.keyboard.press("Enter")
    expect(page.get_by_role("cell", name="Llamada de seguimiento")).to_be_visible()
    assert "oriente" not in page.url
    with page.expect_download() as leaving:
        page.get_by_role("button", name="Descargar CSV").press("Enter")
    assert leaving.value.suggested_filename == "registro-diaria.csv"


def test_on_paper_the_heading_is_on_each_sheet_and_nothing_else_of_the_screen(
    address, page: Page, db, vault, clock, tmp_path
):
    with db.begin() as tx:
        for number in range(70):
            told = Told("LLAMADA", clock.now(), texts={"what": f"{number}: {_NOTE}"})
            whose: dict[str, Any] = {"line": "dgs", "person": WHO, "actor": WHO}
            entries.write(tx, vault, clock.now(), BOOKS[Register.DIARIA], told, **whose)
    already_in(page, address, account(db, clock, Role.COORDINADOR, WHO))
    page.goto(f"{address}/registros/diaria/imprimir")
    expect(page.get_by_role("button", name="Imprimir")).to_be_visible()
    paper = page.pdf(prefer_css_page_size=True)
    if os.environ.get("SHOTS"):
        (tmp_path / "hoja.pdf").write_bytes(paper)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) > 2
    assert re.search(rb"/MediaBox\s*\[0 0 792 612\]", paper), "it lies, on letter paper"
    page.emulate_media(media="print")
    for gone in (page.get_by_role("button"), page.get_by_role("navigation"), page.get_by_role("link")):
        expect(gone.filter(visible=True)).to_have_count(0)
    heading = page.locator("thead")
    assert heading.evaluate("each => getComputedStyle(each).display") == "table-header-group"
    assert page.locator("tbody tr").first.evaluate("each => getComputedStyle(each).breakInside") == "avoid"
    expect(page.locator("tbody tr")).to_have_count(70)


def test_resources_are_looked_through_during_a_call(address, page: Page, centre, clock, tmp_path):
    """R71: beside the script, for the call's line; what is open stays open while the page changes by itself."""
    told = {"Duelo": "Escuche sin prisa.", "Acompañamiento": "Diga a dónde ir.", "Salud": "Citas."}
    with centre.desk.db.begin() as tx:
        for title, words in told.items():
            facts = Facts(title, "Para orientar", words, "", "Dirección de Diversidad")
            resources.add(tx, clock.now(), WHO, "linea131", facts)
    operator = centre.arrives(Role.OPERADOR, "ana")
    centre.talks(line="linea131", queue="consejeria")
    already_in(page, address, operator.email)
    page.goto(f"{address}/puesto")
    found = page.get_by_label("Buscar en los recursos")
    page.get_by_text("Duelo").click()
    expect(page.get_by_text("Escuche sin prisa.")).to_be_visible()
    centre.calls(line="linea131", queue="consejeria")  # the page changes by itself meanwhile
    expect(page.locator(".my-queues, .queue").first).to_be_visible()
    expect(page.get_by_text("Escuche sin prisa.")).to_be_visible()
    found.fill("acompanamiento")
    expect(page.get_by_text("Acompañamiento")).to_be_visible()
    expect(page.get_by_text("Duelo")).to_be_hidden()
    page.wait_for_timeout(2500)
    expect(found).to_have_value("acompanamiento")
    expect(page.get_by_text("Duelo")).to_be_hidden()
    found.fill("nada de esto")
    expect(page.get_by_text("Ningún recurso así.")).to_be_visible()
    found.fill("")
    expect(page.get_by_text("Escuche sin prisa.")).to_be_visible()
    looked_at(page, "puesto-recursos", tmp_path)
