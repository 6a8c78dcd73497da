"""A directory that comes as a file: all of it, or nothing and the reasons."""

import io

import pytest

from core import audit
from core.spreadsheets import Unreadable
from desk.directory import queries
from desk.directory.imports import Imported, import_directory
from desk.directory.queries import Filter
from desk.directory.sheet import FaultyRows, write_sheet
from tests.desk.directory.builders import LINE, TODAY, added

HEADING = "nombre;unidad;cargo;extension;telefono;correo;categoria;notas;verificado"


@pytest.fixture
def bring(db, clock):
    """Imports lines of a CSV under the heading, or under their own."""

    def imported(*rows: str, heading: str = HEADING, **how: bool) -> Imported:
        data = "\r\n".join([heading, *rows]).encode()
        with db.begin() as tx:
            return import_directory(tx, clock.now(), "ana@ejemplo.gob", LINE, "MX", data, today=TODAY, **how)

    return imported


@pytest.fixture
def there(db):
    """The rows of the directory."""

    def rows() -> list[str]:
        with db.begin() as tx:
            found = queries.found(tx, Filter(LINE), limit=None)
        return [f"{each.name} | {each.unit} | {each.extension} | {each.telephone}" for each in found]

    return rows


def test_a_file_becomes_entries_that_can_be_spelt(bring, db):
    done = bring(
        "José Ñáñez;Afiliación;Jefe;1415050;722 226 1950;jose@ejemplo.gob.mx;Salud mental;de 8 a 15;05/11/2026",
        "",
        "Ana;;;ext. 1410;;;;;",
    )
    assert done == Imported(added=2, changed=0, unchanged=0, removed=0)
    with db.begin() as tx:
        (jose,) = queries.spelt(tx, LINE, "62639")
        (ana,) = queries.by_extension(tx, LINE, "1410")
    assert (jose.telephone, jose.category, jose.email) == ("+527222261950", "SALUD_MENTAL", "jose@ejemplo.gob.mx")
    assert (f"{jose.verified_on}", jose.notes, jose.role) == ("2026-11-05", "de 8 a 15", "Jefe")
    assert (ana.category, ana.verified_on) == ("INSTITUCION", None)


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        (";Afiliación;;1410;;;;;", "nombre", "Falta el nombre."),
        ("1410;;;1410;;;;;", "nombre", "no tiene letras"),
        ("x" * 121 + ";;;1410;;;;;", "nombre", "más de 120"),
        ("Ana;;;;;;;;", "extension", "ponga una extensión"),
        ("Ana;;;1;;;;;", "extension", "de 2 a 8 dígitos"),
        ("Ana;;;123456789;;;;;", "extension", "de 2 a 8 dígitos"),
        ("Ana;;;+5272;;;;;", "extension", "de 2 a 8 dígitos"),
        ("Ana;;;;72222;;;;".replace("72222", "7222261"), "telefono", "No existe esa numeración"),
        ("Ana;;;1410;;no es;;;", "correo", "No parece un correo"),
        ("Ana;;;1410;;;VECINOS;;", "categoria", "no se conoce"),
        ("Ana;;;1410;;;;;31/02/2026", "verificado", "no existe en el calendario"),
        ("Ana;;;1410;;;;;24/11/2026", "verificado", "en el futuro"),
        ("Ana;;;1410;;;;;ayer", "verificado", "no se entiende"),
        ("Ana;;;1410;;;;;;y más", "—", "más celdas que columnas"),
    ],
)
def test_one_bad_row_and_nothing_is_stored(bring, there, row, column, says):
    with pytest.raises(FaultyRows) as told:
        bring("Buena;;;1410;;;;;", row)
    (fault,) = told.value.faults
    assert (fault.row, fault.column) == (3, column)
    assert says in fault.sentence
    assert there() == []


def test_everything_wrong_is_told_at_once(bring):
    with pytest.raises(FaultyRows) as told:
        bring("Ana;;;1;;x;;;", "Eva;;;1410;;;;;", "EVA;;;1410;;;;;", ";;;;;;;;z")
    found = [(fault.row, fault.column) for fault in told.value.faults]
    assert found == [(2, "extension"), (2, "correo"), (4, "nombre"), (5, "nombre"), (5, "extension"), (5, "verificado")]


@pytest.mark.parametrize(
    ("heading", "says"),
    [
        ("unidad;extension", "falta la columna «nombre»"),
        ("nombre;unidad", "«extension», «telefono» o «correo»"),
        ("nombre;extension;sueldo", "«sueldo» no se conoce"),
        ("nombre;extension;;correo", "sin nombre"),
        ("nombre;Nombre;extension", "dos veces"),
    ],
)
def test_a_heading_that_is_not_understood_is_refused(bring, heading, says):
    with pytest.raises(Unreadable, match=says):
        bring("Ana;1410", heading=heading)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04xlsx", b"\x00\x01\x02"])
