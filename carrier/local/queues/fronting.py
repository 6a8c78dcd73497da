"""Dial Queue: takes the first one out of a queue, and talks to them (twilio.md §4, Queue)."""

import asyncio

from carrier.local.call import Call
from carrier.local.conferences.seat import SLOWEST, PeopleLine
from carrier.local.events import Problem
from carrier.local.handset import HandsetLine
from carrier.local.interpreter import Conversation
from carrier.local.network import Network
from carrier.local.persona_line import PersonaLine
from carrier.local.queues.pair import TALK_SECONDS, End, Pair
from carrier.local.queues.queue import Member, Queue, Taken
from carrier.local.races import until
from carrier.local.turns import DialResult
from carrier.local.verbs import Dial, QueueNoun


async def take_front(network: Network, call: Call, verb: Dial, noun: QueueNoun, talk: Conversation) -> DialResult:
    """An empty queue is waited at until the Dial's time-out (no-answer); one that does not exist fails."""
    line = talk.line
    if not isinstance(line, PersonaLine | HandsetLine):
        raise TypeError("only people talk to those who wait in queues")
    queue = network.queues.named(noun.name)
    if queue is None:
        talk.note(Problem(talk.second, 13220, "There is no queue of this name.", talk.url))
        return DialResult("failed")
    own_speed = line.watch.speed
    line.watch.pace(max(own_speed, SLOWEST))
    ends = talk.second + verb.timeout
    try:
        while (member := await _first(queue, line, ends - talk.second)) is not None:
            result = await _talk_to(queue, member, call, verb, noun, talk, line)
            if result is not None:
                return result
    finally:
        line.watch.pace(1.0 if isinstance(line, HandsetLine) else own_speed)
    return DialResult("no-answer")


async def _first(queue: Queue, line: PeopleLine, seconds: float) -> Member | None:
    """The front, or whoever comes within so many seconds."""
    member = queue.take_front()
    if member is not None or seconds <= 0:
        return member
    wanted: asyncio.Future[Member] = asyncio.get_running_loop().create_future()
    queue.wanting.append(wanted)
    try:
        await until(line.hear("", seconds), wanted)
    except BaseException:
        if wanted.done() and not wanted.cancelled():
            queue.members.insert(0, wanted.result())  # came in the moment in which the caller left
        raise
    finally:
        if wanted in queue.wanting:
            queue.wanting.remove(wanted)
    return wanted.result() if wanted.done() else None


async def _talk_to(
    queue: Queue, member: Member, call: Call, verb: Dial, noun: QueueNoun, talk: Conversation, line: PeopleLine
) -> DialResult | None:
    """None where the member left before they could talk: the next one is wanted."""
    if member.out.done():
        return None
    pair, place = Pair(), None
    if noun.url:
        facts = {"QueueSid": queue.sid, "QueueTime": str(member.waited)}
        place = talk.go(noun.method, noun.url, facts | {"DequeingCallSid": call.sid})  # so spelt by Twilio
    member.out.set_result(Taken(pair, place))
    try:
        await until(line.hear("", verb.time_limit), pair.ready)
        if not pair.ready.done() or not pair.ready.result():
            return None
        limit = verb.time_limit
        if not _anybody_decides(line, member):
            limit = min(limit, TALK_SECONDS)
        began = talk.second
        await pair.talk(End(call, talk, line), limit, leaves_at_star=verb.hangup_on_star)
        return DialResult("completed", member.call.sid, round(talk.second - began), was_bridged=True)
    finally:
        pair.end()


def _anybody_decides(line: PeopleLine, member: Member) -> bool:
    """Whether one of the two is really there, or will hang up by itself."""
    lines = (line, member.talk.line)
    return any(isinstance(one, HandsetLine) or _will_hang_up(one) for one in lines)


def _will_hang_up(line: object) -> bool:
    return isinstance(line, PersonaLine) and line.person.hangs_up_after_s is not None
