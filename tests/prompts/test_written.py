"""What fits in an SMS."""

import pytest

from prompts.written import gsm7_length, is_gsm7, to_gsm7


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("Dirección General", "Direccion General"),
        ("año, pingüino, qué, ¿sí?", "año, pingüino, qué, ¿si?"),
        ("«hola» – adiós…", '"hola" - adios...'),
        ("ÁÉÍÓÚ", "AÉIOU"),
        ("日😀", "??"),
    ],
)
def test_the_nearest_text_in_the_alphabet_of_an_sms(text: str, nearest: str) -> None:
    assert to_gsm7(text) == nearest
    assert is_gsm7(nearest)
    assert is_gsm7(text) == (text == nearest)


@pytest.mark.parametrize(("text", "length"), [("hola", 4), ("[a]", 5), ("10 €", 5)])
def test_the_extension_takes_two(text: str, length: int) -> None:
    assert gsm7_length(text) == length
