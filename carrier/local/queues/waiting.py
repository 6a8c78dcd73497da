"""A call in a queue, from its Enqueue to the end of it (twilio.md §4, Enqueue)."""

import asyncio

from carrier.local.aside import ALLOWED_IN_QUEUE, ALLOWED_WAITING, MUSIC, Aside
from carrier.local.call import Call
from carrier.local.conferences.seat import SLOWEST, PeopleLine
from carrier.local.handset import HandsetLine
from carrier.local.interpreter import Conversation
from carrier.local.line import HungUp
from carrier.local.network import Network
from carrier.local.persona_line import PersonaLine
from carrier.local.queues.pair import End
from carrier.local.queues.queue import Member, Queue, Sent, Taken
from carrier.local.races import until
from carrier.local.turns import AsideFailed, CallOver, LeftQueue, QueueResult
from carrier.local.verbs import Enqueue

FOREVER = 86_400.0  # the call's own time limit comes before


async def wait_in_queue(network: Network, call: Call, verb: Enqueue, talk: Conversation) -> QueueResult:
    """Waits until somebody dials the queue, REST sends the call elsewhere, or it leaves. Raises as any waiting.

    The queue is made if there is none of that name.
    """
    line = talk.line
    if not isinstance(line, PersonaLine | HandsetLine):
        raise TypeError("only people wait in queues")
    queue = network.queues.named(verb.name) or network.queues.make(verb.name)
    if queue.is_full:
        return QueueResult("queue-full", queue.sid)
    out: asyncio.Future[Taken | Sent] = asyncio.get_running_loop().create_future()
    member = Member(call, talk, call.moment(), talk.second, out)
    own_speed = line.watch.speed
    line.watch.pace(max(own_speed, SLOWEST))
    try:
        return await _Waiting(network, queue, member, verb, line).carry_out()
    finally:
        line.watch.pace(1.0 if isinstance(line, HandsetLine) else own_speed)


class _Waiting:
    """One member's time in the queue, and with whoever took it out."""

    def __init__(self, network: Network, queue: Queue, member: Member, verb: Enqueue, line: PeopleLine) -> None:
        self._network = network
        self._queue = queue
        self._member = member
        self._verb = verb
        self._line = line
        self._is_bridged = False

    async def carry_out(self) -> QueueResult:
        member, queue = self._member, self._queue
        queue.enter(member)
        try:
            result = await self._wait()
        except (HungUp, CallOver):
            self._tell_in_vain("hangup")
            raise
        except asyncio.CancelledError:
            self._tell_in_vain(self._status_after_order())
            raise
        finally:
            queue.leave(member)
            if not member.out.done():
                member.out.cancel()  # whoever was about to take this one out sees that it has gone
            elif isinstance(taken := member.out.result(), Taken):
                taken.pair.end()
        if result.place is not None:
            self._tell_in_vain(result.status)
        return result

    async def _wait(self) -> QueueResult:
        member = self._member
        try:
            await until(self._hear_what_there_is(), member.out)
        except LeftQueue:
            return self._result("leave")
        except AsideFailed:
            return self._result("error")
        if not member.out.done():
            return self._result("system-error")
        match member.out.result():
            case Sent(place):
                facts = {"QueueSid": self._queue.sid, "QueueTime": str(member.waited)}
                place = type(place)(place.method, place.url, place.params | facts)
                return QueueResult("redirected", self._queue.sid, member.waited, place)
            case Taken() as taken:
                return await self._talk_to(taken)

    async def _hear_what_there_is(self) -> None:
        """At its end it is asked for again, for ever."""
        talk, verb = self._member.talk, self._verb
        if verb.wait_url:
            aside = Aside(talk, ALLOWED_IN_QUEUE, self._facts)
            await aside.repeat(talk.go(verb.wait_method, verb.wait_url))
        if verb.wait_url is None:
            await talk.hear(MUSIC, 0.0)
        await self._line.hear("", FOREVER)

    async def _talk_to(self, taken: Taken) -> QueueResult:
        """First what the member hears alone, then the conversation."""
        result, talk = self._result("bridged"), self._member.talk
        if taken.place is not None:
            try:
                await until(Aside(talk, ALLOWED_WAITING).run(taken.place), taken.pair.over)
            except AsideFailed:
                taken.pair.end()
        if taken.pair.over.done():
            return self._result("error")
        self._is_bridged = True
        taken.pair.is_ready(True)
        await taken.pair.talk(End(self._member.call, talk, self._line), FOREVER)
        return result

    def _facts(self) -> dict[str, str]:
        """What each document heard in the queue is asked for with."""
        queue, member = self._queue, self._member
        return {
            "QueuePosition": str(queue.position(member)),
            "QueueSid": queue.sid,
            "QueueTime": str(member.waited),
            "AvgQueueTime": str(queue.average_wait),
            "CurrentQueueSize": str(len(queue.members)),
            "MaxQueueSize": str(queue.max_size),
        }

    def _result(self, status: str) -> QueueResult:
        return QueueResult(status, self._queue.sid, self._member.waited)

    def _status_after_order(self) -> str:
        """REST ended the call, or sent it elsewhere."""
        live = self._member.call.live
        if live is None or not live.orders.done() or live.orders.result().place is None:
            return "hangup"
        return "redirected-from-bridged" if self._is_bridged else "redirected"

    def _tell_in_vain(self, status: str) -> None:
        """The action hears of it; its answer has nobody to hear it."""
        if self._verb.action is not None and not self._network.is_closing:
            talk = self._member.talk
            place = talk.go(self._verb.method, self._verb.action, self._result(status).params)
            self._network.spawn(talk.ask_in_vain(place))
