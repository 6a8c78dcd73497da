"""Each page of the desk in a real Chromium: as wide as its window, and without a fault of accessibility."""

import json
from collections.abc import Iterator
from importlib import resources
from importlib.util import find_spec

import pytest
from playwright.sync_api import Page, expect

from core.roles import Role
from desk.states import LegRole, Presence
from tests.console.call_centre import (
    address,
    bar,
    browser,
    centre,
    emergency_of,
    office,
    opens,
)
from tests.console.desk_builders import Centre

pytestmark = pytest.mark.browser
__all__ = ["address", "browser", "centre", "office", "opens"]  # fixtures

WINDOWS = [(1366, 768), (1024, 600), (360, 740)]


def everywhere(page: Page, address: str, centre: Centre, account_id: int, room_id: int) -> Iterator[str]:
    """Each page of the desk, opened."""
    person = f"/supervision/persona/{account_id}"
    choice = f"/puesto/llamada/{room_id}/a-quien?para=transferir"
    for where in ("/puesto", choice, "/supervision", person, "/llamadas", f"/emergencia/{room_id}"):
        page.goto(f"{address}{where}")
        yield where


@pytest.mark.parametrize(("width", "height"), WINDOWS)
def test_no_page_is_wider_than_its_window(address, opens, centre, width, height):
    boss = centre.arrives(Role.SUPERVISOR, "boss")
    room_id = centre.talks(line="linea131", queue="crisis", is_crisis=True)
    centre.calls()
    page = opens(address, boss.email, "/puesto")
    page.set_viewport_size({"width": width, "height": height})
    for where in everywhere(page, address, centre, boss.account_id, room_id):
        assert page.evaluate("document.documentElement.scrollWidth") <= width, where
        if where == "/puesto":  # what to do is in its place, whatever the window
            box = bar(page, "Colgar").bounding_box()
            assert box and box["y"] + box["height"] <= height


@pytest.mark.skipif(find_spec("axe_playwright_python") is None, reason="axe-core is not installed")
def test_axe_finds_nothing(address, opens, centre):
    boss = centre.arrives(Role.SUPERVISOR, "boss")
    room_id = centre.talks(line="linea131", queue="crisis", is_crisis=True)
    centre.calls()
    page = opens(address, boss.email, "/puesto")
    axe = (resources.files("axe_playwright_python") / "axe.min.js").read_text()
    for where in everywhere(page, address, centre, boss.account_id, room_id):
        page.evaluate(axe)
        found = page.evaluate("async () => (await axe.run()).violations.map((each) => each.id)")
        assert found == [], (where, json.dumps(found))


@pytest.mark.skipif(find_spec("axe_playwright_python") is None, reason="axe-core is not installed")
def test_axe_finds_nothing_in_what_two_people_show(address, opens, centre):
    ana = centre.arrives(Role.OPERADOR, "ana")
    beto = centre.arrives(Role.OPERADOR, "beto", state=Presence.DESCANSO)
    room_id = centre.talks()
    beto.does("/puesto/estado", estado="DISPONIBLE")
    ana.chooses(room_id, "consultar", "operador", str(beto.account_id))
    hers, his = opens(address, ana.email, "/puesto"), opens(address, beto.email, "/puesto")
    expect(his.get_by_text("Le consulta ana")).to_be_visible()
    has_nothing_wrong(his)
    centre.accepts(centre.leg(room_id, LegRole.CONSULTED).id)
    beto.on_call(room_id, "colgar")
    beto.does("/puesto/estado", estado="DISPONIBLE")
    assert ana.chooses(room_id, "transferir", "operador", str(beto.account_id)).status_code == 204
    expect(hers.get_by_text("La llamada sigue. Pasó a beto")).to_be_visible()
    has_nothing_wrong(hers)
    centre.ends(centre.leg(room_id, LegRole.CONSULTED).id, "no-answer")
    centre.offers()
    expect(hers.get_by_text("La llamada vuelve a usted: beto no contestó.")).to_be_visible()
    has_nothing_wrong(hers)


@pytest.mark.skipif(find_spec("axe_playwright_python") is None, reason="axe-core is not installed")
def test_axe_finds_nothing_in_an_emergency_whose_zone_is_corrected(address, opens, centre):
    eva, danger = emergency_of(centre)
    eva.browser.post(f"/emergencia/{danger}", data={"zone": "", "place": "Aquí", "is_safe": "no"})
    centre.ends(centre.leg(danger, LegRole.SERVICE).id, "no-answer")
    page = opens(address, eva.email, f"/emergencia/{danger}")
    expect(page.get_by_text("no contestó a las")).to_be_visible()
    page.get_by_label("Zona: decide").select_option("San Salvador")
    page.get_by_role("button", name="Cambiar la zona").click()
    expect(page.get_by_text("EMERGENCIA · Línea 131 · San Salvador")).to_be_visible()
    has_nothing_wrong(page)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def has_nothing_wrong(page: Page) -> None:
    page.evaluate((resources.files("axe_playwright_python") / "axe.min.js").read_text())
    found = page.evaluate("async () => (await axe.run()).violations.map((each) => each.id)")
    assert found == [], json.dumps(found)
