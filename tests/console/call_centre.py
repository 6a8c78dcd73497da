"""A call centre for the tests in a real Chromium: windows of its people, and where they are served."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from playwright.sync_api import Browser, Page, expect

from app import create_app
from assembly import assemble
from carrier.local.config import CarrierConfig
from carrier.local.server import serving
from console.office import Office
from core.clock import FixedClock
from core.roles import Role
from desk import events, presence
from desk.process import DeskProcess
from settings import Settings
from tests.console.browser import a_browser, already_in, hear_errors, served
from tests.console.builders import account
from tests.console.conftest import make_app
from tests.console.desk_builders import EVERY_SKILL, Centre, Somebody, with_desk
from tests.ports import free_port

Opens = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as found:
        yield found


@pytest.fixture
def opens(browser: Browser) -> Iterator[Opens]:
    """A window of its own for somebody who signs in; no script may fail in it."""
    said: list[str] = []
    with ExitStack() as stack:

        def opens(address: str, email: str, where: str) -> Page:
            context = stack.enter_context(browser.new_context(viewport={"width": 1366, "height": 768}))
            window = context.new_page()
            window.set_default_timeout(15_000)
            hear_errors(window, said)
            already_in(window, address, email)
            window.goto(f"{address}{where}")
            return window

        yield opens
    assert [line for line in said if "status of 409" not in line] == []  # what cannot be done is said, and no fault


@pytest.fixture
def office(office: Office, parts) -> Office:
    return replace(with_desk(office, parts), is_local_carrier=False, carrier_ws_url=None)


@pytest.fixture
def centre(office: Office, clock: FixedClock) -> Centre:
    assert office.desk is not None
    return Centre(office.desk, clock, make_app(office))


@pytest.fixture
def address(office: Office) -> Iterator[str]:
    with served(make_app(office, csrf=True)) as where:
        yield where


def bar(page: Page, name: str):
    return page.get_by_role("group", name="Qué hacer con la llamada").get_by_text(name, exact=True)


def says(page: Page, text: str) -> None:
    page.get_by_label("Decir en la llamada").fill(text)
    page.get_by_role("button", name="Decir", exact=True).click()


def emergency_of(centre: Centre) -> tuple[Somebody, int]:
    ana = centre.arrives(Role.OPERADOR, "ana")
    return ana, centre.talks(line="linea131", queue="crisis", is_crisis=True)


@contextmanager
def a_call_centre(db, vault, clock: FixedClock, folder: Path) -> Iterator[str]:
    """Carrier, web and desk of this machine alone, each on its own port or thread."""
    web, carrier = free_port(), f"127.0.0.1:{free_port()}"
    where = f"http://127.0.0.1:{web}"
    settings = Settings.from_environment(
        {"DATA_DIR": str(folder), "BIND": f"127.0.0.1:{web}", "PUBLIC_URL": where, "CARRIER_BIND": carrier}
    )
    parts = assemble(settings, db, vault, clock)
    voice, status = f"{where}/voice/incoming", f"{where}/voice/status"
    numbers = [(n, voice, status) for line in parts.lines.values() for n in (*line.numbers, *line.caller_ids)]
    config = CarrierConfig(bind=carrier, numbers=numbers, allowed_origin=where)
    process = DeskProcess(parts.world.desk)
    thread = Thread(target=process.run, daemon=True)
    with a_carrier(config), served(create_app(parts), web):
        thread.start()
        try:
            yield where
        finally:
            process.stop()
            with db.begin() as tx:
                events.wake(tx)
            thread.join(10)


@contextmanager
def a_carrier(config: CarrierConfig) -> Iterator[None]:
    """The local one, in a thread of its own."""
    is_up, loop, stop = Event(), asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        async with serving(config):
            is_up.set()
            await stop.wait()

    thread = Thread(target=loop.run_until_complete, args=[serve()], daemon=True)
    thread.start()
    assert is_up.wait(10)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


def at_the_desk(db, clock: FixedClock, opens: Opens, address: str, role: Role, name: str, where: str) -> Page:
    """Somebody opens their page, and is given every skill."""
    page = opens(address, account(db, clock, role, f"{name}@ejemplo.gob.sv"), where)
    with db.begin() as tx:
        mine = next(row for row in presence.everyone(tx) if row.email.startswith(name))
        presence.set_skills(tx, mine.account_id, list(EVERY_SKILL))
    expect(page.get_by_text("Listo para timbrar")).to_be_visible()
    return page
