"""What may not be written, and what is asked about before it is (requirements §7, R22)."""

from datetime import date

import pytest
from num2words import num2words

from desk.chats.personal import MustBeSure, personal_data_in
from desk.chats.pins import says_a_pin
from desk.chats.plain import plain, together

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "PIN: 482913",
            "Su PIN es 4819",
            "PIN4829",
            "P I N 4829",
            "p.i.n.: 4829",
            "P\u200bIN 4829",
            "el pin: 4 8 1 9",
        ),
        *(
            "Su número secreto es 4829",
            "su codigo es 4829",
            "Código: 4829",
            "la clave nueva, 4-8-2-9",
            "4829 es su pin",
        ),
        *("el pin nuevo: cuatro ocho dos nueve", "PIN cuarenta y ocho veintinueve", "Su PIN: cuatro mil ochocientos"),
        *("Su clave es\n4\n8\n2\n9", "PIN 4️⃣8️⃣2️⃣9️⃣", "PIN ４８２９", "Su PIN es 1984", "contraseña 48 29"),
    ],
)
def test_a_pin_is_a_pin_however_it_is_written(text):
    assert says_a_pin(text)


@pytest.mark.parametrize(
    "text",
    [
        *("El PIN se da por teléfono. Llame al 2239-3333 y marque 2.", "PIN: llame al +503 2239 3333", "Olvidó su PIN"),
        *("Puede cambiar su PIN desde 2026", "Cambiar el PIN no cuesta $12.50", "Su PIN vence el 20/06/2027", "4829"),
        *("El código postal es de Santa Tecla: 01501", "La opción 2, y luego 1, es la del PIN", "pinta 4829 metros"),
    ],
)
def test_what_only_speaks_of_it_is_none(text):
    assert not says_a_pin(text)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("4829", ["un número de 4 cifras (4829)"]),
        ("cuatro, ocho, dos, nueve", ["un número de 4 cifras (4829)"]),
        ("Cuesta $1500, o 1,500 en efectivo", ["un número de 4 cifras (1500)"]),
        ("A partir de 2027", ["un número de 4 cifras (2027)"]),
        ("Nació el 20/06/1984", ["una fecha que puede ser de nacimiento"]),
        ("20 de junio del 84", ["una fecha que puede ser de nacimiento"]),
        ("veinte de junio de mil novecientos ochenta y cuatro", ["una fecha que puede ser de nacimiento"]),
        ("1984-06-20, DUI 00016297-5", ["una fecha que puede ser de nacimiento", "un DUI"]),
        ("Su DUI: 000162975", ["un DUI"]),
        ("Venga el 24/11/2026 a las 8:00", []),
        ("Atendemos de 7:30 a 15:30, de lunes a viernes", []),
        ("Llame al 2239-3333, o al +503 2239 3333, y marque 2", []),
        ("El cilindro cuesta $12.50", []),
        ("Vea https://ejemplo.gob.sv/2026/requisitos", []),
        ("Buenos días, ¿en qué le ayudo?", []),
    ],
)
def test_what_may_be_somebodys_own_is_seen(text, seen):
    assert personal_data_in(text, "SV", TODAY) == seen


@pytest.mark.parametrize(
    ("text", "country", "seen"),
    [
        ("Su cédula es 1.032.456.789", "CO", ["una cédula"]),
        ("Su cédula es 52345678", "CO", ["una cédula"]),
        ("Llame al 300 123 4567", "CO", []),
        ("Su CURP es BOXW310820HNERXN09", "MX", ["una CURP"]),
        ("Llame al 722 123 4567", "MX", []),
    ],
)
def test_each_country_has_its_documents(text, country, seen):
    assert personal_data_in(text, country, TODAY) == seen


def test_a_text_of_the_line_is_nobodys():
    ready = "Los precios de 2026 se publican cada mes."
    assert personal_data_in(ready, "SV", TODAY, [ready]) == []
    assert personal_data_in(f"{ready} Y 4829.", "SV", TODAY, [ready]) == ["un número de 4 cifras (4829)"]


def test_the_question_tells_all_that_was_seen():
    assert "lleva un DUI, una fecha y una cédula. " in MustBeSure(["un DUI", "una fecha", "una cédula"]).question


@pytest.mark.parametrize("number", [*range(0, 121), 199, 200, 345, 999, 1000, 1001, 1984, 2026, 4829, 9999])
def test_every_number_in_words_is_one_in_figures(number):
    words = num2words(number, lang="es")
    assert together(plain(words)) == str(number), words
