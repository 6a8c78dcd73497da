"""Before a campaign starts: what the one who decides reads, whom it leaves out, and a call to their own telephone."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from campaigns import conversation
from campaigns.forecast import trial
from campaigns.forecast.tables import own_telephone
from campaigns.forecast.tables import test_call as trials
from campaigns.outcomes import Outcome
from campaigns.rules.candidates import candidate_for
from campaigns.tables import attempt, campaign
from core import audit
from core.roles import Role
from core.tariffs import Tariff
from tests.campaigns.builders import attempts_of, running, submitted
from tests.console.builders import account, dui, formato, forty_in_csv, is_in, person, upload
from tests.console.conftest import make_app
from tests.trunks import priced

HERS = "7999-0000"


@pytest.fixture
def supervisor(as_role):
    return as_role(Role.SUPERVISOR)


def plain(page: str) -> str:
    """The page as text, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


class TestPreflight:
    def test_it_says_who_until_when_and_how_many(self, supervisor):
        told = plain(supervisor.get(f"/campanas/{upload(supervisor, forty_in_csv())}/revision").text)
        assert "39 de 40 se llamarán" in told
        assert re.search(r"Termina el (lunes|martes|miércoles|jueves|viernes) \d\d/12/2026 \d\d:\d\d", told)
        assert "Empieza el lunes 30/11/2026 08:00; el período acaba el 18 dic" in told
        assert re.search(r"≈ \d+ llamadas", told) and "minutos de conversación" in told
        assert "todavía no hay 500 llamadas propias" in told
        assert "Ninguna otra campaña va antes" in told

    def test_who_decides_sees_which_other_campaign_has_the_same_people(self, supervisor):
        first = upload(supervisor, forty_in_csv(nombre_campana="De otra área"))
        second = upload(supervisor, forty_in_csv(nombre_campana="Nueva"))
        page = supervisor.get(f"/campanas/{second}/revision").text
        assert "39 personas están también en CAMP-2026-0001 «De otra área» (en verificación)." in plain(page)
        assert f'href="/campanas/{first}"' in page
        asked = plain(supervisor.get(f"/campanas/{second}/aprobar").text)
        assert "39 de estas personas están también en CAMP-2026-0001 «De otra área» (en verificación)." in asked

    def test_what_people_said_in_another_campaign_is_read_and_its_list_too(self, supervisor, db, vault, clock):
        first = running(db, vault, clock, 2)
        for each, said in zip(
            attempts_of(db, first), (conversation.note_wrong_number, conversation.exclude_person), strict=True
        ):
            with db.begin() as tx:
                to = vault.fingerprint("phone", candidate_for(tx, vault, each.id).to)
                values = {"to_print": to, "outcome": Outcome.WRONG_NUMBER}
                tx.execute(update(attempt).where(attempt.c.id == each.id).values(**values))
                said(tx, vault, clock.now(), each.id)
        second = submitted(db, vault, clock, 3).id
        page = supervisor.get(f"/campanas/{second}/revision").text
        assert "De 1 persona ya dijeron, en otra campaña, que un teléfono es equivocado" in plain(page)
        assert "1 persona marcó 8 en otra campaña: valía para aquella" in plain(page)
        assert 'href="/ajustes/exclusiones"' in page
        listed = plain(supervisor.get("/ajustes/exclusiones").text)
        assert "Número equivocado Todas las campañas" in listed
        assert "+50371000000" not in listed

    def test_without_a_tariff_it_says_where_one_is_put(self, supervisor):
        told = plain(supervisor.get(f"/campanas/{upload(supervisor, forty_in_csv())}/revision").text)
        assert "Nadie ha puesto cuánto cuesta el minuto: pídalo a soporte." in told

    def test_with_a_tariff_it_says_how_much(self, office, db, clock):
        app = make_app(replace(office, trunks=priced({"": Tariff("USD", Decimal("0.085"), 60)})))
        browser = app.test_client()
        is_in(browser, db, account(db, clock, Role.SUPERVISOR))
        told = plain(browser.get(f"/campanas/{upload(browser, forty_in_csv())}/revision").text)
        assert re.search(
            r"≈ \d\.\d\d USD ≈ \d+ minutos cobrados, a 0.085 el minuto: cada llamada se cobra por minuto empezado", told
        )

    def test_what_does_not_fit_into_its_period_is_said(self, supervisor, db):
        number = upload(supervisor, formato([person(n) for n in range(1, 30)], fecha_fin="30/11/2026"))
        with db.begin() as tx:
            tx.execute(update(campaign).where(campaign.c.id == number).values(hours_from="17:59"))
        slow = plain(supervisor.get(f"/campanas/{number}/revision").text)
        assert "antes de los reintentos" in slow
        with db.begin() as tx:
            tx.execute(update(campaign).where(campaign.c.id == number).values(hours_from="18:00"))
        late = supervisor.get(f"/campanas/{number}/revision").text
        assert "no se llamaría a nadie. Devuélvala" in plain(late) and "0 de 29 se llamarán" in plain(late)
        assert f"/campanas/{number}/aprobar" not in late
        refused = supervisor.get(f"/campanas/{number}/aprobar")
        assert refused.status_code == 409 and "no queda ninguna hora" in refused.text

    def test_each_reason_opens_its_list_masked(self, supervisor):
        people = [person(n) for n in range(1, 1300)]
        people[:60] = [person(n, phone="2234-567") for n in range(1, 61)]
        page = supervisor.get(f"/campanas/{upload(supervisor, formato(people))}/revision").text
        where = re.search(r'href="(/campanas/1/no-se-llaman/E06)">Teléfono \(60\)', page)
        assert where, page
        first = supervisor.get(where[1]).text
        assert first.count('data-label="Fila"') == 50
        assert dui(4000001) not in first and "2234-567" not in first
        assert re.search(r"04•••••-•", first)
        after = re.search(r'href="([^"]+desde=\d+)"', first)
        assert after
        rest = supervisor.get(after[1]).text
        assert rest.count('data-label="Fila"') == 10 and "Siguientes" not in rest

    def test_a_list_that_there_is_not_is_not_found(self, supervisor):
        upload(supervisor, forty_in_csv())
        for where in ("E99", "contacto_titular.colgo", "x"):
            assert supervisor.get(f"/campanas/1/no-se-llaman/{where}").status_code == 404
        assert supervisor.get("/campanas/1/no-se-llaman/E06?desde=-1").status_code == 200  # from the first one on

    def test_an_area_reads_of_its_request_and_not_of_the_trunk(self, as_role):
        area = as_role(Role.MISIONAL)
        told = plain(area.get(f"/campanas/{upload(area, forty_in_csv())}/revision").text)
        assert "Antes de empezar" not in told and "39 se llamarán" in told

    def test_of_one_that_has_begun_there_is_none(self, supervisor, db):
        number = upload(supervisor, forty_in_csv())
        with db.begin() as tx:
            tx.execute(update(campaign).values(state="running"))
        assert "Antes de empezar" not in supervisor.get(f"/campanas/{number}/revision").text


