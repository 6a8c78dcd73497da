"""Of a campaign that only texts nothing is said of calls, and what people wrote stays as they wrote it."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import product

import pytest

from campaigns.intake import letters
from campaigns.outcomes import Outcome
from campaigns.rules import why
from campaigns.rules.deciding import Decision, Never, NotNow, OtherPhone, Reason
from campaigns.rules.hours import Window
from campaigns.states import TEXTS, AttemptState, CampaignState
from campaigns.texting.sentences import of_calls, of_texts, said_of
from core.countries import COUNTRIES
from tests.campaigns.builders import moment

NOW = moment("2026-11-30 10:00")
NIGHT = moment("2026-11-30 23:00")
WINDOW = Window(COUNTRIES["SV"])


def _of_the_campaign() -> Iterator[why.Why]:
    for state, now, hours in product(CampaignState, (NOW, NIGHT), (None, 0, 5)):
        yield from why.why_it_waits(
            state,
            WINDOW,
            now,
            starts_at=now,
            next_due=None if hours is None else now + timedelta(hours=hours),
            live=2,
            has_dialer=False,
            trouble="no_answer",
            refused="refused 21606",
            before=["Otra"],
            say=of_texts,
        )
    yield from why.why_it_waits(
        CampaignState.RUNNING, WINDOW, NOW, starts_at=NOW, next_due=None, live=1, has_trunk=False, say=of_texts
    )
    yield why.cancelled(of_texts)


def _of_somebody(until: datetime) -> Iterator[why.Why]:
    decisions: list[Decision | None] = [NotNow(*each) for each in product(Reason, (until,), (True, False))]
    decisions += [Never(outcome) for outcome in Outcome if outcome.startswith("no_marcable")]
    for decision, state in product((*decisions, OtherPhone(1, 1), None), (None, *AttemptState)):
        yield from why.why_not_this_one(
            WINDOW, NOW, is_final=False, outcome=None, attempt=state, due_at=until, decision=decision, say=of_texts
        )


@pytest.mark.parametrize("each", dict.fromkeys([*_of_the_campaign(), *_of_somebody(NIGHT)]), ids=lambda each: each.code)
def test_no_sentence_speaks_of_calling(each):
    for said in (each.sentence, each.do):
        plain = said.replace("Se le llamó o se le escribió", "").replace("se llamó o se escribió", "")
        plain = plain.replace("llamadas y mensajes", "")
        assert not re.search(r"llam|marc(?!ador|ha)|[\[\]|]", plain, re.IGNORECASE), said


@pytest.mark.parametrize(
    ("written", "calls", "texts"),
    [
        ("ya no se [llama|escribe] a nadie", "ya no se llama a nadie", "ya no se escribe a nadie"),
        ("llamadas[| y mensajes]", "llamadas", "llamadas y mensajes"),
        ("Está pausada.", "Está pausada.", "Está pausada."),
    ],
)
def test_a_sentence_is_written_once_in_both_ways(written, calls, texts):
    assert (of_calls(written), of_texts(written)) == (calls, texts)
    assert (said_of("AUTOMATICA")(written), said_of(TEXTS)(written)) == (calls, texts)


def test_another_campaigns_name_is_left_as_it_was_written():
    name = "Llamadas de [octubre|noviembre]"
    (found,) = why.why_it_waits(
        CampaignState.RUNNING, WINDOW, NOW, starts_at=NOW, next_due=NOW, live=0, before=[name], say=of_texts
    )
    assert name in found.sentence


def test_a_letter_about_texts_speaks_of_no_call_and_leaves_the_areas_words():
    about = letters.About("CAMP-2026-0001", "Llamadas de noviembre", "https://x", "Prueba", is_of_texts=True)
    day = date(2026, 11, 30)
    for letter in (
        letters.receipt(about, 3, 2, "hoy"),
        letters.returned(about, "Falta la llamada", [], [], day),
        letters.cancelled(about, ""),
        letters.approved(about, 2, day, day),
    ):
        said = letter.body.replace("«Llamadas de noviembre»", "").replace("Falta la llamada", "")
        assert "llama" not in said.lower(), said
    assert "Motivo: Falta la llamada" in letters.returned(about, "Falta la llamada", [], [], day).body
