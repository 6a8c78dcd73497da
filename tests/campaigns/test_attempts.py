"""An attempt from its plan to its end: each step at most once, whoever tells it and however often."""

from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import func, select, text

from campaigns import attempts, conversation, life
from campaigns.states import AttemptState, Progress
from campaigns.tables import exclusion, recipient
from dialer import queries
from tests.campaigns.builders import (
    attempts_of,
    end,
    moment,
    people_of,
    put_on_the_line,
    running,
    set_attempt,
)
from tests.core.waiting import eventually

ONE, OTHER = "AC" + "1" * 32, "AC" + "2" * 32


@pytest.fixture
def campaign_id(db, vault, clock) -> int:
    """Three people; the first has two telephones."""
    return running(db, vault, clock)


def prove(db, attempt_id, sid, account=None) -> bool:
    with db.begin() as tx:
        return attempts.prove(tx, moment("2026-11-23 10:00"), attempt_id, sid, account)


def machine(db, attempt_id, verdict, sid="CA1", account=None) -> bool:
    with db.begin() as tx:
        return attempts.note_answered_by(tx, attempt_id, verdict, sid, account)


def test_a_call_that_nobody_answered_is_followed_by_another(db, vault, clock, campaign_id):
    first = attempts_of(db, campaign_id)[0]
    put_on_the_line(db, first.id, "CA1", clock.now())
    clock.advance(timedelta(seconds=30))
    assert end(db, vault, clock.now(), first.id, "no-answer")
    ended, *_, retry = attempts_of(db, campaign_id)
    assert (ended.state, ended.outcome, ended.remote_status) == ("ended", "no_contacto.no_contesta", "no-answer")
    assert (retry.recipient_id, retry.phone, retry.state) == (first.recipient_id, 1, "due")
    assert retry.due_at == moment("2026-11-23 13:00")
    person = people_of(db, campaign_id)[0]
    assert (person.attempts, person.is_final, person.outcome) == (1, False, "no_contacto.no_contesta")
    assert person.first_attempt_at == person.last_attempt_at == moment("2026-11-23 10:00")
    assert (person.last_phone, person.last_duration_s) == (0, 0)


def test_a_message_that_was_heard_ends_it(db, vault, clock, campaign_id):
    first = attempts_of(db, campaign_id)[0]
    put_on_the_line(db, first.id, "CA1", clock.now())
    end(db, vault, clock.now(), first.id, "completed", progress="message_heard", duration_s=41)
    assert len(attempts_of(db, campaign_id)) == 3
    person = people_of(db, campaign_id)[0]
    assert (person.is_final, person.outcome, person.last_duration_s) == (
        True,
        "contacto_titular.mensaje_completo",
        41,
    )


def test_a_second_word_on_an_ended_call_changes_nothing(db, vault, clock, campaign_id):
    first = attempts_of(db, campaign_id)[0]
    put_on_the_line(db, first.id, "CA1", clock.now())
    assert end(db, vault, clock.now(), first.id, "busy")
    before = attempts_of(db, campaign_id), people_of(db, campaign_id)
    assert not end(db, vault, clock.now(), first.id, "busy")
    assert not end(db, vault, clock.now(), first.id, "completed", duration_s=9)
    assert (attempts_of(db, campaign_id), people_of(db, campaign_id)) == before


def test_a_number_that_the_carrier_refuses_is_spent_and_was_no_call(db, vault, clock, campaign_id):
    first, second, _ = attempts_of(db, campaign_id)
    for each in (first, second):
        set_attempt(db, each.id, state="asking", started_at=clock.now(), asked_at=clock.now())
        with db.begin() as tx:
            attempts.end_refused(tx, clock.now(), each.id, 21211)
    two_phones, one_phone, _ = people_of(db, campaign_id)
    assert (two_phones.attempts, two_phones.spent, two_phones.is_final) == (0, 1, False)
    assert (one_phone.attempts, one_phone.spent, one_phone.is_final) == (0, 1, True)
    assert {two_phones.outcome, one_phone.outcome} == {"no_contacto.fallida"}
    refused, *_, retry = attempts_of(db, campaign_id)
    assert (refused.refused_code, refused.remote_sid) == (21211, None)
    assert (retry.phone, retry.due_at) == (1, moment("2026-11-23 10:01"))


