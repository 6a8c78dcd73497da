"""Buzón and Directorio in a real Chromium: a message is played, a file with a fault comes back, a good one goes in."""

import io
import wave

import pytest
from playwright.sync_api import expect

from core.roles import Role
from desk.voice_messages.fetching import Fetcher
from tests.console.browser import already_in
from tests.console.builders import account
from tests.desk.directory.builders import make_tables as make_directory
from tests.desk.voice_messages.builders import Shelf, left, make_tables, sid

pytestmark = pytest.mark.browser


def sound(seconds: int) -> bytes:
    """A silence, as WAV."""
    target = io.BytesIO()
    with wave.open(target, "wb") as written:
        written.setparams((1, 1, 8000, 0, "NONE", ""))
        written.writeframes(b"\x80" * 8000 * seconds)
    return target.getvalue()


@pytest.fixture
def address(address, db, vault, clock) -> str:
    """With a message that is here, and a directory."""
    make_tables(db)
    make_directory(db)
    with db.begin() as tx:
        number = left(tx, vault, clock.now())
    Fetcher(db, vault, clock, lambda account: Shelf(held={sid(1): sound(3)})).fetch(number)
    return address


@pytest.fixture(autouse=True)
def _a_coordinator(page, address, db, clock) -> None:
    already_in(page, address, account(db, clock, Role.COORDINADOR))


def test_a_message_is_heard_and_attended(page):
    page.goto("/buzon")
    expect(page.get_by_text("Nadie lo ha oído")).to_be_visible()
    page.evaluate("document.querySelector('audio').play()")
    page.wait_for_function("document.querySelector('audio').duration === 3")
    page.reload()
    expect(page.get_by_text("Oído por Coordinador")).to_be_visible()
    page.get_by_text("Atendido…").click()
    page.get_by_label("Qué se hizo").fill("Se le devolvió la llamada")
    page.get_by_role("button", name="Atendido", exact=True).click()
    expect(page.get_by_text("No hay mensajes pendientes.")).to_be_visible()


def test_a_file_with_a_fault_and_the_same_corrected(page):
    def send(text: str) -> None:
        page.goto("/directorio/archivo")
        file = {"name": "directorio.csv", "mimeType": "text/csv", "buffer": text.encode()}
        page.get_by_label("Archivo CSV").set_input_files([file])
        page.get_by_role("button", name="Subir y revisar").click()

    send("nombre;extension\nAna Núñez;1\n")
    expect(page.get_by_text("El archivo tiene un error y no se guardó nada.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="La extensión tiene de 2 a 8 dígitos")).to_be_visible()
    send("nombre;extension\nAna Núñez;1410\n")
    expect(page.get_by_role("row").filter(has_text="hay que verificarla")).to_be_visible()
    page.get_by_role("button", name="Verificado hoy").click()
    expect(page.get_by_text("hay que verificarla")).to_have_count(0)
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
