"""What follows a call or a text in a campaign that sends texts: each case a row (docs/decisions/0034)."""

from datetime import date

import pytest

from campaigns.outcomes import Outcome as O
from campaigns.rules.followup import FINAL, Final, Followup, Past, Retry, what_follows
from campaigns.rules.hours import Window
from campaigns.rules.texts import UNANSWERED, what_follows_here
from campaigns.states import Channel, Texting
from core.countries import COUNTRIES
from tests.campaigns.builders import moment

WINDOW = Window(COUNTRIES["SV"], last_day=date(2026, 12, 4))
MONDAY = "2026-11-30"
TEXT, VOICE = Channel.TEXT, Channel.VOICE


def past(*told: tuple[str, int, O, str]) -> list[Past]:
    """(t or c, telephone, outcome, hour on Monday 30 November)."""
    return [Past(phone, outcome, moment(f"{MONDAY} {at}"), is_text=kind == "t") for kind, phone, outcome, at in told]


def follows(
    texting: Texting, *told: tuple[str, int, O, str], phones: int = 2, spent: int = 0, most: int = 4
) -> Followup:
    def calls(placed):
        return what_follows(placed, phones=phones, spent=spent, max_attempts=most, window=WINDOW)

    known = {"phones": phones, "spent": spent, "max_attempts": most}
    return what_follows_here(past(*told), texting, **known, window=WINDOW, calls=calls)


@pytest.mark.parametrize(
    ("told", "phone"),
    [
        ([("t", 0, O.TEXT_DELIVERED, "09:00")], None),
        ([("t", 0, O.TEXT_UNCONFIRMED, "09:00")], None),
        ([("t", 0, O.TEXT_UNDELIVERED, "09:00")], 1),
        ([("t", 0, O.TEXT_UNDELIVERED, "09:00"), ("t", 1, O.TEXT_DELIVERED, "09:01")], None),
    ],
)
def test_texts_alone_go_to_the_next_telephone_where_one_does_not_arrive(told, phone):
    found = follows(Texting.ONLY, *told).next
    assert found == (Final() if phone is None else Retry(phone, moment(f"{MONDAY} 09:01"), TEXT))


def test_a_telephone_that_took_no_text_is_spent_and_the_last_one_ends_it():
    first = ("t", 0, O.TEXT_UNDELIVERED, "09:00")
    assert follows(Texting.ONLY, first).spent == 1
    assert follows(Texting.ONLY, first, phones=1).next == Final()
    assert follows(Texting.ONLY, ("t", 1, O.TEXT_UNDELIVERED, "09:01"), spent=1) == Followup(Final(), 3)


@pytest.mark.parametrize("outcome", [O.TEXT_DELIVERED, O.TEXT_UNCONFIRMED, O.TEXT_UNDELIVERED])
def test_whoever_is_texted_before_is_called_afterwards_whatever_came_of_it(outcome):
    found = follows(Texting.BEFORE, ("t", 0, outcome, "09:00"))
    assert found == Followup(Retry(0, moment(f"{MONDAY} 09:01"), VOICE), 0)


def test_after_the_first_unanswered_call_a_text_and_then_the_next_call():
    missed = ("c", 0, O.NO_ANSWER, "09:00")
    assert follows(Texting.AFTER_FIRST, missed).next == Retry(0, moment(f"{MONDAY} 09:01"), TEXT)
    found = follows(Texting.AFTER_FIRST, missed, ("t", 0, O.TEXT_DELIVERED, "12:01")).next
    assert found == Retry(1, moment(f"{MONDAY} 12:00").replace(minute=1), VOICE)
    again = follows(
        Texting.AFTER_FIRST, missed, ("t", 0, O.TEXT_DELIVERED, "12:01"), ("c", 1, O.NO_ANSWER, "15:00")
    ).next
    assert isinstance(again, Retry) and again.channel is VOICE


def test_in_colombia_a_text_follows_the_last_unanswered_call_and_no_other():
    missed = [("c", n % 2, O.NO_ANSWER, f"{9 + n:02}:00") for n in range(4)]
    for count in (1, 2, 3):
        found = follows(Texting.AFTER_LAST, *missed[:count]).next
        assert isinstance(found, Retry) and found.channel is VOICE
    assert follows(Texting.AFTER_LAST, *missed).next == Retry(1, moment(f"{MONDAY} 12:01"), TEXT)
    assert follows(Texting.AFTER_LAST, *missed, ("t", 1, O.TEXT_DELIVERED, "12:01")).next == Final()


@pytest.mark.parametrize("texting", [Texting.AFTER_FIRST, Texting.AFTER_LAST])
@pytest.mark.parametrize(
    "outcome", sorted({*O} - UNANSWERED - FINAL - {o for o in O if o.startswith(("no_marc", "sms."))})
)
def test_whoever_was_spoken_with_is_sent_none(texting, outcome):
    found = follows(texting, ("c", 0, outcome, "09:00"), most=1)
    assert found.next == Final()


def test_a_text_that_no_hour_of_the_period_can_hold_is_none():
    late = Past(0, O.NO_ANSWER, moment("2026-12-04 17:59"))
    found = what_follows_here(
        [late],
        Texting.AFTER_LAST,
        phones=1,
        spent=0,
        max_attempts=1,
        window=WINDOW,
        calls=lambda placed: Followup(Final(), 0),
    )
    assert found.next == Final()