def test_error_tecnico_is_final(db, vault, clock, campaign_id):
    first = attempts_of(db, campaign_id)[0]
    set_attempt(db, first.id, state="unknown", started_at=clock.now(), asked_at=clock.now())
    with db.begin() as tx:
        attempts.end_technical(tx, clock.now(), first.id)
    person = people_of(db, campaign_id)[0]
    assert (person.is_final, person.outcome, person.attempts) == (True, "error_tecnico", 0)


@pytest.mark.parametrize("state", ["asking", "unknown", "due"])
def test_a_webhook_proves_the_call(db, campaign_id, state):
    first = attempts_of(db, campaign_id)[0]
    set_attempt(db, first.id, state=state, epoch=1)
    assert prove(db, first.id, "CA1")
    assert prove(db, first.id, "CA1")  # again
    assert not prove(db, first.id, "CA2")  # another call cannot be this attempt too
    row = attempts_of(db, campaign_id)[0]
    assert (row.state, row.remote_sid) == ("placed", "CA1")
    assert row.asked_at  # so that its silence is noticed
    assert row.started_at


def test_a_webhook_of_no_attempt_proves_nothing(db, campaign_id):
    assert not prove(db, 10_000, "CA1")


@pytest.mark.parametrize("state", [AttemptState.ENDED, AttemptState.NOT_PLACED, AttemptState.WITHDRAWN])
def test_what_is_over_stays_over(db, vault, clock, campaign_id, state):
    first = attempts_of(db, campaign_id)[0]
    set_attempt(db, first.id, state=state, started_at=clock.now())
    assert prove(db, first.id, "CA1")
    assert not end(db, vault, clock.now(), first.id, "completed")
    with db.begin() as tx:
        attempts.end_refused(tx, clock.now(), first.id, 21211)
        attempts.end_technical(tx, clock.now(), first.id)
    assert attempts_of(db, campaign_id)[0].state == state
    assert len(attempts_of(db, campaign_id)) == 3
    assert people_of(db, campaign_id)[0].outcome is None


def test_a_callback_proves_the_call_whose_end_it_tells(db, vault, clock, campaign_id):
    """The carrier's reply was lost, and every callback but the last."""
    first = attempts_of(db, campaign_id)[0]
    set_attempt(db, first.id, state="unknown", started_at=clock.now(), asked_at=clock.now())
    with db.begin() as tx:
        assert attempts.end_call(tx, clock.now(), first.id, "busy", None, sid="CA1")
    row = attempts_of(db, campaign_id)[0]
    assert (row.state, row.remote_sid, row.outcome) == ("ended", "CA1", "no_contacto.ocupado")


def test_the_end_of_another_call_is_not_this_attempts(db, vault, clock, campaign_id):
    first = attempts_of(db, campaign_id)[0]
    put_on_the_line(db, first.id, "CA1", clock.now())
    for attempt_id, sid in ((first.id, "CA2"), (10_000, "CA1")):
        with pytest.raises(attempts.NotItsCall), db.begin() as tx:
            attempts.end_call(tx, clock.now(), attempt_id, "busy", None, sid=sid)
    assert attempts_of(db, campaign_id)[0].state == "placed"


def test_a_call_that_ends_while_its_campaign_is_cancelled_waits_and_is_the_last(db, vault, clock, campaign_id):
    """Whoever cancels holds the campaign: what came of the call is written down after it, and nobody is called."""
    first = attempts_of(db, campaign_id)[0]
    put_on_the_line(db, first.id, "CA1", clock.now())
    ends = Thread(target=end, args=(db, vault, clock.now(), first.id, "no-answer"))
    waits = "select true from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))"
    with db.begin() as tx:
        life.cancel(tx, clock.now(), campaign_id, "ana", "prueba")
        ends.start()
        eventually(lambda: tx.execute(text(waits)).scalar())
    ends.join(10)
    ended, *others = attempts_of(db, campaign_id)
    assert (ended.state, ended.outcome) == ("ended", "no_contacto.no_contesta")
    assert {row.recipient_id for row in others}.isdisjoint({first.recipient_id})
    person = people_of(db, campaign_id)[0]
    assert (person.outcome, person.attempts, person.answers) == ("no_contacto.no_contesta", 1, None)


def test_a_call_that_was_believed_not_asked_ends_as_any_other(db, vault, clock, campaign_id):
    """429, and it was made all the same: the attempt had gone back to the queue."""
    first = attempts_of(db, campaign_id)[0]
    set_attempt(db, first.id, state="due", epoch=1, asked_at=None, started_at=None)
    assert prove(db, first.id, "CA1")
    assert end(db, vault, clock.now(), first.id, "completed", progress="failed_security")
    assert people_of(db, campaign_id)[0].attempts == 1


