"""Why a campaign is not dialling, in sentences."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from campaigns.rules.hours import Window
from campaigns.rules.why import why_it_waits
from campaigns.states import CampaignState as S
from core.countries import COUNTRIES
from tests.campaigns.builders import moment

PERIOD = Window(COUNTRIES["SV"], last_day=date(2026, 12, 18))
RUNNING: dict[str, Any] = {"starts_at": moment("2026-11-23 00:00"), "next_due": moment("2026-11-23 10:00"), "live": 0}
OPEN = "2026-11-23 10:00"


def why(state: S, now: str, **facts):
    return why_it_waits(state, PERIOD, moment(now), **{**RUNNING, **facts})


@pytest.mark.parametrize(
    ("state", "now", "facts", "code", "sentence", "until"),
    [
        (S.UNDER_REVIEW, OPEN, {}, "not_approved", "Espera que alguien la apruebe.", None),
        (S.RETURNED, OPEN, {}, "returned", "Fue devuelta: espera el archivo corregido.", None),
        (S.PAUSED, OPEN, {}, "paused", "Está pausada: espera que alguien la reanude.", None),
        (
            S.SCHEDULED,
            OPEN,
            {"starts_at": moment("2026-11-30 00:00")},
            "not_started",
            "Empieza el lunes 30/11 08:00.",
            "2026-11-30 08:00",
        ),
        (
            S.RUNNING,
            "2026-11-27 18:30",
            {"next_due": moment("2026-11-27 18:00")},
            "out_of_hours",
            "Fuera de horario legal hasta lunes 30/11 08:00.",
            "2026-11-30 08:00",
        ),
        (
            S.RUNNING,
            OPEN,
            {"next_due": None, "to_validate": 12},
            "validation",
            "Ya se llamó a todos. Quedan 12 datos por validar.",
            None,
        ),
        (
            S.RUNNING,
            "2026-12-19 10:00",  # nor does it matter that its period is over
            {"next_due": None, "to_validate": 1},
            "validation",
            "Ya se llamó a todos. Queda 1 dato por validar.",
            None,
        ),
        (S.RUNNING, "2026-12-19 10:00", {"next_due": None}, "period_over", "El período de la campaña terminó.", None),
        (
            S.RUNNING,
            OPEN,
            {"next_due": moment("2026-11-23 13:00")},
            "retries",
            "Quienes faltan esperan su siguiente intento: el primero, lunes 23/11 13:00.",
            "2026-11-23 13:00",
        ),
        (
            S.RUNNING,
            OPEN,
            {"next_due": moment("2026-11-23 19:00")},  # nobody is called at that hour
            "retries",
            "Quienes faltan esperan su siguiente intento: el primero, martes 24/11 08:00.",
            "2026-11-24 08:00",
        ),
        (
            S.RUNNING,
            OPEN,
            {"cap": 20, "live_on_trunk": 20, "live": 3},
            "cap",
            "Todas las líneas están ocupadas: 20 llamadas de 20.",
            None,
        ),
        (S.RUNNING, OPEN, {"next_due": None, "live": 3}, "last_calls", "Solo quedan 3 llamadas en curso.", None),
        (
            S.RUNNING,
            OPEN,
            {"has_dialer": False},
            "no_dialer",
            "El marcador no está en marcha: no sale ninguna llamada.",
            None,
        ),
    ],
)
def test_one_reason(state, now, facts, code, sentence, until):
    (found,) = why(state, now, **facts)
    assert (found.code, found.sentence) == (code, sentence)
    assert found.until == (moment(until) if until else None)
    assert found.do


@pytest.mark.parametrize(
    ("state", "facts"),
    [
        (S.RUNNING, {}),
        (S.RUNNING, {"cap": 20, "live_on_trunk": 19, "live": 19}),
        (S.RUNNING, {"next_due": None}),
        (S.FINISHED, {}),
        (S.CLOSED, {}),
        (S.CANCELLED, {}),
    ],
)
def test_no_reason_where_all_is_well_or_over(state, facts):
    assert why(state, OPEN, **facts) == []


@pytest.mark.parametrize(("live", "do"), [(1, "Espere a que termine."), (2, "Espere a que terminen.")])
def test_one_call_ends_and_several_end(live, do):
    (found,) = why(S.RUNNING, OPEN, next_due=None, live=live)
    assert found.do == do


def test_of_days_that_were_all_closed_it_is_not_said_that_the_period_is_over():
    closed = frozenset(date(2026, 11, 23) + timedelta(days=n) for n in range(26))
    window = replace(PERIOD, closed=closed)
    found = why_it_waits(S.RUNNING, window, moment("2026-11-23 10:00"), **RUNNING)
    assert [each.code for each in found] == ["all_closed"]
    assert found[0].until == moment("2026-12-18 18:00")
    assert "supervisor" in found[0].do
    after = why_it_waits(S.RUNNING, window, moment("2026-12-18 18:00"), **RUNNING)
    assert [each.code for each in after] == ["period_over"]


def test_the_most_binding_reason_comes_first():
    facts = {"next_due": moment("2026-11-27 20:00"), "cap": 2, "live_on_trunk": 2, "has_dialer": False}
    found = why(S.RUNNING, "2026-11-27 18:30", **facts)
    assert [each.code for each in found] == ["no_dialer", "out_of_hours", "retries", "cap"]


def test_as_the_command_prints_it():
    (found,) = why(S.SCHEDULED, OPEN, starts_at=moment("2026-11-30 00:00"))
    assert found.as_json() == {
        "code": "not_started",
        "sentence": "Empieza el lunes 30/11 08:00.",
        "until": "2026-11-30T14:00:00+00:00",
        "do": "No hay que hacer nada; si no debe empezar, cancélela.",
    }
