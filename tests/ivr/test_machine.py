"""A machine answered: the verdict comes while we are speaking, and a key pressed outweighs it (twilio.md, AMD)."""

from urllib.parse import parse_qs

import pytest
import responses
from sqlalchemy import select

from assembly import Parts
from campaigns.tables import attempt
from carrier.webhook import TRY_AGAIN
from tests.ivr.scene import Scene
from tests.ivr.script import Dialogue
from tests.webhooks import Webhooks

SID = "CA" + "5" * 32


class Answered:
    """A campaign's call that has just been answered, with the carrier's REST API watched."""

    def __init__(self, parts: Parts, webhooks: Webhooks, voicemail: str) -> None:
        self.scene = Scene(parts, webhooks, Dialogue("machine"))
        self.scene.fields = {"mensaje_buzon": voicemail}
        self.scene._launch()
        self.parts, self.webhooks = parts, webhooks
        self.post("/voice/outbound")

    def post(self, path: str, **params: str) -> str:
        url = f"{self.webhooks.public_url}{path}?attempt={self.scene.attempt_id}"
        given = {"CallSid": SID, "From": "+50322373333", "To": self.scene.caller, "CallStatus": "in-progress"}
        status, _, body = self.webhooks.post(url, given | params)
        assert status in (200, 204)
        return body

    def key(self, path: str, turn: int, digits: str) -> str:
        url = f"{self.webhooks.public_url}{path}?n={turn}"
        given = {"CallSid": SID, "From": "+50322373333", "To": self.scene.caller, "Digits": digits}
        return self.webhooks.post(url, given)[2]

    def end(self, **told: str) -> str:
        self.post("/voice/status", CallStatus="completed", CallDuration="20", **told)
        with self.parts.db.begin() as tx:
            return tx.execute(select(attempt.c.outcome).where(attempt.c.id == self.scene.attempt_id)).scalar_one()


@pytest.fixture
def carrier(parts: Parts):
    """Twilio's API for one call: what it was asked is in ``calls``."""
    trunk = parts.settings.trunks.first
    base = f"{trunk.api_url}/2010-04-01/Accounts/{trunk.account_sid}/Calls/{SID}.json"
    with responses.RequestsMock(assert_all_requests_are_fired=False) as watched:
        watched.post(base, json={"sid": SID, "status": "in-progress"})
        yield watched


def asked(carrier: responses.RequestsMock) -> list[dict[str, list[str]]]:
    return [parse_qs(str(call.request.body)) for call in carrier.calls]


def test_a_machine_hears_the_neutral_message(parts: Parts, webhooks: Webhooks, carrier) -> None:
    call = Answered(parts, webhooks, "Le llamamos de {entidad}.")

    call.post("/voice/machine", AnsweredBy="machine_end_beep")

    assert asked(carrier) == [{"Url": [f"{webhooks.public_url}/voice/voicemail{TRY_AGAIN}"], "Method": ["POST"]}]
    said = call.post("/voice/voicemail")
    assert "Le llamamos de la Dirección General de Subsidios." in said
    assert "Ana" not in said
    assert call.end() == "no_contacto.buzon_con_mensaje"


def test_without_a_message_for_it_a_machine_is_hung_up(parts: Parts, webhooks: Webhooks, carrier) -> None:
    call = Answered(parts, webhooks, "")

    call.post("/voice/machine", AnsweredBy="machine_start")

    assert asked(carrier) == [{"Status": ["completed"]}]
    assert call.end() == "no_contacto.buzon_sin_mensaje"


def test_a_key_pressed_before_the_verdict_is_a_person(parts: Parts, webhooks: Webhooks, carrier) -> None:
    call = Answered(parts, webhooks, "Le llamamos de {entidad}.")
    call.key("/voice/campaign/ask_who", 1, "1")

    call.post("/voice/machine", AnsweredBy="machine_end_beep")

    assert asked(carrier) == []


def test_a_key_pressed_between_the_verdict_and_its_document_is_a_person(
    parts: Parts, webhooks: Webhooks, carrier
) -> None:
    call = Answered(parts, webhooks, "Le llamamos de {entidad}.")
    call.post("/voice/machine", AnsweredBy="machine_end_beep")
    question = call.key("/voice/campaign/ask_who", 1, "1")

    assert call.post("/voice/voicemail") == question
    assert call.end() == "no_contacto.colgo"


@pytest.mark.parametrize("verdict", ["human", "unknown"])
def test_a_person_is_left_alone(parts: Parts, webhooks: Webhooks, carrier, verdict: str) -> None:
    call = Answered(parts, webhooks, "Le llamamos de {entidad}.")

    call.post("/voice/machine", AnsweredBy=verdict)

    assert asked(carrier) == []


def test_a_fax_is_hung_up(parts: Parts, webhooks: Webhooks, carrier) -> None:
    call = Answered(parts, webhooks, "")

    call.post("/voice/machine", AnsweredBy="fax")

    assert asked(carrier) == [{"Status": ["completed"]}]
    assert call.end() == "no_contacto.buzon_sin_mensaje"


def test_the_carrier_down_changes_nothing_for_whoever_listens(parts: Parts, webhooks: Webhooks) -> None:
    call = Answered(parts, webhooks, "")

    call.post("/voice/machine", AnsweredBy="machine_start")  # nobody listens at the carrier's address

    assert call.end() == "no_contacto.buzon_sin_mensaje"


def test_a_verdict_that_was_lost_is_told_again_with_the_end(parts: Parts, webhooks: Webhooks, carrier) -> None:
    call = Answered(parts, webhooks, "")

    assert call.end(AnsweredBy="machine_start") == "no_contacto.buzon_sin_mensaje"


def test_a_verdict_on_a_call_that_is_not_the_attempts(parts: Parts, webhooks: Webhooks, carrier) -> None:
    call = Answered(parts, webhooks, "")

    for verdict in ("machine_start", "human"):
        call.post("/voice/machine", CallSid="CA" + "6" * 32, AnsweredBy=verdict)

    with parts.db.begin() as tx:
        assert tx.execute(select(attempt.c.answered_by)).scalar_one() is None
    assert asked(carrier) == []


def test_a_late_verdict_of_an_ended_call(parts: Parts, webhooks: Webhooks, carrier) -> None:
    call = Answered(parts, webhooks, "")
    assert call.end() == "no_contacto.colgo"

    call.post("/voice/machine", AnsweredBy="machine_start")

    assert asked(carrier) == []
