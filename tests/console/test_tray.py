"""The tray: consultations, orders for theft, locks."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from cases.consultations import consultations
from cases.orders import orders
from core import audit
from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from core.roles import Role
from tests.beneficiaries.builders import fail, is_locked

DUI, PHONE = "000162975", "+50322334455"


@pytest.fixture
def coordinator(as_role) -> FlaskClient:
    return as_role(Role.COORDINADOR)


@pytest.fixture
def case_id(db: Database, vault: Vault, clock: FixedClock) -> int:
    with db.begin() as tx:
        return consultations.open_case(tx, vault, clock.now(), "NO_ACTIVO", DUI, PHONE, "dgs", None)


def audited(db: Database, subject: str, number: int) -> list[str]:
    with db.begin() as tx:
        return [line["action"] for line in audit.history(tx, subject, number)]


class TestCases:
    def test_a_pending_case_is_shown_masked(self, coordinator, case_id):
        page = coordinator.get("/casos").text
        assert "Beneficiario en estado «No activo»" in page
        assert "00•••••-•" in page
        assert "+503 ••••-••55" in page
        assert DUI not in page
        assert PHONE not in page

    def test_one_past_its_day_is_marked(self, coordinator, case_id, clock):
        assert "vencido" not in coordinator.get("/casos").text
        clock.advance(timedelta(hours=25))
        assert "vencido" in coordinator.get("/casos").text

    def test_seeing_the_data_is_written_down(self, coordinator, case_id, db):
        page = coordinator.post(f"/casos/{case_id}/mostrar").text
        assert DUI in page
        assert PHONE in page
        assert audited(db, "case", case_id)[0] == "case.revealed"

    def test_it_is_closed_with_what_was_done(self, coordinator, case_id, db):
        coordinator.post(f"/casos/{case_id}/cerrar", data={"text": ""})
        assert f"/casos/{case_id}/cerrar" in coordinator.get("/casos").text
        coordinator.post(f"/casos/{case_id}/cerrar", data={"text": "Se activó en el padrón"})
        assert "No hay consultas pendientes" in coordinator.get("/casos").text
        assert audited(db, "case", case_id)[0] == "case.closed"

    def test_a_technician_sees_the_technicians_tray(self, as_role, case_id, db, vault, clock):
        with db.begin() as tx:
            consultations.open_case(tx, vault, clock.now(), "SIN_HISTORIAL", DUI, None, "dgs", None)
        browser = as_role(Role.TECNICO)
        page = browser.get("/casos").text
        assert "Documento sin historial" in page
        assert "No activo" not in page
        assert browser.post(f"/casos/{case_id}/mostrar").status_code == 404
        assert browser.post(f"/casos/{case_id}/cerrar", data={"text": "x"}).status_code == 404

    def test_one_that_the_full_page_leaves_out_can_be_worked_on_too(self, coordinator, db, vault, clock):
        with db.begin() as tx:
            for _ in range(201):
                last = consultations.open_case(tx, vault, clock.now(), "NO_ACTIVO", DUI, PHONE, "dgs", None)
        assert DUI in coordinator.post(f"/casos/{last}/mostrar").text
        coordinator.post(f"/casos/{last}/cerrar", data={"text": "Se activó en el padrón"})
        assert audited(db, "case", last)[0] == "case.closed"

    def test_one_that_was_closed_is_shown_no_more(self, coordinator, case_id):
        coordinator.post(f"/casos/{case_id}/cerrar", data={"text": "Se activó en el padrón"})
        assert coordinator.post(f"/casos/{case_id}/mostrar").status_code == 404

    def test_no_such_case(self, coordinator):
        assert coordinator.post("/casos/99/mostrar").status_code == 404


class TestOrders:
    def test_a_theft_order_is_opened_and_closed(self, coordinator, db, vault):
        coordinator.post("/casos/ordenes", data={"document": "00016297-5", "detail": "Cobraron su subsidio"})
        with db.begin() as tx:
            assert orders.has_open_order(tx, vault, DUI)
        page = coordinator.get("/casos/ordenes").text
        assert "Cobraron su subsidio" in page
        assert "00•••••-•" in page

        coordinator.post("/casos/ordenes/1/cerrar", data={"text": "Ya tiene su PIN"})
        with db.begin() as tx:
            assert not orders.has_open_order(tx, vault, DUI)

    @pytest.mark.parametrize(
        ("document", "detail", "sentence"),
        [
            ("00016297-4", "Cobraron", "el dígito verificador no corresponde"),
            ("", "Cobraron", "Escriba el DUI."),
            ("00016297-5", " ", "Escriba el detalle."),
        ],
    )
    def test_what_is_wrong_is_said_beside_it(self, coordinator, document, detail, sentence):
        answer = coordinator.post("/casos/ordenes", data={"document": document, "detail": detail})
        assert answer.status_code == 422
        assert sentence in answer.text
        assert "No hay órdenes abiertas." in answer.text

    def test_the_document_never_is_in_an_address(self, coordinator):
        answer = coordinator.post("/casos/ordenes", data={"document": DUI, "detail": "Cobraron"})
        assert not re.search(r"\d{4}", answer.location)

    def test_no_such_order(self, coordinator):
        assert coordinator.post("/casos/ordenes/9/cerrar", data={"text": "x"}).status_code == 404


class TestLocks:
    @pytest.fixture(autouse=True)
    def _locked(self, db, vault, clock):
        with db.begin() as tx:
            for _ in range(5):
                fail(tx, vault, clock.now(), document=DUI)

    def test_an_operator_lifts_one_with_a_reason(self, as_role, db, vault, clock):
        browser = as_role(Role.OPERADOR)
        assert "00•••••-•" in browser.get("/casos/bloqueos").text
        browser.post("/casos/bloqueos/1/levantar", data={"text": ""})
        with db.begin() as tx:
            assert is_locked(tx, vault, clock.now(), document=DUI)
        browser.post("/casos/bloqueos/1/levantar", data={"text": "Se identificó en ventanilla"})
        with db.begin() as tx:
            assert not is_locked(tx, vault, clock.now(), document=DUI)
        assert audited(db, "lock", 1)[0] == "lock.lifted"

    def test_why_it_was_lifted_is_told_to_who_supervises(self, as_role):
        operator = as_role(Role.OPERADOR)
        operator.post("/casos/bloqueos/1/levantar", data={"text": "Lo conoce <b>don Braulio</b>"})
        page = as_role(Role.SUPERVISOR).get("/casos/bloqueos").text
        assert "Lo conoce &lt;b&gt;don Braulio&lt;/b&gt;" in page
        assert "operador@ejemplo.gob.sv" in page
        assert "00•••••-•" in page
        assert "Braulio" in as_role(Role.COORDINADOR).get("/casos/bloqueos").text
        assert "Braulio" not in operator.get("/casos/bloqueos").text

    def test_lifting_it_twice_is_no_error(self, coordinator):
        for told in ("quedó levantado", "ya no estaba"):
            page = coordinator.post("/casos/bloqueos/1/levantar", data={"text": "x"}, follow_redirects=True).text
            assert told in page


def test_what_is_written_to_close_one_that_somebody_closed_meanwhile_is_kept(as_role, db, vault, clock):
    """It was answered with «no existe», and the words were gone."""
    with db.begin() as tx:
        case_id = consultations.open_case(tx, vault, clock.now(), "NO_ACTIVO", None, None, "dgs", None)
        consultations.close_case(tx, vault, clock.now(), case_id, "otra@ejemplo.gob.sv", "Se activó")
    page = (
        as_role(Role.COORDINADOR)
        .post(f"/casos/{case_id}/cerrar", data={"text": "Se le llamó y ya lo sabía"}, follow_redirects=True)
        .text
    )
    assert f"El caso {case_id} ya estaba cerrado: lo que escribió quedó en su historia." in page
    assert "<strong>Agregó</strong><br>Se le llamó y ya lo sabía" in page
