"""Promised calls and corrections in a real Chromium, at 360 px and wide: promised, told of, taken back."""

import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from assembly import Parts, corrections
from beneficiaries.imports import import_padron
from cases.consultations import consultations
from cases.corrections.proposed import Proposed
from console.office import Office
from core.roles import Role
from procedures.promising import promise_call
from tests.console.accessibility import looked_at
from tests.console.browser import already_in
from tests.console.builders import account
from tests.console.desk_builders import with_desk
from tests.console.test_corrections import ASKED, whose_answer_is_lost
from tests.procedures.test_following import PADRON, ROSA

pytestmark = pytest.mark.browser

COORDINATOR, ANA = "celia@ejemplo.gob.sv", "ana@ejemplo.gob.sv"
WORDS = "Preguntar si ya le atendieron en la Unidad de Género, y dar el número de oficio con el que se pidió"


@pytest.fixture
def office(office: Office, parts: Parts) -> Office:
    """With the desk of the parts, and without a telephone in the page: there is no carrier here."""
    there = with_desk(office, parts)
    return replace(there, corrections=corrections(parts), is_local_carrier=False, carrier_ws_url=None)


@pytest.fixture
def case_id(db, vault, clock, parts) -> int:
    with db.begin() as tx:
        import_padron(tx, vault, clock.now(), PADRON.encode(), "test")
        told = "Dice que en su documento la fecha es otra"
        return consultations.open_case(
            tx, vault, clock.now(), "FECHA_NACIMIENTO", ROSA, "+50370001234", "dgs", None, told
        )


