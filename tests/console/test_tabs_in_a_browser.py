"""The tabs of a place on a telephone: one row, scrolled, with the open one in sight."""

import pytest
from playwright.sync_api import expect

from core.roles import Role
from tests.console.accessibility import too_wide
from tests.console.browser import already_in
from tests.console.builders import account

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("where", "open_one"),
    [("/casos", "Consultas"), ("/regalias", "Regalías"), ("/registros/recursos", "Recursos")],
)
def test_they_are_one_row_and_the_open_one_is_in_sight(address, page, db, clock, where, open_one):
    already_in(page, address, account(db, clock, Role.SUPERVISOR))
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{address}{where}")
    tabs = page.locator(".nav-tabs")
    rows = tabs.locator(".nav-item").evaluate_all("all => new Set(all.map((each) => each.offsetTop)).size")
    assert rows == 1
    shown = tabs.locator(".active")
    expect(shown).to_contain_text(open_one)
    expect(shown).to_be_in_viewport(ratio=0.9)
    assert too_wide(page) == []


def test_no_two_places_have_one_name(address, page, db, clock):
    already_in(page, address, account(db, clock, Role.SUPERVISOR))
    page.goto(f"{address}/directorio")
    expect(page.get_by_role("link", name="Registros", exact=True)).to_have_count(1)
    expect(page.get_by_role("link", name="Registro", exact=True)).to_have_count(0)
