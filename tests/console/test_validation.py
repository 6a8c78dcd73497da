"""Respuestas and the validation list as people use them; the ready requests; the claims that wait for a person."""

import io
import json

import openpyxl
import pytest
from sqlalchemy import select, text

from campaigns import conversation
from campaigns.scripts.dgs import SCRIPTS
from campaigns.validation.tables import collected_answer
from cases.orders import claims
from core.audit import audit
from core.roles import Role
from desk.tables import promise
from tests.campaigns.builders import attempts_of, end, put_on_the_line, running

HOSTILE = "<script>alert(1)</script>"
ASKED = {
    "recolectar_1": f"¿Recibe el subsidio? {HOSTILE}",
    "recolectar_1_opciones": f"1=Sí|2=No {HOSTILE}",
    "recolectar_2": "¿A qué teléfono?",
    "recolectar_2_digitos": "8",
    "requiere_validacion": "SI",
}


@pytest.fixture
def make(db, vault, clock):
    """A running campaign of which so many people answered."""

    def made(people: int = 2, **fields: str) -> int:
        campaign_id = running(db, vault, clock, people, **ASKED | fields)
        for n, each in enumerate(attempts_of(db, campaign_id)):
            put_on_the_line(db, each.id, f"CA{each.id}", clock.now())
            with db.begin() as tx:
                answers = {"1": "1" if n % 2 else "2", "2": f"7{n:07}"}
                conversation.keep_collected(tx, vault, each.id, answers)
            end(db, vault, clock.now(), each.id, "completed", progress="collected", duration_s=60)
        return campaign_id

    return made


def answers(db) -> list:
    with db.begin() as tx:
        query = select(collected_answer).order_by(collected_answer.c.recipient_id, collected_answer.c.number)
        return list(tx.execute(query))


def decision(row, to: str, **other: str) -> dict[str, str]:
    return {"decision": to, "visto": bytes(row.given_print).hex()[:16], "estaba": row.state} | other


def test_the_counts_are_drawn_and_told_as_a_table(as_role, make):
    campaign_id = make(3)
    page = as_role(Role.COORDINADOR).get(f"/campanas/{campaign_id}/respuestas").text
    assert "Quedan 6 datos por validar" in page
    assert HOSTILE not in page and "&lt;script&gt;" in page
    assert "<svg" in page and 'role="img"' in page
    assert "66.7 %" in page
    assert "70000001" not in page  # nobody in particular


@pytest.mark.parametrize(
    ("role", "counts", "lists"),
    [
        (Role.PROFESIONAL_LINEA, 200, 200),
        (Role.COORDINADOR, 200, 200),
        (Role.DIRECTOR, 200, 200),
        (Role.ADMIN, 200, 200),
        (Role.MISIONAL, 404, 403),
        (Role.OPERADOR, 403, 403),
        (Role.TECNICO, 403, 403),
    ],
)
def test_who_sees_the_answers(as_role, make, role, counts, lists):
    campaign_id, browser = make(1), as_role(role)
    assert browser.get(f"/campanas/{campaign_id}/respuestas").status_code == counts
    assert browser.get(f"/campanas/{campaign_id}/validacion").status_code == lists


def test_each_is_accepted_corrected_or_rejected(as_role, make, db):
    campaign_id, browser = make(2), as_role(Role.PROFESIONAL_LINEA)
    where = f"/campanas/{campaign_id}/validacion"
    page = browser.get(where).text
    assert "70000001" in page and HOSTILE not in page
    first, second, third, _fourth = answers(db)
    for row, form in (
        (first, decision(first, "accepted")),
        (second, decision(second, "corrected", valor="71112222")),
        (third, decision(third, "rejected")),
    ):
        assert browser.post(f"{where}/{row.recipient_id}/{row.number}", data=form).status_code == 302
    assert [row.state for row in answers(db)] == ["accepted", "corrected", "rejected", "waiting"]
    assert {row.decided_by for row in answers(db)[:3]} == {"profesional_linea@ejemplo.gob.sv"}
    corrected = browser.get(f"{where}?estado=corrected").text
    assert "71112222" in corrected and "dijo 70000000" in corrected
    late = browser.post(f"{where}/{first.recipient_id}/1", data=decision(first, "rejected"))
    assert late.status_code == 409 and "Ya lo decidió" in late.text and "No se cambió nada" in late.text
    bad = browser.post(f"{where}/{second.recipient_id}/2", data=decision(answers(db)[1], "corrected", valor="12"))
    assert bad.status_code == 409 and "8 cifras" in bad.text


