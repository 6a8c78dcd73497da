"""What may not be written, and what is asked about before it is (requirements §7, R22)."""

from datetime import date

import pytest
from num2words import num2words

from desk.chats.personal import MustBeSure, personal_data_in
from desk.chats.pins import NEVER_A_PIN, may_be_a_pin, refusal, says_a_pin
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
    "text",
    [
        *("Su PIN de 4 cifras: 4821", "4821 es el que debe usar en la línea como PIN", "PIN es 4/8/2/1", "PIN 48/21"),
        *("Su PIN: 48:21", "El pin es 4 / 8 / 2 / 1", "pin: 4, luego 8, luego 2, luego 1", "PIN 4 y 8 y 2 y 1"),
        *(
            "Anote su clave de la línea, es muy importante que no la comparta con nadie de la casa: 482137",
            "nip 4*8*2*1",
        ),
        *("Su código, el que le dio el sistema cuando llamó, es este: 48213", "Su PIN cambió el 4/8/21"),
        *("La contraseña: cuatro ochenta y dos uno", "El número secreto que pidió va aquí abajo\n\n4821\n\nGuárdelo"),
        *("Con el 4821 ya puede comprar. Es su PIN. Llame al 2237-3333", "PIN 4821 2237-3333", "Su PIN es 1984"),
        "El PIN que dejó en la calle Arce 4821",  # beside the word nothing is the number of a house
    ],
)
def test_with_a_word_for_a_secret_figures_by_themselves_are_one(text):
    assert refusal(text) == NEVER_A_PIN


@pytest.mark.parametrize(
    "text",
    [
        *(
            "4821",
            "4 8 2 1",
            "48-21",
            "48/21",
            "4-8-2-1",
            "cuatro, ocho, dos, uno",
            "Use 4821",
            "Es el 4821 🙂",
            "48:21",
        ),
        *("cuatro mil ochocientos veintiuno", "4️⃣8️⃣2️⃣1️⃣", "Anote: 48 21. Gracias", "Marque 4821 en la línea", "12.50"),
        *("Le sirve 1500", "2026", "¿Anotó el 0821?", "pinta 4829 metros", "El suyo: 4.8.2.1", "4 y 8 y 2 y 1"),
    ],
)
def test_four_figures_alone_are_one(text):
    assert refusal(text) == may_be_a_pin(4)


@pytest.mark.parametrize(
    "text",
    [
        *("Cuesta $1500", "Son $ 1,500.00 en total", "Vale 1500 dólares", "Cuesta 12.50", "Desde 2026 es gratis"),
        *("En noviembre de 2026 se paga", "Venga el 24/11/2026", "Venga el 24/11", "Atendemos de 7:30 a 15:30"),
        *(
            "Abrimos a las 0730 horas",
            "Estamos en la calle Arce, casa 1234",
            "Avenida 5 norte, local 1101, San Salvador",
        ),
        *("Llame al 2237-3333 y marque 2", "Llame al 2237 3333", "+503 2237 3333", "2237.3333", "22373333", "8:30"),
        *("Su DUI: 00016297-5", "NIT 0614-250984-101-3", "Llame al 300 123 4567", "800 696 9696", "(503) 2237-3333"),
        *(
            "Para su PIN llame al 2237-3333, marque 2 y luego 1",
            "Su PIN no cuesta $1500",
            "El PIN se cambia desde 2026",
        ),
        *("Cambie el PIN el 24/11/2026 a las 8:30", "El código postal es 01501", "Vea https://x.gob.sv/2026/precios"),
        *("Atendemos 7:30-15:30", "El PIN se atiende 08:00 – 16:00"),
        *("Los días 10, 12 y 15", "Hay 3 ventanillas y 12 personas", "¿En qué le ayudo?", "El PIN tiene 4 cifras"),
    ],
)
def test_what_is_plainly_something_else_is_none(text):
    assert refusal(text) is None


@pytest.mark.parametrize(
    ("before", "text", "told"),
    [
        (["Le voy a dar su PIN", "Anote, por favor"], "Es este: 48213", NEVER_A_PIN),
        (["Use el 48213 al llamar"], "Ese es su PIN", NEVER_A_PIN),
        (["Su PIN va por partes"], "48/213", NEVER_A_PIN),
        (["48"], "21", may_be_a_pin(4)),
        (["4", "8", "2"], "1.", may_be_a_pin(4)),
        (["Para su PIN llame al 2237-3333", "Con gusto"], "Estamos en la calle Arce, casa 1234", None),
        (["Su PIN se da por teléfono", "Con gusto", "Sí"], "El expediente es 48213", None),
        (["Marque 2", "10"], "Espere 30 minutos", None),
    ],
)
def test_nor_does_one_go_in_several_messages(before, text, told):
    assert refusal(text, before) == told


def test_where_pins_are_longer_so_are_figures_alone():
    assert refusal("Es el 482137", digits=6) == may_be_a_pin(6)
    assert refusal("482", ["137"], digits=6) == may_be_a_pin(6)
    assert refusal("Es el 482137") is None and refusal("Es el 4821", digits=6) is None


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
