"""The life of a call, from its making to its end: one function an episode."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

from carrier.local.amd import detect_first, detect_meanwhile
from carrier.local.bridging import dialler
from carrier.local.call import Call, Order, Plan, Status
from carrier.local.events import Event, Fetched
from carrier.local.execution.sound import tones_seconds
from carrier.local.handset import Handset, HandsetLine
from carrier.local.interpreter import Conversation, Fetch
from carrier.local.line import HungUp, Line
from carrier.local.network import Network
from carrier.local.number_book import Number
from carrier.local.persona_line import PersonaLine
from carrier.local.personas import NOBODY, Fate, Person
from carrier.local.turns import CallOver, FetchFailed, Go, Inline, Place
from carrier.local.web_client import Reply

logger = logging.getLogger(__name__)
T = TypeVar("T")
PROBLEMS = {
    11201: "Connecting took too long.",
    11202: "The connection was refused.",
    11203: "The answer took too long.",
    11206: "The answer was not proper HTTP.",
    11210: "The host has no address.",
    11215: "More than ten redirects.",
    11216: "A redirect leads nowhere.",
}


class NotAnswered(Exception):
    """Nobody took the call. ``status`` is how it ends."""

    def __init__(self, status: Status) -> None:
        super().__init__(status)
        self.status = status


async def outbound(network: Network, call: Call, wait_seconds: float) -> None:
    """A call made through REST: its turn in the queue, the ringing, the conversation."""
    plan = call.plan or Plan()
    if await obeying(call, asyncio.sleep(wait_seconds)) is not None:
        network.finish(call, Status.CANCELED, "api", is_silent=True)
        return
    network.step(call, "initiated", dialled_at=network.clock.now())
    ringing = asyncio.ensure_future(ring(network, call, plan.timeout))
    try:
        if await obeying(call, ringing) is not None:
            network.finish(call, Status.CANCELED, "api")
            return
    except NotAnswered as outcome:
        network.finish(call, outcome.status, "carrier")
        return
    line = ringing.result()
    answer(network, call, line)
    is_machine = isinstance(line, PersonaLine) and line.person.fate is Fate.MACHINE
    entry: Place = Go(plan.method, plan.url) if plan.url else Inline(plan.twiml or "")
    await converse(network, call, line, entry, is_machine=is_machine)


async def ring(network: Network, call: Call, timeout: float) -> Line:
    """Whoever answers, once they do. Raises NotAnswered."""
    callee = network.who_answers(call.to)
    live = call.live
    if live is None:
        raise NotAnswered(Status.FAILED)
    if isinstance(callee, Handset):
        return await _ring_handset(network, call, callee, timeout)
    if callee.fate is Fate.FAILED:
        raise NotAnswered(Status.FAILED)
    if callee.fate is Fate.BUSY:
        await live.watch.spend(min(callee.ring_s, timeout))
        raise NotAnswered(Status.BUSY)
    network.step(call, "ringing", status=Status.RINGING)
    if callee.fate is Fate.NO_ANSWER or callee.ring_s > timeout:
        await live.watch.spend(timeout)
        raise NotAnswered(Status.NO_ANSWER)
    await live.watch.spend(callee.ring_s)
    return PersonaLine(callee, live.watch)


async def _ring_handset(network: Network, call: Call, handset: Handset, timeout: float) -> Line:
    live = call.live
    if live is None or handset.is_busy:
        raise NotAnswered(Status.BUSY)
    network.step(call, "ringing", status=Status.RINGING)
    live.watch.speed = 1.0
    picked_up = await handset.ring(call.from_)
    try:
        if not await live.watch.wait_for(timeout, picked_up):
            raise NotAnswered(Status.NO_ANSWER)
        if not picked_up.result():
            raise NotAnswered(Status.BUSY)
        line = HandsetLine(handset, live.watch)
    finally:
        await handset.stop_ringing()
    await handset.tell({"event": "answered"})
    return line


async def inbound(network: Network, call: Call, number: Number, line: Line) -> None:
    """Somebody dialled a number of the account; its voice URL says what follows."""
    network.calls.change(call, status=Status.RINGING, dialled_at=network.clock.now())
    await converse(network, call, line, Go(number.voice_method, number.voice_url), is_machine=False)


def caller_line(network: Network, call: Call) -> Line:
    """The line of somebody who dials: their handset if it is free, else their persona, else a silent person."""
    if call.live is None:
        raise ValueError("a call that is over has no line")
    handset = network.handsets.get(call.from_)
    if handset is not None and not handset.is_busy:
        return HandsetLine(handset, call.live.watch)
    person = network.personas.find(call.from_) or NOBODY
    return PersonaLine(Person(Fate.ANSWER, person.ring_s, person.keys, person.hangs_up_after_s), call.live.watch)


def answer(network: Network, call: Call, line: Line) -> None:
    """The call is picked up: its seconds, the person's patience and its time limit run from here."""
    if call.live is None:
        return
    watch = call.live.watch
    network.step(call, "answered", status=Status.IN_PROGRESS, answered_second=watch.elapsed)
    if isinstance(line, PersonaLine):
        line.pick_up()
    watch.at(watch.elapsed + (call.plan.time_limit if call.plan else 14_400), _time_is_up)


