"""Segments: what a text costs, and the cheaper one that says the same."""

import pytest

from core.segments import GSM7, UCS2, Segments, plainer, segments


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("", GSM7, 0, 1),
        ("Su subsidio está listo", UCS2, 22, 1),  # á
        ("¿Qué día? ¡Mañana!", UCS2, 18, 1),  # í
        ("¿Qué fue? ¡Pingüino!", GSM7, 20, 1),
        ("a" * 160, GSM7, 160, 1),
        ("a" * 161, GSM7, 161, 2),
        ("a" * 306, GSM7, 306, 2),
        ("a" * 307, GSM7, 307, 3),
        ("á" * 70, UCS2, 70, 1),
        ("á" * 71, UCS2, 71, 2),
        ("á" * 134, UCS2, 134, 2),
        ("á" * 135, UCS2, 135, 3),
        ("€" * 80, GSM7, 160, 1),
        ("€" * 81, GSM7, 162, 2),
        ("[a]^{b}|~\\", GSM7, 18, 1),
        ("a" * 152 + "€" + "a" * 152, GSM7, 306, 3),  # the sign is not cut: a unit of the first part stays empty
        ("😀" * 35, UCS2, 70, 1),
        ("😀" * 36, UCS2, 72, 2),
        ("😀" * 67, UCS2, 134, 3),  # thirty-three of them in a part, not thirty-three and a half
        ("á€", UCS2, 2, 1),  # two units in GSM-7 alone
        ("ç", UCS2, 1, 1),  # only the capital is in GSM-7
        ("línea\r\n", UCS2, 7, 1),
        ("a\u00a0b", UCS2, 3, 1),
    ],
)
def test_what_a_text_is_paid_as(text, encoding, units, count):
    assert segments(text) == Segments(encoding, units, count)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Su subsidio está aquí: pásese mañana, ¿sí?", "Su subsidio esta aqui: pasese mañana, ¿si?"),
        ("ÁÉÍÓÚÜÑ áéíóúüñ", "AÉIOUÜÑ aéiouüñ"),
        ("e\u0301 a\u0301", "é a"),  # an accent that was written as a letter of its own
        ("«Hola» “dijo” ‘él’ – sí—no…", '"Hola" "dijo" \'él\' - si-no...'),
        ("1.ª y 2.º", "1.a y 2.o"),
        ("a\u00a0b", "a b"),
        ("façade", "facade"),
        ("Listo 😀", "Listo 😀"),
        ("Pague 5 €", "Pague 5 €"),
    ],
)
def test_the_plainer_text_says_the_same(text, plain):
    assert plainer(text) == plain
    assert plainer(plain) == plain


def test_most_spanish_texts_cost_less_in_plainer_letters():
    text = "Subsidio de gas: su depósito ya está en el banco. Puede cobrarlo desde el lunes con su documento en mano."
    assert (segments(text).count, segments(plainer(text)).count) == (2, 1)
