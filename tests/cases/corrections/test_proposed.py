"""What is written of a name before anybody is asked to correct it (R18, type 11)."""

import pytest

from cases.corrections.proposed import LONGEST_NAME, tidied, wrong_with_name

NAMES = (
    "Ana María López de O'Brien",
    "Íñigo Núñez-Güell",
    "Ng",
    "Zoë D'Ávila",
    "María de los Ángeles Hernández viuda de Paz",
    "ANA LÓPEZ",
    "Ñ" + "o" * (LONGEST_NAME - 1),
)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_name(name):
    assert wrong_with_name(name) is None
    assert tidied(name) == name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        *(
            (each, "solo con letras")
            for each in ("Ana 2", "Ana2", "Ana²", "<b>Ana</b>", "=Ana", "Ana;", "Ana\u202eLuz")
        ),
        *((each, "solo con letras") for each in ("Ana_Luz", "Ana, Luz", "Ana\x00", "Ma. López", "Ana@ejemplo")),
        *((each, "completo") for each in ("A", "a", "AAAA", "A a", "- -", "'", "Ana -", "")),
        ("Ana" * LONGEST_NAME, f"más de {LONGEST_NAME}"),
    ],
)
def test_what_is_none_is_said_in_spanish(name, said):
    assert said in (wrong_with_name(name) or "")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ana \t López\n", "Ana López"),
        ("Ana Lo\u0301pez", "Ana López"),
        ("Ana O’Brien", "Ana O'Brien"),
        ("Ana\nDijo otra cosa", "Ana Dijo otra cosa"),
    ],
)
def test_its_letters_and_spaces_are_written_in_one_way(typed, kept):
    assert tidied(typed) == kept
