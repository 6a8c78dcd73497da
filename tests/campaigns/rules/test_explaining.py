"""¿Por qué no marca? Of a campaign and of one contact, asked of the database."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from campaigns import life
from campaigns.rules.exclusions import Kind, Scope, add
from campaigns.rules.explaining import why_campaign, why_contact
from campaigns.tables import campaign, recipient
from tests.campaigns.builders import (
    COORDINATOR,
    attempts_of,
    end,
    moment,
    people_of,
    put_on_the_line,
    running,
    scheduled,
    set_attempt,
    set_campaign,
    submitted,
)


@pytest.fixture
def dialer(db) -> None:
    """A dialer holds the trunk."""
    with db.begin() as tx:
        held = "values ('default', 'x', 1, clock_timestamp() + interval '1 hour')"
        tx.execute(text(f"insert into lease (trunk, owner, epoch, expires_at) {held}"))


def of_campaign(db, clock, campaign_id, **more):
    with db.begin() as tx:
        row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).one()
        return why_campaign(tx, clock.now(), row, **more)


def of_contact(db, vault, clock, campaign_id, number=0):
    recipient_id = people_of(db, campaign_id)[number].id
    with db.begin() as tx:
        return why_contact(tx, vault, clock.now(), recipient_id)


def codes(found) -> list[str]:
    assert all(why.sentence.endswith(".") and why.do.endswith(".") for why in found)  # each says what to do
    return [why.code for why in found]


def test_a_campaign_that_dials_has_no_reason(db, vault, clock, dialer):
    assert of_campaign(db, clock, running(db, vault, clock, 1)) == []


def test_whom_a_cancelled_campaign_left_is_told_so(db, vault, clock, dialer):
    campaign_id = running(db, vault, clock, 2)
    first = attempts_of(db, campaign_id)[0]
    put_on_the_line(db, first.id, "CA1", clock.now())
    end(db, vault, clock.now(), first.id, "busy")
    with db.begin() as tx:
        life.cancel(tx, clock.now(), campaign_id, COORDINATOR)
    for number in (0, 1):  # who waited for another call, and whom nobody called
        assert codes(of_contact(db, vault, clock, campaign_id, number)) == ["cancelled"]


def test_a_campaign_waits_for_one_that_goes_first(db, vault, clock, dialer):
    later = running(db, vault, clock, 1, prioridad="5")
    first = running(db, vault, clock, 1, 10, prioridad="1", nombre_campana="La primera")
    assert codes(of_campaign(db, clock, later)) == ["priority"]
    assert "La primera" in of_campaign(db, clock, later)[0].sentence
    assert of_campaign(db, clock, first) == []
    set_campaign(db, later, is_urgent=True)
    assert of_campaign(db, clock, later) == []
    assert codes(of_campaign(db, clock, first)) == ["priority"]


def test_one_that_is_open_in_another_zone_is_not_out_of_hours(db, vault, clock, dialer):
    campaign_id = running(db, vault, clock, 1)
    set_campaign(db, campaign_id, country="MX")
    clock.jump_to(moment("2026-11-23 19:30"))
    assert codes(of_campaign(db, clock, campaign_id)) == ["out_of_hours"]
    with db.begin() as tx:
        tx.execute(update(recipient).values(zone="America/Tijuana"))
    assert of_campaign(db, clock, campaign_id) == []


def test_what_stands_in_everybodys_way_comes_first(db, vault, clock):
    campaign_id = running(db, vault, clock, 1)
    clock.jump_to(moment("2026-11-23 19:00"))
    assert codes(of_contact(db, vault, clock, campaign_id)) == ["no_dialer", "out_of_hours"]


def test_a_contact_of_a_campaign_that_nobody_approved(db, vault, clock, dialer):
    assert codes(of_contact(db, vault, clock, submitted(db, vault, clock, 1).id)) == ["not_approved"]


def test_a_contact_of_a_campaign_that_has_not_begun(db, vault, clock, dialer):
    campaign_id = scheduled(db, vault, clock, 1)
    set_campaign(db, campaign_id, starts_at=clock.now() + timedelta(days=1))
    assert codes(of_contact(db, vault, clock, campaign_id))[0] == "not_started"


def test_a_contact_whose_turn_it_is(db, vault, clock, dialer):
    assert codes(of_contact(db, vault, clock, running(db, vault, clock, 1))) == ["in_line"]


def test_a_contact_of_a_paused_campaign(db, vault, clock, dialer):
    campaign_id = running(db, vault, clock, 1)
    with db.begin() as tx:
        life.pause(tx, clock.now(), campaign_id, COORDINATOR)
    assert codes(of_contact(db, vault, clock, campaign_id)) == ["paused"]


def test_a_contact_that_was_called_by_another_campaign(db, vault, clock, dialer):
    other = running(db, vault, clock, 1)
    row = attempts_of(db, other)[0]
    put_on_the_line(db, row.id, "CA1", clock.now() - timedelta(hours=1))
    end(db, vault, clock.now(), row.id, "no-answer")
    campaign_id = running(db, vault, clock, 1, nombre_campana="Otra")
    (why,) = of_contact(db, vault, clock, campaign_id)
    assert (why.code, why.until) == ("between_calls", moment("2026-11-23 12:00"))
    assert why.sentence == "Se le llamó hace poco: se puede volver a llamar desde el lunes 23/11 12:00."


def test_a_contact_that_is_excluded(db, vault, clock, dialer):
    campaign_id = running(db, vault, clock, 1)
    with db.begin() as tx:
        add(tx, vault, clock.now(), COORDINATOR, Kind.PHONE, "+50371000000", Scope(line="dgs"), "carta")
    found = of_contact(db, vault, clock, campaign_id)
    assert codes(found) == ["other_phone"]  # the first of two
    with db.begin() as tx:
        tx.execute(update(recipient).values(outcome="no_marcable.excluido", is_final=True))
    assert codes(of_contact(db, vault, clock, campaign_id)) == ["excluido"]


def test_a_contact_that_waits_for_its_retry(db, vault, clock, dialer):
    campaign_id = running(db, vault, clock, 1)
    set_attempt(db, attempts_of(db, campaign_id)[0].id, due_at=moment("2026-11-24 07:00"))
    (why,) = of_contact(db, vault, clock, campaign_id)
    assert (why.code, why.until) == ("due_later", moment("2026-11-24 08:00"))


@pytest.mark.parametrize(
    ("state", "code"), [("placed", "on_the_line"), ("asking", "on_the_line"), ("unknown", "unknown")]
)
def test_a_contact_with_a_call_under_way(db, vault, clock, dialer, state, code):
    campaign_id = running(db, vault, clock, 1)
    set_attempt(db, attempts_of(db, campaign_id)[0].id, state=state, started_at=clock.now())
    assert codes(of_contact(db, vault, clock, campaign_id)) == [code]


def test_a_contact_that_is_done(db, vault, clock, dialer):
    campaign_id = running(db, vault, clock, 1)
    row = attempts_of(db, campaign_id)[0]
    put_on_the_line(db, row.id, "CA1", clock.now())
    end(db, vault, clock.now(), row.id, "completed", progress="message_heard")
    (why,) = of_contact(db, vault, clock, campaign_id)
    assert why.sentence == "Ya terminó: mensaje completo."


def test_asking_why_changes_nothing(db, vault, clock, dialer):
    campaign_id = running(db, vault, clock, 2)
    before = attempts_of(db, campaign_id), people_of(db, campaign_id)
    of_contact(db, vault, clock, campaign_id)
    of_campaign(db, clock, campaign_id)
    assert (attempts_of(db, campaign_id), people_of(db, campaign_id)) == before
    with db.begin() as tx:
        assert why_contact(tx, vault, clock.now(), 999_999) == []
