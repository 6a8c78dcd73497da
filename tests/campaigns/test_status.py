"""How a campaign stands: numbers that always add up."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from campaigns import life
from campaigns.counting import tally
from campaigns.life import NoSuchCampaign
from campaigns.states import AttemptState
from campaigns.status import Pace, Reached, calls_a_minute, label_of, on_the_line, pace_of, reached, status_of
from campaigns.submission import submit
from campaigns.tables import campaign
from core.trunks import Trunks
from demo.invent import citizen, formato
from dialer import queries
from tests.campaigns.builders import (
    COORDINATOR,
    LINES,
    attempts_of,
    end,
    moment,
    put_on_the_line,
    running,
    set_attempt,
    submitted,
)
from tests.dialer.builders import held
from tests.trunks import a_trunk


def look(db, clock, campaign_id, cap=None):
    """``cap``: of the only trunk."""
    trunks = Trunks((a_trunk(max_live_calls=cap),)) if cap else None
    with db.begin() as tx:
        return status_of(tx, clock.now(), campaign_id, trunks)


def row_of(tx, campaign_id):
    return tx.execute(select(campaign).where(campaign.c.id == campaign_id)).one()


def assert_adds_up(status):
    assert status.recipients == status.pending + status.live + sum(status.outcomes.values())
    assert status.pending >= 0


def test_before_the_first_call(db, vault, clock):
    found = look(db, clock, submitted(db, vault, clock, 3).id)
    assert (found.recipients, found.pending, found.attempts, found.live, found.outcomes) == (3, 3, 0, 0, {})
    assert [each.code for each in found.waiting_because] == ["not_approved"]


def test_the_numbers_add_up_at_every_step(db, vault, clock):
    campaign_id = running(db, vault, clock, 5)
    busy, heard, unknown, asking, due = attempts_of(db, campaign_id)
    put_on_the_line(db, busy.id, "CA1", clock.now())
    put_on_the_line(db, heard.id, "CA2", clock.now())
    set_attempt(db, unknown.id, state=AttemptState.UNKNOWN)
    set_attempt(db, asking.id, state=AttemptState.ASKING)
    found = look(db, clock, campaign_id)
    assert (found.pending, found.live, found.attempts) == (1, 4, 2)
    assert_adds_up(found)

    end(db, vault, clock.now(), busy.id, "busy")
    end(db, vault, clock.now(), heard.id, "completed", progress="message_heard")
    with db.begin() as tx:
        queries.not_placed(tx, unknown.id, clock.now())
    found = look(db, clock, campaign_id)
    assert found.outcomes == {"contacto_titular.mensaje_completo": 1}  # a retry is to come: the busy one is pending
    assert (found.pending, found.live, found.attempts, found.done) == (3, 1, 2, 1)
    assert (found.waiting, found.untouched) == ({"no_contacto.ocupado": 1}, 2)
    assert_adds_up(found)

    with db.begin() as tx:
        life.cancel(tx, clock.now(), campaign_id, COORDINATOR)
    assert_adds_up(look(db, clock, campaign_id))


def test_rows_in_error_are_nobody_to_be_called(db, vault, clock):
    lines = formato([citizen(n) for n in range(40)]).decode().split("\r\n")
    lines[-1] = lines[-1].replace(";DUI;", ";DUI;9")  # no such document
    found = look(db, clock, submit(db, vault, clock, LINES, COORDINATOR, "lista.csv", "\r\n".join(lines).encode()).id)
    assert (found.recipients, found.loaded, found.done, found.pending) == (40, 39, 0, 39)
    assert_adds_up(found)


def test_a_retry_on_the_line_waits_for_none(db, vault, clock):
    campaign_id = running(db, vault, clock, 2)
    busy = attempts_of(db, campaign_id)[0]
    put_on_the_line(db, busy.id, "CA1", clock.now())
    end(db, vault, clock.now(), busy.id, "busy")
    assert look(db, clock, campaign_id).waiting == {"no_contacto.ocupado": 1}
    put_on_the_line(db, attempts_of(db, campaign_id)[-1].id, "CA2", clock.now())
    found = look(db, clock, campaign_id)
    assert (found.live, found.waiting, found.untouched, found.pending) == (1, {}, 1, 1)


def test_the_order_of_outcomes_is_the_contracts(db, vault, clock):
    campaign_id = running(db, vault, clock, 4)
    ends = ["message_heard", "collected", "opted_out", "message_started"]
    for n, (row, progress) in enumerate(zip(attempts_of(db, campaign_id), ends, strict=True)):
        put_on_the_line(db, row.id, f"CA{n}", clock.now())
        end(db, vault, clock.now(), row.id, "completed", progress=progress)
    found = look(db, clock, campaign_id)
    assert [code.partition(".")[2] for code in found.outcomes] == [
        "mensaje_parcial",
        "mensaje_completo",
        "dato_recolectado",
        "no_llamar",
    ]
    with db.begin() as tx:
        assert reached(tally.people(tx, campaign_id)) == Reached(called=4, reached=4, verified=4, heard=2)


def test_as_json(db, vault, clock):
    campaign_id = submitted(db, vault, clock, 2, dias="L-S").id
    told = json.loads(json.dumps(look(db, clock, campaign_id).as_json()))
    assert told == {
        "id": campaign_id,
        "name": "Aviso a nuevos beneficiarios",
        "state": "under_review",
        "recipients": 2,
        "pending": 2,
        "attempts": 0,
        "texts": 0,
        "live": 0,
        "outcomes": {},
        "observations": {"error": 0, "aviso": 1},
        "waiting_because": [
            {
                "code": "not_approved",
                "sentence": "Espera que alguien la apruebe.",
                "until": None,
                "do": "Revísela y apruébela, o devuélvala.",
            }
        ],
    }


def test_it_waits_for_a_free_line(db, vault, clock):
    campaign_id = running(db, vault, clock, 3)
    for n, row in enumerate(attempts_of(db, campaign_id)[:2]):
        put_on_the_line(db, row.id, f"CA{n}", clock.now())
    assert [each.code for each in look(db, clock, campaign_id, cap=2).waiting_because] == ["no_dialer", "cap"]
    lease = held(db)
    assert [each.code for each in look(db, clock, campaign_id, cap=2).waiting_because] == ["cap"]
    assert look(db, clock, campaign_id, cap=3).waiting_because == []
    lease.trouble = "carrier_down"
    with db.begin() as tx:
        assert lease.tick(tx)
    assert [each.code for each in look(db, clock, campaign_id, cap=3).waiting_because] == ["carrier"]


def test_a_request_that_could_not_be_made_out_has_a_status_too(db, vault, clock):
    found = look(db, clock, submitted(db, vault, clock, 1, pais="Utopía").id)
    assert [each.code for each in found.waiting_because] == ["returned"]
    assert found.observations["error"] >= 1
    assert_adds_up(found)


def test_calls_a_minute(db, vault, clock):
    campaign_id = running(db, vault, clock, 4)
    begin = moment("2026-11-23 10:00")
    for n, (row, seconds) in enumerate(zip(attempts_of(db, campaign_id), (0, 59, 60, 300), strict=True)):
        put_on_the_line(db, row.id, f"CA{n}", begin + timedelta(seconds=seconds))
    with db.begin() as tx:
        found = calls_a_minute(tx, campaign_id, on_the_line(tx, row_of(tx, campaign_id)))
    assert found == [(begin, 2), (begin + timedelta(minutes=1), 1), (begin + timedelta(minutes=5), 1)]


def test_how_fast_it_goes_and_who_is_called_again(db, vault, clock):
    campaign_id = running(db, vault, clock, 4)
    first, second, third, _ = attempts_of(db, campaign_id)
    put_on_the_line(db, first.id, "CA1", clock.now() - timedelta(minutes=5))
    end(db, vault, clock.now(), first.id, "busy")
    put_on_the_line(db, second.id, "CA2", clock.now() - timedelta(seconds=59))
    end(db, vault, clock.now(), second.id, "no-answer")
    put_on_the_line(db, third.id, "CA3", clock.now())
    retry = attempts_of(db, campaign_id)[-1]
    with db.begin() as tx:
        row = row_of(tx, campaign_id)
        people = tally.people(tx, campaign_id)
        assert pace_of(tx, clock.now(), campaign_id, people, on_the_line(tx, row)) == Pace(2, 2)

    put_on_the_line(db, retry.id, "CA4", clock.now())  # whoever is on the line now does not wait for a retry
    with db.begin() as tx:
        people = tally.people(tx, campaign_id)
        assert pace_of(tx, clock.now(), campaign_id, people, on_the_line(tx, row)).retries == 1


def test_what_people_read():
    assert label_of("no_contacto.ocupado") == "Ocupado"


def test_there_is_no_such_campaign(db, clock):
    with pytest.raises(NoSuchCampaign):
        look(db, clock, 5)
