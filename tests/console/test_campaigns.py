"""A campaign through the screens: handed in, reviewed, decided."""

import io
import re
from dataclasses import replace
from datetime import timedelta

import openpyxl
import pytest
from flask.testing import FlaskClient

from campaigns.life import state_of
from core import audit
from core.roles import Role
from tests.console.builders import account, called, formato, forty, forty_in_csv, is_in, person, upload
from tests.console.conftest import make_app


@pytest.fixture
def supervisor(as_role) -> FlaskClient:
    return as_role(Role.SUPERVISOR)


def state(db, campaign_id: int) -> str:
    with db.begin() as tx:
        return state_of(tx, campaign_id)


def actions(db, campaign_id: int) -> list[str]:
    with db.begin() as tx:
        return [line["action"] for line in audit.history(tx, "campaign", campaign_id)]


def said(page: str) -> str:
    """From when the confirmation of an approval says that people will be called."""
    (told,) = re.findall(r"<li[^>]*(?<! hidden)>Se llamará a [^<]* (desde [^<,]*),", page)
    return str(told)


def row_of(page: str, row: int) -> str:
    """The cells of a row of the table of observations."""
    found = re.search(rf'data-label="Fila">{row}</td>(.*?)</tr>', page, re.S)
    assert found, f"row {row} is not shown"
    return found[1]


