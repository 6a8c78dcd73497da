"""Ajustes: who is not called, the days without calls, whose turn it is."""

import re
from dataclasses import replace
from io import BytesIO

import pytest
from sqlalchemy import select

from campaigns.tables import campaign, exclusion
from console.settings.exclusions import EXCLUSION_KEEPERS
from core.audit import audit
from core.roles import Role
from tests.campaigns.builders import running, set_campaign
from tests.console.builders import LINE, account, is_in
from tests.console.conftest import make_app
from tests.console.test_preflight import plain
from tests.dialer.builders import held
from tests.trunks import a_trunk, in_use

HERE = "/ajustes/exclusiones"
NEW = {"tipo": "phone", "valor": "7123-4567", "alcance": "todo", "pais": "", "motivo": "lo pidió por carta"}


def rows(db) -> list:
    with db.begin() as tx:
        return list(tx.execute(select(exclusion).order_by(exclusion.c.id)))


@pytest.mark.parametrize("role", list(Role))
def test_each_role_finds_its_settings_and_no_others(as_role, role):
    browser = as_role(role)
    assert browser.get(HERE).status_code == (200 if role in EXCLUSION_KEEPERS else 403)
    is_approver = role in EXCLUSION_KEEPERS - {Role.PROFESIONAL_LINEA}
    for where in ("/ajustes/feriados", "/ajustes/turnos"):
        assert browser.get(where).status_code == (200 if is_approver else 403)
    assert ("Ajustes" in browser.get("/telefono").text) == (role in EXCLUSION_KEEPERS)


def test_a_telephone_is_added_and_shown_masked(as_role, db):
    browser = as_role(Role.COORDINADOR)
    shown = browser.post(HERE, data=NEW, follow_redirects=True).text
    assert "Desde este momento no se le llama." in shown
    assert "+503 ••••-••67" in shown
    assert "71234567" not in shown
    (row,) = rows(db)
    assert (row.campaign_id, row.line, row.cause) == (None, None, "lo pidió por carta")


