"""Dial: somebody else joins the call (twilio.md §4, Dial)."""

from typing import TYPE_CHECKING

from carrier.local.events import Dialled
from carrier.local.turns import Go
from carrier.local.verbs import Dial

if TYPE_CHECKING:
    from carrier.local.interpreter import Conversation

NOTICED_SECONDS = 5  # of ringing or talking; dialling in a circle what cannot be reached is not progress


async def dial(verb: Dial, talk: "Conversation") -> Go | None:
    """With an action, it is asked when the Dial ends; without one the next verb follows."""
    if not verb.answer_on_bridge or verb.conference is not None:
        await talk.leg.answer()
    began = talk.second
    result = await talk.exchange.dial(verb, talk)
    if talk.second - began >= NOTICED_SECONDS:
        talk.made_progress()
    talk.note(Dialled(talk.second, verb.addresses, result.status))
    if verb.action is None:
        return None
    params = {"DialCallStatus": result.status, "DialBridged": str(result.was_bridged).lower()}
    if result.call_sid:
        params |= {"DialCallSid": result.call_sid, "DialCallDuration": str(result.seconds)}
    return talk.go(verb.method, verb.action, params)
