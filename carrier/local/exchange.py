"""The exchange of a call on this network: whom a Dial reaches, which queue is waited in, where a recording is kept."""

from dataclasses import dataclass

from carrier.local.bridging import CarryOn, Talking, dial_people
from carrier.local.call import Call
from carrier.local.conferences.attend import attend
from carrier.local.interpreter import Conversation
from carrier.local.network import Network
from carrier.local.queues.fronting import take_front
from carrier.local.queues.waiting import wait_in_queue
from carrier.local.recordings.keeping import keep
from carrier.local.turns import DialResult, QueueResult
from carrier.local.verbs import Dial, Enqueue, Record


@dataclass(frozen=True, slots=True)
class NetworkExchange:
    """Of one call."""

    network: Network
    call: Call
    talking: Talking
    carry_on: CarryOn

    async def dial(self, verb: Dial, talk: Conversation) -> DialResult:
        if verb.conference is not None:
            return await attend(self.network, self.call, verb, verb.conference, talk)
        if verb.queue is not None:
            return await take_front(self.network, self.call, verb, verb.queue, talk)
        return await dial_people(self.network, self.call, verb, talk, self.talking, self.carry_on)

    async def enqueue(self, verb: Enqueue, talk: Conversation) -> QueueResult:
        return await wait_in_queue(self.network, self.call, verb, talk)

    def keep_recording(self, verb: Record, talk: Conversation, seconds: float) -> dict[str, str]:
        return keep(self.network, self.call, verb, talk, seconds)