@pytest.mark.parametrize(
    "wrong",
    [{"valor": "911"}, {"valor": ""}, {"motivo": " "}, {"alcance": "linea:otra"}, {"alcance": "nada"}],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(as_role, db, wrong):
    answer = as_role(Role.COORDINADOR).post(HERE, data=NEW | wrong)
    assert answer.status_code == 422
    assert "No se guardó nada." in answer.text
    assert rows(db) == []


def test_a_list_is_brought_in_and_what_cannot_be_read_is_told(as_role, db):
    browser = as_role(Role.PROFESIONAL_LINEA)
    data = {"archivo": (BytesIO(b"telefono\n7123-4567\n911\n"), "lista.csv"), "alcance": "linea:dgs"}
    shown = browser.post(f"{HERE}/archivo", data=data).text
    assert "no</strong> quedaron excluidas" in shown
    assert ">3<" in shown
    (row,) = rows(db)
    assert (row.line, row.cause) == ("dgs", "lista")


def test_looked_for_without_the_number_in_the_address(as_role):
    browser = as_role(Role.COORDINADOR)
    browser.post(HERE, data=NEW)
    found = browser.post(f"{HERE}/buscar", data={"valor": "7123 4567"}).text
    assert "1 exclusión de ese dato" in found
    assert "0 exclusiones de ese dato" in browser.post(f"{HERE}/buscar", data={"valor": "7000 0001"}).text


def test_a_telephone_is_read_where_the_exclusion_holds(app, office, as_role, db, vault, clock):
    """The first of the lines is Salvadoran: there «55 1234 5678» is nobody's number, and in Mexico it is."""
    mexican_line = replace(LINE, known=replace(LINE.known, id="ciudadana", country="MX"))
    app.extensions["office"] = replace(office, lines=[LINE, mexican_line])
    mexican = running(db, vault, clock, 1)
    set_campaign(db, mexican, country="MX")
    browser = as_role(Role.COORDINADOR)
    there = NEW | {"valor": "55 1234 5678"}
    for place in ({"alcance": f"campana:{mexican}"}, {"alcance": "linea:ciudadana"}, {"pais": "MX"}):
        assert browser.post(HERE, data=there | place).status_code == 302
    data = {"archivo": (BytesIO(b"telefono\n5587654321\n"), "lista.csv"), "alcance": "linea:ciudadana"}
    assert browser.post(f"{HERE}/archivo", data=data).status_code == 302
    assert len({bytes(row.print) for row in rows(db)}) == 2
    assert "3 exclusiones de ese dato" in browser.post(f"{HERE}/buscar", data={"valor": "5512345678"}).text
    for nowhere in ({"alcance": f"linea:{LINE.known.id}"}, {"pais": ""}, {"pais": "AR"}):
        assert browser.post(HERE, data=there | nowhere).status_code == 422
    assert "Elija el país" in browser.get(HERE).text
    assert len(rows(db)) == 4


def test_only_a_supervisor_takes_back_or_reads_in_clear(as_role, db, vault):
    coordinator, supervisor = as_role(Role.COORDINADOR), as_role(Role.SUPERVISOR)
    coordinator.post(HERE, data=NEW)
    (row,) = rows(db)
    assert coordinator.post(f"{HERE}/{row.id}/quitar", data={"text": "x"}).status_code == 403
    assert coordinator.get(f"{HERE}.csv?claro=1").status_code == 403
    assert "71234567" not in coordinator.get(f"{HERE}.csv").text
    assert "+50371234567" in supervisor.get(f"{HERE}.csv?claro=1").text
    assert supervisor.post(f"{HERE}/{row.id}/quitar", data={"text": ""}).status_code == 422
    shown = supervisor.post(f"{HERE}/{row.id}/quitar", data={"text": "otra carta"}, follow_redirects=True).text
    assert "Se le puede volver a llamar." in shown
    assert vault.open(rows(db)[0].removed_because_sealed) == "otra carta"


def test_who_writes_why_is_told_not_to_name_anybody(as_role):
    supervisor = as_role(Role.SUPERVISOR)
    supervisor.post(HERE, data=NEW)
    page = supervisor.get(HERE).text
    assert page.count("No escriba nombres ni teléfonos") == 3  # adding one, a whole list, and taking one back
    assert 'aria-describedby="motivo-help"' in page and 'id="motivo-help"' in page


def test_text_of_a_person_is_text(as_role):
    browser = as_role(Role.COORDINADOR)
    shown = browser.post(HERE, data=NEW | {"motivo": "<script>alert(1)</script>"}, follow_redirects=True).text
    assert "<script>alert(1)" not in shown
    assert "&lt;script&gt;" in shown


def test_a_supervisor_closes_days_and_opens_them_again(as_role):
    supervisor = as_role(Role.SUPERVISOR)
    day = {"desde": "2026-12-24", "hasta": "2027-01-02", "nombre": "Fin de año", "clase": "vacacion"}
    shown = supervisor.post("/ajustes/feriados", data=day, follow_redirects=True).text
    assert "10 días sin llamadas, desde ya." in shown
    assert "viernes 25 de diciembre de 2026" in shown
    assert "Fin de año" in shown
    shown = supervisor.post("/ajustes/feriados/1/quitar", follow_redirects=True).text
    assert "Ese día vuelve a ser como los demás." in shown


def test_days_that_leave_a_campaign_none_are_closed_only_by_whoever_says_that_they_know(as_role, db, vault, clock):
    """A year written wrongly is 31 days from today: the campaign has 26 left."""
    running(db, vault, clock, 1, nombre_campana="Aviso <b>uno</b>")
    running(db, vault, clock, 1, 1, nombre_campana="Aviso dos")
    supervisor = as_role(Role.SUPERVISOR)
    days = {"desde": "2026-11-23", "hasta": "2026-12-18", "nombre": "Vacación", "clase": "vacacion"}
    some = supervisor.post("/ajustes/feriados", data=days | {"hasta": "2026-12-17"}, follow_redirects=True)
    assert "25 días sin llamadas" in some.text
    asked = supervisor.post("/ajustes/feriados", data=days)
    assert asked.status_code == 409
    assert "Todavía no se guardó nada" in asked.text
    assert '<li class="text-break">Aviso &lt;b&gt;uno&lt;/b&gt;</li>' in asked.text
    assert "Aviso dos" in asked.text
    assert "viernes 18 de diciembre" not in supervisor.get("/ajustes/feriados").text
    known = supervisor.post("/ajustes/feriados", data=days | {"sabido": "on"}, follow_redirects=True)
    assert "1 día sin llamadas, desde ya." in known.text
    again = supervisor.post("/ajustes/feriados", data=days | {"hasta": "2026-12-21"}, follow_redirects=True)
    assert "3 días sin llamadas" in again.text  # they have none to lose


def test_a_reserved_campaign_is_counted_and_not_named(as_role, db, vault, clock):
    campaign_id = running(db, vault, clock, 1)
    set_campaign(db, campaign_id, named_readers=["ana@subsidios.example"])
    days = {"desde": "2026-11-23", "hasta": "2026-12-18", "nombre": "Vacación", "clase": "vacacion"}
    asked = as_role(Role.SUPERVISOR).post("/ajustes/feriados", data=days)
    assert asked.status_code == 409
    assert "una campaña reservada" in asked.text
    assert "Aviso a nuevos beneficiarios" not in asked.text


@pytest.mark.parametrize(
    "wrong", [{"desde": ""}, {"desde": "ayer"}, {"hasta": "2026-12-01"}, {"nombre": ""}, {"clase": "puente"}]
)
def test_days_that_make_no_sense_are_refused(as_role, wrong):
    day = {"desde": "2026-12-24", "hasta": "", "nombre": "Asueto", "clase": "asueto"} | wrong
    answer = as_role(Role.SUPERVISOR).post("/ajustes/feriados", data=day)
    assert answer.status_code == 422
    assert "No se guardó nada." in answer.text


def test_a_coordinator_only_looks_at_the_calendar(as_role):
    coordinator = as_role(Role.COORDINADOR)
    assert "Feriados de ley" in coordinator.get("/ajustes/feriados").text
    assert coordinator.post("/ajustes/feriados", data={}).status_code == 403


def test_a_campaigns_turn_is_changed_and_written_down(as_role, db, vault, clock):
    campaign_id = running(db, vault, clock, 1)
    browser = as_role(Role.COORDINADOR)
    page = browser.get("/ajustes/turnos").text
    assert "Aviso a nuevos beneficiarios" in page
    assert "2 llamadas al día, con 3 horas de distancia" in page
    browser.post(f"/ajustes/turnos/{campaign_id}", data={"prioridad": "2", "parte": "3"})
    with db.begin() as tx:
        row = tx.execute(select(campaign)).one()
        told = tx.execute(select(audit).where(audit.c.action == "campaign.turn_set")).one()
    assert (row.priority, row.share) == (2, 3)
    assert told.facts == {"priority": 2, "share": 3, "trunk": "default", "before": [5, 1, "default"]}
    shown = browser.post(
        f"/ajustes/turnos/{campaign_id}", data={"prioridad": "0", "parte": "3"}, follow_redirects=True
    ).text
    assert "La prioridad va de 1 a 9" in shown


class TestTrunks:
    """Two: what each is doing, and which one a campaign goes by."""

    @pytest.fixture
    def browser(self, office, db, clock):
        own = a_trunk(name="claro", countries=frozenset({"SV"}))
        abroad = a_trunk(name="bogota", countries=frozenset({"CO"}), calls_per_second=2.5)
        browser = make_app(replace(office, trunks=in_use(own, abroad))).test_client()
        is_in(browser, db, account(db, clock, Role.COORDINADOR))
        return browser

    def test_each_says_how_it_stands(self, browser, db):
        lease = held(db, "claro")
        lease.trouble = "carrier_down"
        with db.begin() as tx:
            lease.tick(tx)
        told = plain(browser.get("/ajustes/turnos").text)
        assert "claro El Salvador 10 0 de 100 Descansa La red telefónica no responde." in told
        assert "bogota Colombia 2.5 0 de 100 Sin marcador" in told

    def test_a_campaign_is_given_another_if_it_may_call_there(self, browser, db, vault, clock):
        campaign_id = running(db, vault, clock, 1)
        data = {"prioridad": "2", "parte": "3", "troncal": "claro"}
        browser.post(f"/ajustes/turnos/{campaign_id}", data=data)
        refused = browser.post(
            f"/ajustes/turnos/{campaign_id}", data={**data, "troncal": "bogota"}, follow_redirects=True
        )
        assert "La troncal «bogota» no llama a ese país" in refused.text
        with db.begin() as tx:
            assert tx.execute(select(campaign.c.trunk)).scalar_one() == "claro"

    def test_another_priority_leaves_the_trunk_as_it_is(self, browser, db, vault, clock):
        """What the page offers, sent back with one figure changed: who named no trunk goes on naming none."""
        campaign_id = running(db, vault, clock, 1)
        (select_,) = re.findall(
            r'<select[^>]*name="troncal".*?</select>', browser.get("/ajustes/turnos").text, re.DOTALL
        )
        assert "selected" not in select_, "the first is what the browser sends"
        first = re.search(r'<option value="([^"]*)">la de su país \(claro\)', select_)
        assert first is not None
        data = {"prioridad": "3", "parte": "1", "troncal": first[1]}
        browser.post(f"/ajustes/turnos/{campaign_id}", data=data)
        with db.begin() as tx:
            assert tx.execute(select(campaign.c.trunk, campaign.c.priority)).one() == ("default", 3)

    def test_a_fault_of_the_file_is_told(self, office, db, clock):
        trunks = in_use(a_trunk())
        trunks.fault = "troncales.toml, línea 8: llamadas_por_segundo va de 0.01 a 1000."
        browser = make_app(replace(office, trunks=trunks)).test_client()
        is_in(browser, db, account(db, clock, Role.COORDINADOR))
        assert f"se sigue con el último bueno. {trunks.fault}" in browser.get("/ajustes/turnos").text

    def test_the_live_page_says_that_another_calls_for_it(self, browser, db, vault, clock, office):
        spare = a_trunk(name="tigo")
        app = make_app(replace(office, trunks=in_use(a_trunk(name="claro"), spare)))
        other = app.test_client()
        is_in(other, db, account(db, clock, Role.SUPERVISOR))
        campaign_id = running(db, vault, clock, 1)
        set_campaign(db, campaign_id, trunk="claro")
        lease = held(db, "claro")
        lease.trouble = "refused 20003"
        with db.begin() as tx:
            lease.tick(tx)
        held(db, "tigo")
        told = other.get(f"/campanas/{campaign_id}/en-vivo").text
        assert "Su troncal, «claro», no toma llamadas ahora: por el momento llama «tigo»" in told
        assert "Todo va bien: está marcando." in told
