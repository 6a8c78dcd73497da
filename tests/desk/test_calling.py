"""Calls that an operator makes: their telephone first, then the citizen's, and a person speaks first."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from campaigns.operated import concluding, taking
from campaigns.operated.card import contact_of
from campaigns.operated.concluding import Said
from campaigns.operated.taking import Operator
from campaigns.outcomes import Outcome
from campaigns.tables import attempt, recipient
from core.audit import audit
from core.closed_days import DayKind, close
from core.roles import Role
from demo.invent import citizen
from desk import calling, presence, transfers
from desk.refusal import CannotDo
from desk.states import LegRole, Presence, RoomState
from desk.tables import leg
from desk.tables import room as room_table
from tests.campaigns.builders import attempts_of, running
from tests.desk.acting import Play
from tests.desk.script import Scenario
from tests.desk.stage import Stage

ROSA = Operator(7, "rosa@example.org")


class Floor:
    """Rosa at her desk, a contact of hers, and the contact's own telephone."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.db, self.desk = stage, stage.db, stage.desk
        self.play = Play(stage, Scenario("calling"))
        self.step("GIVEN", "operator Rosa available")

    def step(self, who: str, what: str) -> None:
        self.play.step(who, what)

    def campaign(self, people: int = 1) -> int:
        return running(self.db, self.desk.vault, self.desk.clock, people, modo="OPERADOR")

    def contact(self, *, is_there: bool = True) -> int:
        """The campaign of one contact, which is Rosa's now."""
        campaign_id = self.campaign()
        if is_there:
            self.play.telephones["ANA"] = self.play.exchange.attach(citizen(0).phones[0])
        with self.db.begin() as tx:
            assert taking.take_next(tx, self.desk.vault, self.now, ROSA)
        return campaign_id

    @property
    def now(self):
        return self.desk.clock.now()

    def card(self):
        with self.db.begin() as tx:
            calling.refresh(tx, self.desk, self.now, 7)
            mine = taking.in_hand(tx, 7)
            assert mine is not None
            return contact_of(tx, self.desk.vault, self.now, mine.id)

    def calls(self, role: Role = Role.OPERADOR) -> int:
        with self.db.begin() as tx:
            mine = taking.in_hand(tx, 7)
            assert mine is not None
            asked = mine.attempt_id
            return calling.call_contact(tx, self.desk, self.now, 7, asked, actor=ROSA.email, role=role)

    def for_supervisors_alone(self) -> None:
        """The line of the campaigns is for one role from now on (R81)."""
        restricted = replace(self.desk.lines["dgs"], restricted_roles=frozenset({Role.SUPERVISOR}))
        self.desk = replace(self.desk, lines={**self.desk.lines, "dgs": restricted})

    def dials(self, number: str, reason: str = "seguimiento", role: Role = Role.OPERADOR, **more) -> int:
        with self.db.begin() as tx:
            told = {"actor": ROSA.email, "role": role, **more}
            return calling.call_number(tx, self.desk, self.now, 7, "dgs", number, reason, **told)

    def count(self, *where) -> int:
        with self.db.begin() as tx:
            return tx.execute(select(func.count()).select_from(leg).where(*where)).scalar_one()

    def callers(self) -> int:
        return self.count(leg.c.role == LegRole.CALLER)

    def room(self):
        with self.db.begin() as tx:
            return tx.execute(select(room_table).order_by(room_table.c.id.desc())).first()

    def until(self, is_so, what: str) -> None:
        self.stage.until(is_so, what)


@pytest.fixture
def floor(stage: Stage) -> Iterator[Floor]:
    yield Floor(stage)


