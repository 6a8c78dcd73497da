"""Every conversation of tests/dialogues, held through the real webhooks: once as it comes, once with each repeated."""

import logging
import re
from pathlib import Path

import pytest

from assembly import Parts
from carrier.local.events import Said
from carrier.local.in_process import Transcript
from tests.ivr.scene import Scene
from tests.ivr.script import Dialogue, dialogues, happened
from tests.webhooks import Webhooks

FOLDER = Path(__file__).resolve().parent.parent / "dialogues"
ALL = list(dialogues(FOLDER))
_WORDS = ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"]


@pytest.mark.parametrize("dialogue", ALL, ids=str)
@pytest.mark.parametrize("doubled", [False, True], ids=["once", "repeated"])
def test_dialogue(
    dialogue: Dialogue, doubled: bool, parts: Parts, webhooks: Webhooks, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    webhooks.doubled = doubled
    scene = Scene(parts, webhooks, dialogue)

    transcript = scene.play()

    assert happened(transcript, parts.world.catalogs[dialogue.line], dialogue.call) == dialogue.call
    scene.check()
    assert leaked(secrets_of(dialogue, transcript), caplog.text, [url for url, _, _ in webhooks.asked]) == []


def secrets_of(dialogue: Dialogue, transcript: Transcript) -> set[str]:
    """What was keyed (documents, dates, answers) and the PIN that was read out."""
    keyed = {keys.strip("#") for keys in dialogue.of("CALLER") if len(keys) >= 4 and keys[0].isdigit()}
    read = {spoken.group(1) for text in transcript.heard if (spoken := re.search(r"Su PIN es: ([^.]+)\.", text))}
    return keyed | {"".join(str(_WORDS.index(word)) for word in re.findall(r"\w+", words)) for words in read}


def leaked(secrets: set[str], log: str, urls: list[str]) -> list[str]:
    """Which of them are in the log, or are a value in an address."""
    words = set(re.findall(r"\d+", log)) | {value for url in urls for value in re.findall(r"=([^&#]*)", url)}
    return sorted(secrets & words)


def test_a_leak_would_be_found() -> None:
    spoken = Transcript("CA1")
    spoken.events.append(Said(1.0, "Su PIN es: dos, uno… cuatro, tres. Se lo repito: dos, uno… cuatro, tres.", 1.0))
    secrets = secrets_of(Dialogue("", [("CALLER", "000162975"), ("CALLER", "1"), ("CALLER", "(silence)")]), spoken)

    assert secrets == {"000162975", "2143"}
    assert leaked(secrets, "turn of 000162975", ["http://x/voice/pin/read?n=3&pin=2143"]) == ["000162975", "2143"]


def test_there_are_at_least_forty() -> None:
    assert len(ALL) >= 40
    assert len({dialogue.title for dialogue in ALL}) == len(ALL)
