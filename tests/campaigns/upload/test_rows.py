"""What is wrong with a row, code by code; what is only worth looking at; and when a request goes back (§5)."""

from datetime import date

import pytest

from campaigns.upload.questions import answers_for

PERSONAL = ("16297", "7123", "4567", "1985", "López")


def said(checked) -> list[tuple[str, str, str | None]]:
    return [(o.code, o.level.value, o.column) for row in checked.rows() for o in row.observations]


@pytest.mark.parametrize(
    ("spoilt", "code", "column"),
    [
        ({"primer_apellido": ""}, "E02", "primer_apellido"),
        ({"telefono_1": ""}, "E02", "telefono_1"),
        ({"fecha_nacimiento": ""}, "E02", "fecha_nacimiento"),
        ({"telefono_1": "7123-456"}, "E06", "telefono_1"),
        ({"telefono_1": "911"}, "E06", "telefono_1"),
        ({"telefono_1": "2237-3333"}, "E06", "telefono_1"),
        ({"numero_documento": "00016297-6"}, "E07", "numero_documento"),
        ({"numero_documento": "00000000-0"}, "E07", "numero_documento"),
        ({"fecha_nacimiento": "01/12/2008"}, "E12", "fecha_nacimiento"),
        ({"tipo_documento": "CARNET"}, "E17", "tipo_documento"),
        ({"fecha_nacimiento": "31/02/1985"}, "E17", "fecha_nacimiento"),
        ({"fecha_nacimiento": "05/03/2985"}, "E17", "fecha_nacimiento"),
        ({"fecha_nacimiento": "05/03/85"}, "E17", "fecha_nacimiento"),
        ({"no_llamar": "tal vez"}, "E17", "no_llamar"),
        ({"primer_nombre": "A" * 61}, "E17", "primer_nombre"),
        ({"tipo_documento": "PAS", "numero_documento": "A0123X56"}, "E16", "numero_documento"),
    ],
)
def test_a_row_in_error_is_kept_and_not_dialled(run, csv_of, person, other, spoilt, code, column):
    checked = run(csv_of({}, [person | spoilt, other]))
    assert said(checked) == [(code, "error", column)]
    first, second = checked.rows()
    assert first.contact is None
    assert second.contact is not None
    assert (checked.recipients, checked.dialled, checked.rows_in_error) == (2, 1, 1)
    assert first.cells[: len(person)] == list((person | spoilt).values())[: len(person)]


@pytest.mark.parametrize(
    ("spoilt", "code", "column"),
    [
        ({"telefono_2": "123"}, "E06", "telefono_2"),
        ({"telefono_2": "71234567"}, "E06", "telefono_2"),
        ({"numero_documento": "162975"}, "E07", "numero_documento"),
        ({"primer_nombre": "=HYPERLINK(0)"}, "E18", "primer_nombre"),
        ({"primer_nombre": "@SUM"}, "E18", "primer_nombre"),
        ({"nota": "+1+1"}, "E18", "nota"),
    ],
)
def test_a_row_with_an_aviso_is_dialled(run, csv_of, person, spoilt, code, column):
    checked = run(csv_of({}, [person | spoilt]))
    assert said(checked) == [(code, "aviso", column)]
    assert not checked.returned
    assert (checked.dialled, checked.rows_with_aviso) == (1, 1)


@pytest.mark.parametrize(
    "changed",
    [
        {"fecha_nacimiento": "30/11/2008"},  # eighteen on the very day
        {"fecha_nacimiento": "1985-03-05"},
        {"telefono_1": "+503 7123-4567", "telefono_2": "2222 3344"},
        {"tipo_documento": "d.u.i."},
        {"no_llamar": "SÍ"},
        {"nota": "-"},
        {"primer_nombre": "José\u00a0Ángel"},
    ],
)
def test_what_people_write_and_is_right(run, csv_of, person, changed):
    assert said(run(csv_of({}, [person | changed]))) == []


@pytest.mark.parametrize("column", ["fecha_nacimiento", "resp_1"])
def test_a_cell_that_a_download_hid_is_said_to_be_one(run, csv_of, person, column):
    asked = {"pregunta_1": "NACIMIENTO_DDMM" if column == "fecha_nacimiento" else "¿Cuántos son en su casa?"}
    checked = run(csv_of({**asked, "pregunta_1_digitos": "1"}, [person | {"resp_1": "4", column: "•••"}]))
    (told,) = [each for row in checked.rows() for each in row.observations if each.column == column]
    assert "archivo con observaciones" in told.message and told.suggestion == "el dato de su archivo original"


def test_the_same_person_again_is_an_error_of_the_later_rows(run, csv_of, person, other):
    again = person | {"id_registro": "3", "numero_documento": "162975", "telefono_1": "7000-0001"}
    checked = run(csv_of({}, [person, other, again]))
    assert ("E08", "error", "numero_documento") in said(checked)
    assert [row.contact is None for row in checked.rows()] == [False, False, True]


def test_a_telephone_of_two_people_is_only_worth_a_look(run, csv_of, person, other):
    checked = run(csv_of({}, [person, other | {"telefono_1": "7000-0001", "telefono_2": "71234567"}]))
    assert said(checked) == [("E08", "aviso", "telefono_2")]


