"""A text as whoever it goes to reads it: with their name, how to receive none, and in the letters that were chosen."""

import pytest

from campaigns.forecast.text_costs import text_costs
from campaigns.texting.wording import Wording, closing_of, with_closing
from campaigns.upload.lines_known import LineKnown
from core.segments import segments
from tests.campaigns.builders import campaign_row, submitted
from tests.dialer.test_text_rounds import ONLY

VALUES = {"entidad": "Dirección General", "mes": "noviembre", "numero_devolucion_llamada": "2237-3333"}


@pytest.mark.parametrize(
    ("country", "told"),
    [
        ("SV", "Si no desea recibir mensajes, llame al {numero_devolucion_llamada}."),
        ("CO", "Si no desea recibir mensajes, responda BAJA."),
        ("MX", "Si no desea recibir mensajes, responda BAJA."),
    ],
)
def test_it_ends_with_what_one_can_do_in_the_country(country, told):
    assert closing_of(LineKnown("prueba", country, "Prueba")) == told


def test_a_line_may_say_it_in_its_own_way():
    assert closing_of(LineKnown("prueba", "SV", "Prueba", text_closing="Marque 131.")) == "Marque 131."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Hola", "Hola. Adiós"),
        ("Hola.", "Hola. Adiós"),
        ("¿Vino?", "¿Vino? Adiós"),
    ],
)
def test_both_are_sentences(text, told):
    assert with_closing(text, "Adiós") == told


@pytest.mark.parametrize(
    ("is_plain", "told", "count"),
    [
        (False, "María, de la Dirección General: está listo. Llame al 2237-3333.", 1),
        (True, "Maria, de la Direccion General: esta listo. Llame al 2237-3333.", 1),
    ],
)
def test_a_name_goes_in_the_letters_that_were_chosen(is_plain, told, count):
    wording = Wording(
        "{primer_nombre}, de {entidad}: está listo", "Llame al {numero_devolucion_llamada}.", VALUES, is_plain
    )
    assert wording.to({"primer_nombre": "María"}) == told
    assert segments(told).count == count


def test_what_somebody_wrote_as_their_name_is_no_variable():
    wording = Wording("{primer_nombre}: venga", "Adiós", VALUES)
    assert wording.to({"primer_nombre": "{mes}"}) == "{mes}: venga. Adiós"
    assert wording.to({"primer_nombre": "Ana", "entidad": "Otra", "mes": "enero"}) == "Ana: venga. Adiós"


def test_of_a_long_list_a_part_tells_of_all(db, vault, clock, monkeypatch):
    """Every third person is looked at, and those of whom most is written: the longest text is found all the same."""
    monkeypatch.setattr("campaigns.forecast.text_costs.LOOKED_AT", 20)
    number = submitted(db, vault, clock, 60, **ONLY).id
    with db.begin() as tx:
        row = campaign_row(tx, number)
        some = text_costs(tx, vault, clock.now(), row, None)
        monkeypatch.setattr("campaigns.forecast.text_costs.LOOKED_AT", 5_000)
        every = text_costs(tx, vault, clock.now(), row, None)
    assert some and every
    assert (some.texts, some.is_exact, every.is_exact) == (60, False, True)
    assert len(some.written.longest) == len(every.written.longest)
    assert abs(some.written.each - every.written.each) < 0.25
    assert some.cost(some.sent) is None
