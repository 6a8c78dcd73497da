"""Every address of the screens in a real Chromium, as somebody whose page it is: without a fault, and none too wide.

In the suite each page is looked through for faults on one of the two screens, by turns; ``make whole`` does on both.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from campaigns.campaign_line import CampaignLine
from campaigns.upload.lines_known import LineKnown
from console.office import Office
from core.roles import Role
from tests.console.accessibility import WIDTHS, faults_of, too_wide
from tests.console.browser import a_browser, already_in, served
from tests.console.builders import called, forty, import_now, upload
from tests.console.desk_builders import Centre
from tests.console.test_doors import screens
from tests.slow import IS_WHOLE

pytestmark = pytest.mark.browser

#: The first of these for whom a page is.
_VISITORS = (Role.COORDINADOR, Role.SUPERVISOR, Role.ADMIN, Role.OPERADOR, Role.TECNICO, Role.DIRECTOR, Role.MISIONAL)
#: Answered with a file, a stream, or what a script asks for; or a page that ends the visit.
_NO_PAGES = ("/vivo", "/eventos", "/salir", "/puesto/contacto")


#: What is chosen between is as wide as the longest name.
LONG_NAMED = CampaignLine(
    LineKnown("otra", "MX", "Instituto de Seguridad Social del Estado y sus Municipios", frozenset()), "", "", ""
)


@pytest.fixture
def office(office: Office) -> Office:
    return replace(office, lines=[*office.lines, LONG_NAMED])


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with served(app) as where:
        yield where


@pytest.fixture
def a_busy_day(centre: Centre, office: Office, app: Flask, db, vault, clock) -> dict[Role, str]:
    """One of everything, where that can be had with the screens alone; the e-mail of somebody of each role."""
    people = {role: centre.arrives(role, role.lower()) for role in _VISITORS}
    coordinator = people[Role.COORDINADOR].browser
    number = upload(coordinator, forty())
    import_now(office, number)
    told = {"at_once": "y", "reason": "Un ensayo de las páginas"}
    answer = people[Role.SUPERVISOR].browser.post(f"/campanas/{number}/aprobar", data=told)
    assert answer.status_code == 302, answer.text
    called(db, vault, clock, number)
    centre.talks(line="linea131", queue="crisis", is_crisis=True)
    centre.calls()
    return {role: somebody.email for role, somebody in people.items()}


def pages(app: Flask) -> list[tuple[str, Role]]:
    """(address, for whom it is)."""
    found = []
    for endpoint, method, url in screens(app):
        roles = app.view_functions[endpoint].roles  # type: ignore[union-attr]
        if method == "GET" and not url.endswith(_NO_PAGES):
            found.append((url, next(role for role in _VISITORS if role in roles)))
    return sorted(found)


@pytest.mark.slow(50)
@pytest.mark.timeout(600)
def test_no_page_has_a_fault_or_is_wider_than_its_window(app: Flask, address: str, a_busy_day):
    faults: dict[tuple[str, int], list[str]] = {}
    seen = 0
    with a_browser() as browser:
        windows = _windows(browser, address, a_busy_day)
        for (url, role), width in zip(pages(app), cycle(WIDTHS)):
            page = windows(role)
            if not _is_a_page(page, f"{address}{url}"):
                continue
            seen += 1
            for each in WIDTHS:
                page.set_viewport_size({"width": each, "height": 800})
                found = [*(faults_of(page) if IS_WHOLE or each == width else []), *too_wide(page)]
                if found:
                    faults[url, each] = found
    assert [f"{url} {width} {found}" for (url, width), found in faults.items()] == []
    assert seen > 40


def _windows(browser: Browser, address: str, emails: dict[Role, str]) -> Callable[[Role], Page]:
    """A window of somebody of each role, signed in when they are first needed."""
    opened: dict[Role, Page] = {}

    def window(role: Role) -> Page:
        if role not in opened:
            opened[role] = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
            opened[role].set_default_timeout(15_000)
            already_in(opened[role], address, emails[role])
        return opened[role]

    return window


def _is_a_page(page: Page, url: str) -> bool:
    """Goes there. An address whose number is of nothing leads to a page that says so: it is looked at too."""
    kind = page.request.get(url).headers.get("content-type", "")
    if not kind.startswith("text/html"):
        return False
    page.goto(url)
    return True
