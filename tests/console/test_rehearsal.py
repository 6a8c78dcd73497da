"""The page of a rehearsal: asked for, followed, stopped, read; by those who may."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from campaigns.rehearsals import book
from campaigns.rehearsals.report import RehearsedHour, Report
from campaigns.rehearsals.tables import rehearsal
from core.roles import Role
from tests.campaigns.builders import moment, scheduled, set_campaign, submitted
from tests.console.accessibility import looked_at
from tests.console.browser import already_in
from tests.console.builders import account

BEGUN = moment("2026-11-30 08:00")
REPORT = Report(
    people=1200,
    people_in_all=1200,
    calls=3120,
    answered=1500,
    seconds=61_230,
    began_at=BEGUN,
    ended_at=BEGUN + timedelta(days=2, hours=3),
    period_ends="2026-12-18",
    hours=[
        RehearsedHour(BEGUN + timedelta(hours=each % 9 + 24 * (each // 9)), 300 - 11 * each, 90 - each)
        for each in range(20)
    ],
    outcomes={"contacto_titular.mensaje_completo": 700, "no_contacto.no_contesta": 500},
    call_outcomes={"contacto_titular.mensaje_completo": 700, "no_contacto.no_contesta": 2420},
    odds={"contacto_titular.mensaje_completo": 0.4, "no_contacto.no_contesta": 0.6},
    odds_from=0,
    cost=86.7,
    currency="USD",
    calls_per_second=1.0,
    max_live_calls=20,
    speed=60,
    extra_seconds=1.2,
    is_slow=False,
    took_seconds=95,
    dialling_seconds=80,
)


def asked(db, clock, campaign_id: int) -> int:
    with db.begin() as tx:
        return book.ask(tx, clock.now(), campaign_id, "ana@subsidios.example")


def ended(db, number: int, report: Report) -> None:
    with db.begin() as tx:
        book.begin(tx, number)
        book.finish(tx, number, report)


def place(campaign_id: int) -> str:
    return f"/campanas/{campaign_id}/ensayo"


def test_a_coordinator_asks_for_it_and_follows_it(db, vault, clock, as_role):
    campaign_id = submitted(db, vault, clock).id
    browser = as_role(Role.COORDINADOR)
    assert "Ensayar la campaña entera" in browser.get(f"/campanas/{campaign_id}/revision").text
    assert browser.post(place(campaign_id), data={"personas": "2"}).status_code == 302
    with db.begin() as tx:
        row = tx.execute(select(rehearsal)).one()
        assert (row.campaign_id, row.people, row.state) == (campaign_id, 2, book.State.WAITING)
        book.begin(tx, row.id)
        book.tell(tx, row.id, 1, 2, 5, BEGUN)
    said = browser.get(place(campaign_id), headers={"Accept": "application/json"}).json
    assert said["percent"] == 50
    assert said["rows"].startswith("1 de 2 personas, 5 llamadas; el ensayo va por el 30/11/2026 08:00")
    assert "Detener el ensayo" in browser.get(place(campaign_id)).text


def test_what_it_told_is_on_the_page(db, vault, clock, as_role):
    campaign_id = submitted(db, vault, clock).id
    ended(db, asked(db, clock, campaign_id), REPORT)
    browser = as_role(Role.PROFESIONAL_LINEA)
    text = browser.get(place(campaign_id)).text
    for told in ("3,120", "1,021", "USD 86.70", "Mensaje completo", "58.3 %", "<svg", "es un supuesto nuestro"):
        assert told in text
    assert "estaba ocupado" not in text
    assert "url" in browser.get(place(campaign_id), headers={"Accept": "application/json"}).json


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"is_slow": True, "extra_seconds": 14.6}, "duró unos 15 s de más"),
        ({"people": 600}, "Se ensayaron 600 de 1,200 personas"),
        ({"cost": None, "currency": ""}, "nadie ha puesto cuánto cuesta"),
        ({"odds_from": 8_400}, "sale de 8,400 llamadas de esta institución"),
    ],
)
def test_what_makes_it_less_than_certain_is_said(db, vault, clock, as_role, changed, told):
    campaign_id = submitted(db, vault, clock).id
    ended(db, asked(db, clock, campaign_id), replace(REPORT, **changed))
    assert told in as_role(Role.COORDINADOR).get(place(campaign_id)).text


def test_one_at_a_time_and_only_before_it_begins(db, vault, clock, as_role):
    first = submitted(db, vault, clock).id
    second = submitted(db, vault, clock, 3, 50, nombre_campana="Otra").id
    running = scheduled(db, vault, clock, 3, 90, nombre_campana="Otra más")
    set_campaign(db, running, state="running")
    asked(db, clock, first)
    browser = as_role(Role.COORDINADOR)
    assert "Ahora se ensaya otra campaña" in browser.get(place(second)).text
    assert "Ya hay un ensayo en marcha" in browser.post(place(second)).text
    assert "todavía no ha empezado" in browser.get(place(running)).text


def test_it_is_stopped_by_whoever_may(db, vault, clock, as_role):
    campaign_id = submitted(db, vault, clock).id
    number = asked(db, clock, campaign_id)
    assert as_role(Role.PROFESIONAL_LINEA).post(f"{place(campaign_id)}/{number}/detener").status_code == 403
    assert as_role(Role.COORDINADOR).post(f"{place(campaign_id)}/{number}/detener").status_code == 302
    with db.begin() as tx:
        row = book.latest(tx, campaign_id)
    assert row is not None and row.state == book.State.STOPPED


@pytest.mark.parametrize("written", ["0", "-3", "abc", "1000001", "99999999999999", "１２"])
def test_no_such_number_of_people(db, vault, clock, as_role, written):
    campaign_id = submitted(db, vault, clock).id
    answer = as_role(Role.COORDINADOR).post(place(campaign_id), data={"personas": written})
    assert "Escriba cuántas personas" in answer.text
    with db.begin() as tx:
        assert book.latest(tx, campaign_id) is None


@pytest.mark.browser
def test_everybody_can_read_it(address, page, db, vault, clock, tmp_path):
    campaign_id = submitted(db, vault, clock).id
    ended(db, asked(db, clock, campaign_id), replace(REPORT, is_slow=True, people=600))
    already_in(page, address, account(db, clock, Role.COORDINADOR))
    page.goto(place(campaign_id))
    looked_at(page, "ensayo", tmp_path)
    page.get_by_text("Con qué se ensayó").click()
    page.get_by_text("Ver como tabla").click()
    looked_at(page, "ensayo-abierto", tmp_path)
    page.get_by_role("button", name="Ensayar otra vez").click()
    page.get_by_role("button", name="Detener el ensayo").wait_for()
    looked_at(page, "ensayando", tmp_path)
