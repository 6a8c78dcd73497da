"""The desk in a real Chromium: several people in windows of their own, and a whole call on the local carrier."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from importlib import resources
from importlib.util import find_spec
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
from core.database import Database
from core.roles import Role
from desk import events, presence
from desk.process import DeskProcess
from desk.states import LegRole, Presence
from settings import Settings
from tests.console.browser import a_browser, already_in, hear_errors, served, sign_in
from tests.console.builders import account
from tests.console.conftest import make_app
from tests.console.desk_builders import EVERY_SKILL, Centre, Somebody, with_desk
from tests.ports import free_port

pytestmark = pytest.mark.browser

WINDOWS = [(1366, 768), (1024, 600), (360, 740)]
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


def test_two_operators_and_a_supervisor_see_it_within_a_second(address, opens, centre):
    ana = centre.arrives(Role.OPERADOR, "ana")
    beto = centre.arrives(Role.OPERADOR, "beto", state=Presence.DESCANSO)
    boss = centre.arrives(Role.SUPERVISOR, "boss", state=Presence.DESCANSO)
    windows = [opens(address, each.email, "/puesto") for each in (ana, beto)]
    floor = opens(address, boss.email, "/supervision")
    expect(windows[0].get_by_text("Esperando una llamada.")).to_be_visible()

    room_id = centre.talks()

    expect(windows[0].get_by_text("+503 ••••-••34").first).to_be_visible(timeout=1500)
    expect(floor.get_by_text("Conversaciones: 1")).to_be_visible(timeout=1500)
    bar(windows[0], "Pedir apoyo").click()
    expect(floor.get_by_text("Pide apoyo")).to_be_visible(timeout=1500)
    windows[1].get_by_role("button", name="Disponible").click()
    expect(windows[1].get_by_text("Esperando una llamada.")).to_be_visible()

    bar(windows[0], "Consultar").click()
    windows[0].get_by_role("button", name="Consultar: beto").click()
    expect(windows[1].get_by_text("Timbrando: conteste")).to_be_visible(timeout=1500)
    centre.accepts(centre.leg(room_id, LegRole.CONSULTED).id)
    expect(bar(windows[0], "Retomar")).to_be_visible()
    bar(windows[0], "Unir").click()
    expect(bar(windows[0], "Retener")).to_be_enabled()
    windows[0].get_by_role("button", name="Dejarles hablando y salir").click()

    expect(windows[0].get_by_text("La llamada sigue. La atiende beto.")).to_be_visible()
    expect(windows[1].get_by_text("Detalle de la llamada")).to_be_visible()
    assert centre.room(room_id).account_id == beto.account_id


def test_what_is_typed_stays_and_nothing_moves_under_the_pointer(address, opens, centre):
    ana = centre.arrives(Role.OPERADOR, "ana")
    centre.talks()
    page = opens(address, ana.email, "/puesto")
    detail = page.get_by_label("Detalle de la llamada")
    detail.press_sequentially("Pregunta por el ")
    page.get_by_label("Salude, diga su nombre").check()
    detail.focus()
    before = bar(page, "Retener").bounding_box()

    centre.calls(phone="+50370005678")
    expect(page.get_by_text("+503 ••••-••78")).to_be_visible()
    page.keyboard.type("precio")

    expect(detail).to_be_focused()
    expect(detail).to_have_value("Pregunta por el precio")
    expect(page.get_by_label("Salude, diga su nombre")).to_be_checked()
    assert bar(page, "Retener").bounding_box() == before


def test_a_refusal_is_said_and_the_page_stays(address, opens, centre):
    ana = centre.arrives(Role.OPERADOR, "ana")
    centre.talks()
    page = opens(address, ana.email, "/puesto")
    bar(page, "Transferir").click()
    page.get_by_role("textbox", name="Número externo").fill("123")
    page.get_by_role("button", name="Transferir: número externo").click()
    expect(page.get_by_text("Ese número no se puede marcar. Revíselo.")).to_be_visible()
    page.get_by_text("Volver a la llamada").click()
    expect(bar(page, "Retener")).to_be_enabled()


def test_the_desk_works_without_a_script(address, browser, centre):
    ana = centre.arrives(Role.OPERADOR, "ana")
    centre.talks()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, address, ana.email)
    page.goto(f"{address}/puesto")
    bar(page, "Retener").click()
    expect(bar(page, "Retomar")).to_be_visible()
    bar(page, "Retomar").click()
    bar(page, "Transferir").click()
    page.get_by_role("button", name="Transferir: PIN").click()
    expect(page.get_by_text("La llamada sigue. Espera en la cola PIN.")).to_be_visible()
    context.close()


def test_a_saved_case_is_told_at_once(address, opens, centre):
    ana = centre.arrives(Role.OPERADOR, "ana")
    room_id = centre.talks()
    page = opens(address, ana.email, "/puesto")
    ana.on_call(room_id, "colgar")
    expect(page.get_by_text("Guarde el caso y pulse «Listo».")).to_be_visible()
    expect(page.get_by_role("link", name="1 por guardar")).to_be_visible()
    page.get_by_label("Motivo de la llamada").select_option("SIN_COMUNICACION")
    page.locator("[name=outcome][value=CERRADO]").check()
    page.get_by_role("button", name="Guardar caso").click()
    expect(page.get_by_text("Guardado como caso 1: cerrado")).to_be_visible()
    expect(page.get_by_text("Caso 1 guardado: cerrado.")).to_be_visible(timeout=1500)
    expect(page.get_by_text("1 caso ·")).to_be_visible()
    expect(page.get_by_text("1 por guardar")).to_have_count(0)


def test_the_header_follows_the_call(address, opens, centre):
    ana = centre.arrives(Role.OPERADOR, "ana")
    page = opens(address, ana.email, "/puesto")
    header = page.get_by_role("banner")
    expect(header.get_by_text("Línea de subsidios · 2237-3333")).to_be_visible()
    room_id = centre.talks(line="linea131", queue="crisis")
    expect(header.get_by_text("Llamada de Línea 131")).to_be_visible()
    ana.on_call(room_id, "colgar")
    expect(header.get_by_text("Línea de subsidios · 2237-3333")).to_be_visible()


@pytest.mark.parametrize("height", [640, 740])
def test_on_a_telephone_the_call_and_its_red_button_are_above_the_fold(address, opens, centre, height):
    ana = centre.arrives(Role.OPERADOR, "ana")
    centre.talks(line="linea131", queue="crisis", is_crisis=True)
    page = opens(address, ana.email, "/puesto")
    page.set_viewport_size({"width": 360, "height": height})
    page.reload()
    fold = page.get_by_role("group", name="Qué hacer con la llamada").bounding_box()
    assert fold
    for part in (page.get_by_text("+503 ••••-••34").first, page.get_by_role("link", name="Emergencia", exact=True)):
        box = part.bounding_box()
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= fold["y"], (box, fold)


def emergency_of(centre: Centre) -> tuple[Somebody, int]:
    ana = centre.arrives(Role.OPERADOR, "ana")
    return ana, centre.talks(line="linea131", queue="crisis", is_crisis=True)


def test_the_emergency_from_its_button_to_its_end(address, opens, centre):
    ana, room_id = emergency_of(centre)
    page = opens(address, ana.email, "/puesto")
    page.get_by_role("link", name="Emergencia", exact=True).click()
    page.get_by_role("textbox", name="Lugar exacto").fill("Calle Inventada 5, portón verde")
    page.get_by_label("Zona").select_option("San Salvador")
    page.get_by_role("button", name="Llamar a los servicios ahora").click()

    expect(page.get_by_text("EMERGENCIA · Línea 131 · San Salvador")).to_be_visible()
    expect(page.get_by_text("+50370001234")).to_be_visible()
    expect(page.get_by_role("button", name="Terminar")).to_be_disabled()
    expect(page.get_by_text("Bloqueado:")).to_be_visible()
    place = page.get_by_role("textbox", name="Lugar exacto")
    place.press("Control+End")
    page.keyboard.type(", casa 3")
    service = centre.leg(room_id, LegRole.SERVICE)
    centre.accepts(service.id)
    expect(page.locator(f"[data-key='leg-{service.id}']")).to_contain_text("en línea", timeout=1500)
    expect(place).to_have_value("Calle Inventada 5, portón verde, casa 3")
    centre.ends(centre.leg(room_id, LegRole.CALLER).id)
    expect(page.get_by_role("alert").filter(has_text="La persona ya no está en la línea")).to_be_visible(timeout=1500)

    page.get_by_role("button", name="Situación controlada").click()
    expect(page.get_by_role("button", name="Terminar")).to_be_enabled()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Terminar").click()
    page.wait_for_url("**/puesto")
    expect(page.get_by_text("Llamada terminada.")).to_be_visible()


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
    with _serving(config), served(create_app(parts), web):
        thread.start()
        try:
            yield where
        finally:
            process.stop()
            with db.begin() as tx:
                events.wake(tx)
            thread.join(10)


@contextmanager
def _serving(config: CarrierConfig) -> Iterator[None]:
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


def is_kept_as(db: Database, page: Page, name: str, state: Presence) -> None:
    """What somebody said of themselves has arrived: another's page is about to list them."""
    for _ in range(100):
        with db.begin() as tx:
            if any(row.email.startswith(name) and row.state == state for row in presence.everyone(tx)):
                return
        page.wait_for_timeout(50)
    raise AssertionError(f"{name} is not {state}")


