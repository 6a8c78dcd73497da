"""«No quiere recibir más mensajes ni llamadas», in a real Chromium: asked first; what was typed of the case stays."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from console.office import Office
from core.clock import FixedClock
from core.roles import Role
from tests.console.accessibility import looked_at, tab_to
from tests.console.browser import already_in
from tests.console.builders import account
from tests.console.conftest import make_app
from tests.console.desk_builders import Centre, with_desk
from tests.console.test_case_form import OPERATOR, answered, office

pytestmark = pytest.mark.browser
__all__ = ["answered", "office"]  # fixtures


@pytest.fixture
def forgiven() -> tuple[str, ...]:
    return ("status of 409", "net::ERR_FAILED")


@pytest.fixture
def at(address, page, db, clock, answered) -> Page:
    already_in(page, address, account(db, clock, Role.OPERADOR, OPERATOR))
    page.goto(f"{address}/casos/{answered()}/atender")
    return page


def button(page: Page):
    return page.get_by_role("button", name="No quiere recibir más mensajes ni llamadas")


def test_it_is_asked_first_and_the_case_stays_as_it_was_typed(at: Page, tmp_path: Path):
    page = at
    looked_at(page, "no-buscar", tmp_path)
    page.get_by_label("Detalle de la llamada").fill("Pide que no le escriban")
    page.once("dialog", lambda asked: asked.dismiss())
    button(page).click()
    expect(button(page)).to_be_enabled()
    page.once("dialog", lambda asked: asked.accept())
    tab_to(page, button(page))
    page.keyboard.press("Enter")
    done = page.locator("[data-found]")
    expect(done).to_be_focused()
    expect(done).to_contain_text("Desde este momento ninguna campaña de")
    expect(page.get_by_label("Detalle de la llamada")).to_have_value("Pide que no le escriban")
    assert page.url.endswith("/atender"), "nobody's telephone in an address"
    looked_at(page, "no-buscar-hecho", tmp_path)


def test_without_a_network_it_is_said_that_nothing_was_kept(at: Page):
    page = at
    page.route("**/no-buscar", lambda route: route.abort("failed"))
    page.once("dialog", lambda asked: asked.accept())
    button(page).click()
    expect(page.get_by_text("Sin conexión: no se guardó. Inténtelo otra vez.")).to_be_visible()
    expect(button(page)).to_be_enabled()


def test_of_a_withheld_number_it_is_said_what_to_do(address, page, db, clock, answered):
    already_in(page, address, account(db, clock, Role.OPERADOR, OPERATOR))
    page.goto(f"{address}/casos/{answered(phone=None)}/atender")
    page.once("dialog", lambda asked: asked.accept())
    button(page).click()
    expect(page.get_by_text("escríbalo en el caso")).to_be_visible()


class TestAtTheDesk:
    @pytest.fixture
    def office(self, office: Office, parts) -> Office:
        return replace(with_desk(office, parts), is_local_carrier=False, carrier_ws_url=None)

    @pytest.fixture
    def centre(self, office: Office, clock: FixedClock) -> Centre:
        assert office.desk is not None
        return Centre(office.desk, clock, make_app(office))

    def test_what_was_done_stays_while_the_page_changes(self, centre, address, page, tmp_path):
        already_in(page, address, centre.arrives(Role.OPERADOR).email)
        centre.talks()
        page.goto(f"{address}/puesto")
        page.once("dialog", lambda asked: asked.accept())
        button(page).click()
        done = page.locator("[data-found]")
        expect(done).to_contain_text("No se le busca")
        page.get_by_role("button", name="Marcar crisis").click()
        expect(page.get_by_text("CRISIS", exact=True)).to_be_visible()
        expect(done).to_contain_text("Desde este momento")
        looked_at(page, "no-buscar-desk", tmp_path)
