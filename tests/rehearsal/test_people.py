"""Who answers: drawn by the shares, and in each call doing what brings it to its outcome."""

import pytest

from campaigns.forecast.rates import DEFAULTS
from campaigns.outcomes import Outcome
from carrier.local.personas import Fate, read_personas
from prompts.catalog import Catalog
from rehearsal.people import Heard, heard, line_seconds, personas, right_answers, shares_for
from rehearsal.play import CALLS_A_SECOND, lent_lines, speed_for
from tests.campaigns.builders import submitted
from tests.rehearsal.reading import request_and_sample

TOLD = Heard("who", [("first", "1111"), ("second", "11")], "after", [("collect", "1")], 30.0, 55.0)
PLAIN = Heard("who", [], "after", [], 30.0, 55.0)


def played(outcome: Outcome, told: Heard):
    """The only person of a file in which every call comes to this."""
    return read_personas(personas({outcome: 1.0}, told, 0.02, 7)).find("+50371234567")


@pytest.mark.parametrize(
    ("outcome", "fate"),
    [
        (Outcome.NO_ANSWER, Fate.NO_ANSWER),
        (Outcome.BUSY, Fate.BUSY),
        (Outcome.FAILED, Fate.FAILED),
        (Outcome.MACHINE, Fate.MACHINE),
        (Outcome.COLLECTED, Fate.ANSWER),
    ],
)
def test_what_becomes_of_the_call(outcome, fate):
    assert played(outcome, TOLD).fate is fate


@pytest.mark.parametrize(
    ("outcome", "told", "pressed", "hangs_up"),
    [
        (Outcome.NOT_HERE, TOLD, "2", None),
        (Outcome.WRONG_NUMBER, TOLD, "3", None),
        (Outcome.FAILED_SECURITY, TOLD, "99 9999 1", None),
        (Outcome.HUNG_UP, TOLD, "", 8.0),
        (Outcome.MESSAGE_PARTIAL, TOLD, "11 1111 1", 30.0),
        (Outcome.MESSAGE_COMPLETE, TOLD, "11 1111 1", 55.0),
        (Outcome.MESSAGE_COMPLETE, PLAIN, "1 1", None),
        (Outcome.COLLECTED, TOLD, "1 1 11 1111 1", None),
        (Outcome.NO_MORE_CALLS, TOLD, "8 11 1111 1", None),
    ],
)
def test_what_they_do_in_it_the_last_sentence_first(outcome, told, pressed, hangs_up):
    person = played(outcome, told)
    assert " ".join(reaction.presses for reaction in person.keys) == pressed
    assert person.hangs_up_after_s == hangs_up


@pytest.mark.parametrize(
    ("given", "told", "wanted"),
    [
        ({Outcome.REFUSES: 0.1, Outcome.HUNG_UP: 0.2}, TOLD, {Outcome.HUNG_UP: 0.3}),
        ({Outcome.FAILED_SECURITY: 0.1, Outcome.MESSAGE_COMPLETE: 0.2}, PLAIN, {Outcome.MESSAGE_COMPLETE: 0.3}),
        ({Outcome.COLLECTED: 0.5}, PLAIN, {Outcome.MESSAGE_COMPLETE: 0.5}),
        ({Outcome.MESSAGE_COMPLETE: 0.5}, TOLD, {Outcome.COLLECTED: 0.5}),
        (
            {Outcome.MESSAGE_COMPLETE: 0.3, Outcome.COLLECTED: 0.2},
            TOLD,
            {Outcome.MESSAGE_COMPLETE: 0.3, Outcome.COLLECTED: 0.2},
        ),
        ({Outcome.BUSY: 0.0, Outcome.NO_ANSWER: 1.0}, TOLD, {Outcome.NO_ANSWER: 1.0}),
    ],
)
def test_only_what_can_come_about_is_drawn(given, told, wanted):
    assert shares_for(given, told) == pytest.approx(wanted)


def test_as_many_as_the_shares_say_and_the_same_ones_again():
    shares = shares_for(DEFAULTS, TOLD)

    def fates() -> list[Fate]:
        everybody = read_personas(personas(shares, TOLD, 0.02, 7))
        found = [everybody.find(f"+5037{number % 500:07}") for number in range(4_000)]
        return [person.fate for person in found if person is not None]

    drawn = fates()
    assert drawn == fates()
    assert drawn.count(Fate.NO_ANSWER) / 4_000 == pytest.approx(shares[Outcome.NO_ANSWER], abs=0.03)
    assert drawn.count(Fate.BUSY) / 4_000 == pytest.approx(shares[Outcome.BUSY], abs=0.02)
    assert len({tuple(drawn[number::500]) for number in range(500)}) > 100, "a number is not always the same person"


def test_what_is_heard_holds_nothing_of_anybody(db, vault, clock):
    campaign_id = submitted(db, vault, clock, 3, mensaje_guion="{nombre_completo}, su subsidio de {mes} está listo.").id
    request, sample = request_and_sample(db, vault, clock, campaign_id)
    told = heard(sample, request, Catalog.load("dgs"), "SV")
    assert [right for _, right in told.questions] == right_answers(request) == ["1111", "1111"]
    assert [key for _, key in told.collect] == ["1"]
    written = personas(shares_for(DEFAULTS, told), told, 0.02, 7).lower()
    for name in ("ana", "maría", "maria", "lópez", "lopez"):
        assert f"{name} " not in written and f'{name}"' not in written
    assert 20 < told.until_message_s < told.until_after_s < 120


def test_a_line_is_kept_while_it_rings_too():
    assert line_seconds({Outcome.NO_ANSWER: 1.0}, {}, 30) == 30
    assert line_seconds({Outcome.NO_ANSWER: 0.5, Outcome.HUNG_UP: 0.5}, {Outcome.HUNG_UP: 8.0}, 30) == 25


@pytest.mark.parametrize(
    ("people", "real_rate", "least", "most"),
    [(20_000, 0.5, 150, 150), (50, 0.5, 8, 8), (50, 100, 1, 1), (10**6, 0.01, 1000, 1000), (600, 1.0, 15, 15)],
)
def test_how_fast_the_clock_runs(people, real_rate, least, most):
    assert least <= speed_for(people, real_rate) <= most
    assert speed_for(people, real_rate) * real_rate <= max(CALLS_A_SECOND, real_rate)


@pytest.mark.parametrize(("driven", "lines"), [(1.0, 0), (4.0, 0), (10.0, 1), (CALLS_A_SECOND, 7)])
def test_what_is_on_its_way_through_the_machine_takes_none_of_the_trunks_lines(driven, lines):
    assert lent_lines(driven) == lines
