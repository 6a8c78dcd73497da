"""Directorio: found, kept, verified, brought in from a file and taken out."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient

from core import audit
from core.roles import Role
from desk.directory import queries
from desk.directory.queries import Filter
from tests.console.builders import account, is_in
from tests.console.conftest import make_app
from tests.desk.builders import line
from tests.desk.directory.builders import TODAY, added, make_tables

READERS = {Role.OPERADOR, Role.SUPERVISOR, Role.COORDINADOR, Role.TECNICO, Role.DIRECTOR, Role.ADMIN}
GOOD = {"linea": "dgs", "nombre": "Ana Núñez", "extension": "1410", "telefono": "2237-3333", "categoria": "GOBIERNO"}


@pytest.fixture(autouse=True)
def _tables(db):
    make_tables(db)


@pytest.fixture
def operator(as_role) -> FlaskClient:
    return as_role(Role.OPERADOR)


@pytest.fixture
def ana(db, clock) -> int:
    with db.begin() as tx:
        return added(tx, clock.now(), "Ana Núñez", line="dgs", telephone="+50322373333", role="Jefa")


def entries(db) -> list[queries.DirectoryEntry]:
    with db.begin() as tx:
        return queries.found(tx, Filter(), limit=None)


def trail(db, number: int) -> list[str]:
    with db.begin() as tx:
        return [line["action"] for line in audit.history(tx, "directory", number)]


@pytest.mark.parametrize("role", list(Role))
def test_whoever_attends_reads_it_and_only_the_director_may_not_change_it(as_role, ana, role):
    browser = as_role(role)
    may_read, may_keep = role in READERS, role in READERS - {Role.DIRECTOR}
    page = browser.get("/directorio")
    assert page.status_code == (200 if may_read else 403)
    assert ("Verificado hoy" in page.text) == may_keep
    for where in ("/directorio/nueva", "/directorio/archivo", f"/directorio/{ana}", "/directorio/plantilla.csv"):
        assert browser.get(where).status_code == (200 if may_keep else 403), where
    for where in ("/directorio/nueva", f"/directorio/{ana}/quitar", f"/directorio/{ana}/verificar"):
        if not may_keep:
            assert browser.post(where).status_code == 403, where
    assert browser.get("/directorio/directorio.csv").status_code == (200 if may_read else 403)


def test_what_a_line_for_other_roles_has_is_not_there(office, db, clock, ana):
    restricted = replace(line(), id="dgs", restricted_roles=frozenset({Role.SUPERVISOR}))
    app = make_app(replace(office, desk_lines={"dgs": restricted}))
    for role, is_seen in ((Role.OPERADOR, False), (Role.SUPERVISOR, True)):
        browser = app.test_client()
        is_in(browser, db, account(db, clock, role))
        for where in ("", "?linea=dgs", "/directorio.csv", "/directorio.csv?linea=dgs"):
            assert ("Ana Núñez" in browser.get(f"/directorio{where}").text) == is_seen, where
        assert browser.get(f"/directorio/{ana}").status_code == (200 if is_seen else 404)
        assert browser.post("/directorio/nueva", data=GOOD).status_code == (302 if is_seen else 422)


def test_an_empty_directory_says_what_to_do(operator):
    page = operator.get("/directorio").text
    assert "El directorio está vacío." in page
    assert "Subir un archivo" in page


class TestList:
    def test_an_entry_says_everything(self, operator, ana):
        page = operator.get("/directorio").text
        for said in ("Ana Núñez", "Jefa", "1410", "2237-3333", "23/11/2026", "Personal de la institución"):
            assert said in page
        assert "hay que verificarla" not in page

    def test_a_stale_one_says_so_in_words(self, operator, ana, clock):
        clock.advance(timedelta(days=181))
        assert "hay que verificarla" in operator.get("/directorio").text
        assert "1 entrada" in operator.get("/directorio?vencidas=si").text
        operator.post(f"/directorio/{ana}/verificar?vencidas=si")
        assert "No hay ninguna entrada así" in operator.get("/directorio?vencidas=si").text

    @pytest.mark.parametrize(
        ("asked", "is_found"),
        [
            ("buscar=nunez", True),
            ("buscar=1410", True),
            ("buscar=eva", False),
            ("linea=dgs&categoria=INSTITUCION", True),
            ("categoria=GOBIERNO", False),
            ("linea=nadie&categoria=x&pagina=0", True),
            ("pagina=2", False),
            ("pagina=x", True),
        ],
    )
    def test_it_is_filtered(self, operator, ana, asked, is_found):
        assert ("Ana Núñez" in operator.get(f"/directorio?{asked}").text) == is_found

    def test_it_is_turned_over_without_losing_the_question(self, operator, db, clock):
        with db.begin() as tx:
            for number in range(51):
                added(tx, clock.now(), f"Oficina {number:02} de Caja", line="dgs")
        first = operator.get("/directorio?buscar=caja").text
        assert "Oficina 49 de Caja" in first
        assert "Oficina 50 de Caja" not in first
        assert "buscar=caja&amp;pagina=2" in first
        assert "Oficina 50 de Caja" in operator.get("/directorio?buscar=caja&pagina=2").text

    def test_what_people_write_is_only_text(self, operator, db, clock):
        with db.begin() as tx:
            added(tx, clock.now(), "<script>alert(1)</script>", line="dgs")
        assert "<script>alert" not in operator.get("/directorio").text


class TestKeeping:
    def test_adding(self, operator, db):
        answer = operator.post("/directorio/nueva", data={**GOOD, "verificado_hoy": "si"})
        assert answer.location == "/directorio?linea=dgs"
        (found,) = entries(db)
        assert (found.name, found.telephone, found.category) == ("Ana Núñez", "+50322373333", "GOBIERNO")
        assert found.verified_on == TODAY
        assert trail(db, found.id) == ["directory.added"]

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"nombre": ""}, "Falta el nombre."),
            ({"extension": "22373333333"}, "de 2 a 8 dígitos"),
            ({"telefono": "123456789"}, "No existe esa numeración"),
            ({"linea": "nadie"}, "No se guardó"),
            ({"extension": "", "telefono": ""}, "ponga una extensión"),
        ],
    )
    def test_what_is_wrong_is_said_beside_it_and_what_was_typed_stays(self, operator, db, changes, says):
        answer = operator.post("/directorio/nueva", data={**GOOD, "notas": "de 8 a 15", **changes})
        assert answer.status_code == 422
        assert says in answer.text
        assert "de 8 a 15" in answer.text
        assert entries(db) == []

    def test_changing(self, operator, db, ana):
        assert "2237" in operator.get(f"/directorio/{ana}").text
        operator.post(f"/directorio/{ana}", data={**GOOD, "extension": "1499"})
        (found,) = entries(db)
        assert (found.extension, found.verified_on) == ("1499", TODAY)
        with db.begin() as tx:
            facts = audit.history(tx, "directory", ana)[0]["facts"]
        assert facts == {"columns": ["role", "extension", "category"]}

    def test_a_name_that_changed_is_spelt_by_the_new_one(self, operator, db, ana):
        operator.post(f"/directorio/{ana}", data={**GOOD, "nombre": "Eva Núñez"})
        with db.begin() as tx:
            assert queries.spelt(tx, "dgs", "262") == []
            assert [each.id for each in queries.spelt(tx, "dgs", "382")] == [ana]

    def test_two_who_change_it_at_once(self, operator, db, ana, clock):
        seen = entries(db)[0].updated_at
        assert seen is not None
        clock.advance(timedelta(minutes=1))
        operator.post(f"/directorio/{ana}", data={**GOOD, "visto": seen.isoformat()})
        clock.advance(timedelta(minutes=1))
        late = {**GOOD, "extension": "9999", "visto": seen.isoformat()}
        page = operator.post(f"/directorio/{ana}", data=late, follow_redirects=True).text
        assert "Otra persona cambió esta entrada" in page
        assert entries(db)[0].extension == "1410"

    def test_verifying_brings_the_same_list_back(self, operator, db, ana):
        answer = operator.post(f"/directorio/{ana}/verificar?linea=dgs&pagina=1&otro=x")
        assert answer.location == "/directorio?linea=dgs&pagina=1"
        assert trail(db, ana)[0] == "directory.verified"

    def test_removing(self, operator, db, ana):
        operator.post(f"/directorio/{ana}/quitar")
        assert entries(db) == []
        assert trail(db, ana)[0] == "directory.removed"

    @pytest.mark.parametrize("where", ["/directorio/9", "/directorio/9/quitar", "/directorio/99999999999999999999"])
    def test_nobody_by_that_number(self, operator, where):
        method = operator.post if where.endswith("quitar") else operator.get
        assert method(where).status_code == 404


class TestFile:
    def send(self, browser: FlaskClient, text: str, **fields: str):
        file = (BytesIO(text.encode()), "directorio.csv")
        form = {"linea": "dgs", "file": file, **fields}
        return browser.post("/directorio/archivo", data=form, content_type="multipart/form-data")

    def test_a_good_one_is_stored(self, operator, db):
        answer = self.send(operator, "nombre;extension\nAna;1410\nEva;1420\n", verificado="si")
        assert answer.location == "/directorio?linea=dgs"
        assert [each.verified_on for each in entries(db)] == [TODAY, TODAY]
        assert "2 nuevas, 0 cambiadas" in operator.get("/directorio").text

    def test_a_bad_one_says_row_and_column_and_stores_nothing(self, operator, db):
        answer = self.send(operator, "nombre;extension\nAna;1410\nEva;1\n;1420\n")
        assert answer.status_code == 422
        assert "2 errores y no se guardó nada" in answer.text
        for said in (">3<", ">extension<", "de 2 a 8 dígitos", ">4<", ">nombre<"):
            assert said in answer.text
        assert entries(db) == []

    @pytest.mark.parametrize("text", ["", "apellido;extension\nx;1410\n"])
    def test_what_cannot_be_read_is_said(self, operator, text):
        answer = self.send(operator, text)
        assert answer.status_code == 422
        assert "No se guardó nada." in answer.text

    def test_no_file_and_no_line(self, operator):
        assert operator.post("/directorio/archivo", data={"linea": "dgs"}).status_code == 422
        assert self.send(operator, "nombre;extension\nAna;1410\n", linea="nadie").status_code == 422

    def test_one_larger_than_a_form_comes_in(self, operator, db):
        rows = "".join(f"Oficina de la {'muy ' * 20}lejana ciudad {chr(97 + n % 26)}{n};1410\n" for n in range(3000))
        assert self.send(operator, "nombre;extension\n" + rows).status_code == 302
        assert len(entries(db)) == 3000

    def test_the_whole_list_takes_out_who_is_not_in_it(self, operator, db, ana):
        self.send(operator, "nombre;extension\nEva;1420\n", completo="si")
        assert [each.name for each in entries(db)] == ["Eva"]

    def test_the_template_is_the_heading(self, operator):
        answer = operator.get("/directorio/plantilla.csv")
        assert answer.data.decode("utf-8-sig").strip() == (
            "numero;nombre;unidad;cargo;extension;telefono;correo;categoria;notas;verificado"
        )

    def test_what_is_taken_out_runs_nothing_and_is_on_the_trail(self, operator, db, clock, ana):
        with db.begin() as tx:
            added(tx, clock.now(), "=SUMA(A1)", line="issemym")
        rows = operator.get("/directorio/directorio.csv").data.decode("utf-8-sig").splitlines()
        assert rows[2].startswith("2;'=SUMA(A1);")
        assert len(operator.get("/directorio/directorio.csv?linea=dgs").data.splitlines()) == 2
        with db.begin() as tx:
            assert audit.history(tx, "line", "dgs")[0]["facts"] == {"entries": 1}
