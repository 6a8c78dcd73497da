"""Written conversations in a real Chromium: a person on one side, operators on the other, the local carrier between."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page, expect
from sqlalchemy import select

from app import create_app
from assembly import Parts, assemble
from carrier.local.config import CarrierConfig
from core.clock import FixedClock
from core.roles import Role
from desk.chats.states import MessageState
from desk.chats.tables import chat_message
from messages.chat_sending import ChatSender
from settings import Settings
from tests.console.accessibility import looked_at
from tests.console.browser import already_in, hear_errors, served
from tests.console.builders import account
from tests.console.call_centre import a_carrier
from tests.ports import free_port
from work import chat_sender

pytestmark = pytest.mark.browser

Opens = Callable[[str, str, str], Page]


@contextmanager
def a_place(db, vault, clock: FixedClock, folder: Path) -> Iterator[tuple[str, Parts]]:
    """Carrier, web and whoever sends, of this machine alone."""
    web, carrier = free_port(), f"127.0.0.1:{free_port()}"
    where = f"http://127.0.0.1:{web}"
    settings = Settings.from_environment(
        {"DATA_DIR": str(folder), "BIND": f"127.0.0.1:{web}", "PUBLIC_URL": where, "CARRIER_BIND": carrier}
    )
    parts = assemble(settings, db, vault, clock)
    written_to = [line.desk.chat for line in parts.lines.values() if line.desk.chat]
    config = CarrierConfig(
        bind=carrier,
        numbers=[(number, f"{where}/voice/incoming", None) for line in parts.lines.values() for number in line.numbers],
        allowed_origin=where,
        chat_url=f"{where}/messaging/whatsapp",
        chat_templates={each.content_sid: each.text for chat in written_to for each in chat.approved},
    )
    over = Event()
    worker = Thread(target=_send_all, args=(chat_sender(parts), over), daemon=True)
    with a_carrier(config), served(create_app(parts), web):
        worker.start()
        try:
            yield where, parts
        finally:
            over.set()
            worker.join(10)


def _send_all(sender: ChatSender, over: Event) -> None:
    """As the worker does with the jobs."""
    while not over.wait(0.05):
        with sender.db.begin() as tx:
            queued = chat_message.c.state == MessageState.QUEUED
            waiting = tx.execute(select(chat_message.c.id).where(queued).order_by(chat_message.c.id)).scalars().all()
        for message_id in waiting:
            sender.send(message_id)


@contextmanager
def windows(browser: Browser) -> Iterator[Opens]:
    """A window of somebody's own; no script may fail in any. They are closed before what they ask is gone."""
    said: list[str] = []
    with ExitStack() as stack:

        def opened(address: str, email: str, where: str) -> Page:
            page = stack.enter_context(browser.new_context(viewport={"width": 1280, "height": 800})).new_page()
            page.set_default_timeout(15_000)
            hear_errors(page, said)
            already_in(page, address, email)
            page.goto(f"{address}{where}")
            return page

        yield opened
    assert [line for line in said if "status of 409" not in line] == []  # what cannot be done is said, and no fault


#: How far the page goes on below what it shows, in pixels.
BELOW = """() => {
  const ends = [...document.body.children].map((each) => each.getBoundingClientRect().bottom + scrollY);
  return document.documentElement.scrollHeight - Math.max(...ends, innerHeight);
}"""


def writes(page: Page, text: str) -> None:
    page.get_by_label("Mensaje").fill(text)
    page.get_by_role("button", name="Enviar", exact=True).click()


@pytest.mark.slow(20, timed=True)
def test_a_whole_conversation_on_one_laptop(browser, db, vault, clock, tmp_path):
    with a_place(db, vault, clock, tmp_path) as (address, _), windows(browser) as opens:
        person = opens(address, account(db, clock, Role.ADMIN), "/telefono/whatsapp")
        expect(person.get_by_text("Conectado: +50378880000")).to_be_visible()
        log = person.get_by_role("log")
        writes(person, "Hola, buenos días")
        expect(log).to_contain_text("5. Hablar con una persona")
        writes(person, "uno")
        expect(log).to_contain_text("Los precios máximos")
        person.get_by_role("button", name="Foto de un documento").click()
        expect(log).to_contain_text("Recibido")
        looked_at(person, "whatsapp-person", tmp_path)
        person.set_viewport_size({"width": 1280, "height": 800})

        ana = opens(address, account(db, clock, Role.OPERADOR, "ana@ejemplo.gob.sv"), "/puesto")
        expect(ana.get_by_role("link", name="WhatsApp")).to_be_visible()
        writes(person, "5")
        expect(log).to_contain_text("Le va a atender una persona")
        person.get_by_role("button", name="Foto de un recibo").click()
        expect(ana.locator("#chat-notice")).to_contain_text("1 persona espera")
        looked_at(ana, "whatsapp-notice", tmp_path)
        ana.set_viewport_size({"width": 1280, "height": 800})
        ana.locator("#chat-notice a").click()
        expect(ana.get_by_role("heading", name="Esperan: 1")).to_be_visible()
        looked_at(ana, "whatsapp-list", tmp_path)
        ana.set_viewport_size({"width": 1280, "height": 800})

        ana.get_by_role("button", name="Atender").click()  # and the conversation is before her
        expect(ana.get_by_text("Puede escribir hasta el")).to_be_visible()
        ana.get_by_role("button", name="Pedir DUI y recibo").click()
        ana.get_by_role("button", name="Enviar", exact=True).click()
        expect(ana.get_by_label("Mensaje")).to_have_value("")
        expect(log).to_contain_text("envíe por favor una foto del DUI")
        expect(ana.get_by_text("Leído").last).to_be_visible()

        expect(ana.get_by_role("button", name="Es DUI")).to_have_count(0)  # nobody has looked
        with ana.expect_popup() as opened:
            ana.get_by_role("link", name="Ver Foto").first.click()
        expect(opened.value.locator("img")).to_be_visible()
        opened.value.close()
        ana.get_by_role("button", name="Es DUI").click()
        expect(ana.get_by_text("DUI: sí")).to_be_visible()
        expect(ana.get_by_text("no se hace ningún trámite")).to_be_visible()
        with ana.expect_popup() as opened:
            ana.get_by_role("link", name="Ver Foto").click()
        opened.value.close()
        ana.get_by_role("button", name="Es recibo").click()
        expect(ana.get_by_text("Puede guardar el caso como trámite.")).to_be_visible()
        ana.get_by_label("Detalle de la conversación").fill("Pide el subsidio, envió DUI y recibo")
        looked_at(ana, "whatsapp-chat", tmp_path)
        ana.set_viewport_size({"width": 1280, "height": 800})

        writes(ana, "Su PIN es 4819")
        expect(ana.get_by_role("alert")).to_contain_text("Un PIN nunca se escribe por mensaje")
        ana.get_by_label("Mensaje").fill("")
        person.get_by_label("Mensaje").fill("x" * 9000)
        person.get_by_role("button", name="Enviar", exact=True).click()
        expect(ana.locator(".words").last).to_contain_text("xxx")
        assert ana.evaluate(BELOW) < 100, "a long message is read in its own place"
        clock.jump_to(clock.now().replace(day=24, hour=20))
        expect(ana.get_by_text("Pasaron 24 horas desde su último mensaje")).to_be_visible()
        looked_at(ana, "whatsapp-late", tmp_path)
        ana.set_viewport_size({"width": 1280, "height": 800})
        expect(ana.get_by_label("Detalle de la conversación")).to_have_value("Pide el subsidio, envió DUI y recibo")


