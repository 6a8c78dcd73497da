"""From a number to somebody on the line, or to the reason why nobody is."""

from carrier.local.call import Call, Status
from carrier.local.handset import Handset, HandsetLine
from carrier.local.line import Line
from carrier.local.network import Network
from carrier.local.persona_line import PersonaLine
from carrier.local.personas import NOBODY, Fate, Person
from carrier.local.turns import TimeIsUp


class NotAnswered(Exception):
    """Nobody took the call. ``status`` is how it ends."""

    def __init__(self, status: Status) -> None:
        super().__init__(status)
        self.status = status


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
    raise TimeIsUp
