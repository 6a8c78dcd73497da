"""Who answers a text of ours is heeded at once: ALTO, BAJA, STOP and their like, and who asks who we are."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from campaigns.outcomes import Outcome
from campaigns.rules.candidates import candidate_for
from campaigns.rules.deciding import Dial, Never, OtherPhone
from campaigns.rules.facts import decision_of
from campaigns.states import AttemptState, Channel
from campaigns.tables import exclusion
from campaigns.texting.stopping import Said, stop, understood
from campaigns.texting.tables import incoming_text
from core.post import post
from core.segments import GSM7, segments
from demo.invent import citizen
from tests.campaigns.builders import attempts_of, people_of, running, set_attempt, set_campaign
from tests.webhooks import Webhooks
from work import post_office

HERS = "+50371000001"
TWO_PHONES = 3  # the number of an invented citizen with two


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


def test_after_so_many_days_it_is_forgotten_that_they_came_but_not_who_wanted_no_more(write, db, clock, parts):
    for nth, body in enumerate(("BAJA", "¿Quién es?", "Gracias")):
        write(body, sid=f"SM{nth:032}")
    clock.advance(timedelta(days=90))
    write("Mañana voy", sid="SM" + "9" * 32)
    post_office(parts).forget_texts(timedelta(days=90))
    assert [each.said for each in rows(db, incoming_text)] == ["stop", "other"]


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


class TestThePersonBehindIt:
    """Decision 0040: the telephone always; the person where it is theirs alone, for that kind of campaign."""

    TEXTS = {"canal": "VOZ_Y_SMS", "texto_sms": "Hola {primer_nombre}", "momento_sms": "ANTES"}

    @pytest.fixture
    def written_to(self, db, vault, clock):
        """A campaign of texts to one person with two telephones, who was written to on the first; its number."""

        def written_to(first: int = TWO_PHONES, **fields: str) -> int:
            campaign_id = running(db, vault, clock, 1, first, **self.TEXTS, **fields)
            self.sends(db, vault, clock, campaign_id)
            return campaign_id

        return written_to

    def sends(self, db, vault, clock, campaign_id: int) -> None:
        (sent, *_) = attempts_of(db, campaign_id)
        to = vault.fingerprint("phone", candidate_for_(db, vault, sent.id).to)
        values = {"state": AttemptState.ENDED, "outcome": "sms.entregado", "remote_sid": f"SM{campaign_id}"}
        set_attempt(db, sent.id, **values, to_print=to, started_at=clock.now())

    def decided(self, db, vault, clock, campaign_id: int, phone: int = 1) -> object:
        """What becomes of a call to their other telephone, a week later."""
        later = clock.now() + timedelta(days=7)
        call = attempts_of(db, campaign_id)[-1]
        set_attempt(db, call.id, state=AttemptState.DUE, phone=phone, due_at=later, to_print=None, started_at=None)
        with db.begin() as tx:
            return decision_of(tx, vault, later, candidate_for(tx, vault, call.id))[1]

    def test_who_has_it_alone_is_not_looked_for_on_another(self, write, db, vault, clock, written_to):
        campaign_id = written_to()
        assert isinstance(self.decided(db, vault, clock, running(db, vault, clock, 1, TWO_PHONES)), Dial)
        write("BAJA", sender=citizen(TWO_PHONES).phones[0])
        phone, person = rows(db, exclusion)
        assert (phone.kind, phone.line, phone.campaign_kind) == ("phone", "dgs", None)
        assert (person.kind, person.line, person.campaign_kind) == ("person", "dgs", "NUEVOS_BENEFICIARIOS")
        assert vault.open(person.value_sealed) == citizen(TWO_PHONES).document.replace("-", "")
        assert self.decided(db, vault, clock, campaign_id) == Never(Outcome.EXCLUDED)
        another = running(db, vault, clock, 1, TWO_PHONES, nombre_campana="La del mes que viene")
        assert self.decided(db, vault, clock, another) == Never(Outcome.EXCLUDED)

    def test_who_says_so_on_the_line_is_left_alone_as_far(self, db, vault, clock, written_to):
        campaign_id = written_to()
        with db.begin() as tx:
            for is_new in (True, False):
                told = ("ivr", citizen(TWO_PHONES).phones[0], "dgs", "lo pidió al llamar a la línea")
                assert stop(tx, vault, clock.now(), *told) is is_new
        assert [(each.kind, each.added_by) for each in rows(db, exclusion)] == [("phone", "ivr"), ("person", "ivr")]
        assert self.decided(db, vault, clock, campaign_id) == Never(Outcome.EXCLUDED)

    def test_a_campaign_of_another_kind_may_still_reach_them(self, write, db, vault, clock, written_to):
        written_to()
        write("BAJA", sender=citizen(TWO_PHONES).phones[0])
        other = running(db, vault, clock, 1, TWO_PHONES, tipo_campana="INFORMATIVA")
        assert isinstance(self.decided(db, vault, clock, other), Dial)
        assert isinstance(self.decided(db, vault, clock, other, phone=0), OtherPhone)

    def test_of_a_telephone_that_two_share_nobody_is_silenced_for_the_other(self, write, db, vault, clock, written_to):
        campaign_id = written_to()
        neighbour = running(db, vault, clock, 1, 7)
        theirs = vault.fingerprint("phone", citizen(TWO_PHONES).phones[0])
        set_attempt(db, attempts_of(db, neighbour)[0].id, to_print=theirs, started_at=clock.now())
        write("BAJA", sender=citizen(TWO_PHONES).phones[0])
        assert [each.kind for each in rows(db, exclusion)] == ["phone"]
        assert isinstance(self.decided(db, vault, clock, campaign_id), Dial)

    def test_a_reserved_campaign_is_not_told_of_by_its_kind(self, write, db, vault, clock, written_to):
        campaign_id = written_to()
        set_campaign(db, campaign_id, named_readers=["ana@ejemplo.gob.sv"])
        write("BAJA", sender=citizen(TWO_PHONES).phones[0])
        person = rows(db, exclusion)[1]
        assert (person.campaign_id, person.line, person.campaign_kind) == (campaign_id, None, None)

    def test_a_text_of_a_month_ago_is_answered_by_the_telephone_alone(self, write, db, clock, written_to):
        written_to()
        clock.advance(timedelta(days=30))
        write("BAJA", sender=citizen(TWO_PHONES).phones[0])
        assert [each.kind for each in rows(db, exclusion)] == ["phone"]


def test_the_sentences_fit_in_one_text(parts):
    for line in parts.lines.values():
        for key in ("sms.stopped", "sms.who_we_are", "sms.stop_by_call", "sms.stop_by_reply"):
            values = {**line.values, "numero": line.numbers[0]}
            told = parts.world.catalogs[line.id].say(key, values, line.country).text
            assert (segments(told).count, segments(told).encoding) == (1, GSM7), told
