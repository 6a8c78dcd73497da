"""Every conversation of tests/dialogues, held through the real webhooks: once as it comes, once with each repeated."""

from pathlib import Path

import pytest

from app import Parts
from tests.ivr.scene import Scene
from tests.ivr.script import Dialogue, dialogues, happened
from tests.webhooks import Webhooks

FOLDER = Path(__file__).resolve().parent.parent / "dialogues"
ALL = list(dialogues(FOLDER))


@pytest.mark.parametrize("dialogue", ALL, ids=str)
@pytest.mark.parametrize("doubled", [False, True], ids=["once", "repeated"])
def test_dialogue(dialogue: Dialogue, doubled: bool, parts: Parts, webhooks: Webhooks) -> None:
    webhooks.doubled = doubled
    scene = Scene(parts, webhooks, dialogue)

    transcript = scene.play()

    assert happened(transcript, parts.world.catalogs["dgs"], dialogue.call) == dialogue.call
    scene.check()


def test_there_are_at_least_forty() -> None:
    assert len(ALL) >= 40
    assert len({dialogue.title for dialogue in ALL}) == len(ALL)
