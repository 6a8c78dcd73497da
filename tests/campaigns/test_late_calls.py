"""A call that the carrier makes after all, when a complete list had shown that it never had it."""

from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import text

from campaigns import attempts, conversation, life
from campaigns.history.story import story_of
from campaigns.rules.candidates import candidate_for
from campaigns.rules.deciding import Dial, NotNow, Reason
from campaigns.rules.facts import decision_of
from dialer import queries
from tests.campaigns.builders import attempts_of, campaign_row, people_of, running, set_attempt
from tests.core.waiting import eventually

LATE = "CA1"


@pytest.fixture
def campaign_id(db, vault, clock) -> int:
    """One person with two telephones."""
    return running(db, vault, clock, 1)


@pytest.fixture
def absent(db, vault, clock, campaign_id) -> int:
    """An attempt that was asked for and believed not made: the id of it; another one is due in its place."""
    (row,) = attempts_of(db, campaign_id)
    to_print = vault.fingerprint("phone", phone_of(db, vault, row.id))
    set_attempt(
        db, row.id, state="unknown", asked_at=clock.now(), started_at=clock.now(), to_print=to_print, caller_id="x"
    )
    clock.advance(timedelta(minutes=2))
    with db.begin() as tx:
        queries.not_placed(tx, row.id, clock.now())
    return row.id


def phone_of(db, vault, attempt_id: int) -> str:
    with db.begin() as tx:
        return candidate_for(tx, vault, attempt_id).to


def answered(db, vault, clock, attempt_id: int, sid: str = LATE) -> dict:
    """What its conversation is given, as the webhook of an answered call asks for it: each statement by itself."""
    with db.at_once() as tx:
        script = conversation.script_for(tx, vault, clock.now(), attempt_id, sid)
    assert script is not None
    return script


def ends(db, clock, attempt_id: int, status: str, sid: str = LATE) -> bool:
    with db.begin() as tx:
        return attempts.end_call(tx, clock.now(), attempt_id, status, 7, sid=sid)


def states(db, campaign_id: int) -> list[str]:
    return [row.state for row in attempts_of(db, campaign_id)]


def told(db, vault, clock, campaign_id: int) -> list[str]:
    with db.begin() as tx:
        row = campaign_row(tx, campaign_id)
        return [step.told for step in story_of(tx, vault, clock.now(), row, people_of(db, campaign_id)[0])]


def test_before_another_is_asked_it_takes_its_place_back(db, vault, clock, campaign_id, absent):
    script = answered(db, vault, clock, absent)
    assert script["mensaje"] and script == answered(db, vault, clock, absent)  # and again, when it is asked again
    late, other = attempts_of(db, campaign_id)
    assert (late.state, late.remote_sid, late.ended_at) == ("placed", LATE, None)
    assert (other.state, other.ended_at, other.remote_sid) == ("withdrawn", clock.now(), None)
    why = "Se retiró la llamada prevista: la llamada que se daba por no hecha sí se hizo."
    assert why in told(db, vault, clock, campaign_id)
    assert ends(db, clock, absent, "busy")
    late, _, retry = attempts_of(db, campaign_id)
    assert (late.state, late.outcome, retry.state) == ("ended", "no_contacto.ocupado", "due")
    assert people_of(db, campaign_id)[0].attempts == 1
    assert why in told(db, vault, clock, campaign_id)


def test_so_it_does_when_its_first_word_is_its_last(db, clock, campaign_id, absent):
    assert ends(db, clock, absent, "no-answer")
    assert states(db, campaign_id) == ["ended", "withdrawn", "due"]
    assert people_of(db, campaign_id)[0].attempts == 1


@pytest.mark.parametrize("state", ["asking", "unknown", "placed", "ended"])
def test_after_another_was_asked_nothing_of_the_campaign_is_said(db, vault, clock, campaign_id, absent, state):
    other = attempts_of(db, campaign_id)[1]
    outcome = "contacto_titular.mensaje_completo" if state == "ended" else None
    set_attempt(db, other.id, state=state, outcome=outcome)
    for _ in range(2):
        assert answered(db, vault, clock, absent) == {"line": "dgs", "is_too_late": True}
    clock.advance(timedelta(seconds=9))
    assert not ends(db, clock, absent, "completed")
    late, other = attempts_of(db, campaign_id)
    assert (late.state, late.remote_sid, late.outcome) == ("not_placed", LATE, None)
    assert (late.remote_status, late.duration_s, late.ended_at) == ("completed", 7, clock.now())
    assert (other.state, other.outcome) == (state, outcome)
    assert people_of(db, campaign_id)[0].attempts == 0
    tale = "La red la hizo tarde, cuando ya se daba por no hecha: no se le dijo nada de la campaña."
    assert tale in told(db, vault, clock, campaign_id)


