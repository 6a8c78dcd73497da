"""Whoever said yes to being called: counted once, listed, told on the campaign's page and in its report."""

import csv
import io

import pytest
from sqlalchemy import select, update

from campaigns import conversation
from campaigns.scripts.dgs import SCRIPTS
from campaigns.tables import campaign
from campaigns.upload.request import Collected
from campaigns.validation import calls_wanted
from campaigns.validation.calls_wanted import yes_to_a_call
from campaigns.validation.keeping import Verdict
from campaigns.validation.tables import collected_answer
from core.roles import Role
from reports.campaign import counted_of, report_of
from tests.campaigns.builders import attempts_of, campaign_row, end, people_of, put_on_the_line, running

YES_NO = (("1", "Sí"), ("2", "No"))


@pytest.mark.parametrize(
    ("sentence", "options", "key"),
    [
        ("¿Desea que le llamemos para explicarle cómo activar su PIN?", YES_NO, "1"),
        ("¿Quiere que alguien la llame mañana?", (("1", "No"), ("2", "SI")), "2"),
        ("¿Le devolvemos la llamada?", YES_NO, "1"),
        ("¿Desea recibir una llamada de un asesor?", YES_NO, "1"),
        ("¿Prefiere que no le llamemos?", YES_NO, None),
        ("¿Recibe el subsidio?", YES_NO, None),
        ("¿Cómo se llama su municipio?", YES_NO, None),
        ("¿Le llamamos?", (("1", "Mañana"), ("2", "Tarde")), None),  # nobody said yes by it
    ],
)
def test_which_key_asks_for_a_call(sentence, options, key):
    assert yes_to_a_call(Collected(1, sentence, options, None)) == key


def test_of_the_ready_campaigns_that_of_new_beneficiaries_offers_a_call():
    offers = {
        script.id
        for script in SCRIPTS
        for n in range(1, 6)
        if yes_to_a_call(Collected(n, script.fields.get(f"recolectar_{n}", ""), YES_NO, None))
    }
    assert offers == {"nuevos-beneficiarios"}


@pytest.fixture
def answered(db, vault, clock) -> int:
    """Of four people two said yes, one no, and one yes that was rejected."""
    campaign_id = running(db, vault, clock, 4)
    for each, key in zip(attempts_of(db, campaign_id), "1211", strict=True):
        put_on_the_line(db, each.id, f"CA{each.id}", clock.now())
        with db.begin() as tx:
            conversation.keep_collected(tx, vault, each.id, {"1": key})
        end(db, vault, clock.now(), each.id, "completed", progress="collected", duration_s=60)
    last = people_of(db, campaign_id)[3].id
    with db.begin() as tx:
        rejected = update(collected_answer).where(collected_answer.c.recipient_id == last)
        tx.execute(rejected.values(state=Verdict.REJECTED))
    return campaign_id


def test_they_are_counted_and_their_list_is_theirs_alone(db, vault, answered):
    with db.begin() as tx:
        assert calls_wanted.people(tx, vault, campaign_row(tx, answered)) == 2
        written = b"".join(calls_wanted.csv_pieces(tx, vault, answered)).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(written), delimiter=";"))
    assert [row["id_registro"] for row in rows] == ["R-000000", "R-000002"]
    assert {row["telefono_1"] for row in rows} == {"+50371000000", "+50371000002"}


def test_the_report_says_it(db, vault, clock, answered):
    with db.begin() as tx:
        row = tx.execute(select(campaign).where(campaign.c.id == answered)).one()
        told = report_of(tx, vault, clock.now(), row, "Institución", counted_of(tx, vault, row))
    (owed,) = [each for each in told.sections if each.title == "Llamadas que se deben"]
    assert owed.rows == [("Personas que pidieron que se les llame", 2)]


def test_the_campaigns_page_says_it_and_gives_the_list(as_role, answered):
    browser = as_role(Role.COORDINADOR)
    for page in (f"/campanas/{answered}", f"/campanas/{answered}/respuestas"):
        assert "2 personas pidieron que se les llame" in browser.get(page, follow_redirects=True).text
    lines = browser.get(f"/campanas/{answered}/piden-llamada.csv").data.decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert as_role(Role.OPERADOR).get(f"/campanas/{answered}/piden-llamada.csv").status_code == 403
