"""Mis solicitudes, Correos, and the columns of a file: what a requesting area and a coordinator look at."""

import io
import re
from threading import Thread

import pytest
from sqlalchemy import delete, func, select, text
from werkzeug.test import TestResponse

from campaigns.approval import approve
from campaigns.intake.tables import mapping_draft
from campaigns.rules.exclusions import Kind, Scope, add
from campaigns.states import CampaignState
from campaigns.tables import campaign
from core.documents import normal_form
from core.post import Letter, TextMessage, erase, leave, post
from core.roles import Role
from demo.invent import REQUEST
from tests.campaigns.intake.builders import reception_of, work
from tests.console.builders import account, formato, forty, forty_in_csv, import_now, is_in, person, upload
from tests.core.waiting import eventually

AREA = "area@ejemplo.gob.sv"


@pytest.fixture
def area(app, db, clock):
    """A requesting area's browser, signed in."""
    browser = app.test_client()
    is_in(browser, db, account(db, clock, Role.MISIONAL, AREA))
    return browser


@pytest.fixture
def other_area(app, db, clock):
    browser = app.test_client()
    is_in(browser, db, account(db, clock, Role.MISIONAL, "otra@ejemplo.gob.sv"))
    return browser


@pytest.fixture
def supervisor(as_role):
    return as_role(Role.SUPERVISOR)


@pytest.fixture
def reception(db, vault, clock):
    return reception_of(db, vault, clock)


def state(db, number):
    with db.begin() as tx:
        return tx.execute(select(campaign.c.state).where(campaign.c.id == number)).scalar_one()


def handed_in(browser, data, reception, **how) -> int:
    """Uploaded, and everything that waits done."""
    number = upload(browser, data, **how)
    work(reception)
    return number


