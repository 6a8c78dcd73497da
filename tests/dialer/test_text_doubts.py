"""A text of which it is not known whether the carrier has it is looked for by its telephone and its words; one that is
silent for long is asked after. None is ever sent twice on a guess."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from campaigns.outcomes import Outcome
from campaigns.states import AttemptState, Channel
from carrier.messaging import Messaging
from core.post import post
from dialer.text_doubts import CERTAIN_AFTER, TextReconciler
from dialer.text_silence import GIVEN_UP_AFTER, SILENT_AFTER
from tests.campaigns.builders import attempts_of, people_of, running, set_attempt
from tests.dialer.builders import TRUNK
from tests.dialer.remote import ACCOUNT, API, FAILED, TO

MESSAGES = f"{API}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
TEXT = {"canal": "VOZ_Y_SMS", "texto_sms": "Hola {primer_nombre}", "momento_sms": "ANTES"}
HERS = "Hola Ana. Si no desea recibir mensajes, llame al 2237-3333."
SURE = CERTAIN_AFTER + timedelta(seconds=5)


@pytest.fixture
def campaign_id(db, vault, clock) -> int:
    """Of three people, each to be texted first."""
    return running(db, vault, clock, 3, **TEXT)


@pytest.fixture
def reconciler(db, vault, clock) -> TextReconciler:
    return TextReconciler(db, vault, clock, Messaging(ACCOUNT, "token", API), TRUNK)


def listed(twilio, *found: dict) -> None:
    twilio.get(MESSAGES, json={"messages": list(found), "page": 0, "page_size": 1000, "next_page_uri": None})


def text(sid: str, to: str = TO[0], body: str = HERS, status: str = "sent", code: int | None = None) -> dict:
    return {"sid": sid, "to": to, "body": body, "status": status, "error_code": code, "date_sent": None}


def doubt(db, campaign_id: int, ago: timedelta = timedelta(seconds=5), **values: object) -> int:
    row = attempts_of(db, campaign_id)[0]
    asked = {"state": "unknown", "asked_at": datetime.now(UTC) - ago, "started_at": row.due_at}
    set_attempt(db, row.id, **{**asked, **values})
    return row.id


def first(db, campaign_id: int):
    return attempts_of(db, campaign_id)[0]


def test_the_same_words_to_the_same_telephone_are_the_attempts(db, campaign_id, reconciler, twilio):
    doubt(db, campaign_id)
    listed(twilio, text("SM8", "+50379999999"), text("SM1"))
    assert reconciler.run() == 1
    assert (first(db, campaign_id).state, first(db, campaign_id).remote_sid) == ("placed", "SM1")


def test_one_that_is_over_brings_its_outcome(db, campaign_id, reconciler, twilio):
    doubt(db, campaign_id)
    listed(twilio, text("SM1", status="undelivered", code=30003))
    reconciler.run()
    row = first(db, campaign_id)
    assert (row.state, row.outcome, row.refused_code) == ("ended", Outcome.TEXT_UNDELIVERED, 30003)


def test_other_words_leave_the_doubt_however_old(db, campaign_id, reconciler, twilio):
    """They may be ours, in other letters."""
    doubt(db, campaign_id, ago=timedelta(hours=2))
    listed(twilio, text("SM1", body="Otra cosa"))
    assert reconciler.run() == 0
    assert first(db, campaign_id).state == "unknown"


def test_those_of_the_post_and_of_other_attempts_are_nobodys_proof(db, vault, clock, campaign_id, reconciler, twilio):
    doubt(db, campaign_id, ago=SURE)
    other = attempts_of(db, campaign_id)[1]
    set_attempt(db, other.id, state="ended", outcome="sms.entregado", remote_sid="SM2")
    with db.begin() as tx:
        sent = {"channel": "SMS", "kind": "pin_changed", "to_sealed": b"", "state": "sent", "remote_sid": "SM1"}
        tx.execute(insert(post).values(**sent, queued_at=clock.now()))
    listed(twilio, text("SM1"), text("SM2"))
    assert reconciler.run() == 1
    assert first(db, campaign_id).state == "not_placed"


@pytest.mark.parametrize(("ago", "state"), [(timedelta(minutes=4), "unknown"), (SURE, "not_placed")])
def test_absence_is_proven_by_a_list_that_is_complete(db, campaign_id, reconciler, twilio, ago, state):
    doubt(db, campaign_id, ago=ago)
    listed(twilio)
    reconciler.run()
    assert first(db, campaign_id).state == state
    again = [row for row in attempts_of(db, campaign_id)[1:] if row.recipient_id == first(db, campaign_id).recipient_id]
    assert [(row.channel, row.state) for row in again] == ([("SMS", "due")] if state == "not_placed" else [])


def test_while_the_carrier_is_down_nothing_is_settled(db, campaign_id, reconciler, twilio):
    doubt(db, campaign_id, ago=SURE)
    twilio.get(MESSAGES, **FAILED)
    assert reconciler.run() == 0
    assert first(db, campaign_id).state == "unknown"


def test_calls_are_not_its_business(db, campaign_id, reconciler, twilio):
    doubt(db, campaign_id, channel=Channel.VOICE, ago=SURE)
    assert reconciler.run() == 0


class TestSilence:
    def silent(
        self, db, campaign_id: int, ago: timedelta = SILENT_AFTER + timedelta(minutes=1), **values: object
    ) -> None:
        placed = {"state": AttemptState.PLACED, "remote_sid": "SM1"}
        doubt(db, campaign_id, ago=ago, **{**placed, **values})

    def told(self, twilio, **answer: object) -> None:
        twilio.get(re.compile(rf"{API}/.*/Messages/SM1.json"), **answer)

    def test_one_that_left_is_asked_after_no_more(self, db, campaign_id, reconciler, twilio):
        self.silent(db, campaign_id, remote_status="sent")
        assert reconciler.run() == 1
        row = first(db, campaign_id)
        assert (row.state, row.outcome) == ("ended", Outcome.TEXT_UNCONFIRMED)
        assert not twilio.calls

    @pytest.mark.parametrize(
        ("status", "outcome"),
        [
            ("delivered", Outcome.TEXT_DELIVERED),
            ("failed", Outcome.TEXT_UNDELIVERED),
            ("sent", Outcome.TEXT_UNCONFIRMED),
            ("queued", None),
        ],
    )
    def test_of_the_others_the_carrier_tells(self, db, campaign_id, reconciler, twilio, status, outcome):
        self.silent(db, campaign_id)
        self.told(twilio, json=text("SM1", status=status))
        reconciler.run()
        assert first(db, campaign_id).outcome == outcome

    def test_one_that_the_carrier_does_not_keep_was_sent_all_the_same(self, db, campaign_id, reconciler, twilio):
        self.silent(db, campaign_id)
        self.told(twilio, status=404, json={"code": 20404, "message": "", "status": 404})
        reconciler.run()
        assert first(db, campaign_id).outcome == Outcome.TEXT_UNCONFIRMED

    def test_one_that_waits_for_a_day_is_a_fault(self, db, campaign_id, reconciler, twilio):
        self.silent(db, campaign_id, ago=GIVEN_UP_AFTER + timedelta(minutes=1))
        self.told(twilio, json=text("SM1", status="queued"))
        reconciler.run()
        assert first(db, campaign_id).outcome == Outcome.TECHNICAL

    def test_a_minute_is_not_long(self, db, campaign_id, reconciler, twilio):
        self.silent(db, campaign_id, ago=timedelta(minutes=1), remote_status="sent")
        assert reconciler.run() == 0
        assert people_of(db, campaign_id)[0].outcome is None
