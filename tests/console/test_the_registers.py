"""Registros: who writes, reads, corrects, searches, takes out and prints what (R71, R82, R84, R86, R88, R89)."""

import csv
import io
import re
from typing import Any

import openpyxl
import pytest

from cases import tasks
from cases.consultations import consultations
from cases.registers import entries, resources
from cases.registers.books import Register, Told
from cases.registers.entries import BOOKS
from cases.tasks import TaskKind
from core import audit
from core.roles import Role
from tests.console.builders import account, is_in

DAILY = {"line": "dgs", "kind": "LLAMADA", "at": "2026-11-23T09:30", "what": "Orienté a la persona"}
FIELD = {
    **{"line": "dgs", "kind": "ACOMPANAMIENTO", "at": "2026-11-20T09:00", "ended_at": "2026-11-20T11:30"},
    **{"place": "Fiscalía", "companions": "Con la persona y su hermana", "result": "Denuncia presentada"},
}
EVENT = {
    **{"line": "dgs", "kind": "TALLER", "at": "2026-11-19T09:00", "ended_at": "2026-11-19T11:00"},
    **{"subject": "Prevención", "place": "Secundaria 8", "audience": "Alumnado", "reached": "40", "notes": ""},
}
STEP = {
    **{"line": "dgs", "kind": "OFICIO", "at": "2026-11-20", "number": "OF-123/2026"},
    **{"authority": "Fiscalía", "asked": "Copia de la carpeta", "follow_up_at": "2026-11-25T09:00"},
}
ENTRIES = {"diaria": DAILY, "campo": FIELD, "eventos": EVENT, "gestiones": STEP}
RESOURCE = {
    **{"line": "dgs", "title": "Contención", "purpose": "Para una crisis", "text": "Hable despacio", "link": ""},
    **{"approved_by": "Dirección", "position": "1"},
}


@pytest.fixture
def operator(as_role):
    return as_role(Role.OPERADOR)


@pytest.fixture
def supervisor(as_role):
    return as_role(Role.SUPERVISOR)


def left_empty(page):
    """What a browser sends of the forms of a page in which nothing was written: each field, with nothing in it."""
    names = re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', page.partition("<main")[2])
    return dict.fromkeys(set(names) - {"csrf_token", "once"}, "")


def write(browser, slug="diaria", follow=False, **change):
    where = f"/registros/{slug}/nueva"
    told = {**left_empty(browser.get(where).text), **ENTRIES[slug], **change}
    return browser.post(where, data=told, follow_redirects=follow)


def correct(browser, slug, number, **change):
    where = f"/registros/{slug}/{number}/corregir"
    return browser.post(where, data={**left_empty(browser.get(where).text), **ENTRIES[slug], **change})


def follow_up(browser, number, follow=False, **told):
    form = left_empty(browser.get(f"/registros/gestiones/{number}").text)
    where = f"/registros/gestiones/{number}/seguimiento"
    return browser.post(where, data={**form, **told}, follow_redirects=follow)


