"""Whole calls on the local carrier, with the desk in a real Chromium."""

from contextlib import suppress

import pytest
from playwright.sync_api import Page, expect

from core.database import Database
from core.roles import Role
from desk import presence
from desk.states import Presence
from tests.console.builders import account
from tests.console.call_centre import a_call_centre, at_the_desk, bar, browser, opens, says

pytestmark = pytest.mark.browser
__all__ = ["browser", "opens"]  # fixtures


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
