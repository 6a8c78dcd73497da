"""The case form in a real Chromium: kept while it is typed, saved in its place, by the keyboard alone."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cases.attentions import attentions
from cases.attentions.handovers import STILL_TYPING
from core.roles import Role
from tests.console.accessibility import looked_at
from tests.console.browser import already_in
from tests.console.builders import account
from tests.console.test_case_form import OPERATOR, answered, kept, office

pytestmark = pytest.mark.browser
__all__ = ["answered", "office"]  # fixtures


@pytest.fixture
def forgiven() -> tuple[str, ...]:
    return ("status of 422", "status of 409", "net::ERR_FAILED")


@pytest.fixture
def page(page: Page) -> Page:
    page.set_viewport_size({"width": 1280, "height": 900})
    return page


@pytest.fixture
def opened(address, page, db, clock, answered) -> Callable[..., int]:
    """The operator is at the form of a call just answered."""
    already_in(page, address, account(db, clock, Role.OPERADOR, OPERATOR))

    def opened(**other) -> int:
        number = answered(**other)
        page.goto(f"{address}/casos/{number}/atender")
        return number

    return opened


def test_it_is_kept_while_it_is_typed(opened, page, db, vault):
    number = opened()
    page.get_by_label("Detalle de la llamada").press_sequentially("Pregunta por su tarjeta")
    expect(page.locator("[data-typed]")).to_contain_text("Borrador guardado a las 10:00:00")
    expect(page.get_by_label("Detalle de la llamada")).to_be_focused()
    page.reload()
    expect(page.get_by_label("Detalle de la llamada")).to_have_value("Pregunta por su tarjeta")
    page.get_by_label("Nombre", exact=True).fill("Alguien")
    page.goto("about:blank")  # before the pause is over
    page.wait_for_timeout(200)
    for _ in range(50):
        if kept(db, vault, number).contact_name:
            break
        page.wait_for_timeout(100)
    assert kept(db, vault, number).contact_name == "Alguien"


def test_a_page_that_comes_before_what_the_last_one_sent_shows_that_too(opened, page, db, vault, monkeypatch):
    """The page was made of an older draft, and the newer one was kept and not shown."""
    number, type_draft = opened(), attentions.type_draft

    def slowly(*told: Any, **fields: Any) -> Any:
        time.sleep(1)
        return type_draft(*told, **fields)

    monkeypatch.setattr(attentions, "type_draft", slowly)
    detail = page.get_by_label("Detalle de la llamada")
    detail.press_sequentially("Pregunta por su tarjeta")
    page.reload()
    expect(detail).to_have_value("")
    page.get_by_label("Nombre", exact=True).press_sequentially("Alguien")
    expect(detail).to_have_value("Pregunta por su tarjeta")
    expect(page.get_by_label("Nombre", exact=True)).to_have_value("Alguien")
    expect(page.locator("[data-typed]")).to_contain_text("Borrador guardado")
    page.wait_for_timeout(2500)
    expect(page.get_by_label("Nombre", exact=True)).to_have_value("Alguien")
    draft = kept(db, vault, number)
    assert (draft.detail, draft.contact_name) == ("Pregunta por su tarjeta", "Alguien")


def test_two_tabs_of_one_person_hold_one_case(opened, page, db, vault):
    """What was typed last in one of them wrote over all that was typed in the other."""
    number = opened()
    with page.expect_popup() as second:
        page.evaluate("() => { open(location.href); }")
    other = second.value
    other.wait_for_load_state()
    page.get_by_label("Motivo de la llamada").select_option("C01")
    page.get_by_label("Detalle de la llamada").press_sequentially("Pregunta por su tarjeta")
    page.locator("[name=has_conflict][value=no]").check()
    expect(other.get_by_label("Detalle de la llamada")).to_have_value("Pregunta por su tarjeta")
    other.get_by_label("Nombre", exact=True).fill("Alguien")
    expect(page.get_by_label("Nombre", exact=True)).to_have_value("Alguien")
    expect(other.locator("[name=has_conflict][value=no]")).to_be_checked()
    draft = kept(db, vault, number)
    assert (draft.subject, draft.detail, draft.contact_name) == ("C01", "Pregunta por su tarjeta", "Alguien")
    other.locator("[name=caller_kind]").select_option(index=1)
    other.locator("[name=is_gift_offered][value=no]").check()
    other.locator("[name=outcome]").first.check()
    other.get_by_role("button", name="Guardar caso").click()
    expect(page.get_by_text("Guardado como caso")).to_be_visible()


def test_only_what_applies_is_shown(opened, page):
    opened()
    for name, label in (("is_gift_offered", "Qué ofrecieron"), ("has_conflict", "Trasladar a")):
        expect(page.get_by_label(label)).to_be_hidden()
        page.locator(f"[name={name}][value=si]").check()
        expect(page.get_by_label(label)).to_be_visible()
    expect(page.get_by_label("Unidad a la que corresponde")).to_be_hidden()
    page.get_by_label("Motivo de la llamada").select_option("C99")
    expect(page.get_by_label("Unidad a la que corresponde")).to_be_visible()


def test_by_the_keyboard_alone_with_what_lacks_said_in_place(opened, page, db, vault):
    number = opened()
    page.get_by_label("Motivo de la llamada").focus()
    page.keyboard.press("P")  # «Precios del gas licuado»
    page.keyboard.press("Tab")  # to «Qué decir»
    page.keyboard.press("Tab")
    page.keyboard.press("S")
    for _ in range(4):  # to the detail
        page.keyboard.press("Tab")
    page.keyboard.type("Nada")
    page.get_by_role("button", name="Guardar caso").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    detail = page.get_by_label("Detalle de la llamada")
    assert detail.get_attribute("aria-invalid") == "true"
    expect(page.locator("#detail-error")).to_be_visible()

    page.get_by_role("link", name="Detalle de la llamada").focus()
    page.keyboard.press("Enter")
    expect(detail).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type(" de nada: preguntó el precio del cilindro")
    expect(page.locator("#detail-error")).to_have_count(0)  # it is no longer so
    for name in ("has_conflict-1", "is_gift_offered-1", "outcome-1"):
        page.locator(f"#{name}").focus()
        page.keyboard.press("Space")
    page.locator("#outcome-1").press("Enter")  # from any field
    expect(page.get_by_role("status")).to_contain_text("Guardado como caso 1: cerrado")
    assert kept(db, vault, number).case_id == 1


def test_with_the_connection_gone_nothing_typed_is_lost(opened, page, db, vault):
    number = opened()
    page.route("**/escribir", lambda route: route.abort())
    page.get_by_label("Detalle de la llamada").fill("Pregunta por su tarjeta")
    expect(page.locator("[data-typed]")).to_contain_text("Sin conexión")
    page.unroute("**/escribir")
    expect(page.locator("[data-typed]")).to_contain_text("Borrador guardado")
    assert kept(db, vault, number).detail == "Pregunta por su tarjeta"


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_is_wider_than_its_window(opened, page, address, width):
    number = opened()
    page.set_viewport_size({"width": width, "height": 740})
    for where in (f"casos/{number}/atender", "casos/por-guardar", "casos", "regalias/nueva"):
        page.goto(f"{address}/{where}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, where


def test_what_is_written_on_while_a_colleague_completes_the_case_is_added(opened, page, db, vault, clock, answered):
    number, colleague = opened(), "otra@ejemplo.gob.sv"
    whole: dict[str, Any] = {"subject": "C01", "caller_kind": "BENEFICIARIO"}
    whole |= {
        "detail": "Pregunta por el precio del cilindro",
        "has_conflict": False,
        "is_gift_offered": False,
        "outcome": "CERRADO",
    }
    with db.begin() as tx:
        attentions.type_draft(tx, vault, clock.now(), number, OPERATOR, **whole)
    page.reload()
    clock.advance(STILL_TYPING)
    theirs = answered(operator=colleague)
    with db.begin() as tx:
        attentions.type_draft(tx, vault, clock.now(), theirs, colleague, **whole)
        attentions.save(tx, vault, clock.now(), theirs, colleague)
    clock.advance(timedelta(seconds=1))

    detail = page.get_by_label("Detalle de la llamada")
    detail.press("Control+End")
    detail.press_sequentially(" y dónde")
    expect(page.get_by_text("Lo completó quien tuvo la llamada después")).to_be_visible()
    expect(page.locator("[data-noted]")).to_be_visible()
    expect(page.locator("[data-later]")).to_contain_text("Pregunta por el precio del cilindro y dónde")


def test_what_lacks_leaves_the_box_as_it_is_filled_and_the_box_goes_with_the_last(opened, page):
    opened()
    page.get_by_role("button", name="Guardar caso").click()
    box = page.locator("[data-wrong]")
    expect(box.get_by_role("link", name="Detalle de la llamada")).to_be_visible()
    page.get_by_label("Detalle de la llamada").fill("Pregunta por el precio del cilindro")
    expect(box.get_by_role("link", name="Detalle de la llamada")).to_have_count(0)
    expect(box).to_be_visible()  # others are missing still
    page.locator("#has_conflict-1").check()
    expect(box.get_by_role("link", name="conflicto")).to_have_count(0)
    page.get_by_label("Motivo de la llamada").select_option("C01")
    page.get_by_label("Quién llama").select_option("BENEFICIARIO")
    for name in ("is_gift_offered-1", "outcome-1"):
        page.locator(f"#{name}").check()
    expect(box).to_have_count(0)


def test_what_a_colleague_saved_meanwhile_is_shown_and_whose_stands_is_chosen(opened, page, db, vault, clock, answered):
    number, colleague = opened(), "otra@ejemplo.gob.sv"
    theirs = answered(operator=colleague)
    told: dict[str, Any] = {"subject": "C01", "caller_kind": "BENEFICIARIO", "detail": "Lo que escribió la colega"}
    told |= {"has_conflict": False, "is_gift_offered": False, "outcome": "CERRADO"}
    clock.advance(STILL_TYPING)
    with db.begin() as tx:
        attentions.type_draft(tx, vault, clock.now(), theirs, colleague, **told)
        attentions.save(tx, vault, clock.now(), theirs, colleague)

    page.get_by_label("Motivo de la llamada").select_option("C01")
    page.get_by_label("Quién llama").select_option("BENEFICIARIO")
    page.get_by_label("Detalle de la llamada").fill("Lo que escribo yo de esta llamada")
    expect(page.locator("#case-news")).to_contain_text("Este caso ya lo guardó otra persona de esta llamada")
    for name in ("has_conflict-1", "is_gift_offered-1", "outcome-0"):
        page.locator(f"#{name}").check()
    page.get_by_role("button", name="Guardar caso").click()
    told_so = page.locator("[data-meanwhile]")
    expect(told_so).to_be_focused()
    expect(told_so).to_contain_text("Lo que escribió la colega")
    expect(page.get_by_label("Detalle de la llamada")).to_have_value("Lo que escribo yo de esta llamada")
    page.get_by_role("button", name="Dejarlo así y agregar lo mío").click()
    expect(page.get_by_text("Guardado como caso 1: cerrado")).to_be_visible()
    assert kept(db, vault, number).case_id == 1

    clock.advance(STILL_TYPING)
    page.get_by_label("Lo que se dijo después").fill("Y también preguntó por su factura")
    page.get_by_label("El caso queda").select_option("PENDIENTE")
    page.get_by_role("button", name="Agregar al caso").click()
    expect(page.get_by_text("Guardado como caso 1: pendiente")).to_be_visible()
    expect(page.locator("[data-later]")).to_contain_text("Y también preguntó por su factura")
    expect(page.get_by_label("Lo que se dijo después")).to_have_value("")


def test_what_may_be_said_and_what_comes_after_saving(opened, page, tmp_path):
    shots = Path(os.environ.get("SHOTS", tmp_path))
    opened()
    page.get_by_label("Motivo de la llamada").select_option("C11")
    page.locator("summary:visible", has_text="Qué decir").click()
    expect(
        page.get_by_text("Texto de la institución aún sin aprobar: léalo como guía.").locator("visible=true")
    ).to_be_visible()
    expect(page.get_by_text("el enlace sale aquí mismo")).to_be_visible()
    looked_at(page, "guion-sin-aprobar", shots)
