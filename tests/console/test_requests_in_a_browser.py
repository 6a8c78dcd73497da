"""A request in a real Chromium: from a foreign file to its approval, on a wide and on a narrow screen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from core.post import Letter, TextMessage, leave, post
from core.roles import Role
from core.text_errors import why_not_delivered
from tests.campaigns.intake.builders import reception_of, work
from tests.console.accessibility import looked_at
from tests.console.browser import a_browser, already_in, hear_errors, served, sign_in
from tests.console.builders import account, formato, forty, importing, is_in, person, upload
from tests.console.conftest import make_app
from tests.console.test_requests import foreign

pytestmark = pytest.mark.browser

AREA = "area@ejemplo.gob.sv"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as found:
        yield found


@pytest.fixture
def address(office) -> Iterator[str]:
    with served(make_app(office, csrf=True)) as where:
        yield where


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window in which no script may fail and nothing may be forbidden by the content policy."""
    window = browser.new_page(viewport={"width": 1280, "height": 800})
    said: list[str] = []
    hear_errors(window, said)
    window.set_default_timeout(15_000)
    yield window
    window.close()
    assert [line for line in said if "status of 4" not in line] == []


def test_returned_corrected_verified_approved(address, office, app, page, db, vault, clock, tmp_path):
    reception = reception_of(db, vault, clock)
    for role, email in ((Role.MISIONAL, AREA), (Role.COORDINADOR, ""), (Role.PROFESIONAL_LINEA, "")):
        account(db, clock, role, email)

    # The area brings a file whose headings are its own, and says what they are.
    sign_in(page, address, AREA)
    expect(page.get_by_role("heading", name="Mis solicitudes")).to_be_visible()
    looked_at(page, "vacia", tmp_path)
    page.get_by_role("link", name="Subir formato").first.click()
    with importing(office):
        page.get_by_label("Suelte aquí").set_input_files(
            {"name": "lista.csv", "mimeType": "text/csv", "buffer": foreign()}
        )
        page.get_by_role("button", name="Subir y revisar").click()
        expect(page.get_by_role("heading", name="¿Qué es cada columna?")).to_be_visible()
        expect(page.get_by_label("Cédula")).to_have_value("numero_documento")
        looked_at(page, "columnas", tmp_path)
        page.get_by_label("Monto").select_option("var_1")
        page.get_by_role("button", name="Subir y revisar").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/campanas/1/**")
        expect(page.get_by_text("CAMP-2026-0001").first).to_be_visible()
    work(reception)

    # The coordinator returns it; the area reads why, and until when.
    other = page.context.browser.new_page()
    already_in(other, address, "coordinador@ejemplo.gob.sv")
    other.goto(f"{address}/campanas/1/revision")
    looked_at(other, "revision", tmp_path)
    other.get_by_role("link", name="Devolver…").click()
    other.get_by_label("Motivo").fill("Falta el visto bueno de la jefatura")
    other.get_by_role("button", name="Devolver").click()
    work(reception)
    page.goto(f"{address}/campanas/1/solicitud")
    expect(page.get_by_text("Tiene hasta el sábado 28 de noviembre de 2026")).to_be_visible()
    expect(page.get_by_text("Falta el visto bueno de la jefatura").first).to_be_visible()
    looked_at(page, "devuelta", tmp_path)

    # It is corrected, and both see what changed.
    page.get_by_role("link", name="Subir el archivo corregido").click()
    with importing(office):
        data = formato([person(n) for n in range(1, 5)])
        page.get_by_label("Suelte aquí").set_input_files({"name": "f.xlsx", "mimeType": "", "buffer": data})
        page.get_by_role("button", name="Subir y revisar").click()
        page.wait_for_url("**/campanas/2/solicitud")
    work(reception)
    other.goto(f"{address}/campanas/2/revision")
    expect(other.get_by_role("heading", name="Qué cambió desde la solicitud devuelta")).to_be_visible()
    other.get_by_text("Ver los cambios uno por uno").click()
    looked_at(other, "corregida", tmp_path)

    # A professional verifies it, the coordinator approves it.
    page.get_by_role("button", name="Salir").click()
    sign_in(page, address, "profesional_linea@ejemplo.gob.sv")
    page.goto(f"{address}/campanas/2/revision")
    page.get_by_label("Verificación").fill("Base legal y guion conformes")
    looked_at(page, "verificar", tmp_path)
    page.get_by_role("button", name="Marcar como verificada").click()
    expect(page.get_by_text("Base legal y guion conformes").first).to_be_visible()
    other.reload()
    other.get_by_role("link", name="Aprobar 4 de 4").click()
    looked_at(other, "aprobar", tmp_path)
    other.get_by_role("button", name="Aprobar").click()
    expect(other.get_by_text("La campaña quedó aprobada.")).to_be_visible()
    other.close()


def test_letters_that_did_not_leave(address, page, db, vault, clock, tmp_path):
    with db.begin() as tx:
        for n in range(3):
            letter = Letter("returned", AREA, f"CAMP-2026-000{n}: fue devuelta con observaciones", "x", None)
            leave(tx, vault, clock.now(), letter)
        tx.execute(post.update().values(state="failed", tries=3, problem="El servidor de correo no contesta."))
        for state, code in (("undelivered", 30003), ("refused", 21614), ("undelivered", 30003), ("failed", None)):
            text = TextMessage("pin_changed", "+50371234567", "dgs", prompt="sms.pin_changed")
            lost = post.c.id == leave(tx, vault, clock.now(), text)
            problem = why_not_delivered(code) if code else "Pasó demasiado tiempo sin poder enviarlo."
            tx.execute(post.update().where(lost).values(state=state, error_code=code, problem=problem))
    sign_in(page, address, account(db, clock, Role.COORDINADOR))
    page.get_by_role("link", name="3 correos no han salido").click()
    expect(page.get_by_role("row", name="El teléfono está apagado o sin señal.")).to_contain_text("2")
    looked_at(page, "correos", tmp_path)
    page.get_by_role("button", name="Intentar otra vez el correo").first.click()
    expect(page.get_by_text("Se intentará de inmediato.")).to_be_visible()


def test_the_area_refuses_a_return(address, app, page, db, vault, clock, tmp_path, office):
    account(db, clock, Role.MISIONAL, AREA)
    client = app.test_client()
    is_in(client, db, AREA)
    upload(client, forty(base_legal_tratamiento=""))
    work(reception_of(db, vault, clock))
    sign_in(page, address, AREA)
    page.get_by_role("link", name="Notificación de expediente").click()
    looked_at(page, "observaciones", tmp_path)
    page.get_by_role("link", name="No aceptar la devolución…").click()
    page.get_by_label("Motivo").fill("La base legal es otra ley")
    looked_at(page, "rechazar", tmp_path)
    page.get_by_role("button", name="No aceptar la devolución").click()
    expect(page.get_by_text("Está cancelada")).to_be_visible()
