"""Signed webhooks about a call: each status callback is a request of its own, in no promised order (twilio.md §2.2)."""

import asyncio
import math
from typing import TYPE_CHECKING

from carrier.local.call import Call, Status
from carrier.local.clock import rfc2822
from carrier.local.events import Fetched
from carrier.local.web_client import Cookies, Reply

if TYPE_CHECKING:
    from carrier.local.network import Network

HELD_SECONDS = 2.0  # a reordered callback that nothing overtakes comes at last
EVENT_STATUS = {"initiated": "initiated", "ringing": "ringing", "answered": "in-progress"}


class Callbacks:
    """Sends them, and misbehaves where that was asked for."""

    def __init__(self, network: "Network") -> None:
        self._network = network
        self._held: dict[str, asyncio.Event] = {}

    def progress(self, call: Call, event: str) -> None:
        """``initiated``, ``ringing``, ``answered`` or, with whatever final status, ``completed``.

        Counts as one of the call's sequence even where nobody asked to hear of it.
        """
        number = call.sequence
        call.sequence += 1
        plan = call.plan
        if plan is None or not plan.status_callback or event not in plan.status_callback_events:
            return
        params = call.params() | {
            "CallStatus": EVENT_STATUS.get(event, str(call.status)),
            "Timestamp": rfc2822(call.moment()) or "",
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(number),
        }
        if event == "completed":
            params |= _ending(call)
        self._network.spawn(self._deliver(call, plan.status_callback_method, plan.status_callback, params))

    def inbound_end(self, call: Call, url: str, method: str) -> None:
        """The one callback of a number, when a call to it has ended."""
        params = call.params() | {"Timestamp": rfc2822(call.moment()) or "", **_ending(call)}
        self._network.spawn(self._deliver(call, method, url, params))

    def machine_verdict(self, call: Call, ms: int) -> "asyncio.Task[None] | None":
        """The asynchronous verdict of answering machine detection; ``ms`` since the answer."""
        plan = call.plan
        if plan is None or not plan.amd_callback:
            return None
        params = {
            "CallSid": call.sid,
            "AccountSid": call.account_sid,
            "AnsweredBy": call.answered_by or "unknown",
            "MachineDetectionDuration": str(ms),
        }
        return self._network.spawn(self._deliver(call, plan.amd_callback_method, plan.amd_callback, params))

    async def _deliver(self, call: Call, method: str, url: str, params: dict[str, str]) -> None:
        luck = self._network.misfortune
        if luck.strikes("lost"):
            return
        if luck.strikes("late"):
            await asyncio.sleep(luck.delay())
        if luck.strikes("reordered"):
            await self._wait_to_be_overtaken(call.sid)
        elif call.sid in self._held:
            await self._send(call, method, url, params)
            self._held.pop(call.sid, asyncio.Event()).set()
            return
        await self._send(call, method, url, params)
        if luck.strikes("doubled"):
            await self._send(call, method, url, params)

    async def _wait_to_be_overtaken(self, sid: str) -> None:
        overtaken = self._held.setdefault(sid, asyncio.Event())
        try:
            async with asyncio.timeout(HELD_SECONDS):
                await overtaken.wait()
        except TimeoutError:
            self._held.pop(sid, None)

    async def _send(self, call: Call, method: str, url: str, params: dict[str, str]) -> Reply:
        cookies = call.live.cookies if call.live else Cookies()
        moment, second = call.moment(), call.live.watch.elapsed if call.live else 0.0
        reply = await self._network.web.send(method, url, params, cookies)
        fetched = Fetched(second, method, url.partition("#")[0], params, reply.status, reply.ms, reply.body)
        self._network.note(call, fetched, moment)
        return reply


def _ending(call: Call) -> dict[str, str]:
    seconds = call.duration or 0
    facts = {"CallDuration": str(seconds), "Duration": str(math.ceil(seconds / 60))}
    if call.sip_code:
        facts["SipResponseCode"] = str(call.sip_code)
    if call.answered_by:
        facts["AnsweredBy"] = call.answered_by
    return facts


FINAL_SIP = {
    Status.COMPLETED: 200,
    Status.BUSY: 486,
    Status.FAILED: 404,
    Status.NO_ANSWER: 487,
    Status.CANCELED: 487,
}
