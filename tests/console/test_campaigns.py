"""A campaign through the screens: handed in, reviewed, decided, watched, its files taken away."""

import csv
import io
import re
from dataclasses import replace
from datetime import timedelta

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from campaigns import downloads
from campaigns.life import finish_if_done, state_of
from campaigns.tables import attempt
from console.campaigns import contacts
from core import audit
from core.files import file_piece
from core.roles import Role
from tests.campaigns.builders import attempts_of, end, put_on_the_line, running
from tests.console.builders import account, called, dui, formato, forty, forty_in_csv, is_in, person, row_in_csv, upload
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


class TestLive:
    @pytest.fixture
    def number(self, supervisor, db, vault, clock) -> int:
        number = upload(supervisor, forty_in_csv())
        supervisor.post(f"/campanas/{number}/aprobar", data={"reason": "x"})
        called(db, vault, clock, number)
        return number

    def test_its_figures_are_the_campaigns(self, supervisor, number):
        page = supervisor.get(f"/campanas/{number}/en-vivo").text
        told = re.findall(r'lh-1">(\d+)</div>([^<]+)<', page)
        assert told == [
            ("31", "personas llamadas"),
            ("21", "contactadas"),
            ("18", "dijeron ser la persona"),  # it asks nobody anything
            ("12", "oyeron el mensaje"),
        ]

    def test_the_chart_has_a_bar_a_minute_and_a_table_that_says_the_same(self, supervisor, number):
        page = supervisor.get(f"/campanas/{number}/vivo").text
        minutes = page.count("<td>30/11/2026 08:")
        hours = page.count(":00</td>")
        assert (minutes > 3, hours) == (True, 1)
        assert page.count('class="bar"') == minutes + hours
        assert "El ritmo permitido, 60 por minuto, queda muy por encima" in page
        assert "<style" not in page
        assert "<script" not in page

    def test_who_passed_is_told_only_where_somebody_was_asked(self, supervisor, number, db, vault, clock):
        page = supervisor.get(f"/campanas/{number}/vivo").text
        assert "verifica" not in page.split('data-part="pace"')[0]
        assert "85.7 % de las contactadas" in page  # 18 of 21 said that they are who was asked for
        asks = running(db, vault, clock, 3, nombre_campana="Otra", fecha_inicio="07/12/2026")
        assert "pasó la verificación" not in supervisor.get(f"/campanas/{asks}/vivo").text  # nobody was asked yet
        asked = zip(attempts_of(db, asks)[:2], ("message_heard", "failed_security"), strict=True)
        for n, (call, progress) in enumerate(asked):
            put_on_the_line(db, call.id, f"CB{n}", clock.now())
            end(db, vault, clock.now(), call.id, "completed", progress=progress)
        assert "50.0 % pasó la verificación" in supervisor.get(f"/campanas/{asks}/vivo").text

    def test_the_last_calls_are_masked(self, supervisor, number):
        page = supervisor.get(f"/campanas/{number}/vivo").text
        assert "+503 ••••-••33" in page
        assert "72340033" not in page
        assert "<td>lun 30 08:" in page  # of several days, each says its own

    def test_outside_legal_hours_it_says_why_it_waits(self, supervisor, number, clock):
        clock.advance(timedelta(hours=12))
        assert "Fuera de horario legal hasta martes 01/12 08:00." in supervisor.get(f"/campanas/{number}/vivo").text

    def test_the_list_shows_how_far_it_came(self, supervisor, number):
        page = supervisor.get("/campanas").text
        assert "12 logradas · 9 no · faltan 18" in page
        assert "En curso (1)" in page
        assert "a más tardar 18 dic" in page

    def test_the_list_says_when_one_ended(self, supervisor, number, db, clock):
        clock.advance(timedelta(days=30))
        with db.begin() as tx:
            for call in ("due", "placed"):
                tx.execute(update(attempt).where(attempt.c.state == call).values(state="withdrawn"))
            assert finish_if_done(tx, clock.now(), number, period_is_over=True)
        page = supervisor.get("/campanas").text
        assert "Terminó el 30/12/2026 08:" in page
        assert "faltan" not in page
        assert "a más tardar" not in page
        assert "CAMP-2026-0001" in page
        over = supervisor.get(f"/campanas/{number}/en-vivo").text
        assert "Último minuto" not in over and "CAMP-2026-0001" in over

    def test_one_that_was_cancelled_lacks_nobody(self, supervisor, number):
        supervisor.post(f"/campanas/{number}/cancelar")
        page = supervisor.get("/campanas").text
        assert "12 logradas · 9 no · quedaron 18" in page
        assert "a más tardar" not in page
        assert supervisor.get(f"/campanas/{number}").location.endswith("/en-vivo")

    def test_after_it_was_cancelled_nobody_is_promised_a_call(self, supervisor, number):
        told = [f"/campanas/{number}/{where}" for where in ("vivo", "contactos", "contactos/3", "informe", "solicitud")]
        before = [supervisor.get(where).text for where in told]
        assert "Esperan reintento" in before[0] and "(se reintenta)" in before[1] and "· se reintenta" in before[2]
        assert "Por llamar todavía" in before[3] and "se pueden llamar" in before[4]
        supervisor.post(f"/campanas/{number}/cancelar")
        live, listed, one, report, request = (supervisor.get(where).text for where in told)
        for page in (live, listed, one, report, request):
            for promise in ("Esperan reintento", "se reintenta", "Por llamar todavía", "se volverá", "pueden llamar"):
                assert promise not in page
        assert "<dt>Sin terminar</dt>" in live and "<dt>Termina</dt>" not in live
        assert "(quedó sin terminar)" in listed and "No contesta · quedó sin terminar" in one
        assert "La campaña fue cancelada: ya no se llama a nadie." in one and "Apruebe la campaña" not in one
        (left,) = re.findall(r"Quedaron sin terminar, y ya no se llaman</\w+>\s*<td[^>]*>(\d+)<", report)
        assert int(left) == 18  # as the list of campaigns says
        assert "Está cancelada: ya no se llama a nadie." in request
        assert "40 personas en la lista; se llamó a 31 antes de cancelarla." in request

    def test_one_persons_story(self, supervisor, number):
        page = supervisor.get(f"/campanas/{number}/contactos/3").text
        assert "No contesta" in page
        assert "Su próxima llamada es el" in page
        assert "04•••••-•" in page
        assert "Inventada" not in page

    def test_why_somebody_in_error_is_never_called(self, supervisor, number):
        page = supervisor.get(f"/campanas/{number}/contactos/12").text
        assert "Su fila tiene un error" in page
        assert "Faltan dígitos" in page

    def test_a_person_is_found_by_the_row_of_the_file(self, supervisor, number):
        answer = supervisor.get(f"/campanas/{number}/contactos?fila={row_in_csv(12)}")
        assert f"Fila {row_in_csv(12)}" in supervisor.get(answer.location).text
        assert answer.location == f"/campanas/{number}/contactos/12"
        for nobody in ("99", "0", "99999999999"):
            assert "no hay nadie en la fila" in supervisor.get(f"/campanas/{number}/contactos?fila={nobody}").text

    @pytest.mark.parametrize(
        ("by", "value"),
        [("documento", dui(4000003)), ("telefono", "7234-0003"), ("telefono", "7234 0003"), ("id", "3")],
    )
    def test_a_person_is_found_by_exactly_what_is_typed(self, supervisor, number, by, value):
        answer = supervisor.post(f"/campanas/{number}/contactos", data={"by": by, "value": value})
        assert answer.status_code == 302
        assert answer.location == f"/campanas/{number}/contactos/3"  # nothing of what was typed
        assert f"Fila {row_in_csv(3)}" in supervisor.get(answer.location).text

    @pytest.mark.parametrize(
        ("by", "value", "status", "told"),
        [
            ("documento", "99999999-9", 200, "no hay nadie con ese dato"),
            ("telefono", "911", 422, "El teléfono no se puede leer"),
            ("documento", "", 422, "Escriba qué busca."),
            ("id", "<script>alert(1)</script>", 200, "&lt;script&gt;"),
        ],
    )
    def test_who_is_not_found_is_told_so(self, supervisor, number, by, value, status, told):
        answer = supervisor.post(f"/campanas/{number}/contactos", data={"by": by, "value": value})
        assert (answer.status_code, told in answer.text) == (status, True)
        assert "<script>alert" not in answer.text

    def test_page_by_page_there_and_back(self, supervisor, number, monkeypatch):
        monkeypatch.setattr(contacts, "A_PAGE", 15)
        seen: list[list[int]] = []
        where: str | None = f"/campanas/{number}/contactos"
        while where:
            page = supervisor.get(where).text
            seen.append([int(row) for row in re.findall(r'data-label="Fila"><a href="[^"]+">(\d+)<', page)])
            where = next(iter(re.findall(r'rel="next" href="([^"]+)"', page)), None)
        assert [row for page in seen for row in page] == [row_in_csv(n) for n in range(1, 41)]
        assert [len(page) for page in seen] == [15, 15, 10]
        (earlier,) = re.findall(r'rel="prev" href="([^"]+)"', page)
        back = supervisor.get(earlier).text
        assert re.findall(r'data-label="Fila"><a href="[^"]+">(\d+)<', back) == [str(row) for row in seen[1]]
        assert "desde" in back and "hasta" in back

    @pytest.mark.parametrize("query", ["tipificacion=<b>", "tipificacion=nada"])
    def test_an_address_that_was_tampered_with_is_no_page(self, supervisor, number, query):
        assert supervisor.get(f"/campanas/{number}/contactos?{query}").status_code == 404

    @pytest.mark.parametrize("query", ["desde=99999999999", "hasta=-1", "desde=x"])
    def test_a_place_that_makes_no_sense_is_the_beginning(self, supervisor, number, query):
        page = supervisor.get(f"/campanas/{number}/contactos?{query}").text
        assert f'data-label="Fila"><a href="/campanas/{number}/contactos/1">' in page

    def test_people_by_what_came_of_their_call(self, supervisor, number):
        page = supervisor.get(f"/campanas/{number}/contactos?tipificacion=no_contacto.ocupado").text
        assert page.count('data-label="Fila"') == 3


