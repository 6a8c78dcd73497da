"""The life of a call, from its making to its end: one function an episode."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from carrier.local.amd import detect_first, detect_meanwhile
from carrier.local.call import Call, Order, Plan, Status
from carrier.local.execution.sound import tones_seconds
from carrier.local.handset import HandsetLine
from carrier.local.interpreter import Conversation
from carrier.local.line import HungUp, Line
from carrier.local.network import Network
from carrier.local.number_book import Number
from carrier.local.persona_line import PersonaLine
from carrier.local.personas import Fate
from carrier.local.ringing import NotAnswered, answer, ring
from carrier.local.talking import conversation
from carrier.local.turns import CallOver, Go, Inline, Place

T = TypeVar("T")


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


async def inbound(network: Network, call: Call, number: Number, line: Line) -> None:
    """Somebody dialled a number of the account; its voice URL says what follows."""
    network.calls.change(call, status=Status.RINGING, dialled_at=network.clock.now())
    await converse(network, call, line, Go(number.voice_method, number.voice_url), is_machine=False)


async def converse(network: Network, call: Call, line: Line, entry: Place, *, is_machine: bool) -> None:
    """Talks to its end, or REST's: an order may send the call to another document at any moment."""
    live, plan = call.live, call.plan or Plan()
    if live is None:
        return
    talk = conversation(network, call, line, carry_on)
    live.line, live.takes_documents = line, True
    step: Coroutine[Any, Any, None] = _talk_from_the_start(network, call, plan, talk, entry, is_machine)
    status, by = str(Status.COMPLETED), "application"
    try:
        while (order := await obeying(call, step)) is not None:
            if order.place is None:
                by = "api"
                break
            step = talk.run(order.place)
    except HungUp:
        by = "person"
        status = Status.COMPLETED if call.answered_second is not None else Status.NO_ANSWER
    except CallOver as over:
        by, status = over.by, over.status
    except Exception:
        await _end(network, call, line, Status.FAILED, "carrier")
        raise
    await _end(network, call, line, status, by)


async def carry_on(network: Network, call: Call, line: Line, place: Place) -> None:
    """A call that somebody dialled goes on by itself, where REST sent it."""
    await converse(network, call, line, place, is_machine=False)


async def _end(network: Network, call: Call, line: Line, status: str, by: str) -> None:
    if call.live:
        call.live.watch.forget()
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
    happenings: set[asyncio.Future[Any]] = {task, live.orders}
    try:
        await asyncio.wait(happenings, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    if not task.cancelled():
        task.result()
        return None
    order = live.orders.result()
    live.orders = asyncio.get_running_loop().create_future()
    return order
