"""Who answers a text of ours is heeded at once: ALTO, BAJA, STOP and their like, and who asks who we are."""

import pytest
from sqlalchemy import select

from campaigns.rules.candidates import candidate_for
from campaigns.rules.deciding import Dial, Never
from campaigns.rules.facts import decision_of
from campaigns.states import AttemptState, Channel
from campaigns.tables import exclusion
from campaigns.texting.stopping import Said, understood
from campaigns.texting.tables import incoming_text
from core.post import post
from core.segments import GSM7, segments
from tests.campaigns.builders import attempts_of, people_of, running, set_attempt
from tests.webhooks import Webhooks

HERS = "+50371000001"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        *((word, Said.STOP) for word in ("ALTO", "alto", "Baja", "BAJA.", "¡Stop!", "cancelar", "NO", "no", " Alto  ")),
        *((word, Said.STOP) for word in ("baja por favor", "Por favor baja", "BAJA gracias", "dar de baja", "stop ya")),
        *((word, Said.STOP) for word in ("álto", "BAJÁ", "No más mensajes")),
        *((word, Said.HELP) for word in ("AYUDA", "ayuda", "help", "¿Quién es?", "Info")),
        *(
            (word, Said.OTHER)
            for word in ("No entiendo", "No puedo ir", "Alto riesgo", "si", "", "👍", "baja california")
        ),
        ("ALTO " * 2_000, Said.OTHER),
    ],
)
def test_what_is_understood(body, said):
    assert understood(body) is said


@pytest.fixture
def write(webhooks: Webhooks, parts):
    """Somebody texts a number of ours: the status of the webhook's answer."""
    numbers = {line.country: line.numbers[0] for line in parts.lines.values()} | {"SV": parts.lines["dgs"].numbers[0]}

    def write(body: str, sid: str = "SM" + "1" * 32, sender: str = HERS, country: str = "SV", **more: str) -> int:
        form = {"MessageSid": sid, "From": sender, "To": numbers[country], "Body": body, **more}
        form["AccountSid"] = parts.settings.trunks.first.account_sid
        return webhooks.post(f"{parts.settings.public_url}/messaging/incoming", form)[0]

    return write


def rows(db, table):
    with db.begin() as tx:
        return list(tx.execute(select(table)))


def test_whoever_wants_no_more_is_excluded_at_once_for_the_entity_of_the_line(write, db, vault, clock, parts):
    campaign_id = running(db, vault, clock, 2)
    (first, second) = attempts_of(db, campaign_id)
    theirs = {each.id: candidate_for_(db, vault, each.id) for each in (first, second)}
    assert write("Baja, por favor", sender=theirs[second.id].to) == 200
    (found,) = rows(db, exclusion)
    assert (found.kind, found.line, found.campaign_id, found.added_by) == ("phone", "dgs", None, "sms")
    assert vault.open(found.value_sealed) == theirs[second.id].to
    with db.begin() as tx:
        assert isinstance(decision_of(tx, vault, clock.now(), theirs[second.id])[1], Never)
        assert isinstance(decision_of(tx, vault, clock.now(), theirs[first.id])[1], Dial)


def candidate_for_(db, vault, attempt_id):
    with db.begin() as tx:
        return candidate_for(tx, vault, attempt_id)


def test_twice_delivered_is_once_heeded(write, db):
    assert [write("ALTO"), write("ALTO"), write("alto", sid="SM" + "2" * 32)] == [200] * 3
    assert len(rows(db, exclusion)) == 1
    assert len(rows(db, incoming_text)) == 2


@pytest.mark.parametrize(("country", "sender"), [("CO", "+573001234567"), ("MX", "+5215512345678")])
def test_where_people_can_answer_it_is_confirmed_once(write, db, vault, parts, country, sender):
    write("STOP", sender=sender, country=country)
    write("STOP", sid="SM" + "2" * 32, sender=sender, country=country)
    (sent,) = rows(db, post)
    assert (sent.prompt, sent.channel, sent.kind) == ("sms.stopped", "SMS", "stopped")
    assert vault.open(sent.to_sealed) == sender.replace("+521", "+52")


def test_where_the_carrier_answers_by_itself_nothing_more_is_sent(write, db):
    write("STOP", sender="+573001234567", country="CO", OptOutType="STOP")
    assert len(rows(db, exclusion)) == 1 and rows(db, post) == []


def test_in_el_salvador_it_is_heeded_and_nothing_is_sent(write, db):
    write("BAJA")
    assert len(rows(db, exclusion)) == 1 and rows(db, post) == []


def test_whoever_asks_who_we_are_is_told(write, db):
    write("¿Quién es?", sender="+573001234567", country="CO")
    (sent,) = rows(db, post)
    assert sent.prompt == "sms.who_we_are" and rows(db, exclusion) == []


def test_another_text_is_counted_and_kept_nowhere(write, db):
    write("Mi documento es 00016297-5")
    (found,) = rows(db, incoming_text)
    assert (found.said, found.line) == ("other", "dgs")
    assert rows(db, exclusion) == rows(db, post) == []


@pytest.mark.parametrize("sender", ["anonymous", "whatsapp:+50371000001", "", "12345"])
def test_a_text_from_nowhere_is_left(write, db, sender):
    assert write("BAJA", sender=sender) == 200
    assert rows(db, exclusion) == []


def test_who_did_not_sign_is_refused(webhooks, db):
    answer = webhooks.app.test_client().post("/messaging/incoming", data={"From": HERS, "Body": "BAJA"})
    assert answer.status_code == 403 and rows(db, exclusion) == []


def test_the_text_that_was_answered_says_so(write, db, vault, clock):
    campaign_id = running(db, vault, clock, 1)
    (only,) = attempts_of(db, campaign_id)
    to = candidate_for_(db, vault, only.id).to
    values = {"channel": Channel.TEXT, "state": AttemptState.ENDED, "outcome": "sms.entregado"}
    set_attempt(db, only.id, **values, to_print=vault.fingerprint("phone", to), started_at=clock.now())
    write("BAJA", sender=to)
    assert attempts_of(db, campaign_id)[0].progress == "phone_opted_out"
    assert len(people_of(db, campaign_id)) == 1


def test_the_sentences_fit_in_one_text(parts):
    for line in parts.lines.values():
        for key in ("sms.stopped", "sms.who_we_are", "sms.stop_by_call", "sms.stop_by_reply"):
            values = {**line.values, "numero": line.numbers[0]}
            told = parts.world.catalogs[line.id].say(key, values, line.country).text
            assert (segments(told).count, segments(told).encoding) == (1, GSM7), told