def test_a_call_is_promised_told_of_and_taken_back(address, page: Page, db, clock, case_id, office, parts, tmp_path):
    already_in(page, address, account(db, clock, Role.COORDINADOR, COORDINATOR))
    now, shots = clock.now(), Path(os.environ.get("SHOTS", tmp_path))
    with db.begin() as tx:
        at = now + timedelta(days=1)
        promise_call(tx, parts.world.desk, now, case_id, "dgs", at, words="Dar el resultado", actor=ANA)
    page.goto(f"{address}/casos/{case_id}/historia")
    page.get_by_text("Prometer una llamada…").click()
    page.get_by_label("Día y hora").fill((now.astimezone(office.zone) + timedelta(hours=13)).strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("Para qué se le llama").fill(WORDS)
    page.get_by_role("button", name="Prometer la llamada").click()
    expect(page.get_by_text("La primera hora después es el martes 24/11/2026 a las 08:00")).to_be_visible()
    looked_at(page, "promesas-fuera-de-hora", shots)
    expect(page.get_by_label("Para qué se le llama")).to_have_value(WORDS)  # in the form, which is still open
    page.get_by_label("Día y hora").fill("2026-11-25T10:00")
    page.get_by_role("button", name="Prometer la llamada").click()
    expect(page.get_by_text("ya está prometida una llamada, el martes 24/11/2026 a las 10:00")).to_be_visible()
    looked_at(page, "promesas-otra", shots)
    page.get_by_label("Hace falta otra").check()
    page.get_by_role("button", name="Prometer la llamada").click()
    expect(page.get_by_text("Quedó prometida")).to_be_visible()
    looked_at(page, "promesas-caso", shots)
    page.goto(f"{address}/casos/tareas")
    expect(page.get_by_text(WORDS)).to_be_visible()
    looked_at(page, "promesas-tareas", shots)
    page.get_by_role("button", name="Ya no hace falta").first.click()
    expect(page.get_by_text("Ya no hacía falta")).to_be_visible()
    expect(page.get_by_text("Por llamar")).to_be_visible()


def test_a_correction_of_which_the_padron_has_not_answered(address, page: Page, db, clock, case_id, parts, tmp_path):
    already_in(page, address, account(db, clock, Role.COORDINADOR, COORDINATOR))
    shots = Path(os.environ.get("SHOTS", tmp_path))
    with db.begin() as tx:
        loop = corrections(parts)
        number = loop.ask(tx, case_id, ANA, ASKED["detail"], Proposed(date(1958, 7, 12))).number
    with whose_answer_is_lost():
        page.goto(f"{address}/casos/correcciones/{number}")
        page.get_by_role("button", name="Ver el documento y la fecha").click()
        looked_at(page, "correccion-por-decidir", shots)
        page.get_by_label("Consulta al registro de las personas naturales").check()
        page.get_by_label("Qué encontró").fill("Coincide con el registro")
        page.get_by_role("button", name="Corregir en el padrón").click()
        expect(page.get_by_text("no se sabe si ya la tiene")).to_be_visible()
        looked_at(page, "correccion-en-marcha", shots)
    page.goto(f"{address}/casos/correcciones")
    expect(page.get_by_text("corrigiéndose")).to_be_visible()
    looked_at(page, "correcciones", shots)


def test_two_cases_of_one_matter_and_what_an_operator_left_pending(
    address, page: Page, db, vault, clock, case_id, tmp_path
):
    shots = Path(os.environ.get("SHOTS", tmp_path))
    already_in(page, address, account(db, clock, Role.OPERADOR, ANA))
    with db.begin() as tx:
        about = ("C11", ROSA, "+50370001234", "dgs", None, "Pide que le corrijan la fecha")
        second = consultations.open_case(tx, vault, clock.now(), *about, actor=ANA)
    page.goto(f"{address}/casos/tareas")
    expect(page.get_by_text("Casos que usted dejó pendientes")).to_be_visible()
    looked_at(page, "tareas-de-quien-opera", shots)
    page.goto(f"{address}/casos/{second}/historia")
    looked_at(page, "dos-casos-de-lo-mismo", shots)
    page.get_by_role("button", name="Unirlo a este y cerrarlo").click()
    expect(page.get_by_text(f"Se le unió el caso {case_id}.")).to_be_visible()


def test_a_correction_asked_for_twice_with_what_was_typed_kept(address, page: Page, db, clock, case_id, tmp_path):
    already_in(page, address, account(db, clock, Role.COORDINADOR, COORDINATOR))
    shots = Path(os.environ.get("SHOTS", tmp_path))
    for born in ("2030-02-01", "1958-07-12", "1958-12-07"):
        page.goto(f"{address}/casos/{case_id}/historia")
        page.get_by_role("link", name="Pedir una corrección del padrón…").click()
        page.get_by_label("Fecha de nacimiento").fill(born)
        page.get_by_label("Qué pide corregir").fill(ASKED["detail"])
        page.get_by_role("button", name="Pedir la corrección").click()
        if born == "2030-02-01":
            expect(page.get_by_text("Esa fecha no ha llegado todavía.")).to_be_visible()
            expect(page.get_by_label("Qué pide corregir")).to_have_value(ASKED["detail"])
            looked_at(page, "correccion-pedir", shots)
    expect(page.get_by_text("con otros datos. Dígalo a Coordinación")).to_be_visible()
    looked_at(page, "correccion-otra-fecha", shots)
    page.get_by_role("link", name="Corrección 1").click()
    expect(page.get_by_text("Se han dicho datos distintos")).to_be_visible()
    looked_at(page, "correccion-pedida", shots)


def test_a_correction_of_a_name_compared_with_the_one_of_the_padron(address, page: Page, db, clock, case_id, tmp_path):
    already_in(page, address, account(db, clock, Role.OPERADOR, ANA))
    shots, longest = Path(os.environ.get("SHOTS", tmp_path)), "María " + "Ñ" * 113 + "n"
    page.goto(f"{address}/casos/{case_id}/correccion")
    page.get_by_label("Nombre completo").fill("Rosa 2")
    page.get_by_label("Qué pide corregir").fill("En su DUI el apellido es otro")
    page.get_by_role("button", name="Pedir la corrección").click()
    expect(page.get_by_text("Escriba el nombre solo con letras")).to_be_visible()
    expect(page.get_by_label("Nombre completo")).to_have_value("Rosa 2")
    looked_at(page, "correccion-nombre-pedir", shots)
    page.get_by_label("Nombre completo").fill(longest)
    page.get_by_label("Fecha de nacimiento").fill("1958-07-12")
    page.get_by_role("button", name="Pedir la corrección").click()
    expect(page.get_by_text("Se pidió la corrección 1")).to_be_visible()
    page.context.clear_cookies()
    already_in(page, address, account(db, clock, Role.COORDINADOR, COORDINATOR))
    page.goto(f"{address}/casos/correcciones/1")
    looked_at(page, "correccion-nombre-tapado", shots)
    page.get_by_role("button", name="Ver el documento, la fecha y el nombre").click()
    expect(page.get_by_text(longest)).to_be_visible()
    expect(page.get_by_text("Rosa López")).to_be_visible()
    looked_at(page, "correccion-nombre", shots)
