"""Enqueue: waits in a queue until somebody takes the call out, or it leaves (twilio.md §4). Leave: out of it."""

from typing import TYPE_CHECKING

from carrier.local.turns import Go, LeftQueue
from carrier.local.verbs import Enqueue, Leave

if TYPE_CHECKING:
    from carrier.local.interpreter import Conversation

NOTICED_SECONDS = 1


async def enqueue(verb: Enqueue, talk: "Conversation") -> Go | None:
    """With an action, it is asked when the queue is left; without one the next verb follows."""
    await talk.leg.answer()
    began = talk.second
    result = await talk.exchange.enqueue(verb, talk)
    if talk.second - began >= NOTICED_SECONDS:
        talk.made_progress()
    if result.place is not None:
        return result.place
    return talk.go(verb.method, verb.action, result.params) if verb.action is not None else None


async def leave_queue(verb: Leave, talk: "Conversation") -> None:
    """Raises LeftQueue where a queue is being waited in; elsewhere there is nothing to leave."""
    if talk.is_queued:
        raise LeftQueue
