"""The verbs that leave a document or the call: Redirect, Reject, Hangup."""

from typing import TYPE_CHECKING, NoReturn

from carrier.local.turns import CallOver, Go
from carrier.local.verbs import Hangup, NotYet, Redirect, Reject

if TYPE_CHECKING:
    from carrier.local.interpreter import Conversation


async def redirect(verb: Redirect, talk: "Conversation") -> Go:
    return talk.go(verb.method, verb.url)


async def hangup(verb: Hangup, talk: "Conversation") -> NoReturn:
    """Hangup as the first verb still answers the call, and bills it."""
    await talk.leg.answer()
    raise CallOver("application")


async def reject(verb: Reject, talk: "Conversation") -> NoReturn:
    """Never answers; on a call that is already answered it only hangs up."""
    if talk.leg.is_answered:
        raise CallOver("application")
    raise CallOver("application", "busy" if verb.reason == "busy" else "no-answer")


async def not_yet(verb: NotYet, talk: "Conversation") -> None:
    """Was remarked when it was read; the next verb follows."""
    await talk.leg.answer()
