"""Casos › Buscar: what is looked for is in no address and in no trail, and what is found is masked."""

from contextlib import closing
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from cases.consultations import consultations
from core import audit
from core.roles import Role
from tests.console.accessibility import faults_of, too_wide
from tests.console.browser import already_in
from tests.console.builders import account
from tests.console.test_case_form import a_line

DUI, PHONE = "000162975", "+50322334455"


@pytest.fixture
def office(office):
    lines = (a_line("dgs"), a_line("linea131", Role.COORDINADOR, Role.DIRECTOR))
    return replace(office, desk_lines={line.id: line for line in lines})


@pytest.fixture
def opened(db, vault, clock):
    def opened(line: str = "dgs") -> int:
        with db.begin() as tx:
            return consultations.open_case(tx, vault, clock.now(), "C01", DUI, PHONE, line, None, "Un detalle")

    return opened


def test_several_are_listed_masked(as_role, opened, db):
    first, second = opened(), opened()
    page = as_role(Role.COORDINADOR).post("/casos/buscar", data={"who": "00016297-5"})
    assert page.status_code == 200
    assert page.text.index(f">{second}</a>") < page.text.index(f">{first}</a>")
    assert "00•••••-•" in page.text
    assert "+503 ••••-••55" in page.text
    assert PHONE not in page.text
    with db.begin() as tx:
        (searched,) = audit.history(tx, "case", "")
    assert (searched["action"], searched["facts"]) == ("case.searched", {"found": 2})


def test_the_only_one_opens_by_itself(as_role, opened):
    number = opened()
    browser = as_role(Role.OPERADOR)
    assert browser.post("/casos/buscar", data={"who": f"{number}"}).location == f"/casos/{number}/historia"
    assert browser.post("/casos/buscar", data={"who": PHONE}).location == f"/casos/{number}/historia"


def test_of_a_line_that_is_for_others_it_says_nothing(as_role, opened):
    opened("linea131")
    page = as_role(Role.ADMIN).post("/casos/buscar", data={"who": DUI}).text
    assert "No hay un caso" in page


@pytest.mark.parametrize("written", ["", "¿?", "x" * 200])
def test_what_cannot_be_looked_for(as_role, written):
    page = as_role(Role.SUPERVISOR).post("/casos/buscar", data={"who": written})
    assert page.status_code == 422
    assert "Escriba el número de un caso" in page.text


def test_more_than_a_page_is_said(as_role, opened, monkeypatch):
    monkeypatch.setattr("console.cases.search.MOST", 2)
    for _ in range(3):
        opened()
    page = as_role(Role.DIRECTOR).post("/casos/buscar", data={"who": DUI}).text
    assert "No hay un caso" in page, "of a tray that none of them is in"
    page = as_role(Role.ADMIN).post("/casos/buscar", data={"who": DUI}).text
    assert "Los 2 casos más recientes; hay más." in page


@pytest.mark.slow(10)
def test_what_is_found_in_a_browser(browser, address, opened, db, clock):
    """A list, nothing, and what cannot be read: each without a fault, at both widths."""
    account(db, clock, Role.COORDINADOR)
    for _ in range(2):
        opened()
    with closing(browser.new_page()) as page:
        already_in(page, address, "coordinador@ejemplo.gob.sv")
        for written, said in ((DUI, "2 casos"), ("046578942", "No hay un caso"), ("¿?", "Escriba el número")):
            page.goto(f"{address}/casos/buscar")
            page.get_by_label("Número de caso, documento o teléfono").fill(written)
            page.get_by_role("button", name="Buscar").click()
            expect(page.get_by_text(said)).to_be_visible()
            assert DUI not in page.url
            for width in (360, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                assert [*faults_of(page), *too_wide(page)] == []
