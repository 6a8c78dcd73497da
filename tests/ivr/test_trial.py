"""A test call: what the coordinator hears of her campaign, and that it leaves nothing behind."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
import responses
from sqlalchemy import Row, func, select

from assembly import Parts, calls_of_others
from campaigns.forecast import trial
from campaigns.forecast.tables import test_call as trials
from campaigns.forecast.trial import CannotTest, TrialState
from campaigns.submission import submit
from campaigns.tables import attempt, campaign, exclusion, recipient
from carrier.local.in_process import Transcript, run_call
from carrier.local.line import ScriptedLine
from cases.tables import claim
from core.audit import audit
from demo.invent import citizen, formato
from desk import arriving
from desk.tables import promise, room
from ivr import trial as placing
from ivr.tables import call
from tests.ivr.people import nobody_attends
from tests.webhooks import Webhooks

HERS = "+50379990000"
ANA = "ana@subsidios.example"


@pytest.fixture
def number(parts: Parts) -> int:
    """A campaign of three invented people with the questions of every day, under review."""
    data = formato([citizen(n) for n in range(3)])
    return submit(parts.db, parts.vault, parts.clock, parts.campaign_lines, ANA, "lista.csv", data).id


@pytest.fixture
def carrier(parts: Parts) -> Iterator[responses.RequestsMock]:
    """Twilio's own answer to a call that is asked for."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        trunk = parts.settings.trunks.first
        address = f"{trunk.api_url}/2010-04-01/Accounts/{trunk.account_sid}/Calls.json"
        wire.post(address, json={"sid": "CA" + "7" * 32}, status=201)
        yield wire


def want(parts: Parts, campaign_id: int, written: str = HERS, account_id: int = 1) -> int:
    with parts.db.begin() as tx:
        row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).one()
        first = tx.execute(select(func.min(recipient.c.row))).scalar_one()
        return trial.want(tx, parts.vault, parts.clock.now(), row, first, account_id, ANA, written)


def row_of(parts: Parts, test_id: int) -> Row:
    with parts.db.begin() as tx:
        return tx.execute(select(trials).where(trials.c.id == test_id)).one()


def answered(parts: Parts, webhooks: Webhooks, test_id: int, keys: Sequence[str]) -> Transcript:
    """She answers, and presses these."""
    transcript = asyncio.run(
        run_call(
            from_="+50322373333",
            to=HERS,
            fetch=webhooks,
            line=ScriptedLine(list(keys)),
            url=f"{webhooks.public_url}/voice/outbound?test={test_id}",
            direction="outbound-api",
            call_sid="CA" + "7" * 32,
        )
    )
    over = {"CallSid": transcript.call_sid, "From": "+50322373333", "To": HERS, "CallStatus": "completed"}
    webhooks.post(f"{webhooks.public_url}/voice/status?test={test_id}", over | {"CallDuration": "61"})
    return transcript


def right_keys(parts: Parts, campaign_id: int) -> list[str]:
    with parts.db.begin() as tx:
        row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).one()
        return [keys for _, keys in trial.answers_of(tx, parts.vault, parts.clock.now(), row)]


def counts(parts: Parts) -> dict[str, int]:
    """What a call of the campaign would have left."""
    asked = {
        "attempts": select(func.count()).select_from(attempt),
        "exclusions": select(func.count()).select_from(exclusion),
        "rooms": select(func.count()).select_from(room),
        "collected": select(func.count()).where(recipient.c.collected_sealed.is_not(None)),
        "claims": select(func.count()).select_from(claim),
        "promises": select(func.count()).select_from(promise),
        "called": select(func.count()).where(recipient.c.attempts > 0),
        "her_number": select(func.count()).where(call.c.citizen_sealed.is_not(None)),
        "counted_calls": select(func.count()).where(call.c.direction != "test"),
    }
    with parts.db.begin() as tx:
        return {name: tx.execute(query).scalar_one() for name, query in asked.items()}


