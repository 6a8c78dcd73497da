"""What a seed plans, and what the drill reads of a ledger while it grows."""

import json
from pathlib import Path

import pytest

from carrier.local.personas import Fate, Person, read_personas
from core.countries import COUNTRIES
from core.documents import Document, check_document
from core.phones import Phone, parse_phone
from drill.chaos.ledger import Follower, Keys, Turn
from drill.chaos.people import PLACES, person, personas_of
from drill.chaos.plan import SKIES, Course, Victim, plan


def test_a_seed_plans_the_same_run() -> None:
    assert plan(25, 5) == plan(25, 5)
    assert plan(25, 5) != plan(25, 6)


def test_as_many_deaths_as_were_asked_for_and_everybody_has_a_turn() -> None:
    kills = plan(25, 5).kills
    assert len(kills) == 25
    assert {each.victim for each in kills} == set(Victim)
    assert {each.victim for each in plan(len(Victim), 1).kills} == set(Victim)


def test_every_misfortune_has_its_day() -> None:
    told = {name for weather in plan(25, 5).weather for name in weather.faults} - {"seed"}
    assert told == {name for sky in SKIES for name in sky}


def test_every_batch_has_a_campaign_that_is_paused_and_one_that_is_cancelled() -> None:
    for batch in plan(25, 5).batches:
        assert [each.course for each in batch].count(Course.PAUSED) == 1
        assert [each.course for each in batch].count(Course.CANCELLED) == 1
        assert {each.place.country for campaign in batch for each in campaign.people} == set(COUNTRIES)


def test_nobody_is_in_two_campaigns_and_no_telephone_is_two_peoples() -> None:
    people = plan(60, 9).people
    assert len({each.number for each in people}) == len(people)
    phones = [phone for each in people for phone in each.phones]
    assert len(set(phones)) == len(phones)
    assert {len(each.phones) for each in people} == {1, 2, 3}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.zone or place.country)
def test_the_invented_people_pass_the_checks_of_their_country(place) -> None:
    for number in (0, 1, 2, 900):
        who = person(number, place)
        assert isinstance(check_document(who.place.documents, who.document, place.country), Document)
        assert all(isinstance(parse_phone(phone, place.country), Phone) for phone in who.phones)


def test_each_telephone_is_answered_as_its_fate_says() -> None:
    people = [person(number, PLACES[number % len(PLACES)]) for number in (7, 3, 40, 21)]
    found = read_personas(personas_of(people, 0.02))
    known = {"no_answer": Fate.NO_ANSWER, "busy": Fate.BUSY, "machine": Fate.MACHINE, "failed": Fate.FAILED}
    for who in people:
        for phone, fate in zip(who.phones, who.fates, strict=True):
            persona = found.find(phone)
            assert isinstance(persona, Person)
            assert persona.fate is known.get(fate, Fate.ANSWER)


def test_the_ledger_is_read_as_it_grows_and_a_line_cut_off_by_a_kill_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "carrier.jsonl"
    reader = Follower(path)
    assert not reader.read()
    url = "http://x/voice/outbound?attempt=12"
    call = {"kind": "call", "sid": "CA1", "to": "+50371000000", "created_at": "2026-11-23T16:00:00+00:00"}
    asked = {
        "kind": "request",
        "sid": "CA1",
        "url": url,
        "params": {"Digits": "2"},
        "status": 200,
        "body": "<Response/>",
    }
    told = {**asked, "url": "http://x/voice/status?attempt=12", "status": None}
    path.write_text(json.dumps(call | {"plan": {"url": url}}) + "\n" + '{"kind": "chan')
    assert reader.read()
    assert [each.attempt_id for each in reader.calls.values()] == [12]
    with path.open("a") as file:
        for entry in (
            {},
            {"kind": "keys", "sid": "CA1", "digits": "2"},
            asked,
            told,
            {"kind": "change", "sid": "CA1", "status": "completed", "answered_second": 3.0, "ended_by": "person"},
            {"kind": "fault", "sid": "", "name": "lost"},
        ):
            file.write((json.dumps(entry) if entry else "") + "\n")
    assert reader.read()
    (read,) = reader.calls.values()
    assert read.story == [Keys("2"), Turn("/voice/outbound", "2", 200, "<Response/>")]
    assert (read.status, read.is_answered, read.ended_by) == ("completed", True, "person")
    assert (reader.faults["lost"], reader.callbacks["None"]) == (1, 1)