async def _time_is_up() -> None:
    raise CallOver("carrier")


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


def conversation(network: Network, call: Call, line: Line) -> Conversation:
    """A call's talk with the application, over signed web requests."""
    plan = call.plan or Plan()

    def note(event: Event) -> None:
        network.note(call, event)

    return Conversation(
        leg=CallLeg(network, call, line),
        fetch=_fetch(network, call),
        line=line,
        dialler=dialler(network, call, conversation),
        note=note,
        fallback=Go(plan.fallback_method, plan.fallback_url) if plan.fallback_url else None,
    )


def _fetch(network: Network, call: Call) -> Fetch:
    async def fetch(method: str, url: str, params: dict[str, str]) -> tuple[int, str, str]:
        reply = await _ask(network, call, method, url, params)
        second = 0.0
        if call.live:
            call.live.watch.lived(reply.ms / 1000)
            second = call.live.watch.elapsed
        address = url.partition("#")[0]
        network.note(call, Fetched(second, method, address, params, reply.status, reply.ms, reply.body))
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


async def converse(network: Network, call: Call, line: Line, entry: Place, *, is_machine: bool) -> None:
    """Talks to its end, or REST's: an order may send the call to another document at any moment."""
    live, plan = call.live, call.plan or Plan()
    if live is None:
        return
    talk = conversation(network, call, line)
    live.takes_documents = True
    status, by = str(Status.COMPLETED), "application"
    step: Coroutine[Any, Any, None] = _talk_from_the_start(network, call, plan, talk, entry, is_machine)
    try:
        while (order := await obeying(call, step)) is not None:
            if order.place is None:
                by = "api"
                break
            step = talk.run(order.place)
    except HungUp:
        by = "person"
    except CallOver as over:
        by = over.by
        status = over.status if call.answered_second is None else status
    except Exception:
        by = "carrier"
        raise
    finally:
        if by == "person" and call.answered_second is None:
            status = Status.NO_ANSWER
        live.watch.forget()
        network.finish(call, status, by)
        if isinstance(line, HandsetLine):
            await line.handset.end_call(by)


async def _talk_from_the_start(
    network: Network, call: Call, plan: Plan, talk: Conversation, entry: Place, is_machine: bool
) -> None:
    """The keys to send, the machine detection, the first document and all that follow."""
    first = entry
    if plan.send_digits:
        await talk.line.hear("", tones_seconds(plan.send_digits))
    elif plan.machine_detection and plan.async_amd:
        detect_meanwhile(network, call, plan, is_machine)
    elif plan.machine_detection:
        facts = await detect_first(network, call, plan, is_machine)
        first = Go(entry.method, entry.url, facts) if isinstance(entry, Go) else entry
    await talk.run(first)


async def obeying(call: Call, work: "Coroutine[Any, Any, T] | asyncio.Future[T]") -> Order | None:
    """Runs work of a live call to its end (None), or until REST orders something else. Raises what the work raises."""
    live = call.live
    if live is None:
        return None
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task, live.orders}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    if live.orders.done() and (task.cancelled() or live.orders.result().place is None):
        order = live.orders.result()
        live.orders = asyncio.get_running_loop().create_future()
        if task.cancelled():
            return order
    task.result()
    return None
