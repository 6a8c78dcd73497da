"""Headings that are not ours: what they seem to be, and what a person makes of them."""

from io import BytesIO

import pytest

from campaigns.intake.mapping import apply, are_a_persons, guess, needs_a_person, remember, remembered
from campaigns.upload.reading import read_upload
from campaigns.upload.vocabulary import CONTACT_COLUMNS, REQUIRED_COLUMNS


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("primer_nombre", "primer_nombre"),
        ("Primer Nombre*", "primer_nombre"),
        ("NOMBRES", "primer_nombre"),
        ("cédula", "numero_documento"),
        ("No. de Cédula", "numero_documento"),
        ("DUI", "numero_documento"),
        ("Num Doc", "numero_documento"),
        ("Nro. documento de identidad", "numero_documento"),
        ("Tipo doc.", "tipo_documento"),
        ("celular", "telefono_1"),
        ("Tel", "telefono_1"),
        ("Teléfono fijo", "telefono_2"),
        ("Tel. casa", "telefono_1"),
        ("fec nac", "fecha_nacimiento"),
        ("F. de nacimiento", "fecha_nacimiento"),
        ("Apellido paterno", "primer_apellido"),
        ("Apelidos", "primer_apellido"),
        ("Apellido Materno", "segundo_apellido"),
        ("e-mail", "correo"),
        ("Depto.", "departamento"),
        ("Mpio", "municipio"),
        ("Consecutivo", "id_registro"),
        ("var_3", "var_3"),
        ("Monto del subsidio", None),
        ("Nombre completo", None),  # no first name: what it says would be said to somebody
        ("", None),
    ],
)
def test_what_a_heading_seems_to_be(heading, column):
    assert guess([heading]).get(0) == column


def test_no_column_is_given_twice_and_an_exact_name_goes_first():
    assert guess(["celular", "telefono_1", "tel", "móvil", "whatsapp"]) == {
        0: "telefono_2",
        1: "telefono_1",
        2: "telefono_3",
    }


def test_every_heading_of_the_formato_is_itself():
    assert guess(CONTACT_COLUMNS) == dict(enumerate(CONTACT_COLUMNS))
    assert apply(CONTACT_COLUMNS, guess(CONTACT_COLUMNS)) == CONTACT_COLUMNS
    assert not needs_a_person(CONTACT_COLUMNS)


def test_what_was_chosen_for_another_is_set_aside_and_kept():
    said = {0: "telefono_1", 1: "numero_documento"}
    assert apply(["celular", "cédula", "telefono_1", "monto"], said) == (
        "telefono_1",
        "numero_documento",
        "telefono_1 (sin usar)",
        "monto",
    )


@pytest.mark.parametrize(
    ("headings", "needed"),
    [
        (CONTACT_COLUMNS, False),
        ((*REQUIRED_COLUMNS, "monto"), False),
        (REQUIRED_COLUMNS[:-1], False),  # nothing that could be the missing one: the check says so
        ((*REQUIRED_COLUMNS[:-1], "celular"), True),
        (("cédula", "nombres"), True),
    ],
)
def test_when_a_person_is_asked(headings, needed):
    assert needs_a_person(headings) == needed


def test_an_area_is_asked_once_what_it_calls_what(db, clock):
    headings = ["folio", "afiliado", "cel"]
    with db.begin() as tx:
        remember(tx, clock.now(), "Registro Social", "ana@x.example", headings, {0: "id_registro", 1: "primer_nombre"})
        remember(tx, clock.now(), "REGISTRO SOCIAL", "ana@x.example", ["monto"], {})
        known = remembered(tx, "registro social")
        assert remembered(tx, "Otra área") == {}
    assert known == {"folio": "id_registro", "afiliado": "primer_nombre", "cel": "", "monto": ""}
    assert guess(["AFILIADO", "Folio", "cel"], known) == {0: "primer_nombre", 1: "id_registro"}


FILE = (
    "#formato_version;V1\n#area_misional;Registro\n\nLista de marzo\n"
    "No.;Tipo Doc;Cédula;Nombres;Apellidos;Celular\n1;DUI;00016297-5;Ana;Rivas;71234567\n"
)


def test_the_file_is_read_under_the_names_that_were_said():
    as_written = read_upload(FILE.encode(), "lista.csv", ())
    assert as_written.headings == ("No.", "Tipo Doc", "Cédula", "Nombres", "Apellidos", "Celular")
    headings = apply(as_written.headings, guess(as_written.headings))
    assert set(headings) == set(REQUIRED_COLUMNS)
    upload = read_upload(FILE.encode(), "lista.csv", headings)
    assert upload.headings == headings
    assert [dict(zip(headings, cells, strict=True))["primer_nombre"] for _, cells in upload.rows()] == ["Ana"]


def test_an_empty_formato_can_be_had_as_a_book_and_as_a_csv():
    from campaigns.template import blank_csv, template

    book = BytesIO()
    template(book)
    for data, name in ((book.getvalue(), "formato.xlsx"), (blank_csv(), "formato.csv")):
        upload = read_upload(data, name)
        assert not needs_a_person(upload.headings)
        assert guess(upload.headings) == dict(enumerate(CONTACT_COLUMNS))
        assert [field.value for field in upload.fields if field.name == "formato_version"] == ["V1"]
        assert list(upload.rows()) == []


@pytest.mark.parametrize(
    ("headings", "is_so"),
    [
        (["R-000001", "DUI", "00016297-5", "Ana", "López", "05/03/1960", "7123-4567"], True),
        (["1", "DUI", "000162975", "Ana", "López", "no", "+503 7123 4567"], True),
        (["Ana", "ana@ejemplo.org"], True),
        (["PEPG850101HDFRRL09", "Pedro"], True),
        (["Cédula", "Nombre", "Celular", "01/11/2026"], False),  # a column of the month
        (["Num. doc", "Nombres", "Teléfono casa", "Cuota 2026-11"], False),
        (["Quién", "Cuál", "Dónde"], False),  # nobody knows them, and they are nobody's
    ],
)
def test_a_row_of_somebodys_data_is_no_row_of_headings(headings, is_so):
    assert are_a_persons(headings) is is_so


def test_what_looks_like_somebodys_is_not_remembered(db, clock):
    headings = ["Cédula", "Ana", "7123-4567", "ana@ejemplo.org", "05/03/1960"]
    with db.begin() as tx:
        remember(tx, clock.now(), "Operaciones", "ana@subsidios.example", headings, {0: "numero_documento"})
        assert remembered(tx, "Operaciones") == {"cedula": "numero_documento", "ana": ""}