def test_an_identifier_used_twice_is_said(run, csv_of, person, other):
    assert said(run(csv_of({}, [person, other | {"id_registro": "1"}]))) == [("E08", "aviso", "id_registro")]


def test_every_bad_telephone_of_a_row_without_a_good_one_is_said(run, csv_of, person):
    checked = run(csv_of({}, [person | {"telefono_1": "1", "telefono_2": "2"}]))
    assert said(checked) == [("E06", "error", "telefono_1"), ("E06", "error", "telefono_2")]


def test_two_telephones_in_a_cell_are_told_as_two(run, csv_of, person):
    two = {"telefono_1": "7000-0001 / 7000-0002"}
    one_each = "un número en cada columna: telefono_1, telefono_2, telefono_3"
    (found,) = run(csv_of({}, [person | two])).observations()
    assert (found.level, found.message, found.suggestion) == ("error", "Trae más de un número.", one_each)
    (found,) = run(csv_of({}, [person | two | {"telefono_2": "7000-0003"}])).observations()
    assert found.message == "Trae más de un número; no se marcará ninguno."
    (found,) = run(csv_of({}, [person | {"telefono_2": "123"}])).observations()
    assert found.message.endswith("; no se marcará.")


def test_a_missing_column_is_said_once_and_not_on_every_row(run, csv_of, person, other):
    people = [{name: cell for name, cell in row.items() if name != "primer_apellido"} for row in (person, other)]
    checked = run(csv_of({}, people))
    assert [(o.code, o.column) for o in checked.observations()] == [("E02", "primer_apellido")]
    assert checked.returned


def test_a_text_needs_the_cells_that_it_says(run, csv_of, person, other):
    fields = {"mensaje_guion": "Su cita es el {var_1}."}
    with_cell = [person | {"var_1": "lunes"}, other | {"var_1": ""}]
    assert said(run(csv_of(fields, with_cell))) == [("E02", "error", "var_1")]
    assert run(csv_of(fields, [person])).request_observations[0].column == "var_1"


@pytest.mark.parametrize(("bad", "is_returned"), [(0, False), (2, False), (3, True)])
def test_over_five_percent_of_rows_in_error_returns_the_request(run, csv_of, person, bad, is_returned):
    people = [
        person | {"id_registro": str(n), "numero_documento": f"{n:08}-{_check(n)}", "telefono_1": f"7{n:07}"}
        for n in range(1001, 1041)
    ]
    for row in people[:bad]:
        row["telefono_1"] = "no"
    checked = run(csv_of({}, people))
    assert (checked.rows_in_error, checked.returned) == (bad, is_returned)


def _check(number: int) -> str:
    from core.documents import dui_check_digit

    return dui_check_digit(f"{number:08}")


def test_a_contact_is_read_whole(run, csv_of, person):
    row = person | {
        "segundo_nombre": "  María ",
        "telefono_2": "2222-3344",
        "municipio": "Apopa",
        "var_2": "x",
        "zona": "9",
    }
    checked = run(csv_of({}, [row]))
    contact = next(checked.rows()).contact
    assert contact.numero_documento == "000162975"
    assert contact.telefonos == ("+50371234567", "+50322223344")
    assert contact.nombre_completo == "Ana María López"
    assert contact.fecha_nacimiento == date(1985, 3, 5)
    assert contact.variables()["var_2"] == "x"
    assert answers_for(checked.request.preguntas, contact) == ["0503", "2975"]
    assert checked.headings[-1] == "zona"
    assert next(checked.rows()).cells[-1] == "9"


def test_the_cell_is_named_as_the_spreadsheet_names_it(run, xlsx_of, person, other):
    checked = run(xlsx_of({}, [person, other | {"telefono_1": "77"}]), "formato.xlsx")
    (observation,) = checked.observations()
    assert (observation.sheet, observation.row, observation.cell) == ("Contactos", 3, "Contactos!G3")


@pytest.mark.parametrize(
    "spoilt",
    [
        {"telefono_1": "7123-45"},
        {"numero_documento": "00016297-1"},
        {"fecha_nacimiento": "99/03/1985"},
        {"tipo_documento": "7123-4567"},
        {"primer_apellido": "=López"},
        {"telefono_2": "no 7123"},
    ],
)
def test_no_observation_repeats_what_it_speaks_of(run, csv_of, person, spoilt):
    observations = list(run(csv_of({}, [person | spoilt])).observations())
    assert observations
    for observation in observations:
        assert not [value for value in PERSONAL if value in json_of(observation)]


def json_of(observation) -> str:
    return " ".join(str(value) for value in observation.as_json().values())


def test_a_long_list_is_read_again_instead_of_kept(run, csv_of, person, other, monkeypatch):
    monkeypatch.setattr("campaigns.upload.checking.ROWS_KEPT", 1)
    checked = run(csv_of({}, [person, other | {"telefono_1": "1"}]))
    assert [row.contact is None for row in checked.rows()] == [False, True]
    assert [row.contact is None for row in checked.rows()] == [False, True]


def test_cells_beyond_the_headings_are_an_error_of_the_row(run, csv_of, person):
    data = csv_of({}, [person]) + b";x;y"
    assert ("E17", "error", None) in said(run(data))