def test_she_hears_the_whole_campaign_about_nobody(parts, webhooks, number, carrier) -> None:
    test_id = want(parts, number)
    placing.place(parts.world, test_id)
    heard = answered(parts, webhooks, test_id, ["1", *right_keys(parts, number), "", "1"])
    said = " ".join(heard.heard)
    assert "¿Hablo con María?" in said
    assert "Gracias" in said
    for real in (citizen(n) for n in range(3)):
        assert real.surname not in said and real.last4 not in said
    over = row_of(parts, test_id)
    assert (over.state, over.remote_status, over.duration_s) == (TrialState.ENDED, "completed", 61)
    assert over.to_sealed is None


def test_it_leaves_nothing_of_a_real_call(parts, webhooks, number, carrier) -> None:
    """Heard to its end, then with key 8, with key 0, and with wrong answers: never an attempt, a list, an operator."""
    before = counts(parts)
    right = right_keys(parts, number)
    for keys in (["1", *right, "", "1"], ["1", *right, "8"], ["8"], ["0"], ["1", *["9999"] * 4]):
        test_id = want(parts, number)
        with parts.db.begin() as tx:
            assert trial.take(tx, parts.vault, test_id) is not None
        answered(parts, webhooks, test_id, keys)
        with parts.db.begin() as tx:  # the next call has a sid of its own
            tx.execute(trials.delete())
            tx.execute(call.delete())
        assert counts(parts) == before
    assert counts(parts)["counted_calls"] == 0


ASKS_FOR_A_CLAIM = {
    "tipo_campana": "VERIFICACION_COBRO",
    "recolectar_1": "¿Ya cobró el subsidio de este mes?",
    "recolectar_1_opciones": "1=Sí|2=No",
    "recolectar_2": "¿Quiere hacer un reclamo?",
    "recolectar_2_opciones": "1=Sí|2=No",
}


@pytest.mark.parametrize(
    ("is_attended", "told"),
    [(True, "Una persona lo va a confirmar con usted"), (False, "Una persona le va a llamar a este teléfono")],
)
def test_she_hears_what_would_come_of_a_claim(parts, webhooks, carrier, is_attended: bool, told: str) -> None:
    """And neither a claim nor a promised call is left behind."""
    if not is_attended:
        nobody_attends(parts, "dgs")
    data = formato([citizen(0)], **ASKS_FOR_A_CLAIM)
    number = submit(parts.db, parts.vault, parts.clock, parts.campaign_lines, ANA, "lista.csv", data).id
    before = counts(parts)
    test_id = want(parts, number)
    placing.place(parts.world, test_id)
    heard = answered(parts, webhooks, test_id, ["1", *right_keys(parts, number), "", "1", "2", "1"]).heard
    assert told in " ".join(heard)
    assert ("llamada de prueba" in " ".join(heard)) is is_attended
    assert counts(parts) == before


def test_zero_takes_nobody_from_those_who_wait(parts, webhooks, number, carrier) -> None:
    test_id = want(parts, number)
    placing.place(parts.world, test_id)
    assert "llamada de prueba" in " ".join(answered(parts, webhooks, test_id, ["0"]).heard)


def test_a_wrong_answer_is_a_wrong_answer(parts, webhooks, number, carrier) -> None:
    test_id = want(parts, number)
    placing.place(parts.world, test_id)
    said = " ".join(answered(parts, webhooks, test_id, ["1", *["9999"] * 8]).heard)
    assert "no podemos seguir con esta llamada" in said


def test_it_shows_the_campaigns_number_and_is_asked_for_once(parts, number, carrier) -> None:
    test_id = want(parts, number)
    for _ in range(3):  # a job that was killed is done again
        placing.place(parts.world, test_id)
    assert len(carrier.calls) == 1
    asked = str(carrier.calls[0].request.body)
    assert "From=%2B50322373333" in asked and "To=%2B50379990000" in asked
    assert f"test%3D{test_id}" in asked
    assert row_of(parts, test_id).state == TrialState.PLACED


