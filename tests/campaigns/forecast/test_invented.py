"""Of somebody of the list a test call has the shape, and not one name or figure."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.forecast.invented import invented, invented_values, right_answer


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ("Juan Pérez", "Ejemplo Ejemplo"),
        ("$ 9,845.50", "$ 1,234.56"),
        ("12/03/1960", "15/06/2026"),
        ("1960-03-12", "2026-06-15"),
        ("el 12 de marzo de 1960 a las 14:30", "el 12 de marzo de 2026 a las 10:30"),
        ("", ""),
    ],
)
def test_it_sounds_alike(own: str, told: str) -> None:
    assert invented(own) == told


@given(st.from_regex(re.compile(r"([A-Z][a-z]{11,14} ){1,3}[0-9]{5,8}", re.ASCII), fullmatch=True))
def test_no_name_and_no_long_figure_is_left(own: str) -> None:
    *names, figures = own.split()
    told = invented(own)
    assert not set(names) & set(told.split())
    assert told.split()[-1] == "12345678"[: len(figures)]


def test_what_a_person_lacks_is_lacking_here_too() -> None:
    values = {"primer_nombre": "Juan", "nombre_completo": "Juan Pérez", "municipio": "", "var_1": "Santa Tecla"}
    told = invented_values(values)
    assert told["primer_nombre"] == "María" and told["municipio"] == "" and told["var_1"] == "Ejemplo Ejemplo"


@pytest.mark.parametrize(
    ("code", "digits", "keys"), [("NACIMIENTO_DDMM", 4, "0503"), ("DOCUMENTO_ULTIMOS4", 4, "1234"), ("free", 2, "12")]
)
def test_every_question_has_an_answer(code: str, digits: int, keys: str) -> None:
    assert right_answer(code, digits) == keys
