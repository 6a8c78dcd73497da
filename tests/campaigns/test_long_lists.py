"""Lists too long for one transaction: nobody waits for them, the state alone counts, the rest follows in parts."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Barrier, Thread

import pytest
from sqlalchemy import Connection, func, select, text

from campaigns import attempts, clearing, conversation, life
from campaigns.approval import approve, plan_more
from campaigns.outcomes import Outcome
from campaigns.tables import attempt, recipient
from core.audit import history
from core.clock import Clock, FixedClock
from core.database import Database
from core.privacy import Vault
from core.roles import Role
from dialer import calendar
from tests.campaigns.builders import (
    COORDINATOR,
    attempts_of,
    end,
    moment,
    people_of,
    put_on_the_line,
    running,
    set_campaign,
    submitted,
)

MANY = attempts.PLANNED_AT_ONCE + 500
_ALIKE = text("""
    insert into recipient (campaign_id, row, data_sealed, phones, answers)
    select campaign_id, row + n, data_sealed, phones, answers from recipient, generate_series(1, :more) n
    where campaign_id = :campaign
""")


class Killed(Exception):
    """The process, at this very moment."""


class Mortal(Database):
    """A database that a process has only so many transactions with: it is killed before the next one is committed."""

    def __init__(self, url: str, transactions: int) -> None:
        super().__init__(url, 1)
        self.left = transactions

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with super().begin() as tx:
            yield tx
            self.left -= 1
            if self.left < 0:
                raise Killed


def handed_in(db: Database, vault: Vault, clock: Clock, people: int = MANY) -> int:
    """A list of so many people, all like the first one."""
    campaign_id = submitted(db, vault, clock, 1).id
    with db.begin() as tx:
        tx.execute(_ALIKE, {"campaign": campaign_id, "more": people - 1})
    set_campaign(db, campaign_id, recipients=people)
    return campaign_id


def decided(db: Database, clock: Clock, campaign_id: int) -> None:
    with db.begin() as tx:
        approve(tx, clock.now(), campaign_id, COORDINATOR, Role.SUPERVISOR, at_once=True, reason="prueba")


def under_way(db: Database, vault: Vault, clock: Clock) -> int:
    """The same, running."""
    campaign_id = handed_in(db, vault, clock)
    decided(db, clock, campaign_id)
    for _ in range(2):
        calendar.keep(db, clock)
    assert state(db, campaign_id) == "running"
    return campaign_id


def state(db: Database, campaign_id: int) -> str:
    with db.begin() as tx:
        return life.state_of(tx, campaign_id)


def by_state(db: Database) -> dict[str, int]:
    with db.begin() as tx:
        return {
            found: some for found, some in tx.execute(select(attempt.c.state, func.count()).group_by(attempt.c.state))
        }


def count(db: Database, *which) -> int:
    with db.begin() as tx:
        return tx.execute(select(func.count()).select_from(recipient).where(*which)).scalar_one()


def with_answers(db: Database) -> int:
    return count(db, recipient.c.answers.is_not(None))


def trail(db: Database, campaign_id: int) -> list[str]:
    with db.begin() as tx:
        return [line["action"] for line in history(tx, "campaign", campaign_id)]


def test_of_a_cancelled_long_list_the_state_changes_alone_and_the_rest_follows(db, vault, clock, database_url):
    campaign_id = under_way(db, vault, clock)
    on_the_line = attempts_of(db, campaign_id)[7]
    put_on_the_line(db, on_the_line.id, "CA1", clock.now())
    with db.begin() as tx:
        life.cancel(tx, clock.now(), campaign_id, COORDINATOR)
    assert state(db, campaign_id) == "cancelled"
    assert (by_state(db), with_answers(db)) == ({"due": MANY - 1, "placed": 1}, MANY)

    dying = Mortal(database_url, 3)
    with pytest.raises(Killed):
        clearing.clear_due(dying, clock.now())
    assert by_state(db) == {"due": MANY - 1 - 2 * clearing.AT_ONCE, "withdrawn": 2 * clearing.AT_ONCE, "placed": 1}

    dying.left = 7  # what is left of the attempts, and some of the people
    with pytest.raises(Killed):
        clearing.clear_due(dying, clock.now())
    dying.close()
    assert by_state(db) == {"withdrawn": MANY - 1, "placed": 1}
    assert clearing.AT_ONCE < with_answers(db) < MANY

    assert clearing.clear_due(db, clock.now()) == 1
    assert with_answers(db) == 1  # theirs, whose call is still to end
    assert trail(db, campaign_id)[0] == clearing.CLEARED
    assert clearing.clear_due(db, clock.now()) == 0
    end(db, vault, clock.now(), on_the_line.id, "no-answer")
    assert (by_state(db), with_answers(db)) == ({"withdrawn": MANY - 1, "ended": 1}, 0)


def test_a_period_that_ends_expires_a_part_at_each_look(db, vault, clock):
    campaign_id = under_way(db, vault, clock)
    called = attempts_of(db, campaign_id)[0]
    put_on_the_line(db, called.id, "CA1", clock.now())
    end(db, vault, clock.now(), called.id, "no-answer")
    over = FixedClock(moment("2026-12-18 18:00"))
    expired, looks = 0, 0
    while state(db, campaign_id) == "running":
        calendar.keep(db, over)
        now_expired = count(db, recipient.c.is_final)
        assert expired < now_expired <= expired + clearing.AT_ONCE
        expired, looks = now_expired, looks + 1
    assert (state(db, campaign_id), looks, expired) == ("finished", MANY // clearing.AT_ONCE + 1, MANY)
    assert by_state(db) == {"withdrawn": MANY, "ended": 1}
    assert count(db, recipient.c.outcome == Outcome.EXPIRED) == MANY - 1
    assert count(db, recipient.c.outcome == Outcome.NO_ANSWER) == 1
    assert with_answers(db) == 0


def test_of_a_long_list_that_is_approved_the_first_part_is_planned_and_nobody_is_called_yet(db, vault, clock):
    campaign_id = handed_in(db, vault, clock)
    decided(db, clock, campaign_id)
    assert (state(db, campaign_id), by_state(db)) == ("approved", {"due": attempts.PLANNED_AT_ONCE})
    assert calendar.begin_due_campaigns(db, clock.now()) == 0
    with pytest.raises(Killed), db.begin() as tx:
        plan_more(tx, clock.now(), campaign_id)
        raise Killed
    assert (state(db, campaign_id), by_state(db)) == ("approved", {"due": attempts.PLANNED_AT_ONCE})

    _two_at_once(db, lambda tx: plan_more(tx, clock.now(), campaign_id))
    assert (state(db, campaign_id), by_state(db)) == ("scheduled", {"due": MANY})
    calendar.keep(db, clock)
    assert (state(db, campaign_id), by_state(db)) == ("running", {"due": MANY})
    order = [row.recipient_id for row in attempts_of(db, campaign_id)]
    assert order == [person.id for person in people_of(db, campaign_id)]
    assert trail(db, campaign_id)[:4] == [
        "campaign.running",
        "campaign.planned",
        "campaign.scheduled",
        "campaign.approved",
    ]


def test_a_list_of_just_one_part_is_planned_to_its_end(db, vault, clock):
    campaign_id = handed_in(db, vault, clock, attempts.PLANNED_AT_ONCE)
    decided(db, clock, campaign_id)
    calendar.plan_approved_campaigns(db, clock.now())
    assert (state(db, campaign_id), by_state(db)) == ("scheduled", {"due": attempts.PLANNED_AT_ONCE})


def test_cancelled_while_it_is_planned_it_is_planned_no_further(db, vault, clock):
    campaign_id = handed_in(db, vault, clock)
    decided(db, clock, campaign_id)
    with db.begin() as tx:
        life.cancel(tx, clock.now(), campaign_id, COORDINATOR)
        plan_more(tx, clock.now(), campaign_id)
    calendar.keep(db, clock)
    assert (state(db, campaign_id), by_state(db)) == ("cancelled", {"due": attempts.PLANNED_AT_ONCE})
    clearing.clear_due(db, clock.now())
    assert (by_state(db), with_answers(db)) == ({"withdrawn": attempts.PLANNED_AT_ONCE}, 0)


@pytest.mark.parametrize("is_paused", [False, True])
def test_while_answers_wait_to_be_validated_security_answers_do_not(db, vault, clock, is_paused):
    """A campaign of few people, that nobody is to be called of any more, and that is not finished."""
    asked = {"recolectar_1": "¿Recibe el subsidio?", "recolectar_1_opciones": "1=Sí|2=No", "requiere_validacion": "SI"}
    campaign_id = running(db, vault, clock, 2, **asked)
    if is_paused:
        with db.begin() as tx:
            life.pause(tx, clock.now(), campaign_id, COORDINATOR)
    for each in attempts_of(db, campaign_id):
        assert clearing.clear_due(db, clock.now()) == 0
        assert with_answers(db) == 2  # somebody is still to be called
        put_on_the_line(db, each.id, f"CA{each.id}", clock.now())
        with db.begin() as tx:
            conversation.keep_collected(tx, vault, each.id, {"1": "1"})
        end(db, vault, clock.now(), each.id, "completed", progress="collected")
    assert calendar.finish_done_campaigns(db, clock.now()) == 0
    assert clearing.clear_due(db, clock.now()) == 1
    assert with_answers(db) == 0
    assert clearing.clear_due(db, clock.now()) == 0


def _two_at_once(db: Database, do) -> None:
    together = Barrier(2)

    def one() -> None:
        with db.begin() as tx:
            together.wait(10)
            do(tx)

    threads = [Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