class TestWriting:
    @pytest.mark.parametrize("slug", ENTRIES)
    def test_it_is_written_and_read_in_its_list_and_on_its_page(self, operator, slug):
        assert operator.get(f"/registros/{slug}/nueva").status_code == 200
        answer = write(operator, slug)
        assert answer.status_code == 302, answer.text
        where = f"/registros/{slug}"
        told = {"diaria": "Orienté", "campo": "hermana", "eventos": "Secundaria 8", "gestiones": "OF-123/2026"}[slug]
        assert told in operator.get(where, query_string={"desde": ""}).text
        assert told in operator.get(f"{where}/1").text

    @pytest.mark.parametrize(
        ("slug", "change", "field"),
        [
            ("diaria", {"what": " "}, "what"),
            ("diaria", {"line": "otra"}, "line"),
            ("diaria", {"kind": ""}, "kind"),
            ("diaria", {"at": "ayer"}, "at"),
            ("diaria", {"at": ""}, "at"),
            ("diaria", {"at": "2026-11-23T18:00"}, "at"),
            ("diaria", {"case": "9"}, "case"),
            ("diaria", {"case": "uno"}, "case"),
            ("diaria", {"follow_up_at": "mañana"}, "follow_up_at"),
            ("campo", {"ended_at": "2026-11-20T08:00"}, "ended_at"),
            ("eventos", {"reached": "muchas"}, "reached"),
            ("gestiones", {"number": ""}, "number"),
        ],
    )
    def test_what_is_wrong_is_said_beside_its_field(self, operator, db, slug, change, field):
        answer = write(operator, slug, **change)
        assert answer.status_code == 422
        assert "invalid-feedback" in answer.text.partition(f'name="{field}"')[2][:900]
        assert "valid" not in answer.text.partition('class="invalid-feedback')[2].partition("</div>")[0].split(">")[1]

    def test_a_case_is_of_the_same_line(self, operator, db, vault, clock):
        with db.begin() as tx:
            case = consultations.open_case(tx, vault, clock.now(), "NO_ACTIVO", "000162975", None, "dgs", None)
        assert f'value="{case}"' in operator.get(f"/registros/diaria/nueva?caso={case}").text
        assert write(operator, case=str(case)).status_code == 302
        assert "Orienté" in operator.get(f"/registros/diaria?caso={case}").text
        assert "Ninguna anotación" in operator.get("/registros/diaria?caso=99").text

    def test_a_form_that_is_sent_twice_is_one_entry(self, operator):
        form = operator.get("/registros/diaria/nueva").text
        once = form.partition('name="once"')[2].partition('value="')[2].partition('"')[0]
        assert len(once) == 16 and once not in operator.get("/registros/diaria/nueva").text
        for _ in range(2):
            assert "con el número 1." in write(operator, follow=True, once=once).text
        assert operator.get("/registros/diaria/2").status_code == 404

    def test_two_calls_nobody_answered_are_two_entries_each_with_its_promise(self, operator, db, vault, clock):
        with db.begin() as tx:
            opened = (vault, clock.now(), "NO_ACTIVO")
            cases = [consultations.open_case(tx, *opened, dui, None, "dgs", None) for dui in ("000162975", "045678903")]
        for case, at in zip(cases, ("2026-11-24T10:00", "2026-11-25T10:00"), strict=True):
            write(operator, case=str(case), what="Se llamó y no contesta", follow_up_at=at)
        with db.begin() as tx:
            owed = tasks.open_tasks(tx, vault, kinds=[TaskKind.FOLLOW_UP])
        assert [(task.about, task.due_at.day) for task in owed] == [(1, 24), (2, 25)]

    def test_an_hour_is_that_of_its_line_and_it_is_said_beside_it(self, centre, operator, db, vault):
        """It was read where the institution is, whichever line it was of."""
        assert "Volver a llamar (hora del país de la línea)" in operator.get("/registros/diaria/nueva").text
        there = {"line": "uariv", "at": "2026-11-23T10:30", "follow_up_at": "2026-11-24T10:00"}
        write(operator, **there)
        with db.begin() as tx:
            (task,) = tasks.open_tasks(tx, vault)
        assert task.due_at.isoformat() == "2026-11-24T15:00:00+00:00"
        page = operator.get("/registros/diaria/1").text
        assert all(f"{told}, hora de Colombia" in page for told in ("23/11/2026 10:30", "24/11/2026 10:00"))
        form = operator.get("/registros/diaria/1/corregir").text
        assert all(f'value="{there[name]}"' in form for name in ("at", "follow_up_at"))

    def test_when_an_authority_is_asked_again_too(self, centre, operator, db, vault):
        write(operator, "gestiones", line="uariv")
        assert "Próxima llamada (hora de Colombia)" in operator.get("/registros/gestiones/1").text
        follow_up(operator, 1, text="Está para firma", state="EN_TRAMITE", follow_up_at="2026-11-30T09:00")
        with db.begin() as tx:
            (task,) = tasks.open_tasks(tx, vault)
        assert task.due_at.isoformat() == "2026-11-30T14:00:00+00:00"
        assert "30/11/2026 09:00, hora de Colombia" in operator.get("/registros/gestiones/1").text

    def test_a_promise_is_a_task_at_its_hour(self, operator, db, vault):
        write(operator, follow_up_at="2026-11-24T10:00")
        with db.begin() as tx:
            (task,) = tasks.open_tasks(tx, vault)
        assert (task.about, task.to_person, task.due_at.isoformat()) == (
            1,
            "operador@ejemplo.gob.sv",
            "2026-11-24T16:00:00+00:00",
        )


