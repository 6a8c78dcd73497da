"""The judge of chaos acquits a ledger without fault, and names each that there is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.outcomes import Outcome
from drill.chaos.accused import Accused, Attempt, Contact, Job
from drill.chaos.judge import Breach, Charge, Kind, Silence, judge
from drill.chaos.ledger import Keys, PlacedCall, Turn
from drill.chaos.people import PLACES, person

CAMPAIGN = 3
MORNING = datetime(2026, 11, 23, 16, tzinfo=UTC)  # ten o'clock in El Salvador, a Monday
DAY = timedelta(days=1)
ANA = person(0, PLACES[0])  # one telephone
TIJUANA = PLACES[3]
ASKED = '<Response><Gather action="http://x/voice/campaign/{}?n=1"/></Response>'
GOODBYE = "<Response><Say>Gracias</Say><Hangup/></Response>"
APOLOGY = "<Response><Say>Disculpe</Say><Dial>+503</Dial></Response>"


def turn(step: str, digits: str = "", body: str = GOODBYE, status: int | None = 200) -> Turn:
    path = f"/voice/{step}" if step in ("outbound", "voicemail") else f"/voice/campaign/{step}"
    return Turn(path, digits, status, body)


def busy(attempt_id: int, at: datetime = MORNING, who=ANA) -> PlacedCall:
    return PlacedCall(f"CA{attempt_id}", attempt_id, who.phones[0], at, "busy", ended_by="carrier")


def collects(attempt_id: int, at: datetime = MORNING) -> PlacedCall:
    """Ana answers, proves who she is, hears the message and presses 1."""
    story: list[Turn | Keys] = [
        turn("outbound", body=ASKED.format("ask_who")),
        Keys("1"),
        turn("ask_who", "1", ASKED.format("answer_question")),
        Keys(ANA.ddmm),
        turn("answer_question", ANA.ddmm, ASKED.format("answer_question")),
        Keys(ANA.last4),
        turn("answer_question", ANA.last4, ASKED.format("listen")),
        turn("listen", "", ASKED.format("after_message")),
        Keys("1"),
        turn("after_message", "1", ASKED.format("answer_collected")),
        Keys("1"),
        turn("answer_collected", "1"),
    ]
    return PlacedCall(
        f"CA{attempt_id}", attempt_id, ANA.phones[0], at, "completed", True, "human", "application", story
    )


def hears_nothing(attempt_id: int, *story: Turn | Keys, **facts) -> PlacedCall:
    """A call that was answered, with this story."""
    call = PlacedCall(f"CA{attempt_id}", attempt_id, ANA.phones[0], MORNING, "completed", True, "human", "person")
    return replace(call, story=list(story), **facts)


def ended(call: PlacedCall, outcome: Outcome) -> Attempt:
    return Attempt(call.attempt_id, 1, 0, "ended", outcome, call.sid)


def says(calls: Sequence[tuple[PlacedCall, Outcome]], collected: str | None = None, **other) -> Accused:
    """What the service says of Ana, who was called so and no more."""
    last = calls[-1][1] if calls else None
    attempts = [ended(call, outcome) for call, outcome in calls]
    contact = Contact(1, CAMPAIGN, 0, True, last, len(calls), collected)
    return replace(Accused({CAMPAIGN: "finished"}, [contact], attempts), **other)


def verdict(calls: Sequence[PlacedCall], accused: Accused, **charge) -> list[Breach]:
    return judge([Charge(CAMPAIGN, [ANA], **charge)], calls, accused)


def kinds(breaches: Sequence[Breach]) -> set[Kind]:
    return {each.kind for each in breaches}


HEARD = (collects(1), Outcome.COLLECTED)


def test_who_was_called_once_and_answered_is_no_breach() -> None:
    assert verdict([HEARD[0]], says([HEARD], "1")) == []


def test_a_busy_telephone_is_tried_again_after_twenty_minutes() -> None:
    told = [(busy(1), Outcome.BUSY), (collects(2, MORNING + timedelta(minutes=20)), Outcome.COLLECTED)]
    assert verdict([call for call, _ in told], says(told, "1")) == []


def test_an_attempt_placed_twice() -> None:
    again = replace(HEARD[0], sid="CA1b")
    found = verdict([HEARD[0], again], says([HEARD], "1"))
    assert Breach(Kind.TWICE, "El intento 1 se marcó 2 veces.") in found


def test_somebody_who_was_never_called() -> None:
    found = verdict([], says([]))
    assert [each.kind for each in found] == [Kind.LOST]


def test_somebody_given_up_too_soon() -> None:
    told = [(busy(1), Outcome.BUSY)]
    found = verdict([busy(1)], says(told))
    assert found == [Breach(Kind.LOST, "Al contacto 1 se le dejó de llamar tras 1: no_contacto.ocupado.")]


def test_somebody_of_whom_the_service_knows_nothing() -> None:
    assert kinds(verdict([], Accused({CAMPAIGN: "finished"}))) == {Kind.LOST}


@pytest.mark.parametrize("wrong", [Outcome.MESSAGE_COMPLETE, Outcome.HUNG_UP, Outcome.NO_ANSWER, Outcome.TECHNICAL])
def test_an_outcome_that_is_not_what_happened(wrong: Outcome) -> None:
    found = verdict([HEARD[0]], says([(HEARD[0], wrong)], "1"))
    assert Kind.OUTCOME in kinds(found)
    assert any("Intento 1" in each.told and wrong in each.told for each in found)


def test_an_answer_that_was_not_kept() -> None:
    assert kinds(verdict([HEARD[0]], says([HEARD], None))) == {Kind.OUTCOME}
    assert kinds(verdict([HEARD[0]], says([HEARD], "2"))) == {Kind.OUTCOME}


def test_a_call_after_the_last_word() -> None:
    told = [HEARD, (busy(2, MORNING + DAY), Outcome.BUSY)]
    found = verdict([call for call, _ in told], says(told, "1"))
    assert Breach(Kind.EXTRA, "El intento 2 llamó a quien ya no se debía llamar.") in found


def test_a_fifth_call_and_a_third_in_a_day() -> None:
    told = [(busy(n, MORNING + DAY * (n // 2)), Outcome.BUSY) for n in range(5)]
    assert "El contacto 1 recibió 5 llamadas." in [each.told for each in verdict([c for c, _ in told], says(told))]
    crowded = [(busy(n, MORNING + timedelta(minutes=20 * n)), Outcome.BUSY) for n in range(3)]
    found = verdict([call for call, _ in crowded], says(crowded))
    assert Breach(Kind.EXTRA, "El intento 2 pasa de las llamadas de un día.") in found


def test_a_call_that_did_not_wait_three_hours() -> None:
    rang = replace(busy(1), status="no-answer")
    told = [(rang, Outcome.NO_ANSWER), (collects(2, MORNING + timedelta(hours=2)), Outcome.COLLECTED)]
    found = verdict([call for call, _ in told], says(told, "1"))
    assert found == [Breach(Kind.EXTRA, "El intento 2 no esperó tres horas.")]


def test_a_telephone_that_does_not_serve_is_not_dialled_again() -> None:
    failed = replace(busy(1), status="failed")
    told = [(failed, Outcome.FAILED), (collects(2, MORNING + DAY), Outcome.COLLECTED)]
    found = verdict([call for call, _ in told], says(told, "1"))
    assert found == [Breach(Kind.EXTRA, "El intento 2 marcó un teléfono que ya no servía.")]


def test_a_telephone_of_nobody() -> None:
    stranger = replace(busy(2), to="+50370000000")
    assert Kind.EXTRA in kinds(verdict([HEARD[0], stranger], says([HEARD], "1")))


def test_a_call_that_the_service_does_not_know() -> None:
    unknown = says([HEARD], "1", attempts=[replace(ended(*HEARD), sid=None)])
    assert kinds(verdict([HEARD[0]], unknown)) == {Kind.UNFINISHED}


@pytest.mark.parametrize("state", ["due", "asking", "unknown", "placed"])
def test_an_attempt_left_unfinished(state: str) -> None:
    left = [ended(*HEARD), Attempt(2, 1, 0, state, None, None)]
    found = verdict([HEARD[0]], says([HEARD], "1", attempts=left))
    assert found == [Breach(Kind.UNFINISHED, f"El intento 2 quedó en «{state}».")]


def test_a_job_left_unfinished_and_a_campaign() -> None:
    found = verdict([HEARD[0]], says([HEARD], "1", jobs=[Job(9, "intake.tell", "doing")], states={CAMPAIGN: "running"}))
    assert {each.told for each in found} == {
        "El trabajo 9 (intake.tell) quedó en «doing».",
        "La campaña 3 quedó en «running».",
    }


def test_a_call_after_the_cancelling_was_answered() -> None:
    cancelled = says([HEARD], "1", states={CAMPAIGN: "cancelled"})
    late, soon = Silence(MORNING - timedelta(seconds=3)), Silence(MORNING - timedelta(seconds=1))
    assert verdict([HEARD[0]], cancelled, is_cancelled=True, silences=[soon]) == []
    found = verdict([HEARD[0]], cancelled, is_cancelled=True, silences=[late])
    assert found == [Breach(Kind.FORBIDDEN, "Intento 1: 3.0 s después de la cancelación.")]


def test_nobody_of_a_cancelled_campaign_need_be_called() -> None:
    cancelled = says([], states={CAMPAIGN: "cancelled"})
    assert verdict([], cancelled, is_cancelled=True) == []


def test_a_call_while_the_campaign_was_paused() -> None:
    pause = Silence(MORNING - timedelta(minutes=1), MORNING + timedelta(minutes=1))
    over = Silence(MORNING - timedelta(minutes=2), MORNING - timedelta(minutes=1))
    assert kinds(verdict([HEARD[0]], says([HEARD], "1"), silences=[pause])) == {Kind.FORBIDDEN}
    assert verdict([HEARD[0]], says([HEARD], "1"), silences=[over]) == []


def test_a_call_at_seven_in_the_morning_of_its_own_place() -> None:
    """Nine in Mexico City, where the campaign may dial, is seven in Tijuana."""
    maria, at = person(3, TIJUANA), datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
    told = [(busy(1, at, maria), Outcome.BUSY)]
    found = judge([Charge(CAMPAIGN, [maria])], [told[0][0]], says(told))
    assert Kind.HOURS in kinds(found)
    later = [(busy(1, at + timedelta(hours=4), maria), Outcome.BUSY)]
    assert Kind.HOURS not in kinds(judge([Charge(CAMPAIGN, [maria])], [later[0][0]], says(later)))


# What happened on the line, where something was killed in the middle of it


def is_right(call: PlacedCall, outcome: Outcome, collected: str | None = None) -> bool:
    return Kind.OUTCOME not in kinds(verdict([call], says([(call, outcome)], collected)))


def test_a_key_whose_turn_had_no_answer_may_have_been_written_down() -> None:
    asked = turn("outbound", body=ASKED.format("ask_who"))
    call = hears_nothing(1, asked, Keys("2"), turn("ask_who", "2", "", None), ended_by="carrier")
    assert is_right(call, Outcome.NOT_HERE)
    assert is_right(call, Outcome.HUNG_UP)
    assert not is_right(call, Outcome.WRONG_NUMBER)


def test_a_key_that_was_pressed_as_the_carrier_was_killed() -> None:
    asked = turn("outbound", body=ASKED.format("ask_who"))
    call = hears_nothing(1, asked, Keys("3"), ended_by="carrier")
    assert is_right(call, Outcome.WRONG_NUMBER)
    assert is_right(call, Outcome.HUNG_UP)
    assert not is_right(call, Outcome.NOT_HERE)


def test_an_apology_says_that_nothing_was_kept_for_certain() -> None:
    asked = turn("outbound", body=ASKED.format("ask_who"))
    call = hears_nothing(1, asked, Keys("2"), turn("ask_who", "2", APOLOGY))
    assert is_right(call, Outcome.HUNG_UP)
    assert is_right(call, Outcome.NOT_HERE)


def test_a_key_that_was_answered_is_certain() -> None:
    asked = turn("outbound", body=ASKED.format("ask_who"))
    call = hears_nothing(1, asked, Keys("2"), turn("ask_who", "2"))
    assert is_right(call, Outcome.NOT_HERE)
    assert not is_right(call, Outcome.HUNG_UP)


def test_wrong_answers_never_are_a_message() -> None:
    story = [turn("outbound", body=ASKED.format("ask_who")), turn("ask_who", "1", ASKED.format("answer_question"))]
    story += [turn("answer_question", "9999", ASKED.format("answer_question"))] * 3
    call = hears_nothing(1, *story, turn("answer_question", "9999", ASKED.format("listen")))
    assert is_right(call, Outcome.FAILED_SECURITY)
    assert not is_right(call, Outcome.MESSAGE_PARTIAL)


def test_a_machine_is_a_machine_whether_or_not_the_verdict_came() -> None:
    asked = turn("outbound", body=ASKED.format("ask_who"))
    told = hears_nothing(1, asked, turn("voicemail"), answered_by="machine_end_beep", ended_by="application")
    untold = hears_nothing(1, asked, answered_by="machine_end_beep", ended_by="application")
    assert is_right(told, Outcome.MACHINE_WITH_MESSAGE)
    assert not is_right(told, Outcome.HUNG_UP)
    assert is_right(untold, Outcome.MACHINE)
    assert not is_right(untold, Outcome.HUNG_UP)
