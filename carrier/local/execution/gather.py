"""Gather: what a person keys in (twilio.md §4, Gather)."""

from typing import TYPE_CHECKING

from carrier.local.execution.sound import sound
from carrier.local.turns import Go
from carrier.local.verbs import Gather

if TYPE_CHECKING:
    from carrier.local.interpreter import Conversation


async def gather(verb: Gather, talk: "Conversation") -> Go | None:
    """Asks the action with the digits; falls through on silence, or when the finishing key comes first."""
    await talk.leg.answer()
    pressed = await _keys(verb, talk, await _prompts(verb, talk))
    if pressed:
        talk.pressed(pressed)
    await talk.lose_keys()
    digits = pressed.removesuffix(verb.finish_on_key) if verb.finish_on_key else pressed
    if digits or verb.action_on_empty_result:
        return talk.go(verb.method, verb.action, {"Digits": digits})
    return None


async def _prompts(verb: Gather, talk: "Conversation") -> str | None:
    """The first key stops what is being said."""
    for prompt in verb.prompts:
        key = await sound(prompt, talk, listening=verb.takes_keys)
        if key is not None:
            return key
    return None


async def _keys(verb: Gather, talk: "Conversation", first: str | None) -> str:
    """The keys until the last one wanted, the finishing one (kept), or a silence; each key restarts the silence."""
    talk.asked(verb.timeout)
    if not verb.takes_keys:
        await talk.hear("", verb.timeout)
        return ""
    pressed = ""
    key = first
    while True:
        if key is None:
            key = await talk.line.press(verb.timeout)
        if key is None:
            return pressed
        pressed += key
        if key == verb.finish_on_key or len(pressed) == verb.num_digits:
            return pressed
        key = None
