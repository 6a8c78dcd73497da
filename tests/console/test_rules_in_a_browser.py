"""Ajustes in a real Chromium: usable by everybody, at 360 px and wide, with the keyboard alone."""

import pytest
from playwright.sync_api import expect

from core.roles import Role
from tests.campaigns.builders import running
from tests.console.accessibility import faults_of, is_looked_through, leave_a_picture
from tests.console.browser import already_in
from tests.console.builders import account

pytestmark = pytest.mark.browser

PAGES = ("/ajustes/exclusiones", "/ajustes/feriados", "/ajustes/turnos")


def test_the_settings_with_the_keyboard_alone(address, page, db, vault, clock, tmp_path):
    running(db, vault, clock, 1)
    already_in(page, address, account(db, clock, Role.SUPERVISOR))
    page.goto(address + PAGES[0])
    page.get_by_label("Qué es").focus()
    page.keyboard.press("ArrowDown")
    for typed in ("7123-4567", None, "lo pidió por carta"):
        page.keyboard.press("Tab")
        if typed:
            page.keyboard.type(typed)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Desde este momento no se le llama.")).to_be_visible()
    expect(page.get_by_text("+503 ••••-••67")).to_be_visible()
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        for where in PAGES:
            page.goto(address + where)
            if is_looked_through(where, width):
                assert faults_of(page) == [], (where, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (where, width)
            leave_a_picture(page, f"{where.rpartition('/')[2]}-{width}", tmp_path)
