"""Of a campaign that only texts nothing is said of calls."""

import re
from datetime import date, datetime, timedelta

import pytest

from campaigns.intake import letters
from campaigns.outcomes import Outcome
from campaigns.rules import why
from campaigns.rules.deciding import Decision, Never, NotNow, OtherPhone, Reason
from campaigns.rules.hours import Window
from campaigns.states import AttemptState, CampaignState
from campaigns.texting.sentences import as_texts, of_texts
from core.countries import COUNTRIES
from tests.campaigns.builders import moment

NOW = moment("2026-11-30 10:00")
NIGHT = moment("2026-11-30 23:00")
WINDOW = Window(COUNTRIES["SV"])


def _of_the_campaign() -> list[why.Why]:
    found = []
    for state in CampaignState:
        for now in (NOW, NIGHT):
            for due in (None, now, now + timedelta(hours=5)):
                found += why.why_it_waits(
                    state,
                    WINDOW,
                    now,
                    starts_at=now,
                    next_due=due,
                    live=2,
                    has_dialer=False,
                    trouble="no_answer",
                    refused="refused 21606",
                    before=["Otra"],
                )
    found += why.why_it_waits(CampaignState.RUNNING, WINDOW, NOW, starts_at=NOW, next_due=None, live=1, has_trunk=False)
    return [*found, why.CANCELLED]


def _of_somebody(until: datetime) -> list[why.Why]:
    decisions: list[Decision] = [
        NotNow(reason, until, of_the_phone) for reason in Reason for of_the_phone in (True, False)
    ]
    decisions += [Never(outcome) for outcome in Outcome if outcome.startswith("no_marcable")]
    found = []
    for decision in (*decisions, OtherPhone(1, 1), None):
        for state in (None, *AttemptState):
            known = {"is_final": False, "outcome": None, "attempt": state, "due_at": until}
            found += why.why_not_this_one(WINDOW, NOW, **known, decision=decision)
    return found


@pytest.mark.parametrize("each", dict.fromkeys([*_of_the_campaign(), *_of_somebody(NIGHT)]), ids=lambda each: each.code)
def test_no_sentence_speaks_of_calling(each):
    (told,) = of_texts([each])
    for said in (told.sentence, told.do):
        plain = said.replace("Se le llamó o se le escribió", "").replace("se llamó o se escribió", "")
        plain = plain.replace("llamadas y mensajes", "")
        assert not re.search(r"llam|marc(?!ador|ha)", plain, re.IGNORECASE), said


def test_what_speaks_of_neither_stays():
    assert as_texts("Está pausada: espera que alguien la reanude.") == "Está pausada: espera que alguien la reanude."


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