@pytest.fixture
def many_people_before(db):
    """As many as an integer counts, in other campaigns."""

    def begin_at(number: int) -> None:
        with db.begin() as tx:
            tx.execute(text(f"alter table recipient alter column id restart with {number}"))

    begin_at(2**31 + 5)
    yield
    begin_at(1)


def test_beyond_an_integer_there_are_people_too(many_people_before, as_role, make, db):
    campaign_id, browser = make(1), as_role(Role.COORDINADOR)
    row = answers(db)[0]
    where = f"/campanas/{campaign_id}/validacion"
    form = decision(row, "accepted")
    for odd in (f"{row.recipient_id}/{2**15}", f"{row.recipient_id}/{2**70}", f"{2**63}/1"):
        assert browser.post(f"{where}/{odd}", data=form).status_code == 404
    assert browser.post(f"{where}/{2**62}/1", data=form).status_code == 409
    assert browser.post(f"{where}/{row.recipient_id}/{row.number}", data=form).status_code == 302
    assert answers(db)[0].state == "accepted"


def test_a_page_at_once(as_role, make, db):
    campaign_id, browser = make(2), as_role(Role.COORDINADOR)
    where = f"/campanas/{campaign_id}/validacion"
    shown = [f"{row.recipient_id}.{row.number}.{bytes(row.given_print).hex()[:16]}" for row in answers(db)[:3]]
    browser.post(f"{where}/pagina", data={"mostrado": [*shown, "x", "1.2", "9.9.f"]})
    assert [row.state for row in answers(db)] == ["accepted", "accepted", "accepted", "waiting"]
    told = browser.get(where).text
    assert "3 datos aceptados. 1 ya los había decidido" in told
    assert "Por validar (1)" in told and "Aceptado (3)" in told


def test_pages_go_on_where_the_last_one_ended(as_role, make, db):
    campaign_id, browser = make(14), as_role(Role.COORDINADOR)
    first = browser.get(f"/campanas/{campaign_id}/validacion").text
    last = answers(db)[24]
    after = f"{last.recipient_id}.{last.number}"
    assert f"despues={after}" in first
    second = browser.get(f"/campanas/{campaign_id}/validacion?despues={after}").text
    assert second.count('name="estaba"') == 2 * 3
    for odd in ("x", "1.x", "9" * 30 + ".1", "1.99999999"):
        assert browser.get(f"/campanas/{campaign_id}/validacion?despues={odd}&campaign_id=7").status_code == 200


def test_that_they_were_shown_is_written_down(as_role, make, db):
    campaign_id = make(1)
    as_role(Role.COORDINADOR).get(f"/campanas/{campaign_id}/validacion")
    with db.begin() as tx:
        row = tx.execute(select(audit).where(audit.c.action == "campaign.answers_shown")).one()
    assert (row.actor, row.facts) == ("coordinador@ejemplo.gob.sv", {"answers": 2})


def test_what_was_validated_is_downloaded(as_role, make, db):
    campaign_id, browser = make(2), as_role(Role.COORDINADOR)
    row = answers(db)[1]
    browser.post(f"/campanas/{campaign_id}/validacion/{row.recipient_id}/2", data=decision(row, "accepted"))
    csv = browser.get(f"/campanas/{campaign_id}/datos.csv")
    assert csv.data.decode("utf-8-sig").count("\r\n") == 2 and b"70000000" in csv.data
    book = openpyxl.load_workbook(io.BytesIO(browser.get(f"/campanas/{campaign_id}/datos.xlsx").data))
    assert [cell.value for cell in list(book.active.rows)[1]][2:5] == ["recolectar_2", "¿A qué teléfono?", "70000000"]