class TestFiles:
    def test_results_come_row_by_row(self, supervisor, db, vault, clock):
        number = upload(supervisor, forty_in_csv())
        supervisor.post(f"/campanas/{number}/aprobar", data={"reason": "x"})
        called(db, vault, clock, number)
        answer = supervisor.get(f"/campanas/{number}/resultados.csv")
        rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
        assert len(rows) == 40
        assert rows[0]["tipificacion"] == "contacto_titular.mensaje_completo"
        assert "attachment; filename=resultados-CAMP-2026-0001." in answer.headers["Content-Disposition"]
        book = openpyxl.load_workbook(io.BytesIO(supervisor.get(f"/campanas/{number}/resultados.xlsx").data))
        assert book.worksheets[0].max_row == 41
        assert actions(db, number).count("campaign.results_downloaded") == 2

    @pytest.mark.parametrize("what", ["resultados.csv", "resultados.xlsx", "observaciones", "datos.csv", "datos.xlsx"])
    def test_only_so_many_leave_at_once(self, supervisor, db, what):
        number = upload(supervisor, forty())
        others = [downloads.begun(downloads.lines(db, lambda tx: iter([b"a long list"]))) for _ in range(2)]
        refused = supervisor.get(f"/campanas/{number}/{what}")
        assert (refused.status_code, "Hay otras descargas en curso." in refused.text) == (503, True)
        for each in others:
            each.close()
        answer = supervisor.get(f"/campanas/{number}/{what}")
        assert (answer.status_code, answer.is_streamed) == (200, True)
        assert answer.data
        assert supervisor.get(f"/campanas/{number}/{what}").status_code == 200  # and its turn was given back

    def test_the_annotated_file_hides_dates(self, supervisor):
        number = upload(supervisor, forty())
        book = openpyxl.load_workbook(io.BytesIO(supervisor.get(f"/campanas/{number}/observaciones").data))
        sheet = book["Contactos"]
        assert [cell.value for cell in sheet[1]][-2:] == ["observaciones", "valor_sugerido"]
        assert {row[5].value for row in sheet.iter_rows(min_row=2)} == {"•••"}
        assert "E06" in sheet.cell(13, 8).value

    def test_the_original_is_only_for_who_uploaded_it(self, app, supervisor, as_role, db, clock):
        data = forty()
        number = upload(supervisor, data)
        assert supervisor.get(f"/campanas/{number}/original").data == data
        assert actions(db, number)[0] == "campaign.original_downloaded"
        assert as_role(Role.ADMIN).get(f"/campanas/{number}/original").status_code == 403

    @pytest.mark.parametrize("what", ["original", "observaciones"])
    def test_a_file_that_is_not_whole_is_no_download_but_a_page_that_says_so(self, supervisor, db, what):
        number = upload(supervisor, forty())
        with db.begin() as tx:
            tx.execute(delete(file_piece))
        answer = supervisor.get(f"/campanas/{number}/{what}")
        assert answer.status_code == 410
        assert "El archivo guardado no está completo: se perdió o se dañó una parte." in answer.text
        assert "Avise a quien administra el sistema" in answer.text
        assert not any("downloaded" in action for action in actions(db, number))

    def test_a_name_from_outside_cannot_break_the_answer(self, supervisor):
        number = upload(supervisor, forty(), name='x"; filename="../y\r\nSet-Cookie: a.xlsx')
        answer = supervisor.get(f"/campanas/{number}/original")
        assert answer.status_code == 200
        assert "\n" not in answer.headers["Content-Disposition"]

    def test_text_of_a_file_is_text_on_the_page(self, supervisor):
        number = upload(supervisor, forty_in_csv(nombre_campana="<script>alert(1)</script>"))
        for part in ("revision", "aprobar", "en-vivo", "contactos"):
            page = supervisor.get(f"/campanas/{number}/{part}").text
            assert "<script>alert" not in page
            assert "&lt;script&gt;alert" in page


def test_an_empty_list_says_what_to_do_first(app, db, clock):
    browser = app.test_client()
    is_in(browser, db, account(db, clock, Role.COORDINADOR))
    assert "Todavía no hay campañas" in browser.get("/campanas").text
