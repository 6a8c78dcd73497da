"""What a request of texts becomes: when it texts, from when on, and what approving it plans (R48, R69)."""

from datetime import date

import pytest

from campaigns.receiving import texting_of
from campaigns.states import TEXTS, Texting
from campaigns.upload.checking import check
from tests.campaigns.builders import attempts_of, campaign_row, moment, running, scheduled
from tests.campaigns.upload.conftest import LINES, as_csv, window
from tests.dialer.test_text_rounds import BOTH, ONLY


def asked(**fields: str):
    """A request of voice and text, whatever is wrong with its people."""
    data = as_csv({"canal": "VOZ_Y_SMS", "texto_sms": "Hola", **fields})
    return check(data, "formato.csv", received=date(2026, 11, 16), lines=LINES, window=window).request


@pytest.mark.parametrize(
    ("fields", "texting"),
    [
        ({"canal": "VOZ"}, None),
        ({}, Texting.AFTER_FIRST),
        ({"momento_sms": "SIN_RESPUESTA"}, Texting.AFTER_FIRST),
        ({"momento_sms": "ANTES"}, Texting.BEFORE),
        ({"pais": "CO", "linea": "uariv", "numero_devolucion_llamada": "601 7965150"}, Texting.AFTER_LAST),
        (
            {"pais": "CO", "linea": "uariv", "numero_devolucion_llamada": "601 7965150", "momento_sms": "ANTES"},
            Texting.AFTER_LAST,
        ),
    ],
)
def test_in_colombia_a_text_comes_last_whatever_the_request_says(fields, texting):
    assert texting_of(asked(**fields)) == texting


def test_texts_alone_begin_at_their_hour_and_are_no_calls_to_anybody(db, vault, clock):
    number = running(db, vault, clock, 2, **ONLY)
    with db.begin() as tx:
        row = campaign_row(tx, number)
    assert (row.mode, row.texting, row.caller_id) == (TEXTS, "only", "+50322373333")
    assert {each.channel for each in attempts_of(db, number)} == {"SMS"}
    later = scheduled(db, vault, clock, 2, 10, **ONLY | {"fecha_hora_envio": "01/12/2026 14:30"})
    with db.begin() as tx:
        assert campaign_row(tx, later).starts_at == moment("2026-11-23 10:00"), "approved to begin at once"


def test_of_both_who_is_called_first_is_planned_by_that(db, vault, clock):
    before = running(db, vault, clock, 2, **BOTH, momento_sms="ANTES")
    after = running(db, vault, clock, 2, 10, **BOTH)
    assert {each.channel for each in attempts_of(db, before)} == {"SMS"}
    assert {each.channel for each in attempts_of(db, after)} == {"VOZ"}