class TestUpload:
    def test_by_a_clock_of_rehearsal_it_says_what_day_it_is(self, supervisor, office, clock, db):
        told = "Según el reloj de ensayo, hoy es <strong>lunes 23 de noviembre de 2026</strong>"
        assert told in supervisor.get("/campanas/nueva").text
        clock.advance(timedelta(hours=15))  # past midnight in UTC and in El Salvador
        assert "hoy es <strong>martes 24 de noviembre de 2026</strong>" in supervisor.get("/campanas/nueva").text
        real = make_app(replace(office, is_rehearsal=False)).test_client()
        is_in(real, db, account(db, clock, Role.COORDINADOR))
        page = real.get("/campanas/nueva").text
        assert "Subir formato" in page and "reloj de ensayo" not in page.lower()

    def test_its_review_says_how_many_will_be_called(self, supervisor):
        page = supervisor.get(f"/campanas/{upload(supervisor, forty())}/revision").text
        assert "Aprobar 39 de 40" in page
        assert re.search(r">39</span>\s*de 40 se llamarán", page)
        assert re.search(r"1 con aviso", page)
        assert re.search(r"1 no se llamará:\s*<a .*?>Teléfono \(1\)</a>", page)

    def test_each_observation_stands_on_the_row_it_speaks_of(self, supervisor):
        page = supervisor.get(f"/campanas/{upload(supervisor, forty())}/revision").text
        assert "telefono_1" in row_of(page, 13)
        assert "Faltan dígitos" in row_of(page, 13)
        assert "error E06" in row_of(page, 13)
        assert "aviso E07" in row_of(page, 22)

    def test_a_kind_is_a_filter(self, supervisor):
        number = upload(supervisor, forty())
        page = supervisor.get(f"/campanas/{number}/revision?codigo=E07&nivel=aviso").text
        row_of(page, 22)
        with pytest.raises(AssertionError):
            row_of(page, 13)

    def test_ten_first_and_the_rest_on_request(self, supervisor):
        shared = formato([person(n, phone="70000001") for n in range(1, 15)])
        where = f"/campanas/{upload(supervisor, shared)}/revision"
        assert supervisor.get(where).text.count('data-label="Fila"') == 10
        assert supervisor.get(f"{where}?todas=1").text.count('data-label="Fila"') == 13

    def test_nothing_personal_is_shown_whole(self, supervisor):
        page = supervisor.get(f"/campanas/{upload(supervisor, forty())}/revision").text
        for told in ("2234-567", "04000021", "4000021", "72340001", "Inventada"):
            assert told not in page

    def test_what_will_be_heard_is_shown_and_that_it_was_is_written_down(self, supervisor, db):
        number = upload(supervisor, forty())
        supervisor.get(f"/campanas/{number}/revision?codigo=E06")
        page = supervisor.get(f"/campanas/{number}/revision").text
        assert page.count("Hola Ana, su expediente está listo.") == 3
        assert "Le llama la Dirección de Prueba" in page
        assert actions(db, number).count("campaign.sample_shown") == 1

    def test_what_will_be_heard_is_said_as_on_its_first_day_and_stays_after_approval(self, supervisor):
        spoken = forty(fecha_inicio="01/12/2026", mensaje_guion="Hola {primer_nombre}, venga en {mes}.")
        number = upload(supervisor, spoken)
        assert supervisor.get(f"/campanas/{number}/revision").text.count("venga en diciembre.") == 3
        supervisor.post(f"/campanas/{number}/aprobar", data={"reason": "x"})
        assert supervisor.get(f"/campanas/{number}/revision").text.count("venga en diciembre.") == 3

    def test_once_it_is_over_nothing_is_said_of_the_future(self, supervisor):
        number = upload(supervisor, forty())
        supervisor.post(f"/campanas/{number}/cancelar")
        page = supervisor.get(f"/campanas/{number}/revision").text
        assert "podían llamarse" in page
        assert "se llamarán" not in page

    @pytest.mark.parametrize("data", [b"", b"PK\x03\x04 roto", b"%PDF-1.7", b"hola\n"])
    def test_a_file_that_cannot_be_read_gets_one_sentence_and_leaves_nothing(self, supervisor, data):
        answer = supervisor.post("/campanas/nueva", data={"file": (io.BytesIO(data), "formato.xlsx")})
        assert answer.status_code == 422
        assert "No se guardó nada." in answer.text
        assert "Todavía no hay campañas" in supervisor.get("/campanas").text

    def test_the_script_of_the_progress_bar_gets_json(self, supervisor):
        headers = {"Accept": "application/json"}
        good = supervisor.post("/campanas/nueva", data={"file": (io.BytesIO(forty()), "f.xlsx")}, headers=headers)
        bad = supervisor.post("/campanas/nueva", data={"file": (io.BytesIO(b""), "f.xlsx")}, headers=headers)
        assert (good.status_code, good.json) == (201, {"url": "/campanas/1/importacion"})
        assert bad.status_code == 422
        assert bad.json["error"].endswith("No se guardó nada.")

    def test_a_file_over_the_limit_is_refused_before_it_is_read(self, supervisor):
        body = {"input_stream": io.BytesIO(b"--x"), "content_type": "multipart/form-data; boundary=x"}
        answer = supervisor.post("/campanas/nueva", environ_overrides={"CONTENT_LENGTH": "201000000"}, **body)
        assert answer.status_code == 413
        assert "200 MB" in answer.text

    def test_a_request_that_cannot_be_made_out_can_be_looked_at_and_cancelled(self, supervisor, db):
        number = upload(supervisor, forty(pais="", fecha_inicio="pronto"))
        for where in ("", "/1/revision", "/1/en-vivo", "/1/contactos", "/1/contactos/1", "/1/resultados.csv"):
            assert supervisor.get(f"/campanas{where}").status_code == 200, where
        assert supervisor.get("/campanas/1/cancelar").status_code == 200
        supervisor.post("/campanas/1/cancelar")
        assert state(db, number) == "cancelled"

    def test_a_returned_one_is_corrected_by_another_file(self, supervisor, db):
        first = upload(supervisor, forty(base_legal_tratamiento=""))
        assert state(db, first) == "returned"
        page = supervisor.get(f"/campanas/{first}/revision").text
        assert "Esta campaña fue devuelta" in page
        assert "base_legal_tratamiento" in page
        assert "Subir el archivo corregido" in page

        second = upload(supervisor, forty(), where=f"/campanas/nueva?corrige={first}")

        assert state(db, first) == "cancelled"
        assert state(db, second) == "under_review"
        assert f"/campanas/{second}" in supervisor.get(f"/campanas/{first}/revision").text

    def test_the_file_that_was_returned_corrects_nothing(self, supervisor, db):
        wrong = forty_in_csv(base_legal_tratamiento="", nombre_campana="")
        first = upload(supervisor, wrong, name="lista.csv")
        answer = supervisor.post(f"/campanas/nueva?corrige={first}", data={"file": (io.BytesIO(wrong), "otra.csv")})
        assert answer.status_code == 422
        assert "Es el mismo archivo que se devolvió" in answer.text
        assert state(db, first) == "returned"
        assert "Sin nombre (lista.csv)" in supervisor.get("/campanas").text

    def test_only_a_returned_one_can_be_corrected(self, supervisor):
        first = upload(supervisor, forty())
        answer = supervisor.post(f"/campanas/nueva?corrige={first}", data={"file": (io.BytesIO(forty()), "f.xlsx")})
        assert answer.status_code == 409
        assert "Solo se corrige una campaña devuelta." in answer.text

    def test_the_empty_formato_can_be_had(self, supervisor):
        book = openpyxl.load_workbook(io.BytesIO(supervisor.get("/formato.xlsx").data))
        assert book.sheetnames[:2] == ["Solicitud", "Contactos"]