class TestReading:
    def test_a_log_is_todays_unless_another_day_is_asked_for(self, operator):
        write(operator, at="2026-11-22T09:30")
        assert "Ninguna anotación" in operator.get("/registros/diaria").text
        assert "Orienté" in operator.get("/registros/diaria?desde=2026-11-22&hasta=2026-11-22").text

    @pytest.mark.parametrize(("slug", "is_read"), [("diaria", False), ("campo", False), ("eventos", True)])
    def test_an_operator_reads_their_own_log_and_everybodys_events(self, operator, app, db, clock, slug, is_read):
        write(operator, slug)
        colleague = app.test_client()
        is_in(colleague, db, account(db, clock, Role.OPERADOR, "otra@ejemplo.gob.sv"))
        assert ("/registros/" + slug + "/1" in colleague.get(f"/registros/{slug}?desde=").text) is is_read
        assert colleague.get(f"/registros/{slug}/1").status_code == (200 if is_read else 404)
        asked = {"desde": "", "persona": "1"}
        assert ("/registros/" + slug + "/1" in colleague.get(f"/registros/{slug}", query_string=asked).text) is is_read

    @pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.COORDINADOR, Role.DIRECTOR, Role.ADMIN])
    def test_who_supervises_reads_everybodys(self, operator, as_role, role):
        write(operator)
        page = as_role(role).get("/registros/diaria").text
        assert "Orienté" in page
        assert "Operador" in page

    @pytest.mark.parametrize("role", [Role.MISIONAL, Role.TECNICO])
    def test_nobody_else(self, as_role, role):
        browser = as_role(role)
        for slug in (*ENTRIES, "recursos"):
            assert browser.get(f"/registros/{slug}").status_code == 403

    def test_by_person_kind_and_state(self, operator, supervisor):
        write(operator)
        write(supervisor, kind="OFICIO", what="Elaboré un oficio")
        write(operator, "gestiones")
        page = supervisor.get("/registros/diaria?persona=1").text
        assert "Orienté" in page and "Elaboré" not in page
        page = supervisor.get("/registros/diaria?clase=OFICIO").text
        assert "Orienté" not in page and "Elaboré" in page
        assert "OF-123" in supervisor.get("/registros/gestiones?estado=POR_ENTREGAR").text
        assert "OF-123" not in supervisor.get("/registros/gestiones?estado=CERRADA").text

    def test_words_are_sent_and_are_in_no_address_nor_on_the_trail(self, operator, supervisor, db):
        write(operator, what="Habló de su patrón")
        write(operator, what="Otra cosa")
        answer = supervisor.post("/registros/diaria", data={"buscar": "PATRON"})
        assert "Habló de su patrón" in answer.text and "Otra cosa" not in answer.text
        assert "patron" not in answer.text.lower().replace('value="patron"', "").replace("patrón", "")
        with db.begin() as tx:
            (line,) = audit.history(tx, "register", "DIARIA")
        assert line["action"] == "register.searched"
        assert "PATRON" not in str(line)
        assert "Habló" not in supervisor.get("/registros/campo?desde=&buscar=patron").text

    def test_words_of_a_year_are_not_looked_for_where_each_entry_is_opened(self, operator):
        asked = {"buscar": "patron", "desde": "2026-01-01", "hasta": "2026-11-23"}
        answer = operator.post("/registros/diaria", data=asked)
        assert answer.status_code == 422
        assert "31 días o menos" in answer.text
        assert operator.post("/registros/diaria/archivo.csv", data=asked).status_code == 302
        write(operator, "gestiones")
        assert "OF-123" in operator.post("/registros/gestiones", data={**asked, "buscar": "of-123"}).text

    def test_what_makes_no_sense_is_not_asked(self, supervisor, operator):
        write(operator)
        asked = "desde=ayer&hasta=9999-99-99&linea=otra&persona=x&clase=y&estado=z&caso=-1&despues=x~y"
        assert "Orienté" in supervisor.get(f"/registros/diaria?{asked}").text
        assert supervisor.get("/registros/otro").status_code == 404
        assert supervisor.get(f"/registros/diaria/{2**70}").status_code == 404

    def test_a_page_leads_to_the_next(self, operator, db, vault, clock):
        told = [Told("LLAMADA", clock.now(), texts={"what": f"Llamada {n}."}) for n in range(60)]
        with db.begin() as tx:
            for each in told:
                whose: dict[str, Any] = {"line": "dgs", "person": "operador@ejemplo.gob.sv", "actor": "x"}
                entries.write(tx, vault, clock.now(), BOOKS[Register.DIARIA], each, **whose)
        first = operator.get("/registros/diaria").text
        assert "Llamada 59." in first and "Llamada 9." not in first
        where = first.partition('aria-label="Páginas"')[2].partition('href="')[2].partition('"')[0]
        rest = operator.get(where.replace("&amp;", "&")).text
        assert "Llamada 9." in rest and "Llamada 10." not in rest


