"""The states of a campaign: which may follow which, who changed them, and what each change takes with it."""

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from campaigns import life
from campaigns.life import NoSuchCampaign, NotAllowed
from campaigns.states import NEXT, AttemptState, CampaignState
from campaigns.tables import campaign
from core.audit import history
from tests.campaigns.builders import (
    COORDINATOR,
    attempts_of,
    end,
    moment,
    people_of,
    put_on_the_line,
    running,
    scheduled,
    set_campaign,
    submitted,
)

S = CampaignState
ALLOWED = {
    (S.SUBMITTED, S.UNDER_REVIEW),
    (S.SUBMITTED, S.RETURNED),
    (S.UNDER_REVIEW, S.RETURNED),
    (S.UNDER_REVIEW, S.APPROVED),
    (S.RETURNED, S.UNDER_REVIEW),
    (S.APPROVED, S.SCHEDULED),
    (S.SCHEDULED, S.RUNNING),
    (S.SCHEDULED, S.PAUSED),
    (S.RUNNING, S.PAUSED),
    (S.PAUSED, S.RUNNING),
    (S.RUNNING, S.FINISHED),
    (S.PAUSED, S.FINISHED),
    (S.FINISHED, S.CLOSED),
} | {(state, S.CANCELLED) for state in S if state not in (S.FINISHED, S.CLOSED, S.CANCELLED)}


def state_of(db, campaign_id):
    with db.begin() as tx:
        return life.state_of(tx, campaign_id)


def test_every_pair_of_states(db, vault, clock):
    campaign_id = submitted(db, vault, clock, 1).id
    for before, after in product(S, S):
        set_campaign(db, campaign_id, state=before)
        if (before, after) in ALLOWED:
            with db.begin() as tx:
                life.move(tx, clock.now(), campaign_id, after, COORDINATOR)
        else:
            with pytest.raises(NotAllowed, match=before.label.lower()), db.begin() as tx:
                life.move(tx, clock.now(), campaign_id, after, COORDINATOR)
        assert state_of(db, campaign_id) == (after if (before, after) in ALLOWED else before)
    assert set(NEXT) == set(S)


def test_every_state_has_its_word_in_spanish():
    assert [state.label for state in S] == [
        "Radicada",
        "En verificación",
        "Devuelta",
        "Aprobada",
        "Programada",
        "En curso",
        "Pausada",
        "Finalizada",
        "Cerrada",
        "Cancelada",
    ]


def test_each_change_tells_who_when_and_why(db, vault, clock):
    campaign_id = submitted(db, vault, clock, 1).id
    clock.advance(timedelta(hours=1))
    with db.begin() as tx:
        life.cancel(tx, clock.now(), campaign_id, COORDINATOR, "ya no hace falta")
        newest = history(tx, "campaign", campaign_id)[0]
    assert (newest["action"], newest["actor"], newest["reason"]) == (
        "campaign.cancelled",
        COORDINATOR,
        "ya no hace falta",
    )
    assert newest["at"] == clock.now()
    assert newest["facts"] == {"before": "under_review"}


def test_pause_and_resume(db, vault, clock):
    campaign_id = running(db, vault, clock)
    with db.begin() as tx:
        life.pause(tx, clock.now(), campaign_id, COORDINATOR)
    assert state_of(db, campaign_id) == S.PAUSED
    with db.begin() as tx:
        life.resume(tx, clock.now(), campaign_id, COORDINATOR)
    assert state_of(db, campaign_id) == S.RUNNING
    with pytest.raises(NotAllowed), db.begin() as tx:
        life.resume(tx, clock.now(), campaign_id, COORDINATOR)
    assert {row.state for row in attempts_of(db, campaign_id)} == {AttemptState.DUE}


@pytest.mark.parametrize("change", [life.pause, life.resume, life.cancel])
def test_there_is_no_such_campaign(db, clock, change):
    with pytest.raises(NoSuchCampaign, match="No hay ninguna campaña"), db.begin() as tx:
        change(tx, clock.now(), 7, COORDINATOR)


def test_a_cancelled_campaign_calls_nobody_and_forgets_the_answers(db, vault, clock):
    campaign_id = running(db, vault, clock)
    first, *_ = attempts_of(db, campaign_id)
    put_on_the_line(db, first.id, "CA1", clock.now())
    assert all(person.answers for person in people_of(db, campaign_id))
    with db.begin() as tx:
        life.cancel(tx, clock.now(), campaign_id, COORDINATOR)
    assert [row.state for row in attempts_of(db, campaign_id)] == ["placed", "withdrawn", "withdrawn"]
    # whoever is on the line keeps theirs: without them the message would be told to anybody, or to nobody
    assert [person.answers is not None for person in people_of(db, campaign_id)] == [True, False, False]
    # the call in course ends as it ends, and nothing follows it
    assert end(db, vault, clock.now(), first.id, "no-answer")
    assert len(attempts_of(db, campaign_id)) == 3
    assert not any(person.answers for person in people_of(db, campaign_id))


def test_it_finishes_when_nobody_is_left(db, vault, clock):
    campaign_id = running(db, vault, clock, 2)

    def is_done() -> bool:
        with db.begin() as tx:
            return life.finish_if_done(tx, clock.now(), campaign_id, period_is_over=False)

    for n, row in enumerate(attempts_of(db, campaign_id)):
        assert not is_done()
        put_on_the_line(db, row.id, f"CA{n}", clock.now())
        assert not is_done()
        end(db, vault, clock.now(), row.id, "completed", progress="message_heard")
    assert is_done()
    assert state_of(db, campaign_id) == S.FINISHED
    assert not any(person.answers for person in people_of(db, campaign_id))
    with db.begin() as tx:
        assert tx.execute(select(campaign.c.finished_at)).scalar_one() == clock.now()
    assert not is_done()  # once


def test_when_the_period_ends_the_called_keep_their_outcome_and_the_rest_are_expired(db, vault, clock):
    campaign_id = running(db, vault, clock, 3)
    called, live, _never = attempts_of(db, campaign_id)
    put_on_the_line(db, called.id, "CA1", clock.now())
    end(db, vault, clock.now(), called.id, "no-answer")
    put_on_the_line(db, live.id, "CA2", clock.now())
    over = moment("2026-12-19 10:00")
    with db.begin() as tx:
        assert not life.finish_if_done(tx, over, campaign_id, period_is_over=True)  # one is still speaking
    assert [(p.is_final, p.outcome) for p in people_of(db, campaign_id)] == [
        (True, "no_contacto.no_contesta"),
        (False, None),
        (True, "no_marcable.vencido"),
    ]
    end(db, vault, over, live.id, "completed", progress="message_started")
    with db.begin() as tx:
        assert life.finish_if_done(tx, over, campaign_id, period_is_over=True)
    assert {row.state for row in attempts_of(db, campaign_id)} == {"ended", "withdrawn"}


def test_a_scheduled_campaign_does_not_finish(db, vault, clock):
    campaign_id = scheduled(db, vault, clock)
    with db.begin() as tx:
        assert not life.finish_if_done(tx, clock.now(), campaign_id, period_is_over=True)