def test_a_contact_is_called_verified_and_given_its_outcome(floor):
    campaign_id = floor.contact()
    floor.calls()
    floor.step("ROSA", "rings")
    assert floor.callers() == 0  # the citizen is not dialled before somebody is there
    floor.step("ROSA", "answers")
    floor.step("ANA", "answers")
    floor.step("ANA", "talks with ROSA")
    floor.step("ROSA", "says «Buenos días»")
    floor.step("ANA", "hears «Buenos días»")
    assert [each.text for each in floor.play.telephones["ANA"].heard] == ["Buenos días"]  # nothing automated before
    floor.until(lambda: floor.card().is_on_the_line, "the card knows")
    floor.desk.clock.advance(timedelta(seconds=40))
    each = citizen(0)
    with floor.db.begin() as tx:
        for number, given in enumerate((each.ddmm, each.last4)):
            concluding.answer(tx, floor.desk.vault, floor.now, ROSA, number, given)
    floor.step("ANA", "hangs up")
    floor.step("THEN", "ROSA POST_LLAMADA")
    floor.until(lambda: floor.card().remote_status, "the card knows that it is over")
    with floor.db.begin() as tx:
        said = Said(Outcome.MESSAGE_COMPLETE)
        concluding.set_outcome(tx, floor.desk.vault, floor.now, ROSA, said)
    (told,) = attempts_of(floor.db, campaign_id)
    assert (told.outcome, told.remote_status, told.duration_s) == (Outcome.MESSAGE_COMPLETE, "completed", 40)
    assert told.remote_sid.startswith("CA")


def test_two_presses_place_one_call(floor):
    floor.contact()
    assert floor.calls() == floor.calls()
    floor.step("ROSA", "answers")
    floor.step("ANA", "rings")
    assert floor.calls() == floor.room().id
    assert floor.callers() == 1


@pytest.mark.parametrize(("fate", "outcome"), [("busy", Outcome.BUSY), ("nobody", Outcome.NO_ANSWER)])
def test_a_citizen_who_does_not_answer_is_shown_to_the_operator(floor, fate, outcome):
    floor.contact(is_there=False)
    floor.step("GIVEN", f"{fate} {citizen(0).phones[0]}")
    floor.calls()
    floor.step("ROSA", "answers")
    floor.until(lambda: floor.card().remote_status, "the card knows")
    assert floor.card().suggested is outcome
    floor.step("THEN", "ROSA POST_LLAMADA")


def test_an_operator_who_does_not_answer_calls_nobody(floor):
    campaign_id = floor.contact()
    floor.step("GIVEN", "operator Luz available")
    floor.calls()
    floor.step("ROSA", "declines")
    floor.step("THEN", "room ENDED")
    floor.step("THEN", "ROSA DESCANSO")
    floor.step("LUZ", "silent")
    floor.until(lambda: floor.card().room_id is None, "the contact is as it was")
    assert floor.callers() == 0
    assert [row.state for row in attempts_of(floor.db, campaign_id)] == ["due"]


def test_an_operator_who_leaves_while_it_rings_lets_it_stop(floor):
    floor.contact()
    floor.calls()
    floor.step("ROSA", "answers")
    floor.step("ANA", "rings")
    with floor.db.begin() as tx:
        transfers.hang_up(tx, floor.now, floor.room().id, 7, ROSA.email)
    floor.step("ANA", "stops ringing")
    floor.until(lambda: floor.card().remote_status == "canceled", "the card knows")
    assert floor.card().suggested is Outcome.NO_ANSWER


def test_what_was_claimed_before_everything_died_is_called_by_somebody_else(floor):
    floor.contact()
    floor.stage.stop_desk()
    floor.desk.clock.advance(timedelta(minutes=15))
    floor.stage.start_desk()
    with floor.db.begin() as tx:
        other = Operator(8, "luz@example.org")
        assert taking.take_next(tx, floor.desk.vault, floor.now, other)


def test_a_call_goes_on_though_the_desk_died_while_the_operator_was_rung(floor):
    floor.contact()
    floor.stage.stop_desk()
    floor.calls()
    floor.stage.start_desk()
    floor.step("ROSA", "answers")
    floor.step("ANA", "answers")
    floor.step("ANA", "talks with ROSA")


