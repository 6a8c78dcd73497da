"""The screens in a real Chromium: what only a browser can show."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from flask import Flask, request
from playwright.sync_api import expect

from carrier.local.config import CarrierConfig
from carrier.local.server import serving
from console.office import Office
from core.roles import Role
from tests.console.browser import already_in, served, sign_in
from tests.console.builders import NUMBER, account, called, forty, importing
from tests.console.conftest import make_app
from tests.ports import free_port

pytestmark = pytest.mark.browser

EXAMPLE = Path(__file__).parents[2] / "examples" / "formato_campanas_outbound_v1.xlsx"


@pytest.fixture
def address(address: str, office: Office) -> Iterator[str]:
    """With a worker beside it."""
    with importing(office):
        yield address


def test_from_the_file_to_its_results(address, page, db, vault, clock, tmp_path):
    sign_in(page, address, account(db, clock, Role.SUPERVISOR))
    expect(page.get_by_text("Todavía no hay campañas.")).to_be_visible()

    page.get_by_role("link", name="Subir formato").first.click()
    page.get_by_label("Suelte aquí el archivo o elíjalo").set_input_files(EXAMPLE)
    page.get_by_role("button", name="Subir y revisar").click()

    expect(page.get_by_role("link", name="Aprobar 487 de 500")).to_be_visible(timeout=15_000)
    expect(page.get_by_role("row").filter(has_text="telefono_1").first).to_contain_text("12")
    expect(page.get_by_role("row").filter(has_text="telefono_1").first).to_contain_text("Faltan dígitos")

    page.get_by_role("link", name="Aprobar 487 de 500").click()
    expect(page.get_by_text("desde este momento")).to_be_hidden()
    page.get_by_label("Empezar ya").check()
    expect(page.get_by_text("desde este momento")).to_be_visible()
    page.get_by_label("Motivo").fill("Ensayo")
    page.get_by_role("button", name="Aprobar").click()
    expect(page.get_by_text("La campaña quedó aprobada.")).to_be_visible()
    expect(page.get_by_role("heading", name="¿Por qué no marca?")).to_be_visible()

    with page.expect_download() as saved:
        page.get_by_role("link", name="descargar CSV").click()
    saved.value.save_as(tmp_path / "results.csv")
    assert len((tmp_path / "results.csv").read_text("utf-8-sig").splitlines()) == 501


def test_a_file_that_cannot_be_read_is_told_beside_the_button(address, page, db, clock, tmp_path):
    already_in(page, address, account(db, clock, Role.COORDINADOR))
    page.goto(f"{address}/campanas/nueva")
    (tmp_path / "foto.xlsx").write_bytes(b"\x89PNG")

    page.get_by_label("Suelte aquí el archivo o elíjalo").set_input_files(tmp_path / "foto.xlsx")
    with page.expect_response("**/campanas/nueva") as answer:
        page.get_by_role("button", name="Subir y revisar").click()

    assert answer.value.status == 422
    expect(page.get_by_role("alert")).to_contain_text("No se guardó nada.")
    expect(page.get_by_role("button", name="Subir y revisar")).to_be_enabled()


def test_the_live_page_goes_on_by_itself_and_nothing_jumps(address, page, db, vault, clock):
    already_in(page, address, account(db, clock, Role.SUPERVISOR))
    page.goto(f"{address}/campanas/nueva")
    page.get_by_label("Suelte aquí").set_input_files({"name": "f.xlsx", "mimeType": "", "buffer": forty()})
    page.get_by_role("button", name="Subir y revisar").click()
    page.get_by_role("link", name="Aprobar 39 de 40").click()
    page.get_by_label("Motivo").fill("Ensayo")
    page.get_by_role("button", name="Aprobar").click()
    figures = page.locator("[data-part=figures]")
    expect(figures).to_contain_text("0.0 % de 39 personas")
    table = page.locator("details", has_text="las llamadas por minuto")
    table.locator("summary").click()
    before = page.locator("#why-title").bounding_box()

    called(db, vault, clock, 1)

    expect(figures).to_contain_text("79.5 % de 39 personas")
    expect(page.get_by_text("+503 ••••-••33")).to_be_visible()
    expect(page.locator(".chart svg .bar").first).to_be_attached()
    assert page.locator("#why-title").bounding_box() == before
    assert table.evaluate("each => each.open")


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_is_wider_than_its_window(address, page, db, vault, clock, width):
    already_in(page, address, account(db, clock, Role.ADMIN))
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(f"{address}/campanas/nueva")
    page.get_by_label("Suelte aquí").set_input_files({"name": "f.xlsx", "mimeType": "", "buffer": forty()})
    page.get_by_role("button", name="Subir y revisar").click()
    page.get_by_role("link", name="Aprobar 39 de 40").click()
    page.get_by_label("Motivo").fill("Ensayo")
    page.get_by_role("button", name="Aprobar").click()
    page.get_by_text("La campaña quedó aprobada.").wait_for()
    called(db, vault, clock, 1)
    inside = ("en-vivo", "revision", "contactos", "contactos/3", "pausar")
    for where in ("", "/nueva", *(f"/1/{part}" for part in inside), "/../casos", "/../casos/ordenes", "/../telefono"):
        page.goto(f"{address}/campanas{where}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, where


@contextmanager
def a_carrier(origin: str, voice_url: str) -> Iterator[str]:
    """The local carrier in a thread; yields its websocket's address."""
    bind = f"127.0.0.1:{free_port()}"
    config = CarrierConfig(bind=bind, numbers=[(NUMBER, voice_url, None)], allowed_origin=origin)
    is_up, loop, stop = Event(), asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        async with serving(config):
            is_up.set()
            await stop.wait()

    thread = Thread(target=loop.run_until_complete, args=[serve()], daemon=True)
    thread.start()
    assert is_up.wait(10)
    yield f"ws://{bind}"
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()


