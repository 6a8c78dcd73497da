"""Dial: the legs of a call. All of them live on one stopwatch, that of the call that dials."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from carrier.local.call import Call, Plan, Status
from carrier.local.execution.sound import tones_seconds
from carrier.local.handset import Handset, HandsetLine
from carrier.local.interpreter import Conversation
from carrier.local.line import Line
from carrier.local.network import Network
from carrier.local.persona_line import PersonaLine
from carrier.local.personas import Fate
from carrier.local.stopwatch import Stopwatch
from carrier.local.turns import CallOver, DialResult, Place, TimeIsUp
from carrier.local.verbs import Dial, Target

TALK_SECONDS = 30.0  # what two scripted people have to say to each other, where none of them hangs up before
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
Talking = Callable[[Network, Call, Line], Conversation]
CarryOn = Callable[[Network, Call, Line, Place], Coroutine[Any, Any, None]]


class FarEndLeft(Exception):
    """The dialled person hung up."""


@dataclass(slots=True)
class Ringing:
    """One dialled leg while it rings. ``due`` is when its fate comes, in seconds of the watch; None: never."""

    call: Call
    target: Target
    fate: Fate
    due: float | None = None
    handset: Handset | None = None
    picked_up: asyncio.Future[bool] | None = None


async def dial_people(
    network: Network, parent: Call, verb: Dial, talk: Conversation, talking: Talking, carry_on: CarryOn
) -> DialResult:
    """Dials for one call. ``carry_on`` takes over a dialled leg that REST sends to a document of its own."""
    groups = [[target] for target in verb.targets] if verb.sequential else [list(verb.targets)]
    result = DialResult("failed")
    for group in groups:
        result = await _Dialling(network, parent, verb, talk, talking, carry_on).carry_out(group)
        if result.status == Status.COMPLETED:
            break
    return result


class _Dialling:
    """One group of targets, rung at the same time; the first to answer wins."""

    def __init__(
        self, network: Network, parent: Call, verb: Dial, talk: Conversation, talking: Talking, carry_on: CarryOn
    ) -> None:
        self._network = network
        self._parent = parent
        self._verb = verb
        self._talk = talk
        self._talking = talking
        self._carry_on = carry_on
        self._watch = talk.line.watch

    async def carry_out(self, targets: Iterable[Target]) -> DialResult:
        legs: list[Ringing] = []
        left_as = Status.CANCELED
        try:
            legs = [await self._start(target) for target in targets]
            winner = await self._ring(legs)
            if winner is None:
                left_as = Status.NO_ANSWER
            else:
                await self._give_up([leg for leg in legs if leg is not winner], Status.CANCELED)
                legs = []  # from here on the winner's end is its own affair
                return await self._connect(winner)
        finally:
            await self._give_up(legs, left_as)
        statuses = {leg.call.status for leg in legs}
        for status in (Status.NO_ANSWER, Status.BUSY):
            if status in statuses:
                return DialResult(status, legs[-1].call.sid)
        return DialResult(Status.FAILED, legs[-1].call.sid if legs else None)

    async def _start(self, target: Target) -> Ringing:
        verb, parent = self._verb, self._parent
        plan = Plan(
            status_callback=self._talk.go("POST", target.status_callback).url if target.status_callback else None,
            status_callback_method=target.status_callback_method,
            status_callback_events=target.status_callback_events,
        )
        address = _address(target)
        call = self._network.new_call(
            from_=verb.caller_id or parent.from_,
            to=address,
            direction="outbound-dial",
            plan=plan,
            watch=self._watch,
            parent=parent,
        )
        self._network.step(call, "initiated", dialled_at=parent.moment())
        if not _can_be_reached(self._network, target, address):
            return self._fail(call, target)
        callee = self._network.who_answers(address)
        if isinstance(callee, Handset):
            return await self._ring_handset(call, target, callee)
        if callee.fate is Fate.FAILED:
            return self._fail(call, target)
        if callee.fate is not Fate.BUSY:
            self._network.step(call, "ringing", status=Status.RINGING)
        due = None if callee.fate is Fate.NO_ANSWER else self._watch.elapsed + callee.ring_s
        return Ringing(call, target, callee.fate, due)

    def _fail(self, call: Call, target: Target) -> Ringing:
        self._network.finish(call, Status.FAILED, "carrier")
        return Ringing(call, target, Fate.FAILED)

    async def _ring_handset(self, call: Call, target: Target, handset: Handset) -> Ringing:
        if handset.is_busy:
            return Ringing(call, target, Fate.BUSY, self._watch.elapsed)
        self._watch.speed = 1.0
        self._network.step(call, "ringing", status=Status.RINGING)
        return Ringing(call, target, Fate.ANSWER, handset=handset, picked_up=await handset.ring(call.from_))

    async def _ring(self, legs: list[Ringing]) -> Ringing | None:
        """The leg that answers first, or None when all have failed or the time is up."""
        ends = self._watch.elapsed + self._verb.timeout
        while open_legs := [leg for leg in legs if not leg.call.is_over]:
            scripted = [leg for leg in open_legs if leg.due is not None]
            soonest = min(scripted, key=lambda leg: leg.due or 0.0, default=None)
            until = min(ends, soonest.due) if soonest and soonest.due is not None else ends
            handsets = [leg for leg in open_legs if leg.picked_up]
            if await self._wait(until, [leg.picked_up for leg in handsets if leg.picked_up]):
                for leg in handsets:
                    if leg.picked_up and leg.picked_up.done():
                        if leg.picked_up.result():
                            return leg
                        await self._give_up([leg], Status.BUSY)
            elif soonest is None or until >= ends:
                return None
            elif soonest.fate is Fate.BUSY:
                self._network.finish(soonest.call, Status.BUSY, "carrier")
            else:
                return soonest
        return None

    async def _wait(self, until: float, happenings: list[asyncio.Future[Any]]) -> bool:
        """The caller waits on the line, and may leave it: HungUp. True if something happened before."""
        waiting = asyncio.ensure_future(self._talk.line.hear("", max(0.0, until - self._watch.elapsed)))
        try:
            await asyncio.wait({waiting, *happenings}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not waiting.done():
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)
        if not waiting.cancelled():
            waiting.result()
        return any(happening.done() for happening in happenings)

    async def _give_up(self, legs: Iterable[Ringing], status: Status) -> None:
        for leg in legs:
            if leg.handset:
                await leg.handset.stop_ringing()
            self._network.finish(leg.call, status, "carrier")

    async def _connect(self, leg: Ringing) -> DialResult:
        """Whisper, then conversation. The leg is over afterwards, whoever left."""
        call = leg.call
        line = self._line(leg)
        self._network.step(call, "answered", status=Status.IN_PROGRESS, answered_second=self._watch.elapsed)
        if call.live:
            call.live.takes_documents = True
        was_bridged, by, began = False, "person", self._watch.elapsed
        try:
            if isinstance(line, HandsetLine):
                await line.handset.tell({"event": "answered"})
            else:
                line.pick_up()
            await self._whisper(leg, line)
            await self._talk.leg.answer()
            was_bridged = True
            by = await self._bridge(call, line)
        except (TimeIsUp, asyncio.CancelledError) as interruption:
            by = "carrier" if isinstance(interruption, TimeIsUp) else "api"
            raise
        except CallOver as over:
            by = over.by
        except FarEndLeft:
            by = "person"
        finally:
            if not (by == "api" and self._goes_on_elsewhere(call, line)):
                self._network.finish(call, Status.COMPLETED, by)
                if isinstance(line, HandsetLine):
                    await line.handset.end_call(by)
                else:
                    line.stay()
        return DialResult(Status.COMPLETED, call.sid, round(self._watch.elapsed - began), was_bridged)

    def _goes_on_elsewhere(self, call: Call, line: PersonaLine | HandsetLine) -> bool:
        """Where REST sent the leg to a document: it leaves the caller, and goes on on a watch of its own."""
        live = call.live
        if live is None or not live.orders.done() or (place := live.orders.result().place) is None:
            return False
        watch = Stopwatch(self._network.personas.speed)
        watch.elapsed = self._watch.elapsed
        line.move_to(watch)
        live.watch, live.orders = watch, asyncio.get_running_loop().create_future()
        self._network.spawn(self._carry_on(self._network, call, line, place))
        return True

    def _line(self, leg: Ringing) -> PersonaLine | HandsetLine:
        if leg.handset:
            return HandsetLine(leg.handset, self._watch, FarEndLeft)
        person = self._network.personas.find(leg.call.to)
        if person is None:
            raise ValueError("nobody answers without a persona")
        return PersonaLine(person, self._watch, FarEndLeft)

    async def _whisper(self, leg: Ringing, line: Line) -> None:
        """What only the dialled person hears; Hangup there ends the leg."""
        if leg.target.send_digits:
            await line.hear("", tones_seconds(leg.target.send_digits))
        if leg.target.url:
            await self._talking(self._network, leg.call, line).run(self._talk.go(leg.target.method, leg.target.url))

    async def _bridge(self, call: Call, line: PersonaLine | HandsetLine) -> str:
        """Both talk until one leaves, time is up, REST ends it, or the caller presses *. Who ended the leg."""
        caller = self._talk.line
        happenings: list[asyncio.Future[Any]] = [call.live.orders] if call.live else []
        if isinstance(line, HandsetLine):
            happenings.append(line.gone)
        elif line.person.hangs_up_after_s is None and not isinstance(caller, HandsetLine):
            line.leave_after(TALK_SECONDS)
        listen = caller.attend if isinstance(caller, HandsetLine) else caller.press  # no key is asked for
        ends = self._watch.elapsed + self._verb.time_limit
        while self._watch.elapsed < ends:
            talking = asyncio.ensure_future(listen(ends - self._watch.elapsed))
            try:
                await asyncio.wait({talking, *happenings}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not talking.done():
                    talking.cancel()
                    await asyncio.gather(talking, return_exceptions=True)
            if talking.cancelled():
                return "api" if call.live and call.live.orders.done() else "person"
            if talking.result() == "*" and self._verb.hangup_on_star:
                return "person"
        return "carrier"


def _address(target: Target) -> str:
    """A number without its punctuation; ``client:`` before the name of a client."""
    if target.kind == "client":
        return f"client:{target.address.removeprefix('client:')}"
    return re.sub(r"[ ().-]", "", target.address) if target.is_number else target.address


def _can_be_reached(network: Network, target: Target, address: str) -> bool:
    """A number that is one; a client who is there. No Sip address."""
    if target.kind == "client":
        return address in network.handsets or network.personas.find(address) is not None
    return target.is_number and E164.fullmatch(address) is not None