def test_a_campaign_that_asks_nothing_says_so(as_role, make, db, vault, clock):
    campaign_id = running(db, vault, clock, 1, recolectar_1="", recolectar_1_opciones="")
    assert "no pregunta nada" in as_role(Role.COORDINADOR).get(f"/campanas/{campaign_id}/respuestas").text


# The ready requests


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.id)
def test_a_ready_request_says_who_asks_and_has_nobody(as_role, script):
    browser = as_role(Role.PROFESIONAL_LINEA)
    page = browser.get("/campanas/nueva").text
    assert script.title in page and f"/formato/{script.id}.xlsx" in page
    book = openpyxl.load_workbook(io.BytesIO(browser.get(f"/formato/{script.id}.xlsx").data))
    told = {row[0].value.rstrip("*"): row[1].value for row in list(book["Solicitud"].rows)[1:]}
    assert told["mensaje_guion"] == script.fields["mensaje_guion"]
    assert told["entidad"] == "Dirección de Prueba"
    assert told["numero_devolucion_llamada"] == "2237-3333"
    assert told["correo_solicitante"] == "profesional_linea@ejemplo.gob.sv"
    assert not told["fecha_inicio"]
    assert book["Contactos"].max_row == 1


def test_there_is_no_other_ready_request(as_role):
    assert as_role(Role.COORDINADOR).get("/formato/otra.xlsx").status_code == 404
    assert as_role(Role.OPERADOR).get(f"/formato/{SCRIPTS[0].id}.xlsx").status_code == 403


# The claims (R46)


@pytest.fixture
def claim_id(db, vault, clock) -> int:
    with db.begin() as tx:
        about = {"line": "dgs", "document": "000162975", "phone": "+50371112222"}
        found = claims.note_claim(tx, vault, clock.now(), attempt_id=1, **about)
    assert found is not None
    return found


def test_an_operator_confirms_a_claim_and_opens_its_order(as_role, claim_id):
    browser = as_role(Role.OPERADOR)
    page = browser.get("/casos/ordenes").text
    assert "Reclamos por confirmar" in page and "000162975" not in page
    browser.post(f"/casos/reclamos/{claim_id}/confirmar", data={"text": " "})
    assert "Hay que escribir un detalle" in browser.get("/casos/ordenes").text
    browser.post(f"/casos/reclamos/{claim_id}/confirmar", data={"text": "no cobró noviembre"})
    page = browser.get("/casos/ordenes").text
    assert "está abierta" in page and "no cobró noviembre" in page and "Reclamos por confirmar" not in page
    browser.post(f"/casos/reclamos/{claim_id}/confirmar", data={"text": "otra vez"})
    assert "ya no espera" in browser.get("/casos/ordenes").text


def test_whoever_claims_is_called(centre, db, claim_id):
    ana = centre.arrives(Role.OPERADOR, "ana")
    assert "Que se le llame" in ana.browser.get("/casos/ordenes").text
    for _ in range(2):  # pressed twice they are owed one call
        assert ana.browser.post(f"/casos/reclamos/{claim_id}/llamar").status_code == 302
    with db.begin() as tx:
        (owed,) = tx.execute(select(promise)).all()
        assert json.loads(centre.desk.vault.open(owed.learnt_sealed))["document"] == "000162975"
    ana.browser.post("/casos/reclamos/99/llamar")
    assert "ya no espera" in ana.browser.get("/casos/ordenes").text


def test_a_claim_is_discarded(as_role, claim_id):
    browser = as_role(Role.SUPERVISOR)
    browser.post(f"/casos/reclamos/{claim_id}/descartar", data={"text": "sí lo cobró su hija"})
    page = browser.get("/casos/ordenes").text
    assert "descartado" in page
    assert "Reclamos descartados" in page and "sí lo cobró su hija" in page and "000162975" not in page
    assert "sí lo cobró su hija" in as_role(Role.COORDINADOR).get("/casos/ordenes").text
    assert "su hija" not in as_role(Role.OPERADOR).get("/casos/ordenes").text
    assert as_role(Role.MISIONAL).post(f"/casos/reclamos/{claim_id}/descartar", data={"text": "x"}).status_code == 403
    assert browser.post(f"/casos/reclamos/{2**63}/descartar", data={"text": "x"}).status_code == 404
