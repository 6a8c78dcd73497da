"""What we begin by WhatsApp is one count with calls and texts, in legal hours (docs/decisions/0044)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from assembly import Parts
from campaigns import person
from campaigns.rules import outreach
from campaigns.rules.candidates import candidate_for
from campaigns.rules.deciding import Decision, Dial, NotNow, Reason
from campaigns.rules.facts import decision_of
from core.closed_days import DayKind, close
from core.person import Person
from desk.chats import writing
from desk.chats.tables import chat
from desk.refusal import CannotDo
from tests.campaigns.builders import attempts_of, put_on_the_line, running, set_attempt
from tests.messages.chatting import Chatting, who
from tests.webhooks import Webhooks

TEMPLATE = "HX00000000000000000000000000000001"


@pytest.fixture
def chatting(parts: Parts, webhooks: Webhooks) -> Chatting:
    found = Chatting(parts, webhooks)
    found.at_the_desk()
    return found


@pytest.fixture
def campaign(chatting: Chatting) -> int:
    """One person to be called, on Monday at ten."""
    return running(chatting.parts.db, chatting.parts.vault, chatting.parts.clock, 1)


@pytest.fixture
def late(chatting: Chatting, campaign: int) -> int:
    """The same person wrote, and their day went by: it is Tuesday at ten."""
    with chatting.parts.db.begin() as tx:
        phone = candidate_for(tx, chatting.parts.vault, attempts_of(chatting.parts.db, campaign)[0].id).to
    chatting.writes("5", phone)
    conversation = chatting.newest().id
    chatting.takes(conversation)
    chatting.passes(hours=24)
    return conversation


def sends(chatting: Chatting, conversation: int, once: str | None = None) -> None:
    parts = chatting.parts
    with parts.db.begin() as tx:
        told = {**who(), "content_sid": TEMPLATE, "once": once}
        writing.write_approved(tx, parts.world.desk, parts.clock.now(), conversation, **told)


def decided(chatting: Chatting, campaign_id: int) -> Decision:
    parts = chatting.parts
    with parts.db.begin() as tx:
        each = candidate_for(tx, parts.vault, attempts_of(parts.db, campaign_id)[-1].id)
        return decision_of(tx, parts.vault, parts.clock.now(), each)[1]


def count(chatting: Chatting) -> int:
    with chatting.parts.db.begin() as tx:
        return len(tx.execute(select(outreach.outreach)).all())


def test_the_dialer_keeps_its_distance_from_a_template(chatting, campaign, late):
    assert isinstance(decided(chatting, campaign), Dial)
    sends(chatting, late)
    chatting.passes(minutes=1)
    decision = decided(chatting, campaign)
    assert isinstance(decision, NotNow) and decision.reason is Reason.CONTACTS
    chatting.passes(days=1)
    assert isinstance(decided(chatting, campaign), Dial)


def test_of_three_in_a_row_one_goes_and_three_in_a_week(chatting, late):
    sends(chatting, late)
    for _ in range(2):
        with pytest.raises(CannotDo, match="Ya se le buscó .* desde el 25/11/2026 a las 08:00"):
            sends(chatting, late)
    for _ in range(2):
        chatting.passes(days=1)
        sends(chatting, late)
    chatting.passes(days=1)
    with pytest.raises(CannotDo, match="desde el 01/12/2026"):
        sends(chatting, late)
    assert count(chatting) == 3


def test_nor_does_one_go_after_a_call(chatting, campaign, late):
    first = attempts_of(chatting.parts.db, campaign)[0].id
    with chatting.parts.db.begin() as tx:
        to_print = chatting.parts.vault.fingerprint("phone", candidate_for(tx, chatting.parts.vault, first).to)
    put_on_the_line(chatting.parts.db, first, "CA1", chatting.parts.clock.now())
    set_attempt(chatting.parts.db, first, to_print=to_print)
    chatting.passes(minutes=30)
    with pytest.raises(CannotDo, match="Ya se le buscó"):
        sends(chatting, late)
    chatting.passes(hours=3)
    sends(chatting, late)


def test_on_another_telephone_of_theirs_it_counts_too(chatting, campaign, late):
    """Campaigns looked for nobody else where it was written to."""
    first = attempts_of(chatting.parts.db, campaign)[0]
    with chatting.parts.db.begin() as tx:
        to_print = chatting.parts.vault.fingerprint("phone", candidate_for(tx, chatting.parts.vault, first.id).to)
    set_attempt(chatting.parts.db, first.id, to_print=to_print)
    sends(chatting, late)
    with chatting.parts.db.begin() as tx:
        (row,) = tx.execute(select(outreach.outreach)).all()
    assert row.person_print is not None and row.person_print != row.to_print == to_print


@pytest.mark.parametrize(
    ("passes", "told"),
    [
        ({"days": 4, "hours": 17}, "desde el 30/11/2026 a las 08:00"),  # Sunday at three
        ({"hours": 9}, "desde el 25/11/2026 a las 08:00"),  # the same day at seven in the evening
    ],
    ids=["on a Sunday", "in the evening"],
)
def test_outside_of_legal_hours_nothing_is_begun(chatting, late, passes, told):
    chatting.passes(**passes)
    with pytest.raises(CannotDo, match=f"Fuera del horario legal.*{told}"):
        sends(chatting, late)
    assert count(chatting) == 0


def test_nor_on_a_day_that_a_supervisor_closed(chatting, late):
    parts = chatting.parts
    with parts.db.begin() as tx:
        today = parts.clock.now().date()
        close(tx, parts.clock.now(), "jefa@ejemplo.gob.sv", "SV", today, today, "Asueto", DayKind.ASUETO)
    with pytest.raises(CannotDo, match="Fuera del horario legal"):
        sends(chatting, late)


def test_within_the_session_that_they_opened_nothing_counts(chatting, campaign, late):
    sends(chatting, late)
    with chatting.parts.db.begin() as tx:
        phone = candidate_for(tx, chatting.parts.vault, attempts_of(chatting.parts.db, campaign)[0].id).to
    chatting.passes(days=4, hours=15)  # a Sunday
    chatting.writes("sí, dígame", phone)
    chatting.answers(late, "Su trámite está en orden.")
    sends(chatting, late)
    assert count(chatting) == 1


def test_one_that_did_not_arrive_is_no_contact(chatting, campaign, late):
    sends(chatting, late)
    chatting.is_told(chatting.said(late)[-1].id, chatting.sid(), "undelivered", ErrorCode="63003")
    assert count(chatting) == 0
    assert isinstance(decided(chatting, campaign), Dial)
    sends(chatting, late)


def test_pressed_twice_it_goes_once(chatting, late):
    sends(chatting, late, "k")
    sends(chatting, late, "k")
    assert count(chatting) == 1


def test_after_the_days_that_limits_look_back_to_nothing_is_kept_of_it(chatting, late):
    sends(chatting, late)
    chatting.passes(days=8, seconds=-1)
    with chatting.parts.db.begin() as tx:
        assert outreach.forget(tx, chatting.parts.clock.now()) == 0
        assert outreach.forget(tx, chatting.parts.clock.now() + timedelta(seconds=1)) == 1


def test_who_has_their_data_erased_leaves_none_of_it(chatting, late):
    sends(chatting, late)
    parts = chatting.parts
    with parts.db.begin() as tx:
        (row,) = tx.execute(select(outreach.outreach)).all()
        sealed = tx.execute(select(chat.c.citizen_sealed)).scalar_one()
        phone = parts.vault.open(sealed)
        assert row.to_print == parts.vault.fingerprint("phone", phone)
        who_asks = Person.known_by(parts.vault, ["04567890-3"], [phone])
        list(person.forget(tx, parts.vault, parts.clock.now(), who_asks, "cli:datos"))
    assert count(chatting) == 0