def test_what_is_no_csv_is_refused(db, clock, data):
    with pytest.raises(Unreadable), db.begin() as tx:
        import_directory(tx, clock.now(), "ana", LINE, "MX", data, today=TODAY)


def test_columns_go_by_other_names_and_in_any_order(bring, there):
    bring("1410,Trámites,Ana", heading="EXT.,Área,Nombre Completo")
    assert there() == ["Ana | Trámites | 1410 | None"]


class TestAgain:
    """The same people in a newer file."""

    @pytest.fixture(autouse=True)
    def _there(self, bring):
        bring("Ana;Afiliación;Jefa;1410;;;;sin saber;05/01/2026", "Eva;Caja;;1420;;;;;", "Eva;Archivo;;1430;;;;;")

    def test_who_has_changed_is_changed(self, bring, there):
        done = bring("ANA;Afiliacion;Jefa;1499;;;;;", "Eva;Caja;;1420;;;;;", "Luz;Caja;;1440;;;;;")
        assert done == Imported(added=1, changed=1, unchanged=1, removed=0)
        assert there()[0] == "ANA | Afiliacion | 1499 | None"
        assert len(there()) == 4

    def test_without_a_column_what_it_said_stays(self, bring, db):
        bring("Ana;1499", heading="nombre;extension")
        with db.begin() as tx:
            (ana,) = queries.by_extension(tx, LINE, "1499")
        assert (ana.unit, ana.role, ana.notes, f"{ana.verified_on}") == (
            "Afiliación",
            "Jefa",
            "sin saber",
            "2026-01-05",
        )

    def test_two_who_are_alike_are_told_apart_by_number(self, bring, there):
        with pytest.raises(FaultyRows) as told:
            bring("Eva;1499", heading="nombre;extension")
        assert "varias entradas" in told.value.faults[0].sentence
        bring("3;Eva;1499", heading="numero;nombre;extension")
        assert "Eva | Archivo | 1499 | None" in there()

    def test_a_number_of_nobody_is_a_fault(self, bring):
        with pytest.raises(FaultyRows) as told:
            bring("77;Eva;1499", heading="numero;nombre;extension")
        assert told.value.faults[0].column == "numero"

    def test_a_whole_list_removes_who_is_not_in_it(self, bring, there, db, clock):
        with db.begin() as tx:
            added(tx, clock.now(), "De otra línea", line="l131")
        done = bring("Ana;Afiliación;Jefa;1410;;;;sin saber;", is_whole=True)
        assert done == Imported(added=0, changed=0, unchanged=1, removed=2)
        assert len(there()) == 1
        with db.begin() as tx:
            assert queries.count(tx, Filter("l131")) == 1

    def test_whoever_brings_it_may_vouch_for_it(self, bring, db):
        bring("Ana;Afiliación;;1410;;;;;01/11/2026", "Eva;Caja;;1420;;;;;", is_verified=True)
        with db.begin() as tx:
            days = {each.name: f"{each.verified_on}" for each in queries.found(tx, Filter(LINE)) if each.verified_on}
        assert days == {"Ana": "2026-11-01", "Eva": "2026-11-23"}

    def test_the_trail_has_figures_and_no_names(self, bring, db):
        bring("Ana;Afiliación;Jefa;1410;;;;sin saber;", "Luz;;;1420;;;;;")
        with db.begin() as tx:
            rows = tx.exec_driver_sql("select action, subject_id, facts from audit order by id desc").all()
        assert rows[0][0] == "directory.imported"
        assert rows[0][2] == {"line": LINE, "added": 1, "changed": 0, "unchanged": 1, "removed": 0}
        with db.begin() as tx:
            assert len(audit.history(tx, "file", rows[0][1])) == 1


def test_what_is_downloaded_can_be_brought_back_and_runs_nothing(bring, db):
    bring("=cmd|x;@unidad;-cargo;1410;+52 722 226 1950;;GOBIERNO;'+nota;05/11/2026", "Ana;;;1410;;;;;")
    target = io.BytesIO()
    with db.begin() as tx:
        write_sheet(target, queries.found(tx, Filter(LINE), limit=None))
    heading, *rows = target.getvalue().decode("utf-8-sig").splitlines()
    assert rows[1] == "1;'=cmd|x;'@unidad;'-cargo;1410;+527222261950;;GOBIERNO;'+nota;05/11/2026"
    assert bring(*rows, heading=heading) == Imported(added=0, changed=0, unchanged=2, removed=0)
