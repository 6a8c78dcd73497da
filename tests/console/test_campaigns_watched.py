"""A campaign through the screens while it is dialled: its figures, and its people."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from campaigns.life import finish_if_done
from campaigns.tables import attempt
from console.campaigns import contacts
from core.roles import Role
from tests.campaigns.builders import attempts_of, end, put_on_the_line, running
from tests.console.builders import called, dui, forty_in_csv, row_in_csv, upload


@pytest.fixture
def supervisor(as_role) -> FlaskClient:
    return as_role(Role.SUPERVISOR)


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
