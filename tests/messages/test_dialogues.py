"""Every conversation of tests/messages/dialogues, held through the real webhook: once as it comes, once with each
message told twice.

    == Five is a person
    CITIZEN   5
    LINE      chat.waiting
    OPERATOR  takes
    STATE     TALKING

LINE is what the line answers by itself, one message: ``greeting``, ``menu``, ``option 1``, and sentences by their keys,
with + between them. Every answer is written down, and none that was not given.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from assembly import Parts
from campaigns.rules import exclusions
from desk.chats.line import ChatLine
from desk.chats.pins import says_a_pin
from desk.chats.states import ChatState
from prompts.template import Placeholder
from tests.messages.chatting import CITIZEN, Chatting
from tests.webhooks import Webhooks

FOLDER = Path(__file__).with_name("dialogues")
VERBS = frozenset({"GIVEN", "CITIZEN", "LINE", "OPERATOR", "STATE", "THEN"})


@dataclass
class Dialogue:
    title: str
    lines: list[tuple[str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        return self.title


def dialogues() -> Iterator[Dialogue]:
    for path in sorted(FOLDER.glob("*.txt")):
        current: Dialogue | None = None
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("=="):
                if current:
                    yield current
                current = Dialogue(f"{path.stem}: {line[2:].strip()}")
            elif line.strip() and not line.startswith("#"):
                verb, _, rest = line.partition(" ")
                assert verb in VERBS and current, f"{path.name}: {line}"
                current.lines.append((verb, rest.strip()))
        if current:
            yield current


ALL = list(dialogues())


@pytest.fixture
def chatting(parts: Parts, webhooks: Webhooks) -> Chatting:
    return Chatting(parts, webhooks)


@pytest.mark.parametrize("dialogue", ALL, ids=str)
@pytest.mark.parametrize("doubled", [False, True], ids=["once", "repeated"])
def test_dialogue(dialogue: Dialogue, doubled: bool, chatting: Chatting, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    chatting.webhooks.doubled = doubled
    chatting.at_the_desk()
    answered = 0
    for verb, text in dialogue.lines:
        match verb:
            case "GIVEN":
                chatting.closes_the_line()
            case "CITIZEN":
                assert len(chatting.answered()) == answered, "an answer that nobody expected"
                assert chatting.writes(text) == 200
            case "LINE":
                said = chatting.answered()
                assert len(said) > answered, f"nothing was answered, and {text} was expected"
                assert re.fullmatch(pattern(chatting, text), said[answered], re.DOTALL), said[answered]
                answered += 1
            case "OPERATOR" if text == "takes":
                chatting.takes(chatting.newest().id)
            case "OPERATOR" if text == "ends":
                chatting.ends(chatting.newest().id)
            case "OPERATOR":
                chatting.answers(chatting.newest().id, text)
            case "STATE":
                assert ChatState(chatting.newest().state) is ChatState(text)
            case "THEN":
                assert is_excluded(chatting) is (text == "excluded")
    assert len(chatting.answered()) == answered, "an answer that nobody expected"
    assert not any(says_a_pin(each) for each in chatting.answered())
    words = [text for verb, text in dialogue.lines if verb == "CITIZEN" and len(text) > 12]
    assert [each for each in [*words, CITIZEN] if each in caplog.text] == [], "what people write is in no log"


def pattern(chatting: Chatting, text: str) -> str:
    """What one message of the line is to be, whatever the values in its sentences."""
    line = chatting.parts.world.desk.lines[chatting.line].chat
    assert line is not None
    return "\n\n".join(one_pattern(chatting, line, each.strip()) for each in text.split("+"))


def one_pattern(chatting: Chatting, line: ChatLine, name: str) -> str:
    if name in ("greeting", "menu"):
        return re.escape(getattr(line, name))
    if name.startswith("option "):
        return re.escape(line.options[int(name[-1]) - 1].text)
    parts = chatting.parts.world.catalogs[chatting.line]._entry(name).template.parts
    return "".join(".*" if isinstance(part, Placeholder) else re.escape(part) for part in parts)


def is_excluded(chatting: Chatting) -> bool:
    with chatting.parts.db.begin() as tx:
        found = exclusions.listed(tx, chatting.parts.vault)
    return [(each.kind, each.scope.line) for each in found] == [(exclusions.Kind.PHONE, chatting.line)]


def test_there_are_enough_of_them_and_no_two_are_called_the_same() -> None:
    assert len(ALL) >= 15
    assert len({dialogue.title for dialogue in ALL}) == len(ALL)
