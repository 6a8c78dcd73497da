"""What the ear gets for each number, telephone, date, hour and amount."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from prompts import speech


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "cero"),
        (21, "veintiuno"),
        ("24", "veinticuatro"),
        (101, "ciento uno"),
        (1000, "mil"),
        (2026, "dos mil veintiséis"),
        (21_000, "veintiún mil"),
        (31_021, "treinta y un mil veintiuno"),
        (101_000, "ciento un mil"),
        (1_001_000, "un millón mil"),
        (21_000_000, "veintiún millones"),
    ],
)
def test_a_number_is_said_as_spanish_says_it(value: object, words: str) -> None:
    assert speech.number(value) == words


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ("4819", "cuatro, ocho, uno, nueve"),
        ("0073", "cero, cero, siete, tres"),
        ("481907", "cuatro, ocho, uno… nueve, cero, siete"),
        ("00016297-5", "cero, cero, cero… uno, seis, dos… nueve, siete, cinco"),
        ("12345", "uno, dos… tres, cuatro, cinco"),
    ],
)
def test_figures_are_said_one_by_one_in_groups_of_two_to_four(figures: str, words: str) -> None:
    assert speech.digits(figures) == words


@pytest.mark.parametrize(
    ("number", "country", "words", "written"),
    [
        ("+50322373333", "SV", "dos, dos, tres, siete… tres, tres, tres, tres", "2237-3333"),
        ("2237-3333", "SV", "dos, dos, tres, siete… tres, tres, tres, tres", "2237-3333"),
        ("131", "SV", "uno, tres, uno", "131"),
        ("+576014261111", "CO", "seis, cero, uno… cuatro, dos, seis… uno, uno, uno, uno", "601 426 1111"),
        ("+527222261950", "MX", "siete, dos, dos… dos, dos, seis… uno, nueve, cinco, cero", "722 226 1950"),
        ("800 466 3786", "MX", "ocho, cero, cero… cuatro, seis, seis… tres, siete, ocho, seis", "800 466 3786"),
        ("*2232", "MX", "asterisco, dos… dos, tres, dos", "*2 232"),
        (
            "+50322373333",
            "CO",
            "más, cinco, cero, tres… dos, dos, tres, siete… tres, tres, tres, tres",
            "+503 2237 3333",
        ),
        ("+13055550100", "SV", "más, uno… tres, cero, cinco… cinco, cinco, cinco… cero, uno, cero, cero", None),
        ("+34910000100", "SV", "más, tres, cuatro… nueve, uno, cero… cero, cero, cero… uno, cero, cero", None),
        ("+50255550100", "SV", "más, cinco, cero, dos… cinco, cinco, cinco, cinco… cero, uno, cero, cero", None),
    ],
)
def test_a_telephone_is_said_in_the_groups_of_its_country(
    number: str, country: str, words: str, written: str | None
) -> None:
    assert speech.phone(number, country) == words
    if written:
        assert speech.phone_figures(number, country) == written


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (date(2026, 5, 1), "primero de mayo de dos mil veintiséis"),
        (date(2026, 3, 12), "doce de marzo de dos mil veintiséis"),
        (date(1960, 12, 31), "treinta y uno de diciembre de mil novecientos sesenta"),
        ("2026-09-21", "veintiuno de septiembre de dos mil veintiséis"),
        (datetime(2026, 1, 2, 23, 59, tzinfo=UTC), "dos de enero de dos mil veintiséis"),
    ],
)
def test_a_date_is_said_whole(value: object, words: str) -> None:
    assert speech.day(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("00:00", "las doce de la noche"),
        ("01:00", "la una de la madrugada"),
        ("06:05", "las seis y cinco de la mañana"),
        ("07:30", "las siete y media de la mañana"),
        (time(12, 0), "las doce del mediodía"),
        ("13:00", "la una de la tarde"),
        (datetime(2026, 11, 23, 15, 30, tzinfo=UTC), "las tres y media de la tarde"),
        ("18:59", "las seis y cincuenta y nueve de la tarde"),
        ("19:00", "las siete de la noche"),
    ],
)
def test_an_hour_is_said_of_twelve_with_its_part_of_the_day(value: object, words: str) -> None:
    assert speech.hour(value) == words


@pytest.mark.parametrize(
    ("amount", "country", "words"),
    [
        ("8.04", "SV", "ocho dólares con cuatro centavos"),
        (1, "SV", "un dólar"),
        (Decimal("0.50"), "SV", "cincuenta centavos"),
        ("0.01", "SV", "un centavo"),
        (0, "SV", "cero dólares"),
        ("21.21", "SV", "veintiún dólares con veintiún centavos"),
        (8.1, "SV", "ocho dólares con diez centavos"),
        ("101", "SV", "ciento un dólares"),
        (1_000_000, "CO", "un millón de pesos"),
        (2_500_000, "CO", "dos millones quinientos mil pesos"),
        (31_000, "MX", "treinta y un mil pesos"),
        ("1.005", "MX", "un peso con un centavo"),
    ],
)
def test_money_is_said_in_the_currency_of_the_country(amount: object, country: str, words: str) -> None:
    assert speech.money(amount, country) == words


@pytest.mark.parametrize(
    ("say", "arguments"),
    [
        (speech.number, ["doce"]),
        (speech.number, ["1.5"]),
        (speech.number, ["NaN"]),
        (speech.digits, [4819]),  # a number has lost its zeros
        (speech.digits, ["48a9"]),
        (speech.digits, [""]),
        (speech.phone, ["sin teléfono", "SV"]),
        (speech.phone, ["+", "SV"]),
        (speech.phone, ["+1", "SV"]),
        (speech.phone, ["22373333", "XX"]),
        (speech.day, ["2026-02-30"]),
        (speech.day, [20260501]),
        (speech.hour, ["25:00"]),
        (speech.hour, [7]),
        (speech.money, ["-1", "SV"]),
        (speech.money, ["1e30", "SV"]),
        (speech.money, ["1", "XX"]),
    ],
)
def test_what_cannot_be_said_is_a_value_error(say: Any, arguments: list[object]) -> None:
    with pytest.raises(ValueError):
        say(*arguments)


@pytest.mark.parametrize(
    ("shouted", "name"),
    [
        ("JOSÉ", "José"),
        ("maría josé", "María José"),
        ("MARÍA DE LOS ÁNGELES", "María de los Ángeles"),
        ("ANA-LUZ", "Ana-Luz"),
        ("  IRMA   NOEMÍ ", "Irma Noemí"),
        ("McArthur", "McArthur"),
        ("DEL", "Del"),
        ("ÍÑIGO", "Íñigo"),
    ],
)
def test_a_name_is_not_shouted(shouted: str, name: str) -> None:
    assert speech.given_name(shouted) == name


@pytest.mark.parametrize(
    ("hour", "minute", "greeting", "farewell"),
    [
        (0, 0, "buenos días", "buen día"),
        (11, 59, "buenos días", "buen día"),
        (12, 0, "buenas tardes", "buena tarde"),
        (18, 59, "buenas tardes", "buena tarde"),
        (19, 0, "buenas noches", "buena noche"),
        (23, 59, "buenas noches", "buena noche"),
    ],
)
def test_we_greet_by_the_hour_where_the_person_is(hour: int, minute: int, greeting: str, farewell: str) -> None:
    local = datetime(2026, 11, 23, hour, minute, tzinfo=UTC)
    assert (speech.greeting(local), speech.farewell(local)) == (greeting, farewell)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Dirección General de Subsidios", "la Dirección General de Subsidios"),
        ("INSTITUTO NACIONAL", "el INSTITUTO NACIONAL"),
        ("la Dirección General", "la Dirección General"),
        ("una institución pública", "una institución pública"),
        ("ISSEMYM", "ISSEMYM"),
        ("", ""),
    ],
)
def test_an_institution_that_calls_has_its_article(name: str, said: str) -> None:
    assert speech.with_article(name) == said


def test_the_answers_of_a_question_come_before_their_keys() -> None:
    said = speech.spoken_options({"1": "Sí", "2": "No", "3": "No sé"})
    assert said == "Para sí, marque uno. Para no, marque dos. Para no sé, marque tres."


def test_an_answer_that_is_a_name_keeps_its_capital() -> None:
    said = speech.spoken_options({"1": "San Salvador", "2": "Noroeste"})
    assert said == "Para San Salvador, marque uno. Para Noroeste, marque dos."


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("2026-11-26", "hoy"),
        ("2026-11-27", "mañana"),
        ("2026-11-30", "el lunes treinta de noviembre"),
        ("2026-12-01", "el martes primero de diciembre"),
    ],
)
def test_a_day_to_come(then: str, said: str) -> None:
    assert speech.day_from(date.fromisoformat(then), date(2026, 11, 26)) == said