class TestTestCall:
    @pytest.fixture
    def where(self, supervisor) -> str:
        asks = {"requiere_preguntas_seguridad": "SI", "pregunta_1": "NACIMIENTO_DDMM"}
        return f"/campanas/{upload(supervisor, forty_in_csv(**asks))}/llamada-de-prueba"

    def asked(self, db) -> list:
        with db.begin() as tx:
            return list(tx.execute(select(trials).order_by(trials.c.id)))

    def test_the_page_says_what_to_press(self, supervisor, where):
        told = plain(supervisor.get(where).text)
        assert "Día y mes de nacimiento: 0 5 0 3" in told
        assert "Con todos sus datos" in told

    def test_where_no_telephone_is_real_it_says_how_one_answers(self, supervisor, where):
        assert "Este teléfono es de" in supervisor.get(where).text

    def test_asked_for_it_is_left_to_the_worker_and_written_down(self, supervisor, where, db):
        assert supervisor.post(where, data={"phone": HERS, "like": "2"}).status_code == 302
        (row,) = self.asked(db)
        assert (row.state, row.row) == ("wanted", 2)
        assert HERS not in supervisor.get(where).text
        with db.begin() as tx:
            (line,) = [each for each in audit.history(tx, "campaign", 1) if each["action"] == "campaign.test_call"]
        assert line["facts"] == {"test": row.id} and line["actor"] == "supervisor@ejemplo.gob.sv"

    def test_how_it_stands_is_told_once_a_second(self, supervisor, where, db, clock, vault):
        asks = {"Accept": "application/json"}
        assert supervisor.get(where, headers=asks).json == {"told": "", "is_open": False}
        supervisor.post(where, data={"phone": HERS})
        (row,) = self.asked(db)
        assert supervisor.get(where, headers=asks).json["is_open"]
        with db.begin() as tx:
            trial.take(tx, vault, row.id)
            trial.prove(tx, row.id, "CA1")
        assert "Le estamos llamando" in supervisor.get(where, headers=asks).json["told"]
        with db.begin() as tx:
            trial.end(tx, clock.now(), row.id, "CA1", "completed", 65)
        assert supervisor.get(where, headers=asks).json == {
            "told": "La llamada terminó: duró 1:05.",
            "is_open": False,
        }

    def test_her_number_is_kept_only_if_she_says_so_and_forgotten_when_she_does(self, supervisor, where, db):
        supervisor.post(where, data={"phone": HERS})
        assert "Escriba el número" in supervisor.post(where, data={"phone": ""}).text
        supervisor.post(where, data={"phone": HERS, "keep": "y"})
        page = supervisor.get(where).text
        assert "+503 ••••-••00" in page and HERS not in page and "79990000" not in page
        assert supervisor.post(where, data={"phone": ""}).status_code == 302
        supervisor.post(f"{where}/olvidar")
        with db.begin() as tx:
            assert tx.execute(select(own_telephone)).all() == []

    def test_a_number_that_cannot_be_rung_is_refused_with_a_sentence(self, supervisor, where, db):
        answer = supervisor.post(where, data={"phone": "911"})
        assert answer.status_code == 422 and "no se puede llamar" in answer.text
        assert self.asked(db) == []

    def test_the_eleventh_of_a_day_is_refused(self, supervisor, where, db):
        for _ in range(trial.MOST_A_DAY):
            assert supervisor.post(where, data={"phone": HERS}).status_code == 302
        assert "24 horas" in supervisor.post(where, data={"phone": HERS}).text
        assert len(self.asked(db)) == trial.MOST_A_DAY

    @pytest.mark.parametrize("role", [Role.MISIONAL, Role.OPERADOR, Role.TECNICO])
    def test_only_who_decides_may_have_one(self, as_role, where, db, role):
        browser = as_role(role)
        assert browser.get(where).status_code == 403
        assert browser.post(where, data={"phone": HERS}).status_code == 403
        assert self.asked(db) == []

    @pytest.mark.parametrize("state", ["returned", "cancelled", "finished", "submitted"])
    def test_there_is_none_of_what_is_not_called(self, supervisor, where, db, state):
        with db.begin() as tx:
            tx.execute(update(campaign).values(state=state))
        assert supervisor.post(where, data={"phone": HERS}).status_code in (409, 422)
        assert self.asked(db) == []