def test_a_number_of_ones_own(floor):
    floor.play.telephones["LUIS"] = floor.play.exchange.attach("+50371112222")
    assert floor.dials("7111-2222") == floor.dials("7111-2222")
    floor.step("ROSA", "answers")
    floor.step("LUIS", "answers")
    floor.step("LUIS", "talks with ROSA")
    with floor.db.begin() as tx:
        (line,) = tx.execute(select(audit).where(audit.c.action == "call.placed")).all()
        sealed = tx.execute(select(room_table.c.reason_sealed)).scalar_one()
    # What somebody wrote may name anybody: the trail, which nobody erases, only says that there was a reason.
    assert (line.reason, line.facts, line.actor) == (None, {"line": "dgs", "has_reason": True}, ROSA.email)
    assert floor.play.stage.desk.vault.open(sealed) == "seguimiento"
    floor.step("LUIS", "hangs up")
    floor.step("THEN", "room ENDED")


@pytest.mark.parametrize(
    "number", ["911", "131", "123", "900 1234", "800 1234 5678", "+1 305 555 0100", "2237-3333", "x"]
)
def test_what_an_operator_may_not_dial(floor, number):
    with pytest.raises(CannotDo):
        floor.dials(number)
    assert floor.room() is None


@pytest.mark.parametrize(
    ("role", "outside_hours", "may"),
    [
        (Role.OPERADOR, False, False),
        (Role.OPERADOR, True, False),
        (Role.COORDINADOR, True, False),
        (Role.SUPERVISOR, False, False),
        (Role.SUPERVISOR, True, True),
    ],
)
def test_outside_legal_hours_only_a_supervisor_who_says_so(floor, role, outside_hours, may):
    floor.step("TIME", "is 2026-11-23T19:00")
    if not may:
        with pytest.raises(CannotDo):
            floor.dials("7111-2222", role=role, outside_hours=outside_hours)
        return
    floor.dials("7111-2222", role=role, outside_hours=outside_hours)
    with floor.db.begin() as tx:
        assert "call.placed_outside_hours" in tx.execute(select(audit.c.action)).scalars().all()


def test_a_day_that_a_supervisor_closed_is_as_any_other_holiday(floor):
    with floor.db.begin() as tx:
        today = date(2026, 11, 23)
        close(tx, floor.now, "jefa@example.org", "SV", today, today, "Asueto decretado", DayKind.ASUETO)
    with pytest.raises(CannotDo, match="Fuera del horario legal"):
        floor.dials("7111-2222")
    assert floor.room() is None


def test_from_a_line_for_other_roles_neither_a_contact_nor_a_number_is_called(floor):
    floor.contact()
    floor.for_supervisors_alone()
    for refused in (floor.calls, lambda: floor.dials("7111-2222")):
        with pytest.raises(CannotDo, match="Su rol no puede llamar desde esa línea"):
            refused()
    assert floor.room() is None
    assert floor.calls(Role.SUPERVISOR) == floor.room().id


@pytest.mark.parametrize("state", [Presence.FUERA, Presence.DESCANSO])
def test_whoever_is_not_at_work_calls_nobody(floor, state):
    floor.play.choose("ROSA", state, "almuerzo")
    with pytest.raises(CannotDo):
        floor.dials("7111-2222")


def test_a_reason_is_needed_and_one_call_at_a_time(floor):
    with pytest.raises(CannotDo):
        floor.dials("7111-2222", " ")
    floor.dials("7111-2222")
    with pytest.raises(CannotDo):
        floor.dials("7111-3333")
    with floor.db.begin() as tx:
        mine = presence.of(tx, 7)
        assert mine is not None and mine.state == Presence.TIMBRANDO
    assert floor.room().state == RoomState.OFFERED
    with floor.db.begin() as tx:
        assert tx.execute(select(func.count()).select_from(attempt.join(recipient))).scalar_one() == 0