def test_what_never_came_to_the_carrier_is_asked_again_as_a_new_attempt(db, clock, campaign_id):
    first = attempts_of(db, campaign_id)[0]
    set_attempt(db, first.id, state="unknown")
    for _ in range(2):  # the second time there is nothing unknown
        with db.begin() as tx:
            queries.not_placed(tx, first.id, clock.now())
    absent, *_, again = attempts_of(db, campaign_id)
    assert len(attempts_of(db, campaign_id)) == 4
    assert absent.state == "not_placed"
    assert (again.recipient_id, again.phone, again.state) == (first.recipient_id, first.phone, "due")
    assert people_of(db, campaign_id)[0].attempts == 0


@pytest.mark.parametrize(
    ("verdict", "progress", "is_machine"),
    [
        ("machine_end_beep", None, True),
        ("machine_end_other", "answered", True),
        ("fax", None, True),
        ("human", None, False),
        ("unknown", None, False),
        ("machine_start", "verified", False),  # a key was pressed
        ("machine_start", "not_here", False),
    ],
)
def test_a_machine_verdict_counts_until_a_key_is_pressed(db, clock, campaign_id, verdict, progress, is_machine):
    first = attempts_of(db, campaign_id)[0]
    put_on_the_line(db, first.id, "CA1", clock.now())
    set_attempt(db, first.id, progress=progress)
    assert machine(db, first.id, verdict) is is_machine


def test_a_machine_verdict_after_the_end_is_of_no_use(db, vault, clock, campaign_id):
    first = attempts_of(db, campaign_id)[0]
    put_on_the_line(db, first.id, "CA1", clock.now())
    end(db, vault, clock.now(), first.id, "completed")
    assert not machine(db, first.id, "machine_end_beep")
    assert not machine(db, 10_000, "machine_end_beep")


def test_a_machine_verdict_on_another_call_is_not_kept(db, clock, campaign_id):
    first = attempts_of(db, campaign_id)[0]
    put_on_the_line(db, first.id, "CA1", clock.now())
    assert not machine(db, first.id, "machine_end_beep", sid="CA2")
    assert attempts_of(db, campaign_id)[0].answered_by is None
    assert machine(db, first.id, "machine_end_beep")


def test_what_the_carrier_was_never_asked_is_nobodys_call(db, clock, campaign_id):
    """Whoever tells of it invented it; believed, nobody would ever call that person."""
    before = attempts_of(db, campaign_id)
    assert not prove(db, before[0].id, "CA1", ONE)
    assert not machine(db, before[0].id, "machine_end_beep", "CA1", ONE)
    with pytest.raises(attempts.NotItsCall), db.begin() as tx:
        attempts.end_call(tx, clock.now(), before[0].id, "busy", None, sid="CA1", account=ONE)
    assert attempts_of(db, campaign_id) == before


@pytest.mark.parametrize("sid", [None, "CA1"])
@pytest.mark.parametrize("state", ["asking", "unknown", "placed", "not_placed", "ended"])
def test_no_account_speaks_for_what_another_was_asked(db, clock, campaign_id, state, sid):
    first = attempts_of(db, campaign_id)[0]
    asked = {"asked_at": clock.now(), "started_at": clock.now(), "carrier_account": ONE}
    set_attempt(db, first.id, state=state, remote_sid=sid, **asked)
    before = attempts_of(db, campaign_id)
    for account in (OTHER, ""):
        assert not prove(db, first.id, "CA1", account)
        assert not machine(db, first.id, "machine_end_beep", "CA1", account)
        with pytest.raises(attempts.NotItsCall), db.begin() as tx:
            attempts.end_call(tx, clock.now(), first.id, "busy", None, sid="CA1", account=account)
    assert attempts_of(db, campaign_id) == before
    assert prove(db, first.id, "CA1", ONE)


def test_of_what_was_asked_before_accounts_were_kept_any_may_tell(db, clock, campaign_id):
    first = attempts_of(db, campaign_id)[0]
    set_attempt(db, first.id, state="asking", asked_at=clock.now(), started_at=clock.now())
    assert prove(db, first.id, "CA1", ONE)
    assert machine(db, first.id, "machine_end_beep", "CA1", ONE)
    with db.begin() as tx:
        assert attempts.end_call(tx, clock.now(), first.id, "completed", 9, sid="CA1", account=ONE)


