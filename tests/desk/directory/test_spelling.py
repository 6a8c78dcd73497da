"""Names as keys of a telephone, and words without their accents."""

import pytest

from core.folding import fold, searched
from desk.directory.spelling import keyed


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("José  Ñáñez", "jose nanez"),
        ("GARCÍA-LÓPEZ, Ma. del Carmen", "garcia lopez ma del carmen"),
        ("O'Higgins", "ohiggins"),
        ("Jørgen Müßig", "jorgen mussig"),
        ("n\u0303andu", "nandu"),
        ("  ", ""),
        ("';--", ""),
    ],
)
def test_accents_case_and_signs_are_no_difference(written, folded):
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("Ana López", ["262", "56739"]),
        ("Íñigo Muñoz", ["46446", "68669"]),
        ("abc def ghi jkl mno pqrs tuv wxyz", ["222", "333", "444", "555", "666", "7777", "888", "9999"]),
        ("Módulo 3 B12", ["663856", "2"]),
        ("1415050", []),
    ],
)
def test_every_word_becomes_keys(name, keys):
    assert keyed(name) == keys


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("Muñoz ext 1415050", ["munoz", "ext", "1415050"]),
        ("2237-3333", ["22373333"]),
        ("722 226 1950", ["7222261950"]),
        ("ana ANA", ["ana"]),
        (" ".join(f"w{n}" for n in range(100)), [f"w{n}" for n in range(60)]),
    ],
)
def test_a_question_is_its_words(asked, words):
    assert searched(asked) == words
