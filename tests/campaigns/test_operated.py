"""Contacts of campaigns in mode OPERADOR: each one operator's, in legal hours, verified by a person, and concluded."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from campaigns import life, readers, results
from campaigns.operated import claiming, concluding, placing
from campaigns.operated.card import Contact, Redeemed, Verified, contact_of
from campaigns.operated.claiming import CannotCall, NotYours, Operator
from campaigns.operated.concluding import Incomplete, Said
from campaigns.operated.placing import Told
from campaigns.outcomes import Outcome as O
from campaigns.status import status_of
from campaigns.tables import exclusion, operated_contact
from demo.invent import citizen
from dialer.calendar import finish_done_campaigns
from dialer.queries import running_campaigns
from dialer.rehearse import next_moment
from tests.campaigns.builders import attempts_of, moment, people_of, running

ROSA = Operator(7, "rosa@example.org")
LUZ = Operator(8, "luz@example.org")
SID = "CA" + "0" * 32


@pytest.fixture
def scene(db, vault, clock):
    return Scene(db, vault, clock)


class Scene:
    """Operators with their contacts, on a clock that is told."""

    def __init__(self, db, vault, clock) -> None:
        self.db, self.vault, self.clock = db, vault, clock

    def campaign(self, people: int = 3, **fields: str) -> int:
        return running(self.db, self.vault, self.clock, people, modo="OPERADOR", **fields)

    def asks(self, who: Operator, campaign_id: int | None = None) -> Contact | None:
        with self.db.begin() as tx:
            mine = claiming.claim_next(tx, self.vault, self.clock.now(), who, campaign_id)
            return contact_of(tx, self.vault, self.clock.now(), mine.id) if mine else None

    def card(self, who: Operator) -> Contact:
        with self.db.begin() as tx:
            mine = claiming.claim_of(tx, who.account_id)
            assert mine is not None
            return contact_of(tx, self.vault, self.clock.now(), mine.id)

    def calls(self, who: Operator, room_id: int = 70) -> None:
        """The operator's telephone rings."""
        now = self.clock.now()
        with self.db.begin() as tx:
            mine = claiming.claim_of(tx, who.account_id)
            assert mine is not None
            asked = placing.to_call(tx, self.vault, now, who.account_id, mine.attempt_id)
            placing.dialled(tx, now, asked.attempt_id, room_id)

    def hears(self, who: Operator, **told) -> None:
        with self.db.begin() as tx:
            mine = claiming.claim_of(tx, who.account_id)
            assert mine is not None
            facts: dict[str, Any] = {"was_asked": True, "sid": SID} | told
            placing.hear(tx, self.clock.now(), mine.id, Told(**facts))

    def connects(self, who: Operator) -> None:
        self.calls(who)
        self.hears(who, asked_at=self.clock.now(), answered_at=self.clock.now())

    def hangs_up(self, who: Operator, status: str = "completed", after: int = 65) -> None:
        self.clock.advance(timedelta(seconds=after))
        self.hears(who, ended_at=self.clock.now(), status=status, is_over=True)

    def answers(self, who: Operator, number: int, given: str) -> Verified:
        with self.db.begin() as tx:
            return concluding.answer(tx, self.vault, self.clock.now(), who, number, given)

    def verifies(self, who: Operator) -> None:
        each = citizen(self.card(who).row - people_of(self.db, self.card(who).campaign_id)[0].row)
        self.answers(who, 0, each.ddmm)
        assert self.answers(who, 1, each.last4) is Verified.YES

    def says(self, who: Operator, outcome: O, **more):
        with self.db.begin() as tx:
            return concluding.set_outcome(tx, self.vault, self.clock.now(), who, Said(outcome, **more))

    def results(self, campaign_id: int) -> list[dict[str, str]]:
        target = io.BytesIO()
        with self.db.begin() as tx:
            results.write(tx, self.vault, campaign_id, target, "csv")
        return list(csv.DictReader(io.StringIO(target.getvalue().decode("utf-8-sig")), delimiter=";"))


# Whose a contact is


def test_two_operators_are_given_different_people(scene):
    scene.campaign()
    first, second = scene.asks(ROSA), scene.asks(LUZ)
    assert first and second and first.attempt_id != second.attempt_id
    again = scene.asks(ROSA)
    assert again and again.attempt_id == first.attempt_id  # asking twice gives the same one