class TestDecisions:
    def test_approving_says_first_what_will_happen(self, supervisor):
        page = supervisor.get(f"/campanas/{upload(supervisor, forty_in_csv())}/aprobar").text
        assert "Se llamará a 39 personas desde el lunes 30/11/2026 08:00" in page
        assert "1 registro con error o excluido no se llamará." in page

    def test_approving_says_which_month_will_be_heard(self, supervisor):
        """Begun sooner it is another month than the review showed."""
        december = {"fecha_inicio": "07/12/2026", "fecha_fin": "18/12/2026", "mensaje_guion": "El subsidio de {mes}."}
        page = supervisor.get(f"/campanas/{upload(supervisor, forty(**december))}/aprobar").text
        assert "legal. Donde el texto dice {mes} se oirá «diciembre».</li>" in page
        assert "legal. Donde el texto dice {mes} se oirá «noviembre», y «diciembre» desde el 1 dic.</li>" in page
        plain = supervisor.get(f"/campanas/{upload(supervisor, forty(mensaje_guion='Venga.'))}/aprobar").text
        assert "{mes}" not in plain

    def test_approved_with_a_reason_it_is_scheduled(self, supervisor, db):
        number = upload(supervisor, forty_in_csv())
        answer = supervisor.post(f"/campanas/{number}/aprobar", data={"reason": "Lo pidió la dirección"})
        assert answer.status_code == 302
        assert state(db, number) == "scheduled"

    def test_at_once_needs_a_reason_and_is_said_as_it_was_ticked(self, supervisor, db):
        number = upload(supervisor, forty_in_csv())
        assert said(supervisor.get(f"/campanas/{number}/aprobar").text) == "desde el lunes 30/11/2026 08:00"
        answer = supervisor.post(f"/campanas/{number}/aprobar", data={"at_once": "y"})
        assert answer.status_code == 422
        assert said(answer.text) == "desde este momento"
        assert "Escriba el motivo." in answer.text
        assert state(db, number) == "under_review"

    def test_who_may_not_dial_at_once_is_not_offered_it(self, as_role, db):
        coordinator = as_role(Role.COORDINADOR)
        page = coordinator.get(f"/campanas/{upload(coordinator, forty_in_csv())}/aprobar").text
        assert "Empezar ya" not in page
        assert "la aprueba un supervisor" in page

    def test_what_is_sensitive_is_approved_by_a_supervisor(self, as_role, db):
        coordinator = as_role(Role.COORDINADOR)
        number = upload(coordinator, forty_in_csv(contiene_datos_sensibles="SI"))
        assert "la aprueba un supervisor" in coordinator.get(f"/campanas/{number}/revision").text
        answer = coordinator.post(f"/campanas/{number}/aprobar", data={"reason": "x"})
        assert answer.status_code == 409
        assert state(db, number) == "under_review"

    @pytest.mark.parametrize("role", [Role.PROFESIONAL_LINEA, Role.MISIONAL])
    def test_who_hands_in_does_not_approve(self, as_role, db, role):
        browser = as_role(role)
        number = upload(browser, forty_in_csv())
        assert "Aprobar 39" not in browser.get(f"/campanas/{number}/revision").text
        assert browser.post(f"/campanas/{number}/aprobar", data={"reason": "x"}).status_code == 403
        assert state(db, number) == "under_review"

    def test_returning_needs_a_reason_and_shows_it(self, supervisor, db):
        number = upload(supervisor, forty_in_csv())
        assert supervisor.post(f"/campanas/{number}/devolver", data={"reason": " "}).status_code == 422
        supervisor.post(f"/campanas/{number}/devolver", data={"reason": "Falta el visto bueno"})
        assert state(db, number) == "returned"
        assert "Falta el visto bueno" in supervisor.get(f"/campanas/{number}/revision").text

    def test_pause_resume_cancel(self, supervisor, db, vault, clock):
        number = upload(supervisor, forty_in_csv())
        supervisor.post(f"/campanas/{number}/aprobar", data={"reason": "x"})
        called(db, vault, clock, number)
        assert "No se marca a nadie más" in supervisor.get(f"/campanas/{number}/pausar").text
        supervisor.post(f"/campanas/{number}/pausar")
        assert state(db, number) == "paused"
        assert "Está pausada" in supervisor.get(f"/campanas/{number}/vivo").text
        supervisor.post(f"/campanas/{number}/reanudar")
        assert state(db, number) == "running"
        again = supervisor.get(f"/campanas/{number}/reanudar")
        assert (again.status_code, '<h1 class="h3">La campaña ya está en curso.</h1>' in again.text) == (409, True)
        supervisor.post(f"/campanas/{number}/cancelar", data={"reason": "Se acabó"})
        assert state(db, number) == "cancelled"

    def test_of_one_person_it_speaks_in_the_singular(self, supervisor):
        number = upload(supervisor, formato([person(1)]))
        assert "1 fila, sin nada que observar" in supervisor.get(f"/campanas/{number}/revision").text
        assert "Se llamará a 1 persona desde el" in supervisor.get(f"/campanas/{number}/aprobar").text
        assert "A la persona que falta no se le llamará." in supervisor.get(f"/campanas/{number}/cancelar").text

    def test_what_the_state_no_longer_allows_is_said(self, supervisor):
        number = upload(supervisor, forty_in_csv())
        supervisor.post(f"/campanas/{number}/cancelar")
        answer = supervisor.post(f"/campanas/{number}/aprobar", data={"reason": "x"})
        assert answer.status_code == 409
        assert "ya no se puede aprobar" in answer.text
        assert "No se cambió nada." in answer.text
        assert f'href="/campanas/{number}"' in answer.text


def test_an_empty_list_says_what_to_do_first(app, db, clock):
    browser = app.test_client()
    is_in(browser, db, account(db, clock, Role.COORDINADOR))
    assert "Todavía no hay campañas" in browser.get("/campanas").text
