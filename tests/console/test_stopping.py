"""«No quiere recibir más mensajes ni llamadas», beside the case of a call or a conversation: the same as BAJA."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from campaigns.rules.candidates import candidate_for
from campaigns.rules.deciding import Dial, OtherPhone
from campaigns.rules.facts import decision_of
from campaigns.tables import exclusion
from core import audit
from core.roles import Role
from tests.campaigns.builders import attempts_of, running
from tests.console.test_case_form import OPERATOR, PHONE, answered, office

__all__ = ["answered", "office"]  # fixtures

PANEL = {"X-Part": "stopping"}


@pytest.fixture
def operator(as_role) -> FlaskClient:
    return as_role(Role.OPERADOR)


def excluded(db, vault) -> list[tuple[str, str | None, str | None, str]]:
    with db.begin() as tx:
        rows = tx.execute(select(exclusion).order_by(exclusion.c.id)).all()
    return [(row.kind, row.line, vault.open(row.value_sealed), row.added_by) for row in rows]


def test_the_telephone_of_the_call_is_excluded_once_for_the_entity_of_the_line(operator, answered, db, vault):
    number = answered()
    assert "No quiere recibir más mensajes ni llamadas" in operator.get(f"/casos/{number}/atender").text
    for _ in range(2):
        panel = operator.post(f"/casos/{number}/no-buscar", headers=PANEL)
        assert panel.status_code == 200 and "Desde este momento ninguna campaña" in panel.text
        assert "+503 ••••-••55" in panel.text and PHONE not in panel.text and "<html" not in panel.text
    assert excluded(db, vault) == [("phone", "dgs", PHONE, OPERATOR)]
    page = operator.get(f"/casos/{number}/atender").text
    assert "Pidió que ninguna campaña" in page and "No quiere recibir" not in page


def test_it_is_written_down_who_did_it_and_not_whose_it_is(operator, answered, db):
    number = answered()
    operator.post(f"/casos/{number}/no-buscar", headers=PANEL)
    with db.begin() as tx:
        rows = tx.execute(select(audit.audit).where(audit.audit.c.actor == OPERATOR)).all()
    told = {row.action: (row.subject_id, row.facts) for row in rows}
    assert told["attention.left_alone"] == (f"{number}", {"line": "dgs"})
    assert told["exclusion.added"] == ("line dgs", {"has_reason": True, "kind": "phone"})


def test_no_campaign_calls_them_there_from_then_on(operator, answered, db, vault, clock):
    campaign_id = running(db, vault, clock, 1)
    with db.begin() as tx:
        each = candidate_for(tx, vault, attempts_of(db, campaign_id)[0].id)
        assert isinstance(decision_of(tx, vault, clock.now(), each)[1], Dial)
    operator.post(f"/casos/{answered(phone=each.to)}/no-buscar", headers=PANEL)
    with db.begin() as tx:
        assert decision_of(tx, vault, clock.now(), each)[1] == OtherPhone(phone=1, spent=1)


def test_of_a_withheld_number_the_one_that_they_say(operator, answered, db, vault):
    number = answered(phone=None)
    refused = operator.post(f"/casos/{number}/no-buscar", headers=PANEL)
    assert refused.status_code == 409 and "escríbalo en el caso" in refused.text
    assert excluded(db, vault) == []
    operator.post(f"/casos/{number}/escribir", data={"phone": "7000 0155"}, headers={"X-Part": "case-form"})
    assert operator.post(f"/casos/{number}/no-buscar", headers=PANEL).status_code == 200
    assert excluded(db, vault) == [("phone", "dgs", "+50370000155", OPERATOR)]


def test_without_scripts_one_is_back_at_the_case(operator, answered, db, vault):
    answer = operator.post(f"/casos/{answered()}/no-buscar", follow_redirects=True)
    assert "Desde este momento ninguna campaña llama ni escribe al +503 ••••-••55." in answer.text
    answer = operator.post(f"/casos/{answered(phone=None, room=2)}/no-buscar", follow_redirects=True)
    assert "escríbalo en el caso" in answer.text
    assert len(excluded(db, vault)) == 1


def test_only_beside_a_case_of_ones_own(operator, as_role, answered, db, vault):
    number = answered(operator="otra@ejemplo.gob.sv")
    assert operator.post(f"/casos/{number}/no-buscar", headers=PANEL).status_code == 404
    assert operator.post("/casos/99/no-buscar", headers=PANEL).status_code == 404
    assert as_role(Role.MISIONAL).post(f"/casos/{number}/no-buscar", headers=PANEL).status_code == 403
    assert excluded(db, vault) == []
