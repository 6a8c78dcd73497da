"""What stands beside a written conversation, and what becomes of one that nobody answered, in a real Chromium."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from assembly import Parts
from console.office import Office
from core.clock import FixedClock
from core.roles import Role
from desk import calling
from desk.states import LegRole
from tests.beneficiaries.builders import bring
from tests.console.accessibility import looked_at
from tests.console.browser import already_in
from tests.console.conftest import make_app
from tests.console.desk_builders import Centre, Somebody, with_desk
from tests.messages.chatting import Chatting
from tests.webhooks import Webhooks

pytestmark = pytest.mark.browser


@pytest.fixture
def office(office: Office, parts: Parts) -> Office:
    return replace(with_desk(office, parts), is_local_carrier=False, carrier_ws_url=None)


@pytest.fixture
def centre(office: Office, clock: FixedClock) -> Centre:
    assert office.desk is not None
    return Centre(office.desk, clock, make_app(office))


@pytest.fixture
def chatting(parts: Parts, webhooks: Webhooks) -> Chatting:
    return Chatting(parts, webhooks)


@pytest.fixture
def ana(centre: Centre, page: Page, address: str) -> Somebody:
    """At her desk, in this browser."""
    ana = centre.arrives(Role.OPERADOR, "ana")
    already_in(page, address, ana.email)
    return ana


def test_who_writes_is_searched_in_the_padron(address, page, ana, chatting, db, vault, tmp_path: Path):
    with db.begin() as tx:
        bring(tx, vault, "000162975;Ana María Rivas;1985-03-12;ACTIVO;7000-1234")
    chatting.writes("5")
    page.goto(f"{address}/chats/{chatting.newest().id}")
    page.get_by_role("button", name="Atender").first.click()
    page.get_by_label("Mensaje").fill("Buenos días")
    page.get_by_role("button", name="Buscar a quien escribe").click()
    found = page.locator("[data-found]")
    expect(found).to_contain_text("Ana María Rivas")
    chatting.writes("¿Sigue ahí?")
    expect(page.get_by_text("¿Sigue ahí?")).to_be_visible()
    expect(found).to_contain_text("Ana María Rivas")
    expect(page.get_by_label("Mensaje")).to_have_value("Buenos días")
    looked_at(page, "chat-padron", tmp_path)


def test_whom_nobody_answered_is_owed_and_ended_with_a_reason(address, page, ana, chatting, tmp_path: Path):
    chatting.writes("5")
    page.goto(f"{address}/chats")
    expect(page.get_by_role("heading", name="Esperan: 1")).to_be_visible()
    chatting.passes(hours=24)
    expect(page.get_by_role("heading", name="Quedaron sin respuesta: 1")).to_be_visible()
    looked_at(page, "chat-late-list", tmp_path)
    page.get_by_role("button", name="Atender").click()
    why = page.get_by_label("Cerrarla sin contestar porque")
    expect(why).to_be_visible()
    expect(page.get_by_role("button", name="Llamarle")).to_be_visible()
    looked_at(page, "chat-late", tmp_path)
    why.select_option("Ya no hace falta")
    page.get_by_role("button", name="Cerrar", exact=True).click()
    expect(page.get_by_text("Ya no hacía falta")).to_be_visible()


def test_who_supervises_sees_how_long_and_why_a_call_was_made(address, page, centre, chatting, tmp_path: Path):
    ana, boss = centre.arrives(Role.OPERADOR, "ana"), centre.arrives(Role.SUPERVISOR, "boss")
    already_in(page, address, boss.email)
    chatting.writes("5")
    chatting.writes("5", "+50370005678")
    chatting.passes(hours=3)
    page.goto(f"{address}/supervision")
    expect(page.locator("#chat-notice")).to_contain_text("2 personas esperan, la primera desde el 23/11/2026 10:00")
    looked_at(page, "supervision-chats", tmp_path)
    with centre.desk.db.begin() as tx:
        asked, told = ("dgs", "7012-3456", "Quedó de dar su recibo"), {"actor": ana.email, "role": Role.OPERADOR}
        number = calling.call_number(tx, centre.desk, centre.clock.now(), ana.account_id, *asked, **told)
    centre.ends(centre.leg(number, LegRole.OPERATOR).id)
    page.goto(f"{address}/llamadas")
    looked_at(page, "calls-reason", tmp_path)
    page.get_by_role("link", name="Por qué se llamó").click()
    expect(page.get_by_text("Quedó de dar su recibo")).to_be_visible()
    looked_at(page, "call-reason", tmp_path)