class TestCorrecting:
    def test_a_correction_is_another_entry_and_both_are_shown(self, operator):
        write(operator)
        form = operator.get("/registros/diaria/1/corregir").text
        assert "Orienté a la persona" in form and "2026-11-23T09:30" in form
        answer = correct(operator, "diaria", 1, what="Orienté a su hermana")
        assert answer.status_code == 302
        page = operator.get("/registros/diaria").text
        assert "Orienté a la persona" in page and "Orienté a su hermana" in page
        assert "corregida" in page and "corrige" in page
        story = operator.get("/registros/diaria/2").text
        assert story.index("Orienté a la persona") < story.index("Orienté a su hermana")
        assert operator.get("/registros/diaria/1/corregir").status_code == 409

    def test_a_supervisor_corrects_and_it_stays_the_operators(self, operator, supervisor):
        write(operator)
        correct(supervisor, "diaria", 1, what="Corregido")
        assert "Corregido" in operator.get("/registros/diaria").text
        assert "lo escribió Supervisor" in operator.get("/registros/diaria/2").text

    def test_a_colleague_or_a_director_does_not(self, operator, app, db, clock, as_role):
        write(operator, "eventos")
        colleague = app.test_client()
        is_in(colleague, db, account(db, clock, Role.OPERADOR, "otra@ejemplo.gob.sv"))
        assert correct(colleague, "eventos", 1).status_code == 403
        director = as_role(Role.DIRECTOR)
        assert director.get("/registros/eventos/1/corregir").status_code == 403
        assert director.get("/registros/eventos/nueva").status_code == 403


class TestSteps:
    """R88: an oficio, each time that somebody asked, and the next call."""

    def test_a_step_is_noted_and_the_next_call_is_a_task(self, operator, app, db, vault, clock):
        write(operator, "gestiones")
        colleague = app.test_client()
        is_in(colleague, db, account(db, clock, Role.OPERADOR, "otra@ejemplo.gob.sv"))
        told = {"text": "Está para firma", "state": "EN_TRAMITE", "follow_up_at": "2026-11-30T09:00"}
        assert follow_up(colleague, 1, **told).status_code == 302
        page = operator.get("/registros/gestiones/1").text
        assert "Está para firma" in page and "30/11/2026 09:00" in page
        assert "En trámite" in operator.get("/registros/gestiones").text
        with db.begin() as tx:
            (task,) = tasks.open_tasks(tx, vault)
        assert task.due_at.isoformat() == "2026-11-30T15:00:00+00:00"

    def test_a_closed_one_takes_no_more(self, operator):
        write(operator, "gestiones")
        close = {"text": "Entregaron la copia", "state": "CERRADA"}
        assert follow_up(operator, 1, **close).status_code == 302
        assert "Anotar el seguimiento" not in operator.get("/registros/gestiones/1").text
        again = follow_up(operator, 1, follow=True, **close).text
        assert "ya está cerrada" in again
        assert again.count("Entregaron la copia") == 1

    @pytest.mark.parametrize(
        ("change", "field"),
        [({"text": ""}, "text"), ({"state": "x"}, "state"), ({"follow_up_at": "x"}, "follow_up_at")],
    )
    def test_what_lacks_is_said(self, operator, change, field):
        write(operator, "gestiones")
        answer = follow_up(operator, 1, **{"text": "a", "state": "EN_TRAMITE", **change})
        assert answer.status_code == 422
        assert "invalid-feedback" in answer.text.partition(f'name="{field}"')[2][:900]

    def test_a_closed_one_promises_nothing(self, operator, db, vault):
        write(operator, "gestiones")
        close = {"text": "Entregaron la copia", "state": "CERRADA"}
        assert follow_up(operator, 1, **close, follow_up_at="2026-11-30T09:00").status_code == 422
        assert follow_up(operator, 1, **close).status_code == 302
        with db.begin() as tx:
            assert tasks.open_tasks(tx, vault) == []

    def test_only_of_one_that_there_is(self, operator):
        write(operator)
        told = {"text": "a", "state": "EN_TRAMITE"}
        assert operator.post("/registros/gestiones/1/seguimiento", data=told).status_code == 404


