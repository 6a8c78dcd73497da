"""Signed webhooks about a call: each status callback is a request of its own, in no promised order (twilio.md §2.2)."""

import asyncio
import math
from collections.abc import Callable
from datetime import datetime

from carrier.local.call import Call
from carrier.local.clock import rfc2822
from carrier.local.deliveries import Deliveries, Delivery
from carrier.local.events import Event, Fetched
from carrier.local.web_client import Cookies, Reply

EVENT_STATUS = {"initiated": "initiated", "ringing": "ringing", "answered": "in-progress"}


class Callbacks:
    """What is told of calls, and to whom. ``note`` keeps each request in the call's story."""

    def __init__(self, deliveries: Deliveries, note: Callable[[Call, Event, datetime | None], None]) -> None:
        self._deliveries = deliveries
        self._note = note

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
        self.send(call, plan.status_callback_method, plan.status_callback, params)

    def inbound_end(self, call: Call, url: str, method: str) -> None:
        """The one callback of a number, when a call to it has ended."""
        self.send(call, method, url, call.params() | {"Timestamp": rfc2822(call.moment()) or "", **_ending(call)})

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
        return self.send(call, plan.amd_callback_method, plan.amd_callback, params)

    def send(self, call: Call, method: str, url: str, params: dict[str, str]) -> "asyncio.Task[None]":
        """Sends one callback of the call, and keeps it in its story."""
        live = call.live

        def note(reply: Reply) -> None:
            second = live.watch.elapsed if live else 0.0
            fetched = Fetched(second, method, url.partition("#")[0], params, reply.status, reply.ms, reply.body)
            self._note(call, fetched, moment)

        moment = call.moment()
        cookies = live.cookies if live else Cookies()
        return self._deliveries.send(Delivery(call.sid, method, url, params, note, cookies))


def _ending(call: Call) -> dict[str, str]:
    seconds = call.duration or 0
    facts = {"CallDuration": str(seconds), "Duration": str(math.ceil(seconds / 60))}
    if call.sip_code:
        facts["SipResponseCode"] = str(call.sip_code)
    if call.answered_by:
        facts["AnsweredBy"] = call.answered_by
    return facts