def test_many_who_ask_at_once_never_share_one(scene):
    scene.campaign(people=4)
    crowd = [Operator(100 + n, f"{n}@example.org") for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        given = [each.attempt_id for each in pool.map(scene.asks, crowd) if each]
    assert len(given) == len(set(given)) == 4


def test_the_card_masks_the_person_and_never_has_an_answer(scene):
    scene.campaign(1)
    card, each = scene.asks(ROSA), citizen(0)
    assert card.name == f"{each.name} {each.surname}"
    assert card.document == "10•••••-•"
    assert [phone[-2:] for phone in card.phones] == [phone[-2:] for phone in each.phones]
    assert each.name in card.script["mensaje"]
    assert card.outcomes == ()
    told = repr(card) + str(card.questions) + str(card.phones)
    assert each.ddmm not in told and each.last4 not in told and each.name not in repr(card)


def test_the_most_urgent_campaign_comes_first_unless_one_is_chosen(scene):
    later, urgent = scene.campaign(1, prioridad="5"), scene.campaign(1, prioridad="1", nombre_campana="Otra")
    assert scene.asks(ROSA).campaign_id == urgent
    assert scene.asks(LUZ, later).campaign_id == later


def test_the_dialer_never_sees_it(scene, db):
    campaign_id = scene.campaign()
    with db.begin() as tx:
        assert running_campaigns(tx, "default") == []
    assert {row.trunk for row in attempts_of(db, campaign_id)} == {"puesto"}


@pytest.mark.parametrize("when", ["2026-11-24 07:59", "2026-11-23 18:00", "2026-11-28 10:00", "2026-12-25 10:00"])
def test_outside_legal_hours_nobody_is_given_anyone(scene, when):
    scene.campaign()
    scene.clock.jump_to(moment(when))
    assert scene.asks(ROSA) is None


def test_a_claim_that_was_left_comes_back_after_its_time(scene):
    scene.campaign(1)
    lost = scene.asks(ROSA)
    assert scene.asks(LUZ) is None
    scene.clock.advance(timedelta(minutes=14, seconds=59))
    assert scene.asks(LUZ) is None
    scene.clock.advance(timedelta(seconds=1))
    assert scene.asks(LUZ).attempt_id == lost.attempt_id
    with pytest.raises(NotYours):
        scene.says(ROSA, O.REFUSES)


def test_what_was_put_back_is_for_somebody_else(scene, db):
    scene.campaign(1)
    given = scene.asks(ROSA)
    with db.begin() as tx, pytest.raises(CannotCall):
        claiming.put_back(tx, scene.clock.now(), ROSA, " ")
    with db.begin() as tx:
        claiming.put_back(tx, scene.clock.now(), ROSA, "es pariente mía")
    assert scene.asks(ROSA) is None
    assert scene.asks(LUZ).attempt_id == given.attempt_id


def test_whoever_is_excluded_is_not_given(scene, db, vault):
    campaign_id = scene.campaign(2)
    first, second = people_of(db, campaign_id)
    with db.begin() as tx:
        out = {"kind": "person", "print": first.person_print, "since": scene.clock.now(), "cause": "prueba"}
        tx.execute(insert(exclusion).values(**out))
    assert scene.asks(ROSA).row == second.row
    assert people_of(db, campaign_id)[0].outcome == O.EXCLUDED


def test_of_two_telephones_the_excluded_one_is_passed_over(scene, db, vault):
    campaign_id = scene.campaign(1)
    with db.begin() as tx:
        out = {"kind": "phone", "print": vault.fingerprint("phone", citizen(0).phones[0])}
        tx.execute(insert(exclusion).values(**out, campaign_id=campaign_id, since=scene.clock.now(), cause="prueba"))
    card = scene.asks(ROSA)
    assert (card.phone, card.spent) == (1, 1)


def test_of_unusual_transactions_only_a_named_operator_is_given_any(scene, db):
    campaign_id = scene.campaign(1, tipo_campana="TRANSACCIONES_INUSUALES")
    assert scene.asks(ROSA) is None
    with db.begin() as tx:
        assert claiming.waiting(tx, scene.clock.now(), ROSA) == []
        readers.name_reader(tx, scene.clock.now(), campaign_id, "ana", ROSA.email)
    assert scene.asks(LUZ) is None
    assert scene.asks(ROSA) is not None


# The call


def test_a_paused_campaign_calls_nobody_though_the_card_is_open(scene, db):
    campaign_id = scene.campaign(1)
    scene.asks(ROSA)
    with db.begin() as tx:
        life.pause(tx, scene.clock.now(), campaign_id, "test")
    with pytest.raises(CannotCall):
        scene.calls(ROSA)


def test_an_hour_that_ended_meanwhile_calls_nobody(scene):
    scene.campaign(1)
    scene.clock.jump_to(moment("2026-11-23 17:55"))
    scene.asks(ROSA)
    scene.clock.advance(timedelta(minutes=5))
    with pytest.raises(CannotCall):
        scene.calls(ROSA)


def test_an_operator_who_did_not_come_to_their_telephone_has_called_nobody(scene, db):
    campaign_id = scene.campaign(1)
    scene.asks(ROSA)
    scene.calls(ROSA)
    scene.hears(ROSA, was_asked=False, sid=None, is_over=True)
    (attempt,) = attempts_of(db, campaign_id)
    assert (attempt.state, attempt.started_at) == ("due", None)
    scene.calls(ROSA)  # still theirs


def test_while_it_rings_there_is_no_outcome_to_choose(scene):
    scene.campaign(1)
    scene.asks(ROSA)
    scene.calls(ROSA)
    assert scene.card(ROSA).outcomes == ()
    with pytest.raises(CannotCall):
        scene.says(ROSA, O.NO_ANSWER)


@pytest.mark.parametrize(("status", "suggested"), [("busy", O.BUSY), ("no-answer", O.NO_ANSWER), ("failed", O.FAILED)])
def test_nobody_came_to_the_telephone(scene, db, status, suggested):
    campaign_id = scene.campaign(1)
    scene.asks(ROSA)
    scene.calls(ROSA)
    scene.hangs_up(ROSA, status)
    assert scene.card(ROSA).suggested is suggested
    with pytest.raises(Incomplete):
        scene.says(ROSA, O.MESSAGE_COMPLETE)
    scene.says(ROSA, suggested)
    first, retry = attempts_of(db, campaign_id)
    assert (first.state, first.outcome, first.remote_sid) == ("ended", suggested, SID)
    assert retry.state == "due" and retry.due_at > scene.clock.now() - timedelta(minutes=5)


# Verification


def test_right_answers_open_the_message(scene):
    scene.campaign(1)
    scene.asks(ROSA)
    scene.connects(ROSA)
    assert not scene.card(ROSA).may_tell
    scene.verifies(ROSA)
    assert scene.card(ROSA).may_tell


def test_two_entries_a_question_then_the_neutral_closing(scene, db):
    campaign_id = scene.campaign(1)
    scene.asks(ROSA)
    scene.connects(ROSA)
    assert scene.answers(ROSA, 0, "9999") is Verified.PENDING
    assert scene.card(ROSA).questions[0].entries_left == 1
    assert scene.answers(ROSA, 0, "9998") is Verified.NO
    for number in (0, 1):
        with pytest.raises(CannotCall):
            scene.answers(ROSA, number, citizen(0).ddmm)
    assert scene.card(ROSA).outcomes == (O.FAILED_SECURITY,)
    scene.hangs_up(ROSA)
    scene.says(ROSA, O.FAILED_SECURITY)
    assert attempts_of(db, campaign_id)[1].due_at == moment("2026-11-24 08:00")


def test_a_slip_of_the_tongue_is_forgiven_once(scene):
    scene.campaign(1)
    scene.asks(ROSA)
    scene.connects(ROSA)
    assert scene.answers(ROSA, 0, "9999") is Verified.PENDING
    scene.verifies(ROSA)


@pytest.mark.parametrize("is_over", [False, True])
def test_answers_are_not_tried_without_the_person(scene, is_over):
    scene.campaign(1)
    scene.asks(ROSA)
    scene.calls(ROSA)
    if is_over:
        scene.hears(ROSA, asked_at=scene.clock.now(), answered_at=scene.clock.now())
        scene.hangs_up(ROSA)
    with pytest.raises(CannotCall):
        scene.answers(ROSA, 0, citizen(0).ddmm)


# Outcomes


def reach(scene, **fields) -> int:
    """A campaign of one, whose person was verified and has hung up."""
    campaign_id = scene.campaign(1, **fields)
    scene.asks(ROSA)
    scene.connects(ROSA)
    scene.verifies(ROSA)
    scene.hangs_up(ROSA)
    return campaign_id


def test_from_the_upload_to_the_results(scene, db):
    campaign_id = reach(scene)
    with pytest.raises(Incomplete) as told:
        scene.says(ROSA, O.COLLECTED, collected={"1": "7"})
    assert [each.field for each in told.value.lacking] == ["collected_1"]
    scene.says(ROSA, O.COLLECTED, collected={"1": "2"})
    (row,) = scene.results(campaign_id)
    assert (row["tipificacion"], row["intentos"], row["duracion_s"]) == (O.COLLECTED, "1", "65")
    assert (row["telefono_contactado"], row["recolectar_1"]) == (citizen(0).phones[0], "2")
    with db.begin() as tx:
        status = status_of(tx, scene.clock.now(), campaign_id)
    assert (status.attempts, status.live, status.outcomes) == (1, 0, {O.COLLECTED: 1})
    assert finish_done_campaigns(db, scene.clock.now()) == 1


@pytest.mark.parametrize(
    ("asked_for", "lacks"),
    [(None, True), ("2026-11-23 09:00", True), ("2026-11-24 19:00", True), ("2026-11-24 09:30", False)],
)
def test_an_hour_that_the_person_asks_for_must_be_a_legal_one(scene, db, asked_for, lacks):
    campaign_id = reach(scene)
    call_at = moment(asked_for) if asked_for else None
    if lacks:
        with pytest.raises(Incomplete):
            scene.says(ROSA, O.CALL_LATER, call_at=call_at)
    else:
        scene.says(ROSA, O.CALL_LATER, call_at=call_at)
        assert attempts_of(db, campaign_id)[1].due_at == call_at


def test_who_wants_no_more_calls_is_excluded(scene, db):
    campaign_id = reach(scene)
    scene.says(ROSA, O.NO_MORE_CALLS)
    with db.begin() as tx:
        assert tx.execute(select(exclusion.c.kind)).scalars().all() == ["person"]
    assert people_of(db, campaign_id)[0].is_final


@pytest.mark.parametrize("outcome", [O.REFUSES, O.DECEASED, O.MINOR, O.WRONG_NUMBER, O.NOT_HERE])
def test_before_verification_a_third_person_may_say_it(scene, db, outcome):
    campaign_id = scene.campaign(1)
    scene.asks(ROSA)
    scene.connects(ROSA)
    scene.hangs_up(ROSA)
    with pytest.raises(Incomplete):
        scene.says(ROSA, O.MESSAGE_COMPLETE)
    scene.says(ROSA, outcome)
    assert people_of(db, campaign_id)[0].outcome == outcome


def test_a_verification_of_cobro_must_say_whether_it_was_redeemed(scene):
    reach(scene, tipo_campana="VERIFICACION_COBRO")
    with pytest.raises(Incomplete) as told:
        scene.says(ROSA, O.MESSAGE_COMPLETE)
    assert [each.field for each in told.value.lacking] == ["redeemed"]
    kept = scene.says(ROSA, O.MESSAGE_COMPLETE, redeemed=Redeemed.RECLAMA)
    assert (kept.redeemed, kept.document) == (Redeemed.RECLAMA, citizen(0).document.replace("-", ""))


def test_a_call_of_which_nobody_said_what_came_says_it_itself(scene, db, vault):
    campaign_id = scene.campaign(1)
    scene.asks(ROSA)
    scene.connects(ROSA)
    scene.answers(ROSA, 0, "9999")
    scene.answers(ROSA, 0, "9999")
    scene.hangs_up(ROSA)
    for minutes, concluded in ((14, 0), (1, 1), (1, 0)):
        scene.clock.advance(timedelta(minutes=minutes))
        with db.begin() as tx:
            assert concluding.conclude_abandoned(tx, vault, scene.clock.now()) == concluded
    assert attempts_of(db, campaign_id)[0].outcome == O.FAILED_SECURITY


def test_a_cancelled_campaign_lets_the_call_end_and_calls_nobody_again(scene, db):
    campaign_id = scene.campaign(2)
    scene.asks(ROSA)
    scene.connects(ROSA)
    with db.begin() as tx:
        life.cancel(tx, scene.clock.now(), campaign_id, "test")
    scene.verifies(ROSA)  # whoever is on the line keeps their answers
    scene.hangs_up(ROSA)
    scene.says(ROSA, O.HUNG_UP)
    assert {row.state for row in attempts_of(db, campaign_id)} == {"ended", "withdrawn"}
    assert scene.asks(ROSA) is None
    with db.begin() as tx:
        assert tx.execute(select(operated_contact.c.ended_as)).scalars().all() == ["outcome"]


# A rehearsal's clock


def test_a_rehearsal_goes_on_to_the_operators_next_contact_but_not_over_a_card(scene, db):
    campaign_id = scene.campaign(1)
    with db.begin() as tx:
        assert next_moment(tx, "default", scene.clock.now()) is None  # due already: the clock goes nowhere for it
        assert not claiming.any_claimed(tx)
    scene.asks(ROSA)
    with db.begin() as tx:
        assert claiming.any_claimed(tx)
    scene.calls(ROSA)
    scene.hangs_up(ROSA, "no-answer")
    scene.says(ROSA, O.NO_ANSWER)
    with db.begin() as tx:
        assert not claiming.any_claimed(tx)
        assert next_moment(tx, "default", scene.clock.now()) == attempts_of(db, campaign_id)[1].due_at
