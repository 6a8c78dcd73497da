"""Syllables and ease."""

import pytest

from prompts.reading import ease, syllables


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("PIN", 1), ("DUI", 1), ("y", 1), ("muy", 1), ("hoy", 1), ("que", 1), ("guion", 1), ("bien", 1),
        ("día", 2), ("oír", 2), ("aún", 2), ("guía", 2), ("agua", 2), ("ley", 1), ("leyes", 2), ("cuatro", 2),
        ("ciudad", 2), ("caos", 2), ("leer", 2), ("ahí", 2), ("hay", 1), ("ayuda", 3), ("ahora", 3), ("aéreo", 4),
        ("teléfono", 4), ("subsidio", 3), ("pingüino", 3), ("veintiséis", 3), ("persona", 3), ("búho", 2),
        ("energía", 4), ("eléctrica", 4), ("beneficiario", 5), ("automática", 5), ("ISSEMYM", 3), ("quiere", 2),
    ],
)  # fmt: skip
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("Su PIN es nuevo.", 206.835 - 62.3 * 5 / 4 - 4),
        ("Sí. No. Ya está.", 206.835 - 62.3 * 5 / 4 - 4 / 3),
        ("Marque uno, por favor", 206.835 - 62.3 * 7 / 4 - 4),
    ],
)
def test_ease_is_szigriszt_pazos(text: str, score: float) -> None:
    assert ease(text) == pytest.approx(score)


@pytest.mark.parametrize("text", ["", ". , …", "1234"])
def test_without_words_there_is_no_ease(text: str) -> None:
    assert ease(text) is None


def test_office_language_is_not_easy() -> None:
    official = (
        "Consecuentemente, la verificación documental correspondiente a la solicitud administrativa interpuesta "
        "será realizada oportunamente por funcionarios especializados."
    )
    assert (ease(official) or 0) < 20