def test_a_retry_of_the_other_is_nobodys_place(db, vault, clock, campaign_id, absent):
    """The other one rang, and nobody answered: they are called again when it was planned, and not at every hour."""
    other = attempts_of(db, campaign_id)[1]
    set_attempt(db, other.id, state="placed", remote_sid="CA2", asked_at=clock.now(), started_at=clock.now())
    assert ends(db, clock, other.id, "no-answer", sid="CA2")
    assert answered(db, vault, clock, absent)["is_too_late"]
    assert states(db, campaign_id) == ["not_placed", "ended", "due"]


def test_of_two_that_were_believed_absent_the_first_to_come_is_the_call(db, vault, clock, campaign_id, absent):
    second = attempts_of(db, campaign_id)[1]
    set_attempt(db, second.id, state="unknown", asked_at=clock.now(), started_at=clock.now())
    with db.begin() as tx:
        queries.not_placed(tx, second.id, clock.now())
    assert answered(db, vault, clock, absent)["mensaje"]
    assert answered(db, vault, clock, second.id, "CA2")["is_too_late"]
    assert states(db, campaign_id) == ["placed", "not_placed", "withdrawn"]


def test_of_a_campaign_that_was_cancelled_nothing_is_said(db, vault, clock, campaign_id, absent):
    with db.begin() as tx:
        life.cancel(tx, clock.now(), campaign_id, "ana", "prueba")
    assert answered(db, vault, clock, absent)["is_too_late"]
    assert states(db, campaign_id) == ["not_placed", "withdrawn"]
    assert "Se retiró la llamada prevista: la campaña terminó o se canceló." in told(db, vault, clock, campaign_id)


def test_it_counts_for_the_limits_of_its_person_and_of_its_telephone(db, vault, clock, campaign_id, absent):
    set_attempt(db, attempts_of(db, campaign_id)[1].id, state="withdrawn")  # whatever became of the other
    (again,) = attempts_of(db, running(db, vault, clock, 1, nombre_campana="Otra"))

    def decision():
        with db.begin() as tx:
            return decision_of(tx, vault, clock.now(), candidate_for(tx, vault, again.id))[1]

    assert isinstance(decision(), Dial)
    answered(db, vault, clock, absent)
    ends(db, clock, absent, "no-answer")
    held = decision()
    assert isinstance(held, NotNow) and held.reason is Reason.BETWEEN


@pytest.mark.parametrize("is_asked", [True, False])
def test_whoever_asks_for_the_other_at_this_very_moment_is_waited_for(db, vault, clock, campaign_id, absent, is_asked):
    other = attempts_of(db, campaign_id)[1]
    scripts: list[dict] = []
    comes = Thread(target=lambda: scripts.append(answered(db, vault, clock, absent)))
    with db.begin() as tx:
        tx.execute(text("select id from attempt where id = :id for update"), {"id": other.id})
        comes.start()
        eventually(lambda: tx.execute(text(WAITS)).scalar())
        if is_asked:
            tx.execute(text("update attempt set state = 'asking', asked_at = now() where id = :id"), {"id": other.id})
    comes.join(10)
    assert ("is_too_late" in scripts[0]) is is_asked
    assert states(db, campaign_id) == (["not_placed", "asking"] if is_asked else ["placed", "withdrawn"])


def test_one_that_ends_while_its_campaign_is_cancelled_waits_and_is_too_late(db, clock, campaign_id, absent):
    told_of: list[bool] = []
    comes = Thread(target=lambda: told_of.append(ends(db, clock, absent, "no-answer")))
    with db.begin() as tx:
        life.state_of(tx, campaign_id, lock=True)
        comes.start()
        eventually(lambda: tx.execute(text(WAITS)).scalar())
        life.cancel(tx, clock.now(), campaign_id, "ana", "prueba")
    comes.join(10)
    assert told_of == [False]
    late, other = attempts_of(db, campaign_id)
    assert (late.state, late.remote_status, other.state) == ("not_placed", "no-answer", "withdrawn")


WAITS = "select true from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))"
