"""What the carrier tells of a campaign's text: lost, doubled, late or in another order, and never what was final taken
back; and that texts and calls are one count (docs/decisions/0034)."""

from datetime import timedelta

import pytest

from campaigns.attempts import plan
from campaigns.outcomes import Outcome
from campaigns.rules.candidates import candidate_for
from campaigns.rules.deciding import Dial, NotNow, Reason
from campaigns.rules.facts import decision_of
from campaigns.states import AttemptState, CampaignState, Channel
from campaigns.texting import delivery
from tests.campaigns.builders import attempts_of, people_of, running, set_attempt, set_campaign

SID = "SM" + "1" * 32


@pytest.fixture
def texts(db, vault, clock):
    """A campaign that only texts, begun; its ``people``, and the first of them with a text at the carrier."""

    def made(people: int = 1, first: int = 1, **campaign: object) -> int:
        campaign_id = running(db, vault, clock, people, first)
        set_campaign(db, campaign_id, texting="only", mode="TEXTOS", **campaign)
        for each in attempts_of(db, campaign_id):
            set_attempt(db, each.id, channel=Channel.TEXT)
        return campaign_id

    return made


def out(db, vault, clock, attempt_id: int, **more: object) -> None:
    """The carrier has it."""
    with db.begin() as tx:
        to = vault.fingerprint("phone", candidate_for(tx, vault, attempt_id).to)
    placed = {"state": AttemptState.PLACED, "remote_sid": SID, "started_at": clock.now(), "asked_at": clock.now()}
    set_attempt(db, attempt_id, **placed, to_print=to, **more)


@pytest.fixture
def told(webhooks, parts):
    def tell(attempt_id: int, status: str, sid: str = SID, **more: str) -> int:
        form = {"MessageSid": sid, "MessageStatus": status, "AccountSid": parts.settings.trunks.first.account_sid}
        return webhooks.post(f"{parts.settings.public_url}/messaging/attempt?attempt={attempt_id}", form | more)[0]

    return tell


@pytest.mark.parametrize(
    ("order", "outcome"),
    [
        (["queued", "sent", "delivered"], Outcome.TEXT_DELIVERED),
        (["delivered", "sent", "delivered", "queued"], Outcome.TEXT_DELIVERED),
        (["delivered", "undelivered", "failed"], Outcome.TEXT_DELIVERED),
        (["undelivered", "delivered"], Outcome.TEXT_UNDELIVERED),
        (["read"], Outcome.TEXT_DELIVERED),
        (["sent", "queued", "nada", ""], None),
    ],
)
def test_the_first_final_word_stays(db, vault, clock, texts, told, order, outcome):
    campaign_id = texts()
    (only,) = attempts_of(db, campaign_id)
    out(db, vault, clock, only.id)
    assert {told(only.id, each) for each in order} == {204}
    assert attempts_of(db, campaign_id)[0].outcome == outcome
    (person,) = people_of(db, campaign_id)
    assert (person.outcome, person.is_final) == (outcome, outcome is not None)


def test_why_it_did_not_arrive_is_kept_and_the_next_telephone_tried(db, vault, clock, texts, told):
    campaign_id = texts(1, 3)  # citizen 3 has two telephones
    (first,) = attempts_of(db, campaign_id)
    out(db, vault, clock, first.id)
    told(first.id, "undelivered", ErrorCode="30005")
    ended, following = attempts_of(db, campaign_id)
    assert (ended.outcome, ended.refused_code) == (Outcome.TEXT_UNDELIVERED, 30005)
    assert (following.phone, following.channel, following.state) == (1, "SMS", "due")
    (person,) = people_of(db, campaign_id)
    assert (person.is_final, person.spent, person.attempts) == (False, 1, 1)


def test_a_callback_proves_a_text_of_which_no_answer_came(db, vault, clock, texts, told):
    campaign_id = texts()
    (only,) = attempts_of(db, campaign_id)
    out(db, vault, clock, only.id)
    set_attempt(db, only.id, state=AttemptState.UNKNOWN, remote_sid=None)
    told(only.id, "sent")
    (row,) = attempts_of(db, campaign_id)
    assert (row.state, row.remote_sid, row.remote_status) == ("placed", SID, "sent")


def test_another_texts_word_changes_nothing(db, vault, clock, texts, told):
    campaign_id = texts()
    (only,) = attempts_of(db, campaign_id)
    out(db, vault, clock, only.id)
    assert told(only.id, "delivered", sid="SM" + "9" * 32) == 204
    assert attempts_of(db, campaign_id)[0].state == "placed"
    assert told(999_999, "delivered") == 204


def test_what_was_taken_for_unconfirmed_is_put_right_and_sends_nothing_more(db, vault, clock, texts, told):
    campaign_id = texts(1, 3)
    (only,) = attempts_of(db, campaign_id)
    out(db, vault, clock, only.id)
    with db.begin() as tx:
        delivery.give_up_hearing(tx, clock.now(), only.id, "sent")
    (person,) = people_of(db, campaign_id)
    assert (person.outcome, person.is_final) == (Outcome.TEXT_UNCONFIRMED, True)
    told(only.id, "undelivered", ErrorCode="30003")
    (person,) = people_of(db, campaign_id)
    assert person.outcome == Outcome.TEXT_UNDELIVERED
    assert len(attempts_of(db, campaign_id)) == 1
    told(only.id, "delivered")
    assert people_of(db, campaign_id)[0].outcome == Outcome.TEXT_UNDELIVERED


def test_whoever_did_not_sign_is_refused(webhooks):
    assert webhooks.app.test_client().post("/messaging/attempt?attempt=1", data={"MessageSid": SID}).status_code == 403


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Outcome.TEXT_DELIVERED, Reason.CONTACTS),
        (Outcome.TEXT_UNCONFIRMED, Reason.CONTACTS),
        (None, Reason.BETWEEN),
        (Outcome.TEXT_UNDELIVERED, None),
    ],
)
def test_a_text_counts_as_a_contact_for_the_calls_of_every_campaign(db, vault, clock, texts, outcome, reason):
    """The same person, in another campaign of calls, an hour later."""
    campaign_id, calling = texts(1, 1), running(db, vault, clock, 1, 1, nombre_campana="Otra")
    (text,) = attempts_of(db, campaign_id)
    state = AttemptState.ENDED if outcome else AttemptState.PLACED
    out(db, vault, clock, text.id, outcome=outcome)
    set_attempt(db, text.id, state=state)
    (call,) = attempts_of(db, calling)
    with db.begin() as tx:
        later = clock.now() + timedelta(hours=1)
        found = decision_of(tx, vault, later, candidate_for(tx, vault, call.id))[1]
    assert isinstance(found, Dial) if reason is None else isinstance(found, NotNow) and found.reason is reason


@pytest.mark.parametrize(
    ("texting", "channel"),
    [("only", "SMS"), ("before", "SMS"), ("after_first", "VOZ"), ("after_last", "VOZ"), (None, None)],
)
def test_what_comes_first(db, vault, clock, texting, channel):
    campaign_id = running(db, vault, clock, 2)
    set_campaign(db, campaign_id, texting=texting, state=CampaignState.APPROVED)
    for each in attempts_of(db, campaign_id):
        set_attempt(db, each.id, state=AttemptState.WITHDRAWN)
    with db.begin() as tx:
        assert plan(tx, campaign_id, clock.now()) == 2
    assert {each.channel for each in attempts_of(db, campaign_id) if each.state == "due"} == {channel}
