"""The desk in a real Chromium: several people in windows of their own."""

import pytest
from playwright.sync_api import expect

from core.roles import Role
from desk.states import LegRole, Presence
from tests.console.browser import sign_in
from tests.console.call_centre import address, bar, browser, centre, emergency_of, office, opens

pytestmark = pytest.mark.browser
__all__ = ["address", "browser", "centre", "office", "opens"]  # fixtures


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
