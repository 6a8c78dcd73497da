"""Accesos de sistemas in a real Chromium: with the keyboard alone, usable by everybody, at 360 px and wide."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from core.roles import Role
from tests.console.accessibility import looked_at
from tests.console.browser import a_browser, served, sign_in
from tests.console.builders import account

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as found:
        yield found


@pytest.fixture
def page(app: Flask, browser: Browser) -> Iterator[Page]:
    with served(app) as where:
        window = browser.new_page(viewport={"width": 1280, "height": 800}, base_url=where)
        window.set_default_timeout(15_000)
        yield window
        window.close()


def test_made_and_taken_back_with_the_keyboard_alone(page, app, db, clock, tmp_path):
    sign_in(page, "", account(db, clock, Role.SUPERVISOR))
    page.goto("/ajustes/accesos")
    looked_at(page, "empty", tmp_path)

    page.get_by_label("Nombre del sistema").focus()
    page.keyboard.type("SIGES")
    page.keyboard.press("Tab")
    page.keyboard.type("Departamento de Operaciones")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Acceso", exact=True)).to_have_value(re.compile("^pregonero_.{43}$"))
    looked_at(page, "made", tmp_path)

    page.goto("/ajustes/accesos")
    expect(page.get_by_text("pregonero_")).to_have_count(0)
    page.get_by_text("Retirar… SIGES").focus()
    page.keyboard.press("Enter")
    looked_at(page, "asked", tmp_path)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Desde este momento ese acceso no sirve.")).to_be_visible()
    page.wait_for_load_state()  # the style sheets too
    looked_at(page, "revoked", tmp_path)