def is_heard_once_in_the_room(speaker: Page, text: str, listener: Page) -> None:
    """The page shows them in the call a moment before the carrier has put them into it: said until it is heard."""
    for _ in range(6):
        says(speaker, text)
        with suppress(AssertionError):
            expect(listener.get_by_role("log")).to_contain_text(text, timeout=2000)
            return
    expect(listener.get_by_role("log")).to_contain_text(text)


@pytest.mark.slow(15, timed=True)
def test_a_whole_call_on_one_laptop(opens, db, vault, clock, tmp_path):
    with a_call_centre(db, vault, clock, tmp_path) as address:
        ana = at_the_desk(db, clock, opens, address, Role.OPERADOR, "ana", "/puesto")
        beto = at_the_desk(db, clock, opens, address, Role.OPERADOR, "beto", "/puesto")
        boss = at_the_desk(db, clock, opens, address, Role.SUPERVISOR, "boss", "/supervision")
        ana.get_by_role("button", name="Disponible").click()
        caller = opens(address, account(db, clock, Role.TECNICO, "rosa@ejemplo.gob.sv"), "/telefono")
        heard = caller.get_by_role("log")

        caller.get_by_label("Marcar una línea").select_option("+50322373333")
        caller.get_by_role("button", name="Llamar").click()
        expect(caller.get_by_role("button", name="0", exact=True)).to_be_enabled()
        caller.get_by_role("button", name="0", exact=True).click()
        ana.get_by_role("button", name="Contestar").click()
        expect(ana.get_by_text("En la línea").first).to_be_visible()
        expect(bar(ana, "Retener")).to_be_enabled()
        says(ana, "Buenos días, le atiende Ana")
        expect(heard).to_contain_text("Buenos días, le atiende Ana")

        boss.get_by_role("button", name="Escuchar", exact=True).click()
        boss.get_by_role("button", name="Contestar").click()
        expect(boss.get_by_text("solo escucha")).to_be_visible()
        is_heard_once_in_the_room(ana, "¿En qué le ayudo?", boss)
        says(boss, "Nadie me oye")

        bar(ana, "Retener").click()
        expect(bar(ana, "Retomar")).to_be_visible()
        expect(heard).to_contain_text("espere en la línea")
        beto.get_by_role("button", name="Disponible").click()
        is_kept_as(db, beto, "beto", Presence.DISPONIBLE)
        bar(ana, "Consultar").click()
        ana.get_by_role("button", name="Consultar: Operador").click()
        beto.get_by_role("button", name="Contestar").click()
        expect(bar(ana, "Unir")).to_be_enabled()
        bar(ana, "Unir").click()
        expect(bar(ana, "Retener")).to_be_enabled()
        says(beto, "Soy Beto, sigo con usted")
        expect(heard).to_contain_text("Soy Beto, sigo con usted")
        ana.get_by_role("button", name="Dejarles hablando y salir").click()
        expect(ana.get_by_text("La llamada sigue.")).to_be_visible()
        expect(bar(beto, "Retener")).to_be_enabled()
        expect(heard).not_to_contain_text("Nadie me oye")

        bar(beto, "Colgar").click()
        expect(beto.get_by_text("Llamada terminada.")).to_be_visible()
        for window in (ana, beto, boss, caller):
            window.goto("about:blank")


