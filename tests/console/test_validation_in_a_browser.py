"""Respuestas, the validation list, the ready requests and the named people, in a real Chromium: usable by everybody."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from campaigns import conversation, readers
from cases.orders import claims
from core.roles import Role
from tests.campaigns.builders import COORDINATOR, attempts_of, end, put_on_the_line, running
from tests.console.accessibility import looked_at, tab_to
from tests.console.browser import already_in
from tests.console.builders import account

pytestmark = pytest.mark.browser

ASKED = {
    "recolectar_1": "¿Desea que le llamemos para explicarle cómo activar su PIN?",
    "recolectar_1_opciones": "1=Sí, por la mañana o por la tarde|2=No",
    "recolectar_2": "¿A qué teléfono le llamamos?",
    "recolectar_2_digitos": "8",
    "requiere_validacion": "SI",
}


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Where pictures are left: ``SHOTS`` names a folder for whoever wants to look at them."""
    where = Path(os.environ.get("SHOTS", tmp_path))
    where.mkdir(parents=True, exist_ok=True)
    return where


@pytest.fixture
def campaign_id(db, vault, clock) -> int:
    """A running campaign of three people who answered both questions."""
    campaign_id = running(db, vault, clock, 3, **ASKED)
    for n, each in enumerate(attempts_of(db, campaign_id)):
        put_on_the_line(db, each.id, f"CA{each.id}", clock.now())
        with db.begin() as tx:
            conversation.keep_collected(tx, vault, each.id, {"1": "1" if n else "2", "2": f"7111000{n}"})
        end(db, vault, clock.now(), each.id, "completed", progress="collected", duration_s=60)
    return campaign_id


def test_validating_with_the_keyboard_alone(address, page, db, clock, campaign_id, shots):
    already_in(page, address, account(db, clock, Role.PROFESIONAL_LINEA))
    page.goto(f"{address}/campanas/{campaign_id}/respuestas")
    expect(page.get_by_text("Quedan 6 datos por validar")).to_be_visible()
    looked_at(page, "respuestas", shots)
    tab_to(page, page.get_by_role("link", name="Validar datos"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Validar datos")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 800})

    tab_to(page, page.get_by_role("button", name="Rechazar el dato de la fila").first)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Dato rechazado")).to_be_visible()
    expect(page.get_by_role("link", name="Rechazado (1)")).to_be_visible()

    tab_to(page, page.locator("summary", has_text="Corregir").first)
    page.keyboard.press("Enter")
    looked_at(page, "validacion", shots)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("79998888")
    page.keyboard.press("Enter")  # in a field of its own form: it corrects, and accepts nothing
    expect(page.get_by_text("Dato corregido")).to_be_visible()
    expect(page.get_by_role("link", name="Corregido (1)")).to_be_visible()

    tab_to(page, page.get_by_role("button", name="Aceptar los 4 de esta página"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("4 datos aceptados")).to_be_visible()
    expect(page.get_by_text("No queda ningún dato por validar")).to_be_visible()
    page.get_by_role("link", name="Corregido (1)").click()
    expect(page.get_by_text("79998888")).to_be_visible()
    looked_at(page, "corregidos", shots)


def test_the_ready_requests(address, page, db, clock, shots):
    already_in(page, address, account(db, clock, Role.MISIONAL))
    page.goto(f"{address}/campanas/nueva")
    expect(page.get_by_role("heading", name="Plantillas listas")).to_be_visible()
    looked_at(page, "plantillas", shots)
    for title in ("Nuevos beneficiarios", "Verificación de cobro", "Transacciones inusuales"):
        with page.expect_download() as found:
            page.get_by_role("link", name=f"Descargar la plantilla {title}", exact=True).click()
        assert found.value.suggested_filename.startswith("formato_")


def test_naming_who_may_see_it(address, page, db, vault, clock, shots):
    unusual = {"tipo_campana": "TRANSACCIONES_INUSUALES", "modo": "OPERADOR", "contiene_datos_sensibles": "SI"}
    campaign_id = running(db, vault, clock, 1, **unusual)
    for role, name in ((Role.SUPERVISOR, "luz"), (Role.OPERADOR, "rosa")):
        account(db, clock, role, f"{name}@subsidios.example")
    already_in(page, address, account(db, clock, Role.COORDINADOR, COORDINATOR))
    page.goto(f"{address}/campanas/{campaign_id}/revision")
    page.get_by_role("link", name="Quién puede verla").click()
    expect(page.get_by_text("nadie puede aprobarla")).to_be_visible()
    for name in ("luz", "rosa"):
        tab_to(page, page.get_by_label("Correo con el que entra la persona"))
        page.keyboard.type(f"{name}@subsidios.example")
        page.keyboard.press("Enter")
        expect(page.get_by_role("listitem").filter(has_text=f"{name}@subsidios.example")).to_be_visible()
    expect(page.get_by_text("nadie puede aprobarla")).not_to_be_visible()
    looked_at(page, "personas", shots)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("button", name="Quitar a Operador").click()
    expect(page.get_by_text("Ya no puede verla")).to_be_visible()
    with db.begin() as tx:
        assert readers.readers_of(tx, campaign_id) == [COORDINATOR, "luz@subsidios.example"]


def test_a_claim_becomes_an_order_when_a_person_says_so(address, page, db, vault, clock, shots):
    with db.begin() as tx:
        about = {"line": "dgs", "document": "000162975", "phone": "+50371112222"}
        claims.note_claim(tx, vault, clock.now(), attempt_id=1, **about)
    already_in(page, address, account(db, clock, Role.OPERADOR))
    page.goto(f"{address}/casos/ordenes")
    looked_at(page, "reclamos", shots)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_text("Confirmar y abrir la orden…").click()
    page.get_by_label("Qué reclama la persona").fill("no cobró noviembre")
    page.get_by_role("button", name="Confirmar y abrir la orden").click()
    expect(page.get_by_text("está abierta")).to_be_visible()
