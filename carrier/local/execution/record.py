"""Record: a person's words. Nobody on these lines speaks, so what is kept is a length, and no sound."""

from typing import TYPE_CHECKING

from carrier.local.line import HungUp
from carrier.local.sids import new_sid
from carrier.local.turns import Go
from carrier.local.verbs import Record

if TYPE_CHECKING:
    from carrier.local.interpreter import Conversation

BEEP_SECONDS = 0.5


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
    return talk.go(verb.method, verb.action, _facts(talk, began) | ({"Digits": digits} if digits else {}))


async def _finishing_key(verb: Record, talk: "Conversation") -> str:
    limit = min(verb.timeout or verb.max_length, verb.max_length)
    ends = talk.second + limit
    while talk.second < ends:
        key = await talk.line.press(ends - talk.second)
        if key is not None and key in verb.finish_on_key:
            talk.pressed(key)
            return key
    return ""


async def _tell_of_hang_up(verb: Record, talk: "Conversation", began: float) -> None:
    """The action hears of it with Digits=hangup; its answer has nobody to hear it."""
    place = talk.go(verb.method, verb.action, _facts(talk, began) | {"Digits": "hangup"})
    await talk.ask_in_vain(place)


def _facts(talk: "Conversation", began: float) -> dict[str, str]:
    params = talk.leg.params()
    sid = new_sid("RE")
    return {
        "RecordingSid": sid,
        "RecordingUrl": f"https://api.twilio.com/2010-04-01/Accounts/{params['AccountSid']}/Recordings/{sid}",
        "RecordingDuration": str(round(talk.second - began)),
    }
