"""What a campaign's call says where the request leaves it to us: before the questions, of the data, at the end."""

import pytest

from campaigns.conversation import KEEPS_ANSWERS
from campaigns.sample import sample_calls
from prompts.catalog import Catalog
from prompts.lint import CHARACTERS_A_SECOND, LEAST_EASE
from prompts.reading import ease
from tests.campaigns.builders import LINES, NUMBER, submitted

VALUES = {"entidad": "Dirección General de Subsidios", "numero": NUMBER, "operador": NUMBER}
ASKS_NOTHING = {"recolectar_1": "", "recolectar_1_opciones": ""}
KEPT = "La Dirección General de Subsidios guarda lo que usted responda, y lo usa solo para esta gestión."


@pytest.fixture
def said(db, vault, clock):
    """Every sentence of the first call, by its key."""

    def say(**fields: str) -> dict[str, str]:
        number = submitted(db, vault, clock, 1, **fields).id
        with db.begin() as tx:
            first = sample_calls(tx, vault, clock.now(), number, Catalog.load("dgs"), VALUES)[0]
        return {each.key: each.text for each in first.said}

    return say


def test_who_asks_something_and_says_nothing_of_it_says_that_answers_are_kept(said):
    assert said(aviso_privacidad="")["campaign.privacy"] == KEPT


def test_who_only_tells_something_says_what_its_line_says(said):
    assert said(aviso_privacidad="", **ASKS_NOTHING)["campaign.privacy"] == LINES[0].privacy


def test_a_notice_of_its_own_is_said_as_it_is(said):
    assert said(aviso_privacidad="Vienen del registro.")["campaign.privacy"] == "Vienen del registro."


def test_that_notice_is_short_and_easy():
    assert len(KEPT) / CHARACTERS_A_SECOND < 8
    assert (ease(KEEPS_ANSWERS.replace("{entidad}", "La oficina")) or 0) >= LEAST_EASE


@pytest.mark.parametrize(
    ("second", "told", "other"),
    [("DOCUMENTO_ULTIMOS4", "unas preguntas", "una pregunta "), ("", "una pregunta ", "unas preguntas")],
)
def test_one_question_is_not_told_as_several(said, second: str, told: str, other: str):
    intro = [text for key, text in said(pregunta_2=second).items() if key.startswith("campaign.security_intro")]
    assert len(intro) == 1
    assert told in intro[0] and other not in intro[0]


def test_nobody_is_told_to_go_on_where_nothing_follows(said):
    asked, last = said(), said(**ASKS_NOTHING)
    assert asked["campaign.after_message"].startswith("Para continuar, marque uno.")
    assert "campaign.after_message" not in last
    assert last["campaign.after_last_message"].startswith("Para terminar, marque uno.")
    assert "continuar" not in " ".join(last.values())
