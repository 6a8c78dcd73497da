"""The rounds of a trunk's texts: beside its calls, under one lease, at a pace of their own and without a cap."""

import pytest

from campaigns.outcomes import Outcome
from campaigns.states import Channel
from carrier.client import NotAsked, Placed, Refused, Unknown
from carrier.placing import Order
from carrier.texting import TextOrder
from dialer.pace import Pace
from dialer.round import Round
from tests.campaigns.builders import attempts_of, people_of, running, set_campaign
from tests.dialer.builders import URL, Switch, held
from tests.trunks import a_trunk, in_use

ONLY = {
    "canal": "SMS",
    "fecha_hora_envio": "30/11/2026 08:00",
    "texto_sms": "Hola {primer_nombre}",
    "requiere_preguntas_seguridad": "NO",
    **dict.fromkeys(
        ("mensaje_guion", "mensaje_buzon", "pregunta_1", "pregunta_2", "aviso_privacidad", "fecha_inicio"), ""
    ),
    **dict.fromkeys(("recolectar_1", "recolectar_1_opciones"), ""),
}
BOTH = {"canal": "VOZ_Y_SMS", "texto_sms": "Hola {primer_nombre}"}


@pytest.fixture
def both(db, vault, clock):
    """(the rounds of its calls, those of its texts), with what each released."""

    def made(cap: int = 20, pace: float = 1000):
        trunk = a_trunk(calls_per_second=1000, texts_per_second=pace, max_live_calls=cap)
        calls, texts = Switch(), Switch()
        known = (db, vault, clock, in_use(trunk), trunk, held(db))
        first = Round(*known, Pace(1000), URL, calls)
        second = Round(*known, Pace(pace), URL, texts, Channel.TEXT, first)
        return first, second, calls, texts

    return made


def test_texts_are_released_by_their_own_rounds_alone(db, vault, clock, both):
    campaign_id = running(db, vault, clock, 3, **ONLY)
    first, second, calls, texts = both()
    assert first.run() == 0 and first.has_texts
    assert second.run() == 3
    assert calls.orders == [] and all(isinstance(each, TextOrder) for each in texts.orders)
    (order, *_) = texts.orders
    row = attempts_of(db, campaign_id)[0]
    assert order.body == "Hola Ana. Si no desea recibir mensajes, llame al 2237-3333."
    assert (order.sender, order.status_url.partition("#")[0]) == (
        "+50322373333",
        f"{URL}/messaging/attempt?attempt={row.id}",
    )
    assert order.body not in repr(order) and order.to not in repr(order)


def test_of_a_campaign_of_both_each_goes_its_own_way(db, vault, clock, both):
    running(db, vault, clock, 2, **BOTH, momento_sms="ANTES")
    running(db, vault, clock, 2, 10, **BOTH)
    first, second, calls, texts = both()
    assert (first.run(), second.run()) == (2, 2)
    assert all(isinstance(each, Order) for each in calls.orders)
    assert {each.to for each in calls.orders}.isdisjoint(each.to for each in texts.orders)


def test_no_cap_holds_a_text_and_no_text_takes_a_line(db, vault, clock, both):
    running(db, vault, clock, 5, **ONLY)
    running(db, vault, clock, 5, 10)
    first, second, _, texts = both(cap=2)
    assert (first.run(), second.run()) == (2, 5)
    texts.answer(*(Placed(f"SM{n}") for n in range(5)))
    second.store_answers()
    first.run()
    assert first.live == 2


def test_their_pace_is_their_own(db, vault, clock, both):
    running(db, vault, clock, 50, **ONLY)
    first, second, _, _ = both(pace=4)
    first.run()
    assert second.run() == 2  # a quarter of a second is claimed ahead
    second.change(a_trunk(texts_per_second=1000))
    assert second.pace.calls_per_second == 1000


def test_what_comes_of_asking_is_one_of_four(db, vault, clock, both):
    campaign_id = running(db, vault, clock, 4, **ONLY)
    first, second, _, texts = both()
    first.run()
    second.run()
    texts.answer(Placed("SM1"), Unknown(), NotAsked(), Refused(21614, is_ours=False))
    second.store_answers()
    rows = {each.phone: each for each in attempts_of(db, campaign_id)}
    states = [each.state for each in attempts_of(db, campaign_id)[:4]]
    assert states == ["placed", "unknown", "due", "ended"]
    ended = attempts_of(db, campaign_id)[3]
    assert (ended.outcome, ended.refused_code) == (Outcome.TEXT_UNDELIVERED, 21614)
    last = people_of(db, campaign_id)[3]
    assert last.spent == 1 and rows[1].channel == "SMS", "the fourth person has another telephone"


def test_where_the_account_is_refused_both_rest(db, vault, clock, both):
    running(db, vault, clock, 2, **ONLY)
    first, second, _, texts = both()
    first.run()
    second.run()
    texts.answer(Refused(20003, is_ours=True), Refused(20003, is_ours=True))
    second.store_answers()
    assert first.rest.is_on() and second.rest.is_on()
    assert first.run() == second.run() == 0


def test_what_was_chosen_in_plain_letters_goes_so(db, vault, clock, both):
    campaign_id = running(db, vault, clock, 1, 1, **ONLY | {"texto_sms": "{primer_nombre}: está listo"})
    set_campaign(db, campaign_id, is_plain_text=True)
    first, second, _, texts = both()
    first.run()
    second.run()
    assert texts.orders[0].body.startswith("Maria: esta listo")
