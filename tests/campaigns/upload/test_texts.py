"""Variables in texts, days and hours as people write them, masks, and SMS segments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.upload.observations import cell_name, mask_cell
from campaigns.upload.texts import ALL_VARIABLES, fill, personal_variables, unknown_variables
from campaigns.upload.values import parse_date, parse_days, parse_hour, parse_whole, parse_yes_no


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Hola {primer_nombre}, {mes}", []),
        ("{var_1}{var_12}", []),
        ("{var_0} {Mes} {}", ["var_0", "Mes", ""]),
        ("{mes", ["{"]),
        ("mes}", ["}"]),
    ],
)
def test_what_stands_between_braces_must_be_known(text, unknown):
    assert unknown_variables(text, ALL_VARIABLES) == unknown


def test_a_first_name_is_not_personal_and_the_rest_is():
    assert personal_variables("{primer_nombre} {entidad}") == []
    assert personal_variables("{nombre_completo} {municipio} {var_3}") == ["nombre_completo", "municipio", "var_3"]


def test_filling_leaves_nothing_where_nothing_is_known_and_looks_into_no_value():
    assert fill("Hola {primer_nombre} {x}, {mes}.", {"primer_nombre": "{mes}", "mes": "mayo"}) == "Hola {mes} , mayo."


@pytest.mark.parametrize(
    ("text", "entity", "said"),
    [
        (
            "Le llamamos de {entidad}.",
            "Dirección General de Subsidios",
            "Le llamamos de la Dirección General de Subsidios.",
        ),
        ("Le llamamos de {entidad}.", "Ministerio de Salud", "Le llamamos del Ministerio de Salud."),
        ("Llame a {entidad}.", "Instituto de Seguridad", "Llame al Instituto de Seguridad."),
        ("Gracias de la {entidad}.", "Dirección General", "Gracias de la Dirección General."),
        ("Mensaje del {entidad}.", "Ministerio de Salud", "Mensaje del Ministerio de Salud."),
        ("Hola. {entidad} le informa.", "Unidad de Víctimas", "Hola. La Unidad de Víctimas le informa."),
        ("Le llamamos de {entidad}.", "una institución pública", "Le llamamos de una institución pública."),
        ("Le llamamos de {entidad}.", "ISSEMYM", "Le llamamos de ISSEMYM."),
        ("({entidad})", "ISSEMYM", "(ISSEMYM)"),
    ],
)
def test_an_institution_is_named_with_its_article(text, entity, said):
    assert fill(text, {"entidad": entity}) == said


@given(st.text(alphabet="{}ab _1", max_size=40))
def test_filling_never_fails(text):
    assert isinstance(fill(text, {"a": "b"}), str)


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("L-V,S", {0, 1, 2, 3, 4, 5}),
        ("l-v", {0, 1, 2, 3, 4}),
        ("L,M,X", {0, 1, 2}),
        ("MA,MI", {1, 2}),
        ("Lunes a miércoles y sábado", {0, 1, 2, 5}),
        ("V-L", None),
        ("L-M-X", None),
        ("todos", None),
        ("", None),
    ],
)
def test_days_as_offices_write_them(written, days):
    assert parse_days(written) == days


@pytest.mark.parametrize(
    ("parse", "written"), [(parse_date, "1/2/26"), (parse_date, "2026-13-01"), (parse_hour, "24:00")]
)
def test_what_would_be_a_guess_is_refused(parse, written):
    assert parse(written) is None


def test_yes_no_and_numbers():
    assert [parse_yes_no(text) for text in ("Sí", "no", "N", "0")] == [True, False, False, None]
    assert [parse_whole(text, 1, 9) for text in ("9", "10", "²", "-1")] == [9, None, None, None]


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("telefono_1", "7123-4567", "••••-••67"),
        ("telefono_1", "911", "•••"),
        ("numero_documento", "00016297-5", "00•••••-•"),
        ("fecha_nacimiento", "05/03/1985", "•••"),
        ("resp_1", "4", "•••"),
        ("var_1", "algo", "•••"),
        ("primer_nombre", "Ana", "A•••"),
        ("tipo_documento", "CARNET 7123", "CARNET ••••"),
        ("zona propia", "algo", "•••"),
        ("correo", "", ""),
    ],
)
def test_masks_agree_with_the_house(column, value, shown):
    assert mask_cell(column, value) == shown


@pytest.mark.parametrize(("index", "name"), [(0, "A"), (5, "F"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_a_cell_is_named_by_letters(index, name):
    assert cell_name("Contactos", index, 12) == f"Contactos!{name}12"