def test_the_third_security_failure_in_thirty_days_is_final_across_campaigns(db, vault, clock):
    for n, nth in enumerate(("first", "second", "third")):
        campaign_id = running(db, vault, clock, 1, nombre_campana=f"Aviso {nth}", fecha_fin="28/12/2026")
        row = attempts_of(db, campaign_id)[0]
        put_on_the_line(db, row.id, f"CA{n}", clock.now())
        end(db, vault, clock.now(), row.id, "completed", progress="failed_security")
        assert people_of(db, campaign_id)[0].is_final is (nth == "third")


def test_key_8_excludes_the_person_or_the_telephone_of_this_campaign(db, vault, clock, campaign_id):
    first, second, _ = attempts_of(db, campaign_id)
    with db.begin() as tx:
        conversation.exclude_person(tx, vault, clock.now(), first.id)
        conversation.exclude_phone(tx, vault, clock.now(), second.id)
        found = list(tx.execute(select(exclusion).order_by(exclusion.c.id)))
        prints = tx.execute(select(recipient.c.person_print).order_by(recipient.c.row)).scalars().all()
    assert [(row.kind, row.campaign_id, row.since) for row in found] == [
        ("person", campaign_id, clock.now()),
        ("phone", campaign_id, clock.now()),
        ("wrong_number", None, clock.now()),  # formato-v1 §7: nobody looks for that person there again
    ]
    assert bytes(found[0].print) == bytes(prints[0])
    assert bytes(found[1].print) == vault.fingerprint("phone", "+50371000001")


def test_the_conversation_marks_how_far_it_came(db, clock, campaign_id):
    first = attempts_of(db, campaign_id)[0]
    with db.begin() as tx:
        conversation.mark(tx, first.id, Progress.VERIFIED)
    assert attempts_of(db, campaign_id)[0].progress == "verified"


def test_a_script_says_nothing_of_the_person_to_a_machine(db, vault, clock, campaign_id):
    first = attempts_of(db, campaign_id)[0]
    set_attempt(db, first.id, state="asking")
    with db.begin() as tx:
        script = conversation.script_for(tx, vault, clock.now(), first.id, "CA1")
        assert conversation.script_for(tx, vault, clock.now(), 10_000, "CA1") is None
        assert conversation.script_for(tx, vault, clock.now(), first.id, "CA2") is None  # it is the other call's
    assert script is not None
    assert script["mensaje"].startswith("Ana, desde este mes de noviembre")
    assert "Ana" not in script["mensaje_buzon"]
    assert [question["code"] for question in script["questions"]] == ["NACIMIENTO_DDMM", "DOCUMENTO_ULTIMOS4"]
    assert (script["right"], script["collect"][0]["options"]) == (2, ["1", "2"])


def test_a_sensitive_campaign_does_not_even_name_the_institution(db, vault, clock):
    campaign_id = running(db, vault, clock, 1, contiene_datos_sensibles="SI")
    (only,) = attempts_of(db, campaign_id)
    set_attempt(db, only.id, state="asking")
    with db.begin() as tx:
        script = conversation.script_for(tx, vault, clock.now(), only.id, "CA1")
    assert script is not None
    assert script["presentacion"] == "una institución pública"
    assert "Subsidios" not in script["mensaje_buzon"] + script["cierre"]


def test_each_person_has_one_open_attempt_whatever_happens(db, vault, clock):
    """Seven kinds of end, one after another, until everyone is done."""
    campaign_id = running(db, vault, clock, 6)
    ends = [("busy", {}), ("no-answer", {}), ("failed", {}), ("completed", {"answered_by": "machine_end_beep"})]
    ends += [("completed", {"progress": p}) for p in ("not_here", "wrong_number", "failed_security")]
    for n in range(60):
        due = [row for row in attempts_of(db, campaign_id) if row.state == "due"]
        assert len({row.recipient_id for row in due}) == len(due)
        if not due:
            break
        row = min(due, key=lambda each: (each.due_at, each.id))
        put_on_the_line(db, row.id, f"CA{n}", row.due_at)
        status, facts = ends[n % len(ends)]
        end(db, vault, row.due_at, row.id, status, **facts)
    people = people_of(db, campaign_id)
    assert all(person.is_final and 1 <= person.attempts <= 4 for person in people)
    with db.begin() as tx:
        assert tx.execute(select(func.sum(recipient.c.attempts))).scalar_one() == len(attempts_of(db, campaign_id))