class TestTakingOut:
    def test_a_csv_has_every_column_and_cannot_run(self, operator, supervisor, db):
        write(operator, "campo", companions="=HYPERLINK(1)", result="@cmd")
        correct(operator, "campo", 1)
        answer = supervisor.get("/registros/campo/archivo.csv")
        rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
        assert [(row["Número"], row["Corrige a la"], row["Corregida por la"]) for row in rows] == [
            ("2", "1", ""),
            ("1", "", "2"),
        ]
        assert (rows[1]["Con quién"], rows[1]["Qué resultó"]) == ("'=HYPERLINK(1)", "'@cmd")
        assert rows[0]["Empezó"] == "20/11/2026 09:00"
        with db.begin() as tx:
            assert audit.history(tx, "register", "CAMPO")[0]["facts"]["file"] == "csv"

    def test_a_workbook_has_numbers_and_the_steps(self, operator):
        write(operator, "eventos")
        write(operator, "gestiones")
        follow_up(operator, 2, text="=1+1", state="EN_TRAMITE")
        for slug, column, value in (("eventos", "Personas alcanzadas", 40), ("gestiones", "Estado", "En trámite")):
            book = openpyxl.load_workbook(io.BytesIO(operator.get(f"/registros/{slug}/archivo.xlsx").data))
            headings, row = list(book.active.iter_rows(values_only=True))
            assert dict(zip(headings, row, strict=True))[column] == value

    def test_an_operator_takes_out_their_own(self, operator, app, db, clock):
        write(operator)
        colleague = app.test_client()
        is_in(colleague, db, account(db, clock, Role.OPERADOR, "otra@ejemplo.gob.sv"))
        for where in ("archivo.csv", "imprimir"):
            assert "Orienté" not in colleague.get(f"/registros/diaria/{where}").text
            assert "Orienté" in operator.get(f"/registros/diaria/{where}").text

    def test_a_sheet_says_what_it_is_of(self, operator, supervisor, db):
        write(operator, "eventos")
        write(operator, "eventos", reached="60")
        correct(operator, "eventos", 2, reached="61")
        page = supervisor.get("/registros/eventos/imprimir?desde=2026-11-01&hasta=2026-11-30").text
        assert "del 01/11/2026 al 30/11/2026" in page
        assert "101 personas alcanzadas" in page
        with db.begin() as tx:
            assert audit.history(tx, "register", "EVENTOS")[0]["action"] == "register.printed"


class TestHiddenLines:
    """R81: of a line for other roles nothing is listed, taken out, printed or written."""

    def test_nothing_of_it_is_told(self, centre, app, db, vault, clock):
        coordinator = centre.arrives(Role.COORDINADOR, "rosa").browser
        assert write(coordinator, line="linea131").status_code == 302
        assert coordinator.post("/registros/recursos/nuevo", data={**RESOURCE, "line": "linea131"}).status_code == 302
        admin = app.test_client()
        is_in(admin, db, account(db, clock, Role.ADMIN))
        for where in ("/registros/diaria", "/registros/diaria/archivo.csv", "/registros/diaria/imprimir"):
            assert "Orienté" in coordinator.get(where).text, where
            assert "Orienté" not in admin.get(where).text, where
        assert admin.get("/registros/diaria/1").status_code == 404
        assert "Contención" in coordinator.get("/registros/recursos").text
        assert "Hable despacio" not in admin.get("/registros/recursos").text
        assert "linea131" not in admin.get("/registros/diaria").text


