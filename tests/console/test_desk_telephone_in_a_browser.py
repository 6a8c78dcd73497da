"""The telephone of the desk in a real Chromium: one page has it, others say so, an emergency keeps it in sight."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from core.database import Database
from core.roles import Role
from desk import arriving
from desk.arriving import Arrival
from desk.states import LegRole, Presence, RoomState
from desk.tables import room
from tests.console.accessibility import faults_of
from tests.console.builders import account
from tests.console.call_centre import (
    a_call_centre,
    address,
    at_the_desk,
    bar,
    browser,
    centre,
    emergency_of,
    office,
    opens,
    says,
)
from tests.console.desk_builders import PHONE, Centre

pytestmark = pytest.mark.browser
__all__ = ["address", "browser", "centre", "office", "opens"]  # fixtures

READY = "Listo para timbrar"
BACK = "Listo para timbrar: su teléfono está ahora en esta página"


def telephone(page: Page) -> Locator:
    return page.locator("#phone").get_by_role("status")


def another_tab(page: Page, where: str) -> Page:
    """Of the same browser."""
    tab = page.context.new_page()
    tab.set_default_timeout(15_000)
    tab.goto(where)
    return tab


@pytest.fixture
def running(db, vault, clock, tmp_path) -> Iterator[str]:
    with a_call_centre(db, vault, clock, tmp_path) as address:
        yield address


def somebody_calls(db, clock, opens, address: str, line: str) -> Page:
    """The page of a telephone; its person has asked for somebody."""
    caller = opens(address, account(db, clock, Role.TECNICO, "rosa@ejemplo.gob.sv"), "/telefono")
    expect(caller.locator("#line-state")).to_have_text("Listo: elija a quién llama")
    caller.get_by_label("Marcar una línea").select_option(line)
    caller.get_by_role("button", name="Llamar").click()
    expect(caller.get_by_role("button", name="0", exact=True)).to_be_enabled()
    caller.get_by_role("button", name="0", exact=True).click()
    return caller


def waits_since(db: Database) -> datetime | None:
    """Since when the caller is back in the queue: the seconds after which it rings anew are counted from then on."""
    with db.begin() as tx:
        return tx.execute(select(room.c.queued_at).where(room.c.state == RoomState.WAITING)).scalar()


def speaks(caller: Page, text: str) -> None:
    caller.get_by_label("Diga algo").fill(text)
    caller.get_by_role("button", name="Decir", exact=True).click()


@pytest.mark.slow(15, timed=True)
def test_no_other_page_cuts_the_call_and_the_next_in_line_gets_the_telephone(running, opens, db, clock):
    ana = at_the_desk(db, clock, opens, running, Role.OPERADOR, "ana", "/puesto")
    ana.get_by_role("button", name="Disponible").click()
    caller = somebody_calls(db, clock, opens, running, "+50322373333")
    ana.get_by_role("button", name="Contestar").click()
    expect(bar(ana, "Retener")).to_be_enabled()
    expect(caller.locator("#line-state")).to_have_text("En llamada")  # no key is waited for: a person is there

    tab = another_tab(ana, f"{running}/puesto")
    expect(telephone(tab)).to_have_text("Su teléfono está en otra pestaña")
    elsewhere = opens(running, "ana@ejemplo.gob.sv", "/puesto")
    expect(telephone(elsewhere)).to_have_text("Su teléfono está en uso en otro equipo")
    expect(elsewhere.get_by_role("button", name="Usarlo aquí")).to_be_hidden()

    says(ana, "Aquí sigo")
    expect(caller.get_by_role("log")).to_contain_text("Aquí sigo")
    speaks(caller, "Buenas tardes")
    expect(ana.get_by_role("log")).to_contain_text("Quien llama: Buenas tardes")

    elsewhere.goto("about:blank")
    ana.goto("about:blank")
    expect(telephone(tab)).to_have_text(BACK)
    for window in (tab, caller):
        window.goto("about:blank")


@pytest.mark.slow(15, timed=True)
def test_a_page_that_is_loaded_again_has_its_telephone_back(running, opens, db, clock):
    ana = at_the_desk(db, clock, opens, running, Role.OPERADOR, "ana", "/puesto")
    tab = another_tab(ana, f"{running}/chats")
    expect(telephone(tab)).to_have_text("Su teléfono está en otra pestaña")

    ana.reload()

    expect(telephone(ana)).to_contain_text(READY)
    expect(telephone(tab)).to_have_text("Su teléfono está en otra pestaña")
    ana.wait_for_timeout(1000)
    expect(telephone(ana)).to_contain_text(READY)
    ana.close()
    expect(telephone(tab)).to_have_text(BACK)
    tab.close()


@pytest.mark.slow(15, timed=True)
def test_what_rings_in_another_tab_is_told_everywhere_and_answered_anywhere(running, opens, db, clock):
    tab = at_the_desk(db, clock, opens, running, Role.OPERADOR, "ana", "/chats")
    ana = another_tab(tab, f"{running}/puesto")
    ana.get_by_role("button", name="Disponible").click()
    listing = another_tab(tab, f"{running}/directorio")
    band = "Está timbrando en su otra pestaña"
    expect(telephone(tab)).to_have_text(READY)
    caller = somebody_calls(db, clock, opens, running, "+50322373333")
    expect(telephone(tab)).to_have_text("Timbra: conteste")

    expect(tab.get_by_text(band)).to_have_count(0)  # it is the one
    expect(listing.get_by_role("alert")).to_have_text(band)
    for width in (360, 1280):
        ana.set_viewport_size({"width": width, "height": 740})
        expect(ana.get_by_role("alert").filter(has_text=band)).to_be_in_viewport()
        assert ana.evaluate("document.documentElement.scrollWidth") <= width
        assert faults_of(ana) == []
    later = another_tab(tab, f"{running}/puesto")  # opened while it rings
    expect(later.get_by_role("alert").filter(has_text=band)).to_be_visible()
    ana.get_by_role("button", name="Contestar aquí").click()

    expect(bar(ana, "Retener")).to_be_enabled()
    expect(telephone(ana)).to_have_text("En llamada")
    expect(caller.locator("#line-state")).to_have_text("En llamada")
    expect(telephone(tab)).to_have_text("Su teléfono está en otra pestaña")
    for page in (ana, later, listing):
        expect(page.get_by_text(band)).to_have_count(0)
    says(ana, "Aquí sigo")
    expect(caller.get_by_role("log")).to_contain_text("Aquí sigo")
    for window in (caller, ana, later, listing, tab):
        window.goto("about:blank")


@pytest.mark.slow(15, timed=True)
def test_a_page_that_lost_its_telephone_says_so_and_takes_it_again(running, opens, db, clock):
    ana = at_the_desk(db, clock, opens, running, Role.OPERADOR, "ana", "/puesto")
    ana.get_by_role("button", name="Disponible").click()
    expect(ana.get_by_text("Esperando una llamada.")).to_be_visible()

    elsewhere = opens(running, "ana@ejemplo.gob.sv", "/puesto")
    elsewhere.get_by_role("button", name="Usarlo aquí").click()
    expect(telephone(elsewhere)).to_have_text(BACK)
    expect(telephone(ana)).to_contain_text("equipo")
    expect(ana.get_by_text("Esperando una llamada.")).to_be_hidden()
    expect(ana.get_by_text("Disponible").locator("visible=true").and_(ana.locator(".badge"))).to_have_count(0)
    expect(ana.get_by_role("banner").get_by_text("Sin teléfono")).to_be_visible()
    expect(ana.get_by_text("Esta página no tiene teléfono: «Mi teléfono» dice qué hacer.")).to_be_visible()

    assert faults_of(ana) == []

    elsewhere.goto("about:blank")
    expect(telephone(ana)).to_have_text(BACK)
    expect(ana.get_by_text("Esperando una llamada.")).to_be_visible()
    somebody = somebody_calls(db, clock, opens, running, "+50322373333")
    expect(telephone(ana)).to_have_text("Timbra: conteste")
    for window in (ana, somebody):
        window.goto("about:blank")


@pytest.mark.slow(15, timed=True)
def test_leaving_a_call_is_asked_about_and_cuts_nobody_off(running, opens, db, clock):
    ana = at_the_desk(db, clock, opens, running, Role.OPERADOR, "ana", "/puesto")
    ana.get_by_role("button", name="Disponible").click()
    caller = somebody_calls(db, clock, opens, running, "+50322373333")
    expect(ana.get_by_role("button", name="Rechazar")).to_be_enabled()
    ana.get_by_role("button", name="Contestar", exact=True).click()
    expect(caller.locator("#line-state")).to_have_text("En llamada")
    leave = ana.get_by_role("button", name="Dejar la llamada")

    ana.once("dialog", lambda asked: asked.dismiss())
    leave.click()
    expect(telephone(ana)).to_have_text("En llamada")
    ana.once("dialog", lambda asked: asked.accept())
    leave.click()
    expect(telephone(ana)).to_have_text("Listo para timbrar")
    expect(caller.locator("#line-state")).not_to_have_text("En llamada")
    for _ in range(150):
        if telephone(ana).text_content() == "Timbra: conteste":
            break
        if (since := waits_since(db)) is not None:  # a busy machine may put them back into the queue a moment later
            clock.advance(max(timedelta(0), since + timedelta(seconds=3) - clock.now()))  # it rings, for her alone
        ana.wait_for_timeout(100)
    expect(telephone(ana)).to_have_text("Timbra: conteste")
    ana.get_by_role("button", name="Contestar", exact=True).click()
    expect(caller.locator("#line-state")).to_have_text("En llamada")
    expect(caller.get_by_role("log")).not_to_contain_text("Gracias por llamar")
    for window in (ana, caller):
        window.goto("about:blank")


def are_in_sight(page: Page, words: Locator) -> None:
    """At once, on a laptop and on a telephone."""
    for width, height in ((360, 740), (1280, 800)):
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("scrollTo(0, 0)")
        box = words.bounding_box()
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= height, (width, box)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert faults_of(page) == []


@pytest.mark.slow(15, timed=True)
def test_in_an_emergency_the_callers_words_are_in_sight(running, opens, db, clock):
    ana = at_the_desk(db, clock, opens, running, Role.OPERADOR, "ana", "/puesto")
    ana.get_by_role("button", name="Disponible").click()
    caller = somebody_calls(db, clock, opens, running, "+50321000131")
    ana.get_by_role("button", name="Contestar").click()
    expect(bar(ana, "Retener")).to_be_enabled()
    ana.set_viewport_size({"width": 1280, "height": 800})
    ana.get_by_role("link", name="Emergencia", exact=True).click()
    speaks(caller, "Ayúdeme")
    log = ana.get_by_role("log")
    expect(log).to_contain_text("Quien llama: Ayúdeme")
    are_in_sight(ana, log)
    ana.get_by_role("textbox", name="Lugar exacto").fill("Calle Inventada 5")
    ana.get_by_role("button", name="Llamar a los servicios ahora").click()
    expect(ana.get_by_text("EMERGENCIA · Línea 131")).to_be_visible()
    speaks(caller, "Estoy en el portón verde")
    expect(log).to_contain_text("Quien llama: Estoy en el portón verde")
    are_in_sight(ana, log)
    for window in (ana, caller):
        window.goto("about:blank")


def test_number_and_place_stay_when_the_person_rings_back(address, opens, centre):
    ana, room_id = emergency_of(centre)
    ana.browser.post(f"/emergencia/{room_id}", data={"zone": "", "place": "Calle Inventada 5", "is_safe": "no"})
    page = opens(address, ana.email, f"/emergencia/{room_id}")
    place = page.get_by_role("textbox", name="Lugar exacto")
    centre.ends(centre.leg(room_id, LegRole.CALLER).id)
    gone = page.get_by_role("alert").filter(has_text="La persona ya no está en la línea")
    expect(gone).to_be_visible()
    place.press("Control+End")
    page.keyboard.type(", casa")

    with centre.desk.db.begin() as tx:
        back = Arrival("CA" + "7" * 32, "linea131", PHONE, {})
        assert arriving.back_in_their_emergency(tx, centre.desk, centre.clock.now(), back)
    expect(gone).to_have_count(0)

    expect(page.get_by_text(PHONE)).to_be_visible()
    expect(place).to_have_value("Calle Inventada 5, casa")
    expect(place).to_be_focused()


def test_the_clock_of_the_rehearsal_goes_on(address, opens, centre, clock):
    ana, room_id = emergency_of(centre)
    page = opens(address, ana.email, "/puesto")
    band = page.get_by_text("RELOJ DE ENSAYO:")
    expect(band).to_have_text("RELOJ DE ENSAYO: lunes 23/11/2026 10:00")
    clock.advance(timedelta(minutes=1))
    expect(band).to_have_text("RELOJ DE ENSAYO: lunes 23/11/2026 10:01")
    ana.browser.post(f"/emergencia/{room_id}", data={"zone": "", "place": "Aquí", "is_safe": "no"})
    expect(page.get_by_text("EMERGENCIA · Línea 131")).to_be_visible()
    clock.advance(timedelta(hours=14))
    expect(band).to_have_text("RELOJ DE ENSAYO: martes 24/11/2026 00:01")


def of_nobody(centre: Centre) -> int:
    """An emergency whose operator dropped off, while its services and its person talk."""
    ana, room_id = emergency_of(centre)
    ana.browser.post(f"/emergencia/{room_id}", data={"zone": "", "place": "Aquí", "is_safe": "no"})
    centre.accepts(centre.leg(room_id, LegRole.SERVICE).id)
    centre.ends(centre.leg(room_id, LegRole.OPERATOR).id)
    return room_id


def test_a_supervisor_enters_what_has_no_operator_and_is_not_asked_to_answer_again(address, opens, centre):
    room_id = of_nobody(centre)
    boss = centre.arrives(Role.SUPERVISOR, "boss", state=Presence.DESCANSO)
    page = opens(address, boss.email, "/supervision")
    expect(page.get_by_text("EMERGENCIA SIN OPERADOR")).to_be_visible()
    expect(page.get_by_role("button", name="Escuchar")).to_have_count(0)
    page.get_by_role("button", name="Entrar", exact=True).click()
    page.get_by_role("link", name="Ver la emergencia").click()
    asks = page.get_by_text("Conteste su teléfono")
    expect(asks).to_be_visible()
    mine = next(leg for leg in centre.room(room_id).legs if leg.account_id == boss.account_id)
    centre.accepts(mine.id)
    expect(page.locator(f"[data-key='leg-{mine.id}']")).to_contain_text("en línea")
    expect(asks).to_have_count(0)
    assert not centre.room(room_id).leg_of(boss.account_id).is_muted


def test_there_are_no_buttons_of_a_call_without_a_call(address, opens, centre):
    ana = centre.arrives(Role.OPERADOR, "ana")
    page = opens(address, ana.email, "/puesto")
    page.set_viewport_size({"width": 360, "height": 740})
    what_to_do = page.locator(".bar")
    expect(page.get_by_text("Esperando una llamada.")).to_be_visible()
    expect(what_to_do).to_be_hidden()
    room_id = centre.talks()
    expect(what_to_do).to_be_visible()
    ana.on_call(room_id, "colgar")
    expect(what_to_do).to_be_hidden()