@pytest.mark.slow(15, timed=True)
def test_an_emergency_is_begun_without_losing_the_call(opens, db, vault, clock, tmp_path):
    with a_call_centre(db, vault, clock, tmp_path) as address:
        ana = at_the_desk(db, clock, opens, address, Role.OPERADOR, "ana", "/puesto")
        ana.get_by_role("button", name="Disponible").click()
        caller = opens(address, account(db, clock, Role.TECNICO, "rosa@ejemplo.gob.sv"), "/telefono")
        caller.get_by_label("Marcar una línea").select_option("+50321000131")
        caller.get_by_role("button", name="Llamar").click()
        expect(caller.get_by_role("button", name="0", exact=True)).to_be_enabled()
        caller.get_by_role("button", name="0", exact=True).click()
        ana.get_by_role("button", name="Contestar").click()
        expect(bar(ana, "Retener")).to_be_enabled()

        ana.get_by_role("link", name="Emergencia", exact=True).click()
        ana.get_by_role("textbox", name="Lugar exacto").fill("Calle Inventada 5")
        says(ana, "Siga conmigo, ya llamo a la patrulla")
        expect(caller.get_by_role("log")).to_contain_text("Siga conmigo, ya llamo a la patrulla")
        ana.get_by_role("button", name="Llamar a los servicios ahora").click()
        expect(ana.get_by_text("EMERGENCIA · Línea 131")).to_be_visible()
        expect(ana.get_by_text("timbrando").or_(ana.get_by_text("marcando")).first).to_be_visible()
        says(ana, "Ya vienen")
        expect(caller.get_by_role("log")).to_contain_text("Ya vienen")

        ana.get_by_role("button", name="Situación controlada").click()
        ana.on("dialog", lambda dialog: dialog.accept())
        ana.get_by_role("button", name="Terminar").click()
        expect(ana.get_by_text("Llamada terminada.")).to_be_visible()
        expect(ana.get_by_label("Detalle de la llamada")).to_be_visible()
        for window in (ana, caller):
            window.goto("about:blank")


def says(page: Page, text: str) -> None:
    page.get_by_label("Decir en la llamada").fill(text)
    page.get_by_role("button", name="Decir", exact=True).click()


def test_during_a_call_what_is_not_the_desk_opens_in_another_window(address, opens, centre):
    """It went in the same one: the telephone of the page with it, and the citizen back to the queue."""
    ana = centre.arrives(Role.OPERADOR, "ana")
    page = opens(address, ana.email, "/puesto")
    room_id = centre.talks()
    expect(page.get_by_text("Detalle de la llamada")).to_be_visible(timeout=1500)
    for name in ("Casos", "1 por guardar"):
        with page.expect_popup() as other:
            page.get_by_role("link", name=name, exact=True).click()
        expect(other.value.get_by_role("heading", name="Casos")).to_be_visible()
        other.value.close()
    assert page.url.endswith("/puesto")
    ana.on_call(room_id, "colgar")
    expect(page.get_by_text("Guarde el caso y pulse «Listo».")).to_be_visible()
    page.get_by_role("link", name="Casos", exact=True).click()
    expect(page).to_have_url(f"{address}/casos")