def plain(page: str) -> str:
    """The page as text, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def reasons(page: str, before: str) -> tuple[int, list[tuple[str, int]]]:
    """How many will not be called, as ``before`` (a pattern with one group) says it, and how many for each reason."""
    found = re.search(before + r"((?: \D+ \(\d+\))*)", plain(page))
    assert found, plain(page)
    return int(found[1]), [(name.strip(), int(many)) for name, many in re.findall(r"(\D+)\((\d+)\)", found[2])]


class TestTheAreasOwnPage:
    def test_it_says_where_the_request_is_and_until_when(self, area, supervisor, db, reception):
        number = handed_in(area, forty_in_csv(), reception)
        listed = area.get("/campanas/solicitudes").text
        assert "CAMP-2026-0001" in listed
        assert "La estamos verificando" in listed

        supervisor.post(f"/campanas/{number}/devolver", data={"reason": "Falta el visto bueno"})
        work(reception)
        page = area.get(f"/campanas/{number}/solicitud").text
        assert "Hay algo que corregir" in page
        assert "Tiene hasta el sábado 28 de noviembre de 2026" in page
        assert "Falta el visto bueno" in page
        assert "Subir el archivo corregido" in page
        assert "Descargar los resultados" not in page

    def test_its_menu_leads_there(self, area):
        assert 'href="/campanas/solicitudes"' in area.get("/campanas/solicitudes").text

    def test_of_another_areas_it_is_not_even_told_that_it_exists(self, area, other_area, reception, db):
        number = handed_in(area, forty_in_csv(), reception)
        for where in ("solicitud", "revision", "observaciones", "original", "resultados.csv", "cancelar", "vivo"):
            assert other_area.get(f"/campanas/{number}/{where}").status_code == 404, where
        for what in ("cancelar", "rechazar"):
            assert other_area.post(f"/campanas/{number}/{what}", data={"reason": "x"}).status_code == 404
        assert other_area.get(f"/campanas/nueva?corrige={number}").status_code in (200, 404)
        assert "CAMP-2026-0001" not in other_area.get("/campanas/solicitudes").text
        answer = other_area.post(f"/campanas/nueva?corrige={number}", data={"file": (io.BytesIO(forty()), "f.xlsx")})
        assert answer.status_code in (404, 409)
        assert state(db, number) == "under_review"

    def test_who_the_request_names_sees_it_though_the_line_uploaded_it(self, area, as_role, reception):
        professional = as_role(Role.PROFESIONAL_LINEA)
        number = handed_in(professional, forty_in_csv(correo_solicitante=AREA.upper()), reception)
        assert area.get(f"/campanas/{number}/solicitud").status_code == 200
        assert "CAMP-2026-0001" in area.get("/campanas/solicitudes").text
        assert area.get(f"/campanas/{number}/original").status_code == 403

    def test_a_return_is_refused_with_a_reason(self, area, supervisor, db, reception):
        number = handed_in(area, forty_in_csv(), reception)
        assert area.get(f"/campanas/{number}/rechazar").status_code == 403  # it was not returned
        supervisor.post(f"/campanas/{number}/devolver", data={"reason": "Falta algo"})
        assert area.post(f"/campanas/{number}/rechazar", data={"reason": ""}).status_code == 422
        answer = area.post(f"/campanas/{number}/rechazar", data={"reason": "Así es la lista"})
        assert answer.location == f"/campanas/{number}/solicitud"
        assert state(db, number) == "cancelled"
        assert "no se aceptó la devolución: Así es la lista" in area.get(f"/campanas/{number}/solicitud").text

    def test_a_corrected_file_is_shown_beside_the_one_that_was_returned(self, area, supervisor, reception, db):
        first = handed_in(area, forty(), reception)
        supervisor.post(f"/campanas/{first}/devolver", data={"reason": "Corrija la fila 13"})
        people = [person(n) for n in range(1, 40)]
        second = handed_in(area, formato(people), reception, where=f"/campanas/nueva?corrige={first}")
        for page in (area.get(f"/campanas/{second}/solicitud"), supervisor.get(f"/campanas/{second}/revision")):
            assert "2 filas cambiaron" in page.text
            assert "1 fila se quitó" in page.text
            assert "resuelto" in page.text
            assert "sigue Tel" not in plain(page.text)
            assert "cantidad_registros" in page.text
        page = area.get(f"/campanas/{first}/solicitud").text
        assert "La corrige" in page and "CAMP-2026-0002</a>" in page
        assert "CAMP-2026-0002</a>" in supervisor.get(f"/campanas/{first}/revision").text

    def test_who_is_not_called_adds_up_with_the_reasons(self, area, supervisor, reception, db, vault, clock):
        """A row that is wrong twice, one that asked for it in the file, one that stands on a list of ours."""
        columns = "id_registro;tipo_documento;numero_documento;primer_nombre;primer_apellido;telefono_1;no_llamar"
        rows = [person(n) for n in range(1, 31)]
        cells = [[*each[:5], each[6], "SI" if n == 3 else ""] for n, each in enumerate(rows)]
        cells[0][2], cells[0][5] = "123", "911"
        cells[1][5] = "7234-0001 / 7234-0002"
        written = REQUEST | {"cantidad_registros": "30", "requiere_preguntas_seguridad": "NO", "pregunta_1": ""}
        written |= {"pregunta_2": "", "linea": "", "mensaje_guion": "Llame hoy."}
        lines = [f"#{name};{value}" for name, value in written.items()]
        data = "\r\n".join([*lines, "", columns, *map(";".join, cells)]).encode()
        with db.begin() as tx:
            listed = normal_form(rows[4][2])
            add(tx, vault, clock.now(), "ana", Kind.PERSON, listed, Scope(), "lo pidió")
        number = handed_in(area, data, reception)
        if state(db, number) == "under_review":
            supervisor.post(f"/campanas/{number}/devolver", data={"reason": "Corrija"})
        assert state(db, number) == "returned"
        why = [
            ("Documento de identidad", 1),
            ("Teléfono", 1),
            ("El archivo dice que no se les busque", 1),
            ("Están en una lista de exclusión", 1),
        ]
        page = area.get(f"/campanas/{number}/solicitud").text
        assert "30 personas en la lista; 26 se pueden llamar y 4 no:" in plain(page)
        for where, before in (("solicitud", r"y (\d+) no:"), ("revision", r"Por qué (\d+) no:")):
            many, told = reasons(supervisor.get(f"/campanas/{number}/{where}").text, before)
            assert (many, sorted(told)) == (4, sorted(why))
        assert "26 se podrían llamar" in plain(supervisor.get(f"/campanas/{number}/revision").text)
        supervisor.post(f"/campanas/{number}/cancelar")
        assert "no se llamó a ninguna" in area.get(f"/campanas/{number}/solicitud").text

    def test_what_is_new_in_a_corrected_file_is_not_told_as_going_on(self, area, supervisor, reception):
        first = handed_in(area, forty_in_csv(), reception)
        supervisor.post(f"/campanas/{first}/devolver", data={"reason": "Cambie el mensaje"})
        worse = forty_in_csv(mensaje_guion="{nombre_completo}, llame hoy.")
        second = handed_in(area, worse, reception, where=f"/campanas/nueva?corrige={first}")
        told = plain(area.get(f"/campanas/{second}/solicitud").text)
        assert "nuevo Datos personales sin preguntas de seguridad (error E10): 1 vez" in told
        assert "sigue Teléfono (error E06): 1 vez" in told

    def test_hostile_text_stays_text(self, area, reception):
        name = "<script>alert(1)</script>{{ 7*7 }}"
        number = handed_in(area, forty_in_csv(nombre_campana=name), reception)
        for where in ("/campanas/solicitudes", f"/campanas/{number}/solicitud", f"/campanas/{number}/revision"):
            page = area.get(where).text
            assert "<script>alert" not in page
            assert "&lt;script&gt;alert(1)" in page


class TestWhoDidWhat:
    def test_verified_then_approved(self, as_role, reception, db):
        coordinator, professional = as_role(Role.COORDINADOR), as_role(Role.PROFESIONAL_LINEA)
        number = handed_in(coordinator, forty_in_csv(), reception)
        assert "Ningún profesional" in coordinator.get(f"/campanas/{number}/revision").text
        assert coordinator.post(f"/campanas/{number}/verificar", data={"note": "bien"}).status_code == 403
        assert professional.post(f"/campanas/{number}/verificar", data={"note": " "}).status_code == 409
        assert professional.post(f"/campanas/{number}/verificar", data={"note": "Todo conforme"}).status_code == 302
        assert professional.post(f"/campanas/{number}/verificar", data={"note": "Otra vez"}).status_code == 409
        page = coordinator.get(f"/campanas/{number}/revision").text
        assert "Todo conforme" in page and "Verificada por" in page
        assert "La verificó" in coordinator.get(f"/campanas/{number}/aprobar").text
        assert coordinator.post(f"/campanas/{number}/aprobar", data={"reason": ""}).status_code == 302
        page = coordinator.get(f"/campanas/{number}/revision").text
        for told in ("Aprobada", "La verificó un profesional", "Se recibió el archivo"):
            assert told in page

    def test_the_second_to_approve_reads_who_was_first(self, as_role, supervisor, reception, db):
        coordinator = as_role(Role.COORDINADOR)
        number = handed_in(coordinator, forty_in_csv(), reception)
        assert coordinator.post(f"/campanas/{number}/aprobar").status_code == 302
        answer = supervisor.post(f"/campanas/{number}/aprobar")
        assert answer.status_code == 409
        assert "Ya la aprobó coordinador@ejemplo.gob.sv." in answer.text

    def test_what_is_sensitive_takes_a_supervisor_and_a_reason(self, supervisor, reception, db):
        number = handed_in(supervisor, forty_in_csv(contiene_datos_sensibles="SI"), reception)
        assert supervisor.post(f"/campanas/{number}/aprobar", data={"reason": ""}).status_code == 422
        assert supervisor.post(f"/campanas/{number}/aprobar", data={"reason": "Revisada"}).status_code == 302
        assert state(db, number) == "scheduled"


class TestMail:
    @pytest.fixture
    def failed(self, db, vault, clock) -> int:
        with db.begin() as tx:
            letter = Letter("receipt", "area@ejemplo.gob.sv", "CAMP-2026-0001: acuse", "Texto", None)
            number = leave(tx, vault, clock.now(), letter)
            tx.execute(post.update().values(state="failed", tries=3, problem="El servidor de correo no contesta."))
        return number

    def test_what_did_not_leave_is_shown_masked_and_tried_again(self, as_role, db, failed):
        coordinator = as_role(Role.COORDINADOR)
        assert "1 correo no ha salido" in coordinator.get("/campanas").text
        page = coordinator.get("/ajustes/correos").text
        assert "a•••@ejemplo.gob.sv" in page and "area@ejemplo.gob.sv" not in page
        assert "no contesta" in page
        assert coordinator.post(f"/ajustes/correos/{failed}/otra-vez").status_code == 302
        with db.begin() as tx:
            assert tx.execute(select(post.c.state)).scalar_one() == "queued"

    def test_of_what_was_erased_it_is_said_and_it_is_not_tried_again(self, as_role, db, failed):
        with db.begin() as tx:
            assert erase(tx, post.c.id == failed) == 1
        coordinator = as_role(Role.COORDINADOR)
        page = coordinator.get("/ajustes/correos").text
        assert "Lo que decía ya se borró." in page and "Intentar otra vez" not in page and "no ha salido" not in page
        coordinator.post(f"/ajustes/correos/{failed}/otra-vez")
        with db.begin() as tx:
            assert tx.execute(select(post.c.state)).scalar_one() == "failed"

    @pytest.mark.parametrize("role", [Role.MISIONAL, Role.OPERADOR, Role.PROFESIONAL_LINEA])
    def test_it_is_no_business_of_others(self, as_role, failed, role):
        browser = as_role(role)
        assert browser.get("/ajustes/correos").status_code == 403
        assert browser.post(f"/ajustes/correos/{failed}/otra-vez").status_code == 403
        assert "no ha salido" not in browser.get("/campanas/solicitudes").text

    def test_texts_that_nobody_was_sent_are_told_without_whom_they_were_for(self, as_role, db, vault, clock):
        phone = "+50371234567"
        with db.begin() as tx:
            for kind in ("pin_changed", "pin_changed", "menu_data"):
                leave(tx, vault, clock.now(), TextMessage(kind, phone, "ya-no-existe", prompt="sms.x"))
            tx.execute(post.update().values(state="failed"))
        page = as_role(Role.COORDINADOR).get("/ajustes/correos").text
        assert "Mensajes de texto que no llegaron" in page
        assert page.count("ya-no-existe") == 2  # the same words once, with how many
        assert "Aviso de que cambió un PIN" in page and "Datos que pidió quien llamó" in page
        assert "4567" not in page and "••67" not in page

    def test_of_a_line_that_is_not_theirs_they_see_nothing(self, centre, as_role, db, vault, clock):
        with db.begin() as tx:
            letter = Letter("correction_asked", "area@ejemplo.gob.sv", "Caso 7: corrección", "Texto", line="linea131")
            number = leave(tx, vault, clock.now(), letter)
            leave(tx, vault, clock.now(), TextMessage("pin_changed", "+50371234567", "linea131", prompt="sms.x"))
            tx.execute(post.update().values(state="failed", problem="El servidor de correo no contesta."))
        stranger, coordinator = as_role(Role.ADMIN), as_role(Role.COORDINADOR)
        page = stranger.get("/ajustes/correos").text
        assert "Caso 7" not in page and "linea131" not in page and "no ha salido" not in page
        stranger.post(f"/ajustes/correos/{number}/otra-vez")
        with db.begin() as tx:
            assert tx.execute(select(post.c.state).where(post.c.id == number)).scalar_one() == "failed"
        page = coordinator.get("/ajustes/correos").text
        assert "Caso 7" in page and "linea131" in page

    def test_when_everything_left_nothing_is_said(self, as_role):
        page = as_role(Role.COORDINADOR).get("/ajustes/correos").text
        assert "Todavía no se ha escrito ningún correo." in page
        assert "Mensajes de texto" not in page
        assert "no ha salido" not in page


def test_an_area_does_not_cancel_what_was_approved_while_it_decided(area, db, clock, reception):
    number = handed_in(area, forty_in_csv(), reception)
    answers = []
    with db.begin() as tx:
        approve(tx, clock.now(), number, "ana@ejemplo.gob.sv", Role.SUPERVISOR, at_once=True, reason="Hoy")
        cancelling = Thread(
            target=lambda: answers.append(area.post(f"/campanas/{number}/cancelar", data={"reason": "Ya no"}))
        )
        cancelling.start()
        eventually(lambda: waits_for_a_row(db))
    cancelling.join(20)
    assert state(db, number) == CampaignState.SCHEDULED
    assert answers[0].status_code == 409
    assert "ya no se puede cancelar" in answers[0].text


def waits_for_a_row(db) -> bool:
    query = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    with db.begin() as tx:
        return bool(tx.execute(text(query)).scalar_one())


HEADINGS = "No.;Tipo Doc;Cédula;Nombres;Apellidos;Celular;Monto"


def foreign(people: int = 3) -> bytes:
    """A CSV of ours in everything but its headings."""
    written = {**REQUEST, "cantidad_registros": str(people), "requiere_preguntas_seguridad": "NO"}
    written = {name: value for name, value in written.items() if not name.startswith("pregunta_")}
    lines = [f"#{name};{value}" for name, value in written.items()] + [HEADINGS]
    for n in range(1, people + 1):
        row = person(n)
        lines.append(";".join([row[0], "DUI", row[2], "Ana", "Inventada", row[6], "$ 8.04"]))
    return "\n".join(lines).encode()


class TestColumns:
    def test_a_list_without_headings_shows_nobody_and_keeps_nothing(self, area, db):
        nameless = foreign().replace(f"{HEADINGS}\n".encode(), b"")
        refused = area.post("/campanas/nueva", data={"file": (io.BytesIO(nameless), "lista.csv")})
        assert refused.status_code == 422
        assert "no tiene fila de títulos" in refused.text
        assert person(1)[2] not in refused.text and person(1)[6] not in refused.text
        with db.begin() as tx:
            assert (
                tx.execute(
                    text("select (select count(*) from mapping_draft) + (select count(*) from campaign)")
                ).scalar()
                == 0
            )

    def test_headings_that_are_not_ours_are_asked_about(self, area, reception, db, vault):
        answer = area.post("/campanas/nueva", data={"file": (io.BytesIO(foreign()), "lista.csv")})
        assert answer.status_code == 302
        assert answer.location.startswith("/campanas/columnas/")
        page = area.get(answer.location).text
        assert '<option value="numero_documento" selected>' in page
        assert "A••" in page and "Inventada" not in page
        assert person(1)[2] not in page and person(1)[6] not in page

        chosen = ["id_registro", "tipo_documento", "numero_documento", "primer_nombre", "primer_apellido", "telefono_1"]
        said = {f"columna-{n}": column for n, column in enumerate(chosen)}
        twice = {**said, "columna-6": "telefono_1"}
        refused = area.post(answer.location, data=twice)
        assert refused.status_code == 422
        assert "«telefono_1» está elegida en dos columnas" in refused.text
        checking = area.post(answer.location, data=said)
        assert checking.status_code == 302
        import_now(area.application.extensions["office"], int(checking.location.split("/")[2]))
        with db.begin() as tx:
            row = tx.execute(select(campaign)).one()
        assert row.state == CampaignState.UNDER_REVIEW
        assert row.headings == [*chosen, "Monto"]
        annotated = area.get(f"/campanas/{row.id}/observaciones").data.decode("utf-8-sig")
        assert "Cédula" in annotated or "numero_documento" in annotated
        results = area.get(f"/campanas/{row.id}/resultados.csv").data.decode("utf-8-sig").splitlines()[0]
        assert results.startswith(f"{HEADINGS};tipificacion;")
        back = area.get(answer.location)
        assert back.location == f"/campanas/{row.id}/importacion"
        assert f"Este archivo ya se subió: {row.filing_number}." in area.get(back.location, follow_redirects=True).text
        assert area.post(answer.location, data=said).location == back.location

        again = area.post("/campanas/nueva", data={"file": (io.BytesIO(foreign(4)), "lista.csv")})
        assert '<option value="telefono_1" selected>' in area.get(again.location).text

    def test_a_list_without_its_request_is_told_so_before_its_columns_are_asked_about(self, area):
        given = {"complete": foreign(), "alone": foreign()[foreign().index(HEADINGS.encode()) :]}
        pages = {}
        for name, data in given.items():
            where = area.post("/campanas/nueva", data={"file": (io.BytesIO(data), "lista.csv")}).location
            pages[name] = area.get(where).text
        assert "no trae la Solicitud" in pages["alone"]
        assert "no trae la Solicitud" not in pages["complete"]

    def test_a_text_is_no_list(self, area):
        prose = b"Dear all, here it is.\nFirst, read it, then, if you can, answer\nThank you\n"
        for name, data in (("carta.pdf", foreign()), ("carta.csv", prose), ("carta.csv", b"uno\ndos\ntres\n")):
            answer = area.post("/campanas/nueva", data={"file": (io.BytesIO(data), name)})
            assert answer.status_code == 422
            assert "No se guardó nada." in answer.text

    def test_of_two_clicks_one_hands_it_in(self, area, db):
        where = area.post("/campanas/nueva", data={"file": (io.BytesIO(foreign()), "lista.csv")}).location
        with db.begin() as tx:
            tx.execute(delete(mapping_draft))  # the first click has come as far as this, and is not done
            answers: list[TestResponse] = []
            again = Thread(target=lambda: answers.append(area.post(where, data={"columna-0": "id_registro"})))
            again.start()
            eventually(lambda: waits_for_a_row(db))
        again.join(20)
        assert answers[0].status_code == 404
        with db.begin() as tx:
            assert tx.execute(select(func.count()).select_from(campaign)).scalar_one() == 0

    def test_only_who_brought_it_is_asked(self, area, other_area):
        where = area.post("/campanas/nueva", data={"file": (io.BytesIO(foreign()), "lista.csv")}).location
        assert other_area.get(where).status_code == 404
        assert other_area.post(where).status_code == 404

    def test_the_formato_can_be_had_as_csv(self, area):
        answer = area.get("/formato.csv")
        assert answer.data.startswith(b"\xef\xbb\xbf#formato_version;V1\r\n")
        names = [area.get(where).headers["Content-Disposition"] for where in ("/formato.csv", "/formato.xlsx")]
        assert all("_vacio." in name for name in names)
