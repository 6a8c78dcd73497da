"""Accesos de sistemas in a real Chromium: with the keyboard alone, usable by everybody, at 360 px and wide."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import expect

from core.roles import Role
from tests.console.accessibility import looked_at
from tests.console.browser import already_in, served
from tests.console.builders import account
from tests.console.conftest import browser, forgiven, page

pytestmark = pytest.mark.browser
__all__ = ["browser", "forgiven", "page"]  # fixtures


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with served(app) as where:
        yield where


def test_made_and_taken_back_with_the_keyboard_alone(page, address, db, clock, tmp_path):
    already_in(page, address, account(db, clock, Role.SUPERVISOR))
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