def test_what_is_typed_is_not_lost_nor_sent_unasked(browser, db, vault, clock, tmp_path):
    with a_place(db, vault, clock, tmp_path) as (address, _), windows(browser) as opens:
        person = opens(address, account(db, clock, Role.ADMIN), "/telefono/whatsapp")
        began = datetime.now(ZoneInfo("America/El_Salvador"))
        writes(person, "5")
        expect(person.get_by_role("log")).to_contain_text("Le va a atender una persona")
        told, took = person.locator(".when").first.inner_text(), datetime.now(began.tzinfo) - began
        meanwhile = range(int(took / timedelta(minutes=1)) + 2)
        assert told in {f"{began + timedelta(minutes=each):%H:%M}" for each in meanwhile}, "not the browser's hours"
        ana = opens(address, account(db, clock, Role.OPERADOR, "ana@ejemplo.gob.sv"), "/chats")
        ana.get_by_role("button", name="Atender").click()
        field = ana.get_by_label("Mensaje")

        field.fill("Nació el 20 de junio de 1984")
        ana.get_by_role("link", name="Puesto").click()
        expect(ana.get_by_role("heading", name="Puesto")).to_be_attached()
        leaving = answered(ana, "dismiss")
        ana.evaluate("setTimeout(() => location.reload())")
        ana.wait_for_timeout(500)
        assert [each.type for each in leaving] == ["beforeunload"], "what was not sent is asked about"
        ana.go_back()
        expect(field).to_have_value("Nació el 20 de junio de 1984")

        asked = answered(ana, "dismiss")
        ana.get_by_role("button", name="Enviar", exact=True).click()
        expect(ana.get_by_role("button", name="Enviar", exact=True)).to_be_enabled()
        assert "una fecha que puede ser de nacimiento" in asked[0].message and "¿Enviarlo así?" in asked[0].message
        expect(field).to_have_value("Nació el 20 de junio de 1984")
        field.fill("El cilindro cuesta $1500")
        answered(ana, "accept")
        ana.get_by_role("button", name="Enviar", exact=True).click()
        expect(person.get_by_role("log")).to_contain_text("El cilindro cuesta $1500")
        assert "1984" not in person.get_by_role("log").inner_text()
        expect(field).to_have_value("")

        field.fill("a" * 1500)
        expect(ana.get_by_text("1,500 de 1,600 letras")).to_be_visible()
        pastes(field, "b" * 10_000)
        expect(ana.get_by_role("alert")).to_have_text("Se pegó solo una parte: aquí caben 1,600 letras.")
        looked_at(ana, "whatsapp-cut", tmp_path)
        pastes(ana.get_by_label("Nombre", exact=True), "c" * 300)
        expect(ana.get_by_text("aquí caben 120 letras")).to_be_visible()
        field.fill("")
        expect(ana.get_by_text("1,600 letras")).to_have_count(0)


def answered(page: Page, how: str) -> list[Dialog]:
    """The next question of the browser, which is answered so."""
    asked: list[Dialog] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog)
        getattr(dialog, how)()

    page.once("dialog", answer)
    return asked


def pastes(field: Locator, text: str) -> None:
    """As the keyboard does it, from a clipboard of the page's own."""
    tells = """(field, text) => {
      const held = new DataTransfer();
      held.setData("text", text);
      field.focus();
      field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: held, bubbles: true }));
      const room = Math.max(0, field.maxLength - field.value.length);
      document.execCommand("insertText", false, text.slice(0, room));
    }"""
    field.evaluate(tells, text)
