"""Say, Play and Pause, alone or as the prompts of a Gather."""

from typing import TYPE_CHECKING

from carrier.local.verbs import Pause, Play, Say

if TYPE_CHECKING:
    from carrier.local.interpreter import Conversation

AUDIO_SECONDS = 3.0  # the length of an audio is not looked up
TONE_SECONDS = {"w": 0.5, "W": 1.0}
FOREVER = 1000  # loop="0" is at most a thousand times [say]


async def say(verb: Say, talk: "Conversation") -> None:
    await talk.leg.answer()
    await sound(verb, talk, listening=False)


async def play(verb: Play, talk: "Conversation") -> None:
    await talk.leg.answer()
    await sound(verb, talk, listening=False)


async def pause(verb: Pause, talk: "Conversation") -> None:
    """A Pause at the head of an inbound call lets it ring that much longer [pause]."""
    await talk.hear("", verb.length)


async def sound(verb: Say | Play | Pause, talk: "Conversation", *, listening: bool) -> str | None:
    """Makes one prompt be heard; the key that stopped it, if any."""
    if isinstance(verb, Pause):
        return await talk.hear("", verb.length, listening=listening)
    for _ in range(verb.loop or FOREVER):
        key = await _once(verb, talk, listening=listening)
        if key is not None:
            return key
    return None


async def _once(verb: Say | Play, talk: "Conversation", *, listening: bool) -> str | None:
    if isinstance(verb, Say):
        return await talk.say(verb.text, listening=listening, extra_seconds=verb.extra_seconds)
    if verb.digits:
        return await talk.hear("", tones_seconds(verb.digits))
    return await talk.hear(verb.url, AUDIO_SECONDS, listening=listening)


def tones_seconds(digits: str) -> float:
    """How long a row of tones takes: a quarter of a second each, w half a second, W one."""
    return sum(TONE_SECONDS.get(digit, 0.25) for digit in digits)