def test_neither_it_nor_a_telephone_of_the_desk_is_taken_for_an_attempts_call(parts, number, carrier) -> None:
    """All are in the carrier's list, from one number: who settles a doubt about an attempt asks whose they are."""
    placing.place(parts.world, want(parts, number))
    with parts.db.begin() as tx:
        caller = arriving.Arrival("CA" + "8" * 32, "dgs", "+50370001234", {})
        arriving.enter(tx, parts.world.desk, parts.clock.now(), caller, None)
        listed = ["CA" + digit * 32 for digit in "6789"]
        assert calls_of_others(tx, listed) == {"CA" + "7" * 32, "CA" + "8" * 32}


@pytest.mark.parametrize("person", [0, 1])
def test_somebody_of_the_list_is_never_rung(parts, number, carrier, person: int) -> None:
    test_id = want(parts, number, citizen(person).phones[0])
    placing.place(parts.world, test_id)
    assert len(carrier.calls) == 0
    assert row_of(parts, test_id).state == TrialState.IN_THE_LIST
    assert row_of(parts, test_id).to_sealed is None
    with parts.db.begin() as tx:
        mine = select(audit.c.action).where(audit.c.action.like("campaign.test_call%")).order_by(audit.c.id)
        told = tx.execute(mine).scalars().all()
    assert told == ["campaign.test_call", "campaign.test_call_refused"]


def test_ten_a_day_refused_ones_too(parts, number, clock) -> None:
    for _ in range(trial.MOST_A_DAY):
        want(parts, number, citizen(0).phones[0])
    with pytest.raises(CannotTest, match="24 horas"):
        want(parts, number)
    want(parts, number, account_id=2)  # another account has its own ten
    clock.advance(timedelta(days=1, seconds=1))
    want(parts, number)


@pytest.mark.parametrize(
    ("written", "told"),
    [("911", "corto"), ("", "no es un número"), ("+525512345678", "otro país"), ("2237-3333", "propia línea")],
)
def test_what_cannot_be_rung_is_said(parts, number, written: str, told: str) -> None:
    with pytest.raises(CannotTest, match=told):
        want(parts, number, written)


def test_whose_answer_was_lost_is_not_asked_for_again(parts, webhooks, number) -> None:
    """It may have been placed: only the call itself can tell, and it does."""
    test_id = want(parts, number)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        for _ in range(2):
            placing.place(parts.world, test_id)  # nothing that can be read comes back
        assert len(wire.calls) <= 1
    assert row_of(parts, test_id).state == TrialState.ASKING
    assert row_of(parts, test_id).to_sealed is None  # it may stay so for good
    answered(parts, webhooks, test_id, ["2"])
    assert row_of(parts, test_id).state == TrialState.ENDED


def test_what_the_carrier_refuses_is_told_with_its_code(parts, number) -> None:
    test_id = want(parts, number)
    with responses.RequestsMock() as wire:
        trunk = parts.settings.trunks.first
        address = f"{trunk.api_url}/2010-04-01/Accounts/{trunk.account_sid}/Calls.json"
        wire.post(address, json={"code": 21215, "message": "Geo permission", "status": 400}, status=400)
        placing.place(parts.world, test_id)
    assert (row_of(parts, test_id).state, row_of(parts, test_id).refused_code) == (TrialState.REFUSED, 21215)
    assert row_of(parts, test_id).to_sealed is None


def test_a_stranger_is_told_nothing(parts, webhooks, number, carrier) -> None:
    """A test that there is not, one that was not asked for yet, and one that is another call."""
    test_id = want(parts, number)
    ask = {"CallSid": "CA" + "8" * 32, "From": "+50322373333", "To": HERS, "CallStatus": "in-progress"}
    for unknown in (999, test_id):
        _, _, told = webhooks.post(f"{webhooks.public_url}/voice/outbound?test={unknown}", ask)
        assert "<Say" not in told and "<Hangup" in told
    placing.place(parts.world, test_id)
    _, _, told = webhooks.post(f"{webhooks.public_url}/voice/outbound?test={test_id}", ask)
    assert "<Say" not in told
