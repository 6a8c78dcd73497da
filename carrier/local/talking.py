"""A call's talk with the application: the interpreter, over signed web requests."""

import asyncio

from carrier.local.bridging import CarryOn
from carrier.local.call import Call, Plan
from carrier.local.events import Event, Fetched
from carrier.local.exchange import NetworkExchange
from carrier.local.handset import HandsetLine
from carrier.local.interpreter import Conversation, Fetch
from carrier.local.line import Line
from carrier.local.network import Network
from carrier.local.ringing import answer
from carrier.local.turns import FetchFailed, Go
from carrier.local.web_client import Reply

PROBLEMS = {
    11201: "Connecting took too long.",
    11202: "The connection was refused.",
    11203: "The answer took too long.",
    11206: "The answer was not proper HTTP.",
    11210: "The host has no address.",
    11215: "More than ten redirects.",
    11216: "A redirect leads nowhere.",
}


class CallLeg:
    """A call as its conversation sees it."""

    def __init__(self, network: Network, call: Call, line: Line) -> None:
        self._network = network
        self._call = call
        self._line = line

    @property
    def is_answered(self) -> bool:
        return self._call.answered_second is not None

    def params(self) -> dict[str, str]:
        return self._call.params()

    async def answer(self) -> None:
        if not self.is_answered:
            answer(self._network, self._call, self._line)
            if isinstance(self._line, HandsetLine):
                await self._line.handset.tell({"event": "answered"})


def conversation(network: Network, call: Call, line: Line, carry_on: CarryOn) -> Conversation:
    """A call's talk with the application, over signed web requests.

    ``carry_on`` takes over a call that this one dialled, and that REST sends to a document of its own.
    """
    plan = call.plan or Plan()

    def whispering(network: Network, call: Call, line: Line) -> Conversation:
        return conversation(network, call, line, carry_on)

    def note(event: Event) -> None:
        network.note(call, event)

    return Conversation(
        leg=CallLeg(network, call, line),
        fetch=_fetch(network, call),
        line=line,
        exchange=NetworkExchange(network, call, whispering, carry_on),
        note=note,
        fallback=Go(plan.fallback_method, plan.fallback_url) if plan.fallback_url else None,
    )


def _fetch(network: Network, call: Call) -> Fetch:
    async def fetch(method: str, url: str, params: dict[str, str]) -> tuple[int, str, str]:
        moment, second = call.moment(), call.live.watch.elapsed if call.live else 0.0
        reply = Reply(None)  # stays, where REST sends the call elsewhere meanwhile
        try:
            reply = await _ask(network, call, method, url, params)
        finally:
            address = url.partition("#")[0]
            fetched = Fetched(second, method, address, params, reply.status, reply.ms, reply.body)
            network.note(call, fetched, moment)
        if call.live:
            call.live.watch.lived(reply.ms / 1000)
        if reply.status is None:
            raise FetchFailed(reply.problem, PROBLEMS.get(reply.problem, "The web request failed."))
        return reply.status, reply.content_type, reply.body

    return fetch


async def _ask(network: Network, call: Call, method: str, url: str, params: dict[str, str]) -> Reply:
    luck = network.misfortune
    if luck.strikes("request_lost"):
        return Reply(None, problem=11205)
    if luck.strikes("request_late"):
        await asyncio.sleep(luck.delay())
    copies = 2 if luck.strikes("request_doubled") else 1
    if call.live is None:
        return Reply(None, problem=11205)
    return await network.web.send(method, url, params, call.live.cookies, copies=copies)