def answer_calls(app: Flask) -> None:
    """A line that asks for two keys and says which they were."""

    @app.post("/voice/incoming")
    def incoming() -> tuple[str, dict[str, str]]:
        key = request.form.get("Digits")
        ask = '<Gather numDigits="2" timeout="20" action="/voice/incoming"><Say>Marque dos teclas.</Say></Gather>'
        told = f"<Response>{f'<Say>Usted marcó {key}.</Say><Hangup/>' if key else ask}</Response>"
        return told, {"Content-Type": "text/xml"}


def test_the_telephone_calls_a_line_hears_it_and_presses_keys(page, office, db, clock):
    port = free_port()
    where = f"http://127.0.0.1:{port}"
    with a_carrier(where, f"{where}/voice/incoming") as carrier:
        app = make_app(replace(office, carrier_ws_url=carrier), csrf=True)
        answer_calls(app)
        with served(app, port):
            already_in(page, where, account(db, clock, Role.OPERADOR))
            page.goto(f"{where}/telefono")
            expect(page.get_by_role("button", name="5")).to_be_disabled()

            page.get_by_role("button", name="Llamar").click()
            expect(page.get_by_role("log")).to_contain_text("Marque dos teclas.")
            page.keyboard.type("51")
            expect(page.get_by_role("log")).to_contain_text("Usted marcó 51.")
            expect(page.get_by_role("listitem").get_by_text("51", exact=True)).to_have_count(1)
            expect(page.get_by_role("status")).to_contain_text("Conectado")

            page.get_by_role("button", name="Llamar").click()
            expect(page.get_by_role("button", name="asterisco")).to_be_enabled()
            page.get_by_role("button", name="asterisco").dblclick()
            expect(page.get_by_role("log")).to_contain_text("Usted marcó **.")

            page.get_by_role("button", name="Llamar").click()
            expect(page.get_by_role("button", name="5")).to_be_enabled()
            page.get_by_role("button", name="Colgar").click()
            expect(page.get_by_role("log")).to_contain_text("Usted colgó")
            page.goto("about:blank")
