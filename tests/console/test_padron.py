"""Who calls, as the padrón has them: shown to whoever writes the case, once they ask, and written down."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from beneficiaries.asked import Padron
from beneficiaries.local import LocalRegistry
from beneficiaries.patience import Patience
from beneficiaries.registry import PinReason
from beneficiaries.remote import RemoteRegistry
from cases.attentions import attentions
from core import audit
from core.roles import Role
from tests.beneficiaries.builders import ANA, ANA_WHOLE, LUIS_WHOLE, WHOLE_HEADING, bring
from tests.beneficiaries.elsewhere import TOKEN, Served, served
from tests.console.test_case_form import WHOLE, answered, office

__all__ = ["answered", "office"]  # fixtures

ANAS_PHONE = "+50372461935"
#: What a caller would have to prove, or nobody needs to read on a screen.
SECRETS = (ANA, "00016297-5", "2975", ANAS_PHONE, "72461935", "1204567", "1985", "12/03")


@pytest.fixture
def operator(as_role) -> FlaskClient:
    return as_role(Role.OPERADOR)


@pytest.fixture
def people(db, vault, clock) -> None:
    with db.begin() as tx:
        bring(tx, vault, ANA_WHOLE, LUIS_WHOLE, heading=WHOLE_HEADING)
        LocalRegistry(vault, clock).set_pin(tx, ANA, "4819", PinReason.ACTIVACION, "call:CA1")


def trail(db) -> list[tuple[str, str, dict]]:
    lines = audit.audit.c.action.like("padron.%")
    with db.begin() as tx:
        rows = tx.execute(select(audit.audit).where(lines).order_by(audit.audit.c.id)).all()
    return [(row.action, row.actor, row.facts) for row in rows]


class TestSearching:
    def test_who_calls_is_found_by_what_the_call_told(self, operator, answered, people, db):
        number = answered(phone=ANAS_PHONE, document=None)
        page = operator.post(f"/casos/{number}/padron", data={"de": "llamada"}, headers={"X-Part": "padron"}).text
        told = ("Ana María Rivas", "Activo", "Con PIN", "00•••••-•", "NI••••••", "Ya se cobró: Tienda La Ceiba")
        assert all(each in page for each in told) and "<html" not in page
        assert not any(secret in page for secret in SECRETS)

    @pytest.mark.parametrize("typed", ["04567890-3", "045678903", "4567890-3"])
    def test_or_by_the_document_that_they_say(self, operator, answered, people, typed):
        page = operator.post(f"/casos/{answered()}/padron", data={"who": typed}).text
        told = ("Luis Peña", "No activo", "Sin PIN", "Ninguno vinculado", "No se ha cobrado", "Volver al caso")
        assert all(each in page for each in told)
        assert "045678903" not in page and "Ana" not in page

    def test_or_by_the_telephone(self, operator, answered, people, db):
        assert "Ana María Rivas" in operator.post(f"/casos/{answered()}/padron", data={"who": "7246-1935"}).text

    def test_several_may_share_a_telephone(self, operator, answered, db, vault, people):
        with db.begin() as tx:
            bring(tx, vault, "04567890-3;Luis Peña;1971-11-30;NO_ACTIVO;7246-1935")
        page = operator.post(f"/casos/{answered()}/padron", data={"who": "7246-1935"}).text
        assert "2 personas" in page and "Ana María" in page and "Luis" in page

    def test_nobody_is_found(self, operator, answered, people, db):
        page = operator.post(f"/casos/{answered()}/padron", data={"who": "04000001-6"}).text
        assert "No está en el padrón" in page
        assert [(action, facts["found"]) for action, _, facts in trail(db)] == [("padron.searched", 0)]

    @pytest.mark.parametrize("typed", ["", "04567890-4", "hola", "0" * 40, "7246"])
    def test_what_is_no_document_nor_telephone_is_said(self, operator, answered, people, db, typed):
        answer = operator.post(f"/casos/{answered()}/padron", data={"who": typed})
        assert answer.status_code == 422 and "Escriba un DUI de nueve dígitos" in answer.text
        assert trail(db) == []

    def test_a_month_that_is_over_is_not_this_one(self, operator, answered, people, clock):
        number = answered()
        clock.jump_to(clock.now().replace(month=12, day=1))
        page = operator.post(f"/casos/{number}/padron", data={"who": "7246-1935"}).text
        assert "No se ha cobrado" in page and "Ceiba" not in page


class TestWhoMay:
    def test_that_somebody_was_shown_is_written_down_and_not_who_they_are(self, operator, answered, people, db):
        number = answered()
        operator.post(f"/casos/{number}/padron", data={"who": "7246-1935"})
        who = "operador@ejemplo.gob.sv"
        assert trail(db) == [
            ("padron.searched", who, {"found": 1}),
            ("padron.revealed", who, {"attention": number}),
        ]

    @pytest.mark.parametrize("typed", ["7246-1935", ""])
    def test_only_beside_a_case_of_ones_own(self, operator, as_role, answered, people, db, typed):
        number = answered(operator="otra@ejemplo.gob.sv")
        assert operator.post(f"/casos/{number}/padron", data={"who": typed}).status_code == 404
        assert operator.post("/casos/99/padron", data={"who": typed}).status_code == 404
        assert as_role(Role.MISIONAL).post(f"/casos/{number}/padron", data={"who": typed}).status_code == 403
        assert trail(db) == []

    def test_not_once_the_case_is_saved(self, operator, answered, people, db):
        number = answered()
        assert "En el padrón" in operator.get(f"/casos/{number}/atender").text
        assert operator.post(f"/casos/{number}/guardar", data=WHOLE).status_code == 200
        assert "En el padrón" not in operator.get(f"/casos/{number}/atender").text
        assert operator.post(f"/casos/{number}/padron", data={"who": "7246-1935"}).status_code == 409
        assert trail(db) == []

    def test_not_of_somebody_who_stays_anonymous(self, operator, answered, people, db, vault, clock):
        number = answered()
        with db.begin() as tx:
            who = "operador@ejemplo.gob.sv"
            attentions.type_draft(tx, vault, clock.now(), number, who, is_anonymous=True)
        assert "En el padrón" not in operator.get(f"/casos/{number}/atender").text
        assert operator.post(f"/casos/{number}/padron", data={"de": "llamada"}).status_code == 409

    def test_not_on_a_line_that_is_none_of_the_subsidys(self, as_role, answered, people, db):
        coordinator = as_role(Role.COORDINADOR)
        number = answered(operator="coordinador@ejemplo.gob.sv", line="linea131")
        assert "En el padrón" not in coordinator.get(f"/casos/{number}/atender").text
        assert coordinator.post(f"/casos/{number}/padron", data={"who": "7246-1935"}).status_code == 409


class TestAPadronElsewhere:
    @pytest.fixture
    def other(self) -> Iterator[Served]:
        with served() as padron:
            yield padron

    @pytest.fixture
    def office(self, office, db, vault, clock, other):
        registry = RemoteRegistry(db, vault, clock, other.url, TOKEN, seconds=0.3)
        return replace(office, padron=Padron(db, registry, Patience(1, seconds=0.5)))

    def test_is_asked(self, operator: FlaskClient, answered: Callable[..., int], other: Served):
        assert "Tienda La Ceiba" in operator.post(f"/casos/{answered()}/padron", data={"who": "7246-1935"}).text
        assert other.asked == ["/beneficiaries/search"]

    def test_that_hangs_is_said_and_the_case_goes_on(self, operator, answered, other, db):
        number = answered()
        other.answers.clear()
        answer = operator.post(f"/casos/{number}/padron", data={"who": "7246-1935"})
        assert answer.status_code == 503 and "El padrón no contesta" in answer.text
        assert operator.post(f"/casos/{number}/guardar", data=WHOLE).status_code == 200
        assert trail(db) == []