class TestResources:
    """R71: a list that coordination keeps and operators read, at the desk too."""

    def test_coordination_keeps_it_and_operators_read_it(self, operator, as_role):
        coordinator = as_role(Role.COORDINADOR)
        assert operator.post("/registros/recursos/nuevo", data=RESOURCE).status_code == 403
        assert coordinator.post("/registros/recursos/nuevo", data=RESOURCE).status_code == 302
        page = operator.get("/registros/recursos").text
        assert "Hable despacio" in page and "Dirección" in page and "Cambiar" not in page
        coordinator.post("/registros/recursos/1", data={**RESOURCE, "text": "Escuche primero"})
        page = operator.get("/registros/recursos?buscar=escuche").text
        assert "Escuche primero" in page and "Hable despacio" not in page
        assert "Hable despacio" in coordinator.get("/registros/recursos/2").text
        assert coordinator.get("/registros/recursos/1").status_code == 404
        again = coordinator.post("/registros/recursos/1", data=RESOURCE, follow_redirects=True).text
        assert "no se guardó" in again
        coordinator.post("/registros/recursos/2/retirar")
        assert "Escuche primero" not in operator.get("/registros/recursos").text

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"title": ""}, "title"),
            ({"line": ""}, "line"),
            ({"link": "http://x"}, "link"),
            ({"position": "a"}, "position"),
        ],
    )
    def test_what_is_wrong_is_said(self, as_role, change, field):
        answer = as_role(Role.COORDINADOR).post("/registros/recursos/nuevo", data={**RESOURCE, **change})
        assert answer.status_code == 422
        assert "invalid-feedback" in answer.text.partition(f'name="{field}"')[2][:700]

    def test_they_are_beside_the_script_of_a_call_of_their_line(self, centre, db, clock):
        grief = resources.Facts("Duelo", "Para quien llama en duelo", "Escuche", "", "Dirección")
        crisis = resources.Facts("Contención", "Crisis", "Hable despacio", "https://ejemplo.gob.sv/guia", "Dirección")
        with db.begin() as tx:
            resources.add(tx, clock.now(), "x", "dgs", grief)
            resources.add(tx, clock.now(), "x", "linea131", crisis)
        operator = centre.arrives(Role.OPERADOR, "ana")
        assert "Hable despacio" not in operator.sees()
        centre.talks(line="linea131", queue="consejeria")
        page = operator.sees()
        assert "Hable despacio" in page and "https://ejemplo.gob.sv/guia" in page
        assert "Contención emocional" in page, "those of the line's file are there too"
        assert "Para quien llama en duelo" not in page


class TestFromElsewhere:
    def test_a_promise_leads_from_its_task_to_its_entry(self, operator):
        """R87, R88: what an authority answered is noted with the step, and not beside it."""
        write(operator, follow_up_at="2026-11-24T10:00")
        write(operator, "gestiones")
        page = operator.get("/casos/tareas").text
        assert page.count("/registros/anotaciones/") == 2
        assert operator.get("/registros/anotaciones/2").location == "/registros/gestiones/2"
        assert operator.get("/registros/anotaciones/1").location == "/registros/diaria/1"
        assert operator.post("/casos/tareas/2/hecha", data={"text": "Hecho"}).status_code == 400
        assert operator.post("/casos/tareas/1/hecha", data={"text": "Hecho"}).status_code == 302
        for number in (3, 2**70):
            assert operator.get(f"/registros/anotaciones/{number}").status_code == 404

    def test_a_case_leads_to_what_was_noted_of_it(self, operator, as_role, db, vault, clock):
        """R79, R84."""
        with db.begin() as tx:
            case = consultations.open_case(tx, vault, clock.now(), "SIN_HISTORIAL", "000162975", None, "dgs", None)
        write(operator, "campo", case=str(case))
        page = operator.get(f"/casos/{case}/historia").text
        assert f"/registros/campo/nueva?caso={case}" in page
        assert "hermana" in operator.get(f"/registros/campo?caso={case}").text
        director = as_role(Role.DIRECTOR).get(f"/casos/{case}/historia")
        assert director.status_code == 404 or "/registros/campo/nueva" not in director.text
        assert "/registros" not in as_role(Role.TECNICO).get(f"/casos/{case}/historia").text
