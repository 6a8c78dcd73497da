"""A telephone that is not somebody's: said in one campaign, remembered by all, taken back by a supervisor."""

import csv
import io
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, update

from campaigns import conversation
from campaigns.outcomes import Outcome
from campaigns.rules.candidates import candidate_for
from campaigns.rules.deciding import Decision, Dial, Never, OtherPhone
from campaigns.rules.exclusion_files import export
from campaigns.rules.exclusions import Kind, Scope, listed, prints_of, remove
from campaigns.rules.facts import decision_of
from campaigns.tables import attempt, recipient
from core.privacy import mask_phone
from demo.invent import citizen
from tests.campaigns.builders import COORDINATOR, attempts_of, end, put_on_the_line, running

TWO_PHONES, ONE_PHONE = 0, 1  # of an invented citizen's number


@pytest.fixture
def says(db, vault, clock):
    """Who answers the first telephone of a campaign's person says that it is not theirs, by key 3 or 8."""

    def say(campaign_id: int, key: str = "3") -> None:
        (first,) = attempts_of(db, campaign_id)
        put_on_the_line(db, first.id, "CA1", clock.now())
        with db.begin() as tx:
            to = vault.fingerprint("phone", candidate_for(tx, vault, first.id).to)
            tx.execute(update(attempt).where(attempt.c.id == first.id).values(to_print=to))
            if key == "3":
                conversation.note_wrong_number(tx, vault, clock.now(), first.id)
            else:
                conversation.exclude_phone(tx, vault, clock.now(), first.id)
        end(db, vault, clock.now(), first.id, "completed", progress={"3": "wrong_number"}.get(key, "phone_opted_out"))
        clock.advance(timedelta(days=4))

    return say


def decided(db, vault, clock, campaign_id: int) -> Decision:
    with db.begin() as tx:
        return decision_of(tx, vault, clock.now(), candidate_for(tx, vault, attempts_of(db, campaign_id)[0].id))[1]


def next_one(db, vault, clock, number: int) -> int:
    return running(db, vault, clock, 1, number, nombre_campana="La siguiente", fecha_inicio="07/12/2026")


@pytest.mark.parametrize("key", ["3", "8"])
def test_the_next_campaign_tries_the_persons_other_telephone(db, vault, clock, says, key):
    says(running(db, vault, clock, 1, TWO_PHONES), key)
    assert decided(db, vault, clock, next_one(db, vault, clock, TWO_PHONES)) == OtherPhone(1, 0b1)


def test_who_has_no_other_is_not_called(db, vault, clock, says):
    says(running(db, vault, clock, 1, ONE_PHONE))
    assert decided(db, vault, clock, next_one(db, vault, clock, ONE_PHONE)) == Never(Outcome.INVALID_PHONE)


def test_whoever_the_telephone_belongs_to_is_called_on_it(db, vault, clock, says):
    """It is wrong for one person: a list may bring the one whose it is."""
    says(running(db, vault, clock, 1, ONE_PHONE))
    other = next_one(db, vault, clock, ONE_PHONE)
    with db.begin() as tx:
        somebody = vault.fingerprint("document", "045678903")
        tx.execute(update(recipient).where(recipient.c.campaign_id == other).values(person_print=somebody))
    assert isinstance(decided(db, vault, clock, other), Dial)


def test_it_is_remembered_when_the_people_of_that_campaign_are_gone(db, vault, clock, says):
    first = running(db, vault, clock, 1, TWO_PHONES)
    says(first)
    with db.begin() as tx:
        tx.execute(delete(attempt).where(attempt.c.campaign_id == first))
        tx.execute(delete(recipient).where(recipient.c.campaign_id == first))
    assert isinstance(decided(db, vault, clock, next_one(db, vault, clock, TWO_PHONES)), OtherPhone)


def test_a_supervisor_finds_it_by_telephone_or_document_and_takes_it_back(db, vault, clock, says):
    says(running(db, vault, clock, 1, TWO_PHONES))
    person = citizen(TWO_PHONES)
    with db.begin() as tx:
        for written in (person.phones[0], person.document):
            (found,) = listed(tx, vault, about=prints_of(vault, written, "SV"))
            assert (found.kind, found.masked, found.scope) == (Kind.WRONG_NUMBER, mask_phone(person.phones[0]), Scope())
        assert listed(tx, vault, about=prints_of(vault, person.phones[1], "SV")) == []
        assert remove(tx, vault, clock.now(), COORDINATOR, found.id, "sí es suyo: lo dijo al llamar")
    assert isinstance(decided(db, vault, clock, next_one(db, vault, clock, TWO_PHONES)), Dial)


def test_the_list_that_is_taken_elsewhere_does_not_bring_it(db, vault, clock, says):
    """There it would be excluded for whoever has it."""
    says(running(db, vault, clock, 1, TWO_PHONES))
    written = io.StringIO(newline="")
    with db.begin() as tx:
        export(tx, vault, clock.now(), COORDINATOR, written, zone=ZoneInfo("America/El_Salvador"), in_clear=True)
    assert len(list(csv.reader(io.StringIO(written.getvalue())))) == 1  # the headings
