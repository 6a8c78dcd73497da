"""A list that takes long to count, in a real Chromium: the figures come by themselves, and nothing typed is lost."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from campaigns.submission import submit
from console.beside import Work
from console.campaigns.review_count import review_counts_of
from console.office import Freshness, Office
from core.roles import Role
from tests.console.accessibility import looked_at
from tests.console.browser import already_in
from tests.console.builders import account, forty

pytestmark = pytest.mark.browser


@pytest.fixture
def later() -> list[Work]:
    return []


@pytest.fixture
def office(office: Office, later: list[Work], monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr("console.beside._WAITS_S", 0.0)
    slow = replace(office, freshness=Freshness(count_s=60.0))
    counts = review_counts_of(slow)
    counts._beside, counts._kept._quick_s = later.append, 0.0
    return slow


def test_what_is_counted_takes_its_place_beside_what_was_typed(
    address, page, db, vault, clock, office, later, tmp_path
):
    number = submit(db, vault, clock, office.lines, "otra@ejemplo.gob.sv", "lista.xlsx", forty()).id
    already_in(page, address, account(db, clock, Role.ADMIN))
    page.goto(f"{address}/campanas/{number}/revision")
    expect(page.get_by_role("status")).to_contain_text("Lo estamos contando")
    expect(page.get_by_role("link", name="Aprobar")).to_have_count(0)
    looked_at(page, "counting", tmp_path)
    page.get_by_label("Verificación: qué revisó y con qué resultado").fill("Revisé las fechas")
    later.pop()()
    expect(page.get_by_role("region", name="Antes de empezar")).to_contain_text("39 de 40 se llamarán")
    expect(page.get_by_role("link", name="Aprobar 39 de 40")).to_be_visible()
    expect(page.get_by_role("button", name="Oír la llamada").first).to_be_visible()
    expect(page.get_by_label("Verificación: qué revisó y con qué resultado")).to_have_value("Revisé las fechas")
    looked_at(page, "counted", tmp_path)
