"""Casos › Órdenes: what a consultation leads to, its suborders, and what the citizen is told (R10, R24–R27)."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import update

from beneficiaries.imports import import_padron
from beneficiaries.registry import RegistryDown
from cases.attentions import attentions
from cases.catalogue.order_kinds import SuborderKind
from cases.orders import orders
from cases.orders.orders import OrderState
from cases.tables import case_, work_order
from core import audit
from core.countries import COUNTRIES
from core.roles import Role

ANA, LUIS, BILL = "000162975", "045678903", "4407719"
TOLD = "A partir de diciembre gozará del subsidio. Puede consultar su trámite en diciembre."
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


@pytest.fixture
def of_a_family(db, vault, clock):
    """A case whose call told no document, of a household of two; ``typed``: what else is in its form."""

    def of_a_family(**typed: str) -> int | list[attentions.Problem]:
        with db.begin() as tx:
            now = clock.now()
            import_padron(tx, vault, now, PADRON.encode(), "test")
            about: dict[str, Any] = {"room_id": 1, "line": "dgs", "call_sid": None, "phone": "+50322220001"}
            about |= {"operator": OPERATOR, "zone": COUNTRIES["SV"].zone, "document": None}
            draft = attentions.open_draft(tx, vault, now, **about)
            told: dict[str, object] = {"subject": "C09", "caller_kind": "SOLICITANTE", "outcome": "PENDIENTE"}
            told |= {"detail": "Quiere inscribir a su hogar", "has_conflict": False, "is_gift_offered": False}
            told |= {"household": f"{ANA}\n{LUIS}", "bill": BILL, **typed}
            attentions.type_draft(tx, vault, now, draft, OPERATOR, **told)
            saved = attentions.save(tx, vault, now, draft, OPERATOR)
            return saved.case_id if isinstance(saved, attentions.Saved) else saved

    return of_a_family


class TestWhoseItIs:
    """R24: of a caller who marked no document, the household says nothing of who asks."""

    def test_it_is_asked_when_the_case_is_saved(self, of_a_family):
        (problem,) = of_a_family()
        assert problem.field == "document" and "cuál de los DUI del hogar" in problem.sentence
        assert isinstance(of_a_family(document=ANA), int)

    def test_whoever_is_alone_in_it_is_who_asks(self, operator, of_a_family):
        number = of_a_family(household=ANA)
        assert "Nadie del hogar tiene un enlace" in operator.get(f"/casos/{number}/enlace").text

    def test_a_case_that_was_saved_without_it_goes_on_once_it_is_said(self, operator, of_a_family, db):
        number = of_a_family(document=ANA)
        with db.begin() as tx:  # as the version before this one left it
            tx.execute(update(case_).values(document_sealed=None, document_print=None))
        page = operator.get(f"/casos/{number}/enlace").text
        assert "Falta decir de quién es el trámite" in page and "Cerrar" not in page
        where = f"/casos/{number}/enlace/persona"
        assert operator.post(f"/casos/{number}/enlace/terminar").status_code == 400
        refused = operator.post(where, data={"document": "051933379"})
        assert refused.status_code == 422 and "Escriba uno de los DUI del hogar" in refused.text
        page = operator.post(where, data={"document": "00016297-5"}, follow_redirects=True).text
        assert "Nadie del hogar tiene un enlace" in page
        assert "Dijo de quién es el trámite" in operator.get(f"/casos/{number}/historia").text


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
    operator.post(f"{closed}/{SuborderKind.RECEPCION}", data={"text": "DUI y recibo"})
    page = operator.post(f"{closed}/{SuborderKind.REGISTRO}", data={"text": "Quedó"}, follow_redirects=True).text
    assert TOLD in page
    assert office.padron.find(ANA).bill == BILL
    with db.begin() as tx:
        assert orders.one_order(tx, vault, order).state is OrderState.CERRADA
    assert f"Orden {order}" in operator.get(f"/casos/{number}/historia").text


def linked(operator, number: int) -> int:
    """The order of a case, brought to its end."""
    order = order_in(operator.post(f"/casos/{number}/enlace", data={"text": "Trajo todo"}, follow_redirects=True))
    for step, words in ((SuborderKind.RECEPCION, "DUI y recibo"), (SuborderKind.REGISTRO, "Quedó")):
        operator.post(f"/casos/ordenes/{order}/subordenes/{step}", data={"text": words})
    return order


def test_what_the_person_must_be_told_stays_until_the_case_is_closed(operator, as_role, case, clock):
    """R26, R27: on another day the month is still the one that was told."""
    number = case()
    order = linked(operator, number)
    clock.advance(timedelta(days=20))
    for page in (f"/casos/ordenes/{order}", f"/casos/{number}/historia"):
        assert f"«{TOLD}»" in unescape(operator.get(page).text)
    coordinator = as_role(Role.COORDINADOR)
    tasks = unescape(coordinator.get("/casos/tareas").text)
    assert f"Diga a la persona: «{TOLD}»" in tasks and f"Caso {number}" in tasks
    assert "Después, cierre el" in operator.get(f"/casos/ordenes/{order}").text
    operator.post(f"/casos/{number}/cerrar", data={"text": "Se le dijo por teléfono"})
    assert "Después, cierre el" not in operator.get(f"/casos/ordenes/{order}").text
    assert "Diga a la persona" not in coordinator.get("/casos/tareas").text


def test_a_line_of_history_for_each_act_of_an_order(operator, case):
    number = case()
    order = linked(operator, number)
    page = unescape(operator.get(f"/casos/{number}/historia").text)
    acts = (
        f"orden {order} «Inscripción o modificación de beneficiario GLP por recibo de energía»: Trajo",
        f"Cerró la suborden «Recepción de documentación» de la orden {order}: DUI y recibo",
        f"Cerró la suborden «Registro en sistema» de la orden {order}, y con ella la orden: Quedó",
    )
    assert [each for each in acts if each not in page] == []


def test_an_enlace_that_came_to_its_end_is_not_offered_again(operator, case):
    number = case()
    order = linked(operator, number)
    assert "Trámite de enlace…" not in operator.get(f"/casos/{number}/historia").text
    page = operator.get(f"/casos/{number}/enlace").text
    assert f'Este trámite ya tiene su <a class="alert-link" href="/casos/ordenes/{order}"' in page
    assert "Abrir la orden" not in page and "se modifica su registro" not in page
    assert order_in(operator.post(f"/casos/{number}/enlace", data={"text": "Otra vez"}, follow_redirects=True)) == order


def test_one_that_was_annulled_is_offered_again(operator, case):
    number = case()
    order = order_in(operator.post(f"/casos/{number}/enlace", data={"text": "Trajo todo"}, follow_redirects=True))
    assert "Trámite de enlace…" not in operator.get(f"/casos/{number}/historia").text
    operator.post(f"/casos/ordenes/{order}/cerrar", data={"text": "Faltaba un DUI"})
    page = operator.get(f"/casos/{number}/historia").text
    assert "Trámite de enlace…" in page and f"Anuló la orden {order}: Faltaba un DUI" in page


def test_an_order_shows_what_is_to_be_registered_once_asked(operator, case, db):
    number = case(household=f"{ANA}\n{LUIS}")
    order = order_in(operator.post(f"/casos/{number}/enlace", data={"text": "Trajo todo"}, follow_redirects=True))
    masked = operator.get(f"/casos/ordenes/{order}").text
    assert "44•••••" in masked and "04•••••-•" in masked
    assert not any(each in masked for each in (ANA, LUIS, BILL))
    shown = operator.post(f"/casos/ordenes/{order}/mostrar").text
    assert all(each in shown for each in (ANA, LUIS, BILL)) and "Ver datos" not in shown
    with db.begin() as tx:
        assert [each["action"] for each in audit.history(tx, "order", str(order))][0] == "order.revealed"


def test_an_order_of_a_case_that_the_visitor_may_not_know_of(operator, case, monkeypatch):
    number = case()
    order = order_in(operator.post(f"/casos/{number}/enlace", data={"text": "Trajo todo"}, follow_redirects=True))
    monkeypatch.setattr("console.cases.seen.hidden_lines", lambda: frozenset({"dgs"}))
    assert operator.get(f"/casos/ordenes/{order}").status_code == 404
    assert operator.post(f"/casos/ordenes/{order}/mostrar").status_code == 404


def test_only_a_theft_is_said_to_open_the_line_of_the_pin(operator, case):
    operator.post(f"/casos/{case()}/enlace", data={"text": "Trajo todo"})
    page = operator.get("/casos/ordenes").text
    assert "Abrir una orden por sustracción" in page and "Con una orden por sustracción abierta" in page


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
        (SuborderKind.RECEPCION, "", "la suborden sigue abierta"),
        (SuborderKind.REGISTRO, "Quedó", "se cierra cuando se cierran sus subórdenes"),
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


def test_one_whose_bill_is_being_linked_is_not_annulled(operator, case, db, clock):
    """The padrón may have it already, and nobody would tell the person."""
    order = order_in(operator.post(f"/casos/{case()}/enlace", data={"text": "Trajo todo"}, follow_redirects=True))
    with db.begin() as tx:
        tx.execute(update(work_order).where(work_order.c.id == order).values(registering_since=clock.now()))
    told = operator.post(f"/casos/ordenes/{order}/cerrar", data={"text": "Ya no"}, follow_redirects=True).text
    assert "Su recibo se está enlazando en el padrón: espere." in told
    assert "Se está enlazando en el padrón" in told and "Completar y cerrar" not in told.partition("Registro en")[2]
