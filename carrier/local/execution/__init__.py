"""How each verb is carried out: one function a verb. To add one, write its function and name it in VERBS."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from carrier.local.execution.dial import dial
from carrier.local.execution.enqueue import enqueue, leave_queue
from carrier.local.execution.gather import gather
from carrier.local.execution.leave import hangup, not_yet, redirect, reject
from carrier.local.execution.record import record
from carrier.local.execution.sound import pause, play, say
from carrier.local.turns import Go
from carrier.local.verbs import (
    Dial,
    Enqueue,
    Gather,
    Hangup,
    Leave,
    NotYet,
    Pause,
    Play,
    Record,
    Redirect,
    Reject,
    Say,
    Verb,
)

if TYPE_CHECKING:
    from carrier.local.interpreter import Conversation

VERBS: dict[type, Callable[[Any, "Conversation"], Awaitable[Go | None]]] = {
    Say: say,
    Play: play,
    Pause: pause,
    Gather: gather,
    Redirect: redirect,
    Reject: reject,
    Hangup: hangup,
    Dial: dial,
    Enqueue: enqueue,
    Leave: leave_queue,
    Record: record,
    NotYet: not_yet,
}


async def carry_out(verb: Verb, talk: "Conversation") -> Go | None:
    """Carries out one verb; where the next document is, or None to go on with the next verb."""
    return await VERBS[type(verb)](verb, talk)
