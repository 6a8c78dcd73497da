"""Casos › Órdenes: what a consultation leads to, its suborders, and what the citizen is told (R10, R24–R27)."""

import re
from typing import Any

import pytest

from beneficiaries.imports import import_padron
from beneficiaries.registry import RegistryDown
from cases import attentions, orders
from cases.order_kinds import Step
from cases.orders import OrderState
from core.countries import COUNTRIES
from core.roles import Role

ANA, BILL = "000162975", "4407719"
OPERATOR = "ana@ejemplo.gob.sv"
PADRON = "documento;nombre;fecha_nacimiento;estado;telefono\n00016297-5;Ana López;05/03/1960;ACTIVO;\n"


@pytest.fixture
def operator(as_role):
    return as_role(Role.OPERADOR)


@pytest.fixture
def case(db, vault, clock):
    def case(household: str = ANA, bill: str = BILL, subject: str = "C09", room: int = 1) -> int:
        with db.begin() as tx:
            now = clock.now()
            import_padron(tx, vault, now, PADRON.encode(), "test")
            about: dict[str, Any] = {"room_id": room, "line": "dgs", "call_sid": None, "phone": None, "document": ANA}
            draft = attentions.open_draft(tx, vault, now, **about, operator=OPERATOR, zone=COUNTRIES["SV"].zone)
            told: dict[str, object] = {"subject": subject, "caller_kind": "SOLICITANTE", "outcome": "PENDIENTE"}
            told |= {"detail": "Quiere inscribir a su hogar", "household": household, "bill": bill}
            told |= {"has_conflict": False, "is_gift_offered": False}
            attentions.type_draft(tx, vault, now, draft, OPERATOR, **told)
            saved = attentions.save(tx, vault, now, draft, OPERATOR)
            assert isinstance(saved, attentions.Saved), saved
            return saved.case_id

    return case


def order_in(answer) -> int:
    said = re.search(r"La orden (\d+) está abierta", answer.text)
    assert said
    return int(said[1])


def test_from_the_consultation_to_the_month_that_the_citizen_is_told(operator, case, db, vault, office):
    number = case()
    assert "Trámite de enlace" in operator.get(f"/casos/{number}/historia").text
    found = operator.get(f"/casos/{number}/enlace").text
    assert "Nadie del hogar tiene un enlace" in found and BILL not in found and ANA not in found
    order = order_in(operator.post(f"/casos/{number}/enlace", data={"text": "Trajo todo"}, follow_redirects=True))
    closed = f"/casos/ordenes/{order}/subordenes"
    operator.post(f"{closed}/{Step.RECEPCION}", data={"text": "DUI y recibo"})
    page = operator.post(f"{closed}/{Step.REGISTRO}", data={"text": "Quedó"}, follow_redirects=True).text
    assert "A partir de diciembre gozará del subsidio. Puede consultar su trámite en diciembre." in page
    assert office.padron.find(ANA).bill == BILL
    with db.begin() as tx:
        assert orders.one_order(tx, vault, order).state is OrderState.CERRADA
    assert f"Orden {order}" in operator.get(f"/casos/{number}/historia").text


def test_without_documents_the_consultation_ends_with_the_requirements(operator, case):
    number = case(household="")
    assert "sin ellos no hay trámite" in operator.get(f"/casos/{number}/enlace").text
    refused = operator.post(f"/casos/{number}/enlace", data={"text": "Igual"}, follow_redirects=True).text
    assert "sin ellos no hay trámite" in refused
    page = operator.post(f"/casos/{number}/enlace/terminar", follow_redirects=True).text
    assert "Sin documentos: se le dieron los requisitos." in page and "Cerrado" in page


def test_while_the_padron_is_down_nothing_is_opened_nor_ended(operator, case, office, monkeypatch):
    number = case()

    def down(*_):
        raise RegistryDown

    monkeypatch.setattr(office.padron, "find", down)
    for action in ("", "/terminar"):
        sent = operator.post(f"/casos/{number}/enlace{action}", data={"text": "Trajo todo"}, follow_redirects=True)
        assert (sent.status_code, "El padrón no contesta ahora" in sent.text) == (200, True)
    assert "Pendiente" in operator.get(f"/casos/{number}/historia").text


def test_of_an_order_of_another_bill_its_number_is_told(operator, case):
    first = order_in(operator.post(f"/casos/{case()}/enlace", data={"text": "Trajo todo"}, follow_redirects=True))
    again = case(bill="5500012", room=2)
    told = operator.get(f"/casos/{again}/enlace").text
    assert f'href="/casos/ordenes/{first}">orden {first}</a>, de otro recibo' in told
    assert "Abrir la orden" not in told and "se inscribe" not in told
    page = operator.post(f"/casos/{again}/enlace", data={"text": "Trajo todo"}, follow_redirects=True)
    assert f"ya tiene abierta la orden {first}, de otro recibo" in page.text


def test_one_with_an_order_to_open_is_not_ended(operator, case):
    assert operator.post(f"/casos/{case()}/enlace/terminar").status_code == 400


def test_only_of_the_consultation_that_leads_to_it(operator, case):
    assert operator.get(f"/casos/{case(subject='C01')}/enlace").status_code == 404


@pytest.mark.parametrize(
    ("step", "words", "told"),
    [
        (Step.RECEPCION, "", "la suborden sigue abierta"),
        (Step.REGISTRO, "Quedó", "se cierra cuando se cierran sus subórdenes"),
    ],
)
def test_what_cannot_be_closed_yet(operator, case, step, words, told):
    number = case()
    order = order_in(operator.post(f"/casos/{number}/enlace", data={"text": "Trajo todo"}, follow_redirects=True))
    page = operator.post(f"/casos/ordenes/{order}/subordenes/{step}", data={"text": words}, follow_redirects=True)
    assert told in page.text


def test_no_such_order_nor_suborder(operator, case):
    number = case()
    order = order_in(operator.post(f"/casos/{number}/enlace", data={"text": "Trajo todo"}, follow_redirects=True))
    assert operator.get("/casos/ordenes/99").status_code == 404
    assert operator.post("/casos/ordenes/99/subordenes/REGISTRO", data={"text": "x"}).status_code == 404
    assert operator.post(f"/casos/ordenes/{order}/subordenes/OTRA", data={"text": "x"}).status_code == 404


def test_the_director_and_the_technician_open_none(as_role, case):
    number = case()
    for role in (Role.DIRECTOR, Role.TECNICO):
        assert as_role(role).post(f"/casos/{number}/enlace", data={"text": "x"}).status_code == 403
