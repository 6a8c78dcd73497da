"""There is one door to a case: whatever page names its number, whoever may not open the case is answered 404."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import console
from cases.consultations.consultations import open_case
from cases.corrections import asking
from cases.corrections.proposed import Proposed
from cases.orders import orders
from cases.orders.orders import OrderState
from cases.tables import correction, work_order
from core.roles import Role
from desk.states import PromiseState
from desk.tables import promise
from procedures.promising import promise_call

ANA, DUI, PHONE = "ana@ejemplo.gob.sv", "000162975", "+50370001234"
#: All that any form of a case's page needs, so that none is answered for what lacks.
FILLED = {
    **{"text": "Lo que se hizo", "words": "Lo que dijo", "detail": "Pide que se corrija", "claims": "y"},
    **{"when": "2026-11-24T10:00", "proposed": "1958-07-12", "como": "voz"},
}


@pytest.fixture
def case(db, vault, clock, centre):
    def case(subject: str = "FECHA_NACIMIENTO", line: str = "dgs") -> int:
        with db.begin() as tx:
            return open_case(tx, vault, clock.now(), subject, DUI, PHONE, line, None, "Lo que pregunta la persona")

    return case


@pytest.fixture
def hide(app, office):
    """A line is for nobody but these from now on (R75, R81)."""

    def hide(*roles: Role) -> None:
        lines = dict(office.desk_lines)
        lines["dgs"] = replace(lines["dgs"], restricted_roles=frozenset(roles))
        app.extensions["office"] = replace(office, desk_lines=lines)

    return hide


def of_a_case(app: Flask, number: int) -> Iterator[tuple[str, str]]:
    """(method, address) of each page that a case's number leads to."""
    for rule in app.url_map.iter_rules():
        if "case_id" in rule.arguments:
            url = app.url_map.bind("localhost").build(rule.endpoint, {each: number for each in rule.arguments})
            yield from ((method, url) for method in {"GET", "POST"} & set(rule.methods or ()))
    yield from ((method, f"/regalias/nueva?caso={number}") for method in ("GET", "POST"))


@pytest.mark.parametrize("subject", ["FECHA_NACIMIENTO", "C09", "C10", "C12"])
@pytest.mark.parametrize("role", [Role.TECNICO, Role.DIRECTOR, Role.OPERADOR, Role.SUPERVISOR, Role.COORDINADOR])
def test_whoever_may_not_open_it_does_nothing_with_it(app, as_role, case, hide, role, subject):
    """By tray, those who see theirs alone; by line, everybody else."""
    number = case(subject)
    if role not in (Role.TECNICO, Role.DIRECTOR):
        hide(Role.MISIONAL)
    browser, found = as_role(role), list(of_a_case(app, number))
    assert len(found) > 15
    answered = {(method, url): browser.open(url, method=method, data=FILLED).status_code for method, url in found}
    assert {each: code for each, code in answered.items() if code not in (403, 404)} == {}
    assert answered["GET", f"/casos/{number}/historia"] == 404


def test_whoever_may_finds_every_door_open(app, as_role, case):
    """Else the test above would hold of a page that nobody reaches."""
    number, browser = case(), as_role(Role.COORDINADOR)
    for page in (f"/casos/{number}/historia", f"/casos/{number}/referencias", f"/regalias/nueva?caso={number}"):
        assert browser.get(page).status_code == 200, page


def test_no_screen_looks_for_a_case_by_itself():
    room = Path(console.__file__).parent
    asking_themselves = [
        each.relative_to(room).as_posix() for each in room.rglob("*.py") if "one_case" in each.read_text("utf-8")
    ]
    assert asking_themselves == ["cases/seen.py"]


@pytest.mark.parametrize("role", [Role.TECNICO, Role.DIRECTOR])
def test_nor_is_taken_back_what_was_promised_in_it(as_role, case, db, clock, office, role):
    with db.begin() as tx:
        at = datetime(2026, 11, 24, 10, 0, tzinfo=office.zone)
        number = promise_call(tx, office.desk, clock.now(), case("C01"), "dgs", at, words="Para avisar", actor=ANA)
    assert as_role(role).post(f"/casos/promesas/{number}/retirar").status_code == 404
    with db.begin() as tx:
        assert tx.execute(select(promise.c.state)).scalar() == PromiseState.WAITING


@pytest.mark.parametrize("role", [Role.OPERADOR, Role.SUPERVISOR, Role.COORDINADOR, Role.ADMIN])
def test_nor_is_an_order_of_it_seen_or_closed(as_role, case, db, vault, clock, hide, role):
    """It stood in the list with what had happened, and was closed by whoever knew its number."""
    with db.begin() as tx:
        told: dict[str, Any] = {"case_id": case("C10")}
        number = orders.open_order(tx, vault, clock.now(), DUI, ANA, "Dice que otra persona cobró", **told)
        others = orders.open_order(tx, vault, clock.now(), "045678903", ANA, "Sin consulta")
    browser = as_role(role)
    assert "otra persona cobró" in browser.get("/casos/ordenes").text
    hide(Role.MISIONAL)
    page = browser.get("/casos/ordenes").text
    assert "otra persona cobró" not in page and "Sin consulta" in page
    asked = (("GET", ""), ("POST", "/mostrar"), ("POST", "/cerrar"), ("POST", "/subordenes/RECEPCION"))
    for method, what in asked:
        answer = browser.open(f"/casos/ordenes/{number}{what}", method=method, data=FILLED)
        assert answer.status_code == 404, what
    assert browser.post(f"/casos/ordenes/{others}/cerrar", data=FILLED).status_code == 302
    with db.begin() as tx:
        rows = tx.execute(select(work_order.c.id, work_order.c.state)).all()
        states = {row.id: row.state for row in rows}
    assert states == {number: OrderState.ABIERTA, others: OrderState.CERRADA}


def test_a_technician_reads_nothing_of_what_is_not_theirs_to_decide(as_role, case, db, vault, clock):
    """R37. The date of birth of the padrón, and the one that the person told."""
    with db.begin() as tx:
        theirs, other = case("SIN_HISTORIAL"), case()
        dated = asking.ask(tx, vault, clock.now(), other, ANA, "Es otra", Proposed(datetime(1958, 7, 12).date())).number
        unknown = asking.ask(tx, vault, clock.now(), theirs, ANA, "No aparece").number
    browser = as_role(Role.TECNICO)
    page = browser.get("/casos/correcciones").text
    assert f"/casos/correcciones/{unknown}" in page and f"/casos/correcciones/{dated}" not in page
    assert "1 corrección" in page and "las que usted revisa o pidió" in page
    assert browser.get(f"/casos/correcciones/{dated}").status_code == 404
    assert browser.post(f"/casos/correcciones/{dated}/ver").status_code == 404
    assert browser.get(f"/casos/correcciones/{unknown}").status_code == 200


def test_nor_asks_for_a_correction_out_of_their_tray(as_role, case, db):
    browser = as_role(Role.DIRECTOR)
    assert browser.post(f"/casos/{case()}/correccion", data=FILLED).status_code == 404
    with db.begin() as tx:
        assert tx.execute(select(correction.c.id)).all() == []
