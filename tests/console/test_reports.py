"""Informes, and the report of one campaign: what each visitor sees, downloads and may do."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from sqlalchemy import insert, update

from campaigns import life
from campaigns.states import CampaignState
from campaigns.tables import campaign
from console.access import REPORTERS
from console.beside import Beside
from core import jobs
from core.audit import history
from core.post import post
from core.roles import Role
from reports import retention
from reports.retention import Kept, Retention
from reports.tables import report
from tests.console.builders import account, forty, is_in, upload
from tests.console.report_builders import finished_with_a_report, maker_of, sent
from tests.reports.days import Days


@pytest.fixture
def maker(office):
    return maker_of(office)


@pytest.fixture
def finished(office, as_role) -> int:
    return finished_with_a_report(office, as_role(Role.SUPERVISOR))


def visitor(app, db, clock, role, email=""):
    browser = app.test_client()
    is_in(browser, db, account(db, clock, role, email))
    return browser


@pytest.mark.parametrize("role", list(Role))
def test_who_finds_informes(as_role, role):
    assert as_role(role).get("/informes").status_code == (200 if role in REPORTERS else 403)


def test_an_empty_month_says_so(as_role):
    page = as_role(Role.COORDINADOR).get("/informes").text
    assert "No hubo llamadas, mensajes ni consultas, ni se cerraron campañas en estos días." in page
    assert 'href="/informes"' in page


@pytest.mark.parametrize(
    "asked",
    ["desde=2026-11-20&hasta=2026-11-01", "desde=ayer", "desde=2020-01-01&hasta=2026-01-01", "hasta=0001-01-01"],
)
def test_days_that_make_no_period_are_told(as_role, asked):
    answer = as_role(Role.COORDINADOR).get(f"/informes?{asked}")
    assert answer.status_code == 422
    assert "Elija un primer día y un último día" in answer.text


def test_a_closed_campaign_is_in_the_report_of_its_period(app, db, clock, finished, maker):
    sent(db, clock)
    maker.watch()
    browser = visitor(app, db, clock, Role.COORDINADOR)
    page = browser.get("/informes?desde=2026-11-01&hasta=2026-12-31").text
    assert "Campañas cerradas en el período" in page
    assert "Notificación de expediente (CAMP-2026-0001)" in page
    assert "Llamadas salientes por línea y día" in page
    assert "Abandono del marcador" in page
    assert "Campañas cerradas" not in browser.get("/informes?desde=2026-11-01&hasta=2026-11-02").text


def test_a_campaign_of_named_readers_is_not(app, db, clock, finished, maker):
    sent(db, clock)
    maker.watch()
    with db.begin() as tx:
        tx.execute(update(campaign).values(named_readers=["otra@ejemplo.gob.sv"]))
    page = visitor(app, db, clock, Role.COORDINADOR).get("/informes?desde=2026-11-01&hasta=2026-12-31").text
    assert "Notificación de expediente" not in page


def test_by_day_by_week_and_by_month(db, vault, as_role):
    with db.begin() as tx:
        for at in ("02 09:00:00", "03 09:00:00", "10 09:00:00"):
            Days(tx, vault).rings(at, sid=f"CA{at}")
    browser = as_role(Role.DIRECTOR)
    asked = "/informes?desde=2026-11-01&hasta=2026-11-30"
    assert "<td>02/11/2026</td>" in (page := browser.get(asked).text)
    assert "<svg" in page
    assert "<td>2–8 nov 2026</td>" in browser.get(f"{asked}&por=semana").text
    assert "<td>11/2026</td>" in browser.get(f"{asked}&por=mes").text
    assert "<td>02/11/2026</td>" in browser.get(f"{asked}&por=siglo").text


def test_a_folder_that_is_down_is_told_and_can_be_tried_at_once(db, clock, as_role):
    waits = {"waits_since": clock.now(), "problem": "La carpeta de los informes no responde."}
    with db.begin() as tx:
        mine = {"kind": "diario", "until": clock.now().date(), "name": "llamadas-diario-2026-11-23"}
        tx.execute(insert(report).values(**mine, made_at=clock.now(), **waits))
    browser = as_role(Role.COORDINADOR)
    assert "La carpeta de los informes no responde. Un informe espera" in browser.get("/informes").text
    for _ in range(2):  # a second press finds it waiting already
        page = browser.post("/informes/carpeta", follow_redirects=True).text
        assert "Se intentará de inmediato." in page
    with db.begin() as tx:
        assert len(jobs.arguments_waiting(tx, "reports.calls")) == 1
        tx.execute(update(report).values(waits_since=None))
    assert "no responde" not in browser.get("/informes").text


@pytest.mark.parametrize(("kind", "begins"), [("xlsx", b"PK"), ("pdf", b"%PDF-")])
def test_the_same_as_a_file(as_role, kind, begins):
    answer = as_role(Role.DIRECTOR).get(f"/informes/llamadas.{kind}?desde=2026-11-01&hasta=2026-11-30")
    assert answer.data.startswith(begins)
    assert f"llamadas-2026-11-01-2026-11-30.{kind}" in answer.headers["Content-Disposition"]


def test_the_report_of_a_campaign(app, db, clock, finished):
    browser = visitor(app, db, clock, Role.COORDINADOR)
    page = browser.get(f"/campanas/{finished}/informe").text
    assert "Contacto efectivo" in page
    assert "Registros con titular confirmado ÷ registros con contacto." in page
    assert "j•••@ejemplo.gob.sv" in page
    assert "se está enviando" in page  # why it is not closed
    assert "+503" not in page
    assert "Informe de la campaña" in browser.get(f"/campanas/{finished}/en-vivo").text


def test_its_files_are_those_that_were_made(app, db, clock, finished):
    browser = visitor(app, db, clock, Role.COORDINADOR)
    book = browser.get(f"/campanas/{finished}/informe/1.xlsx")
    assert openpyxl.load_workbook(BytesIO(book.data)).sheetnames[0] == "Informe"
    assert browser.get(f"/campanas/{finished}/informe/1.pdf").data.startswith(b"%PDF-")
    assert browser.get(f"/campanas/{finished}/informe/99.pdf").status_code == 404
    assert browser.get(f"/campanas/{finished}/informe/{2**63}.pdf").status_code == 404
    with db.begin() as tx:
        assert [each["action"] for each in history(tx, "campaign", finished)].count("campaign.report_downloaded") == 2


def test_whoever_it_was_written_to_may_read_it_and_nothing_else(app, db, clock, finished):
    chief = visitor(app, db, clock, Role.MISIONAL, "jefe@ejemplo.gob.sv")
    assert chief.get(f"/campanas/{finished}/informe").status_code == 200
    assert chief.get(f"/campanas/{finished}/informe/1.pdf").status_code == 200
    for part in ("en-vivo", "contactos", "resultados.csv", "solicitud"):
        assert chief.get(f"/campanas/{finished}/{part}").status_code == 404, part


def test_another_area_is_not_told_that_there_is_one(app, db, clock, finished):
    stranger = visitor(app, db, clock, Role.MISIONAL, "otra@ejemplo.gob.sv")
    for part in ("informe", "informe/1.pdf"):
        assert stranger.get(f"/campanas/{finished}/{part}").status_code == 404, part


def test_a_request_that_was_not_approved_has_none(as_role):
    browser = as_role(Role.SUPERVISOR)
    assert browser.get(f"/campanas/{upload(browser, forty())}/informe").status_code == 404


def test_the_report_is_sent_to_another_address(app, db, vault, clock, finished, maker):
    with db.begin() as tx:
        tx.execute(update(post).where(post.c.kind == "report").values(state="failed", problem="Buzón lleno."))
    browser = visitor(app, db, clock, Role.COORDINADOR)
    assert "no se pudo enviar: Buzón lleno." in browser.get(f"/campanas/{finished}/informe").text
    assert "no se pudo enviar: Buzón lleno." in browser.get(f"/campanas/{finished}/en-vivo").text

    wrong = browser.post(f"/campanas/{finished}/informe/enviar", data={"correo": "nadie"}, follow_redirects=True)
    assert "No se envió nada." in wrong.text
    browser.post(f"/campanas/{finished}/informe/enviar", data={"correo": "nueva@ejemplo.gob.sv"})
    sent(db, clock)
    maker.watch()

    with db.begin() as tx:
        assert life.state_of(tx, finished) == CampaignState.CLOSED


def test_after_the_purge_every_page_says_so(app, db, vault, clock, finished, maker):
    sent(db, clock)
    maker.watch()
    clock.advance(timedelta(days=31))
    day = timedelta(days=1)
    assert Retention(db, vault, clock, Kept(30 * day, 30 * day, 400 * day)).purge() == 2
    assert retention.AT_ONCE > 40

    browser = visitor(app, db, clock, Role.COORDINADOR)
    when = f"{clock.now().astimezone():%d/%m/%Y}"
    for part in ("en-vivo", "informe", "solicitud"):
        page = browser.get(f"/campanas/{finished}/{part}").text
        assert f"Los datos personales se borraron el {when}" in page, part
    for part in ("observaciones", "original"):
        assert browser.get(f"/campanas/{finished}/{part}").status_code in (403, 409), part
    results = browser.get(f"/campanas/{finished}/resultados.csv").data.decode("utf-8-sig")
    assert "(borrado)" in results
    for part in ("contactos", "contactos/1", "revision", "resultados.xlsx", "respuestas", "vivo"):
        assert browser.get(f"/campanas/{finished}/{part}").status_code == 200, part


def test_what_takes_long_is_counted_beside_the_page(office, db, vault, as_role):
    with db.begin() as tx:
        Days(tx, vault).rings("02 09:00:00")
    later: list[Callable[[], None]] = []
    office.keep("periods", lambda: Beside(60, beside=later.append, keeps_quick=True))
    browser, asked = as_role(Role.DIRECTOR), "/informes?desde=2026-11-01&hasta=2026-11-30"
    waits = browser.get(asked).text
    assert "Lo estamos contando" in waits
    assert "02/11/2026" not in waits.split("data-counted")[1]
    for work in later:
        work()
    assert "<td>02/11/2026</td>" in browser.get(asked).text
    assert "Lo estamos contando" in as_role(Role.ADMIN).get(asked).text  # somebody else may be shown something else
