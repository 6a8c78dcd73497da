"""Record: a person's words. Nobody on these lines has a voice, so what is kept is a length and a soft tone."""

from typing import TYPE_CHECKING

from carrier.local.events import Spoke
from carrier.local.line import HungUp, Speaker
from carrier.local.turns import Go
from carrier.local.verbs import Record

if TYPE_CHECKING:
    from carrier.local.interpreter import Conversation

BEEP_SECONDS = 0.5
CHARACTERS_PER_SECOND = 15


async def record(verb: Record, talk: "Conversation") -> Go:
    """Ends at a finishing key, at the longest length, or after so much silence; then its action is asked."""
    await talk.leg.answer()
    await talk.hear("", BEEP_SECONDS if verb.play_beep else 0.0)
    began = talk.second
    try:
        digits = await _finishing_key(verb, talk)
    except HungUp:
        await _tell_of_hang_up(verb, talk, began)
        raise
    facts = talk.exchange.keep_recording(verb, talk, talk.second - began)
    return talk.go(verb.method, verb.action, facts | ({"Digits": digits} if digits else {}))


async def _finishing_key(verb: Record, talk: "Conversation") -> str:
    """Silence counts from the last word; what was said is kept in the call's story."""
    last_word = talk.second
    latest, silence = last_word + verb.max_length, verb.timeout or verb.max_length

    def speak(text: str) -> None:
        nonlocal last_word
        talk.note(Spoke(talk.second, text))
        last_word = max(last_word, talk.second) + len(text) / CHARACTERS_PER_SECOND

    line = talk.line
    if isinstance(line, Speaker):
        line.on_say = speak
    try:
        while (left := min(last_word + silence, latest) - talk.second) > 0:
            key = await line.press(left)
            if key is not None and key in verb.finish_on_key:
                talk.pressed(key)
                return key
    finally:
        if isinstance(line, Speaker):
            line.on_say = None
    return ""


async def _tell_of_hang_up(verb: Record, talk: "Conversation", began: float) -> None:
    """The action hears of it with Digits=hangup; its answer has nobody to hear it."""
    facts = talk.exchange.keep_recording(verb, talk, talk.second - began)
    await talk.ask_in_vain(talk.go(verb.method, verb.action, facts | {"Digits": "hangup"}))
