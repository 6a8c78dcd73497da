"""The padrón beside the case, in a real Chromium: searched by the keyboard, and what was typed of the case stays."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from console.office import Office
from core.clock import FixedClock
from core.roles import Role
from tests.beneficiaries.builders import ANA_WHOLE, LUIS_WHOLE, WHOLE_HEADING, bring
from tests.console.accessibility import looked_at, tab_to
from tests.console.browser import already_in
from tests.console.builders import account
from tests.console.conftest import make_app
from tests.console.desk_builders import Centre, with_desk
from tests.console.test_case_form import OPERATOR, answered, office

pytestmark = pytest.mark.browser
__all__ = ["answered", "office"]  # fixtures

ANAS_PHONE = "+50372461935"
ROSA_WHOLE = "04000001-6;Rosa Tobar;1/2/1980;NO_GENERADO;7246-1935;;;"


@pytest.fixture
def forgiven() -> tuple[str, ...]:
    return ("status of 422", "net::ERR_FAILED")


@pytest.fixture
def people(db, vault) -> None:
    with db.begin() as tx:
        bring(tx, vault, ANA_WHOLE, LUIS_WHOLE, ROSA_WHOLE, heading=WHOLE_HEADING)


@pytest.fixture
def at_the_case(address, page, db, clock, answered, people) -> Page:
    already_in(page, address, account(db, clock, Role.OPERADOR, OPERATOR))
    page.goto(f"{address}/casos/{answered(phone=ANAS_PHONE, document=None)}/atender")
    return page


def test_who_calls_is_found_and_the_case_stays_as_it_was_typed(at_the_case: Page, tmp_path: Path):
    page = at_the_case
    page.get_by_label("Detalle de la llamada").fill("Pregunta por su tarjeta")
    tab_to(page, page.get_by_role("button", name="Buscar a quien llama"))
    page.keyboard.press("Enter")
    found = page.locator("[data-found]")
    expect(found).to_be_focused()
    expect(found).to_contain_text("Son 2 personas. Pregunte el nombre antes de seguir.")
    expect(page.get_by_label("Detalle de la llamada")).to_have_value("Pregunta por su tarjeta")
    assert page.url.endswith("/atender"), "nobody's document in an address"
    looked_at(page, "padron", tmp_path)


def test_what_is_wrong_is_said_and_then_mended(at_the_case: Page, tmp_path: Path):
    page = at_the_case
    who = page.get_by_label("DUI o teléfono")
    who.fill("04567890-4")
    who.press("Enter")
    expect(page.get_by_text("Escriba un DUI de nueve dígitos o un teléfono completo.")).to_be_visible()
    expect(who).to_be_focused()
    looked_at(page, "padron-wrong", tmp_path)
    who.fill("04567890-3")
    page.get_by_role("button", name="Buscar", exact=True).click()
    expect(page.locator("[data-found]")).to_contain_text("Luis Peña")
    page.route("**/padron", lambda route: route.abort())
    page.get_by_role("button", name="Buscar", exact=True).click()
    expect(page.get_by_text("Sin conexión: no se buscó. Inténtelo otra vez.")).to_be_visible()


class TestAtTheDesk:
    @pytest.fixture
    def office(self, office: Office, parts) -> Office:
        return replace(with_desk(office, parts), is_local_carrier=False, carrier_ws_url=None)

    @pytest.fixture
    def centre(self, office: Office, clock: FixedClock) -> Centre:
        assert office.desk is not None
        return Centre(office.desk, clock, make_app(office))

    def test_what_was_found_stays_while_the_page_changes(self, centre, address, page, people, tmp_path):
        already_in(page, address, centre.arrives(Role.OPERADOR).email)
        centre.talks(phone=ANAS_PHONE)
        page.goto(f"{address}/puesto")
        page.get_by_role("button", name="Buscar a quien llama").click()
        found = page.locator("[data-found]")
        expect(found).to_contain_text("Ana María Rivas")
        page.get_by_role("button", name="Marcar crisis").click()
        expect(page.get_by_text("CRISIS", exact=True)).to_be_visible()
        expect(found).to_contain_text("Ana María Rivas")
        looked_at(page, "padron-desk", tmp_path)
