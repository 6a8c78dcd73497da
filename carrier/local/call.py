"""A call: what REST shows of it, and what it remembers while it is live."""

import asyncio
from array import array
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from carrier.local.account import API_VERSION
from carrier.local.line import Line
from carrier.local.stopwatch import Stopwatch
from carrier.local.turns import Place
from carrier.local.web_client import Cookies


class Status(StrEnum):
    """As REST names them; a status callback also says ``initiated``, which is ``queued`` here (twilio.md §2.2)."""

    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"


FINAL = frozenset({Status.COMPLETED, Status.BUSY, Status.FAILED, Status.NO_ANSWER, Status.CANCELED})


#: The SIP code that a call ends with.
FINAL_SIP = {
    Status.COMPLETED: 200,
    Status.BUSY: 486,
    Status.FAILED: 404,
    Status.NO_ANSWER: 487,
    Status.CANCELED: 487,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """How a call was asked for: REST's parameters, a number's settings or a Dial's, in one shape."""

    url: str | None = None
    method: str = "POST"
    twiml: str | None = None
    fallback_url: str | None = None
    fallback_method: str = "POST"
    status_callback: str | None = None
    status_callback_method: str = "POST"
    status_callback_events: tuple[str, ...] = ("completed",)
    timeout: int = 60
    time_limit: int = 14_400
    send_digits: str = ""
    machine_detection: str = ""  #: "", Enable or DetectMessageEnd
    async_amd: bool = False
    amd_callback: str | None = None
    amd_callback_method: str = "POST"


@dataclass(frozen=True, slots=True)
class Order:
    """What REST wants of a live call: another document, or (``place`` None) its end."""

    place: Place | None


@dataclass(slots=True)
class Live:
    """Only while the call is live."""

    watch: Stopwatch
    orders: asyncio.Future[Order]
    cookies: Cookies = field(default_factory=Cookies)
    since: float = 0.0  #: the watch's second at its dialling; a Dial's legs share the watch of their parent
    line: Line | None = None  #: whoever is at the other end, once the call talks to an application
    takes_documents: bool = False  #: it is talking to an application, and can be sent to another document


@dataclass(slots=True)
class Call:
    """``lines`` are the places of its ledger, two whole numbers each."""

    sid: str
    account_sid: str
    from_: str
    to: str
    direction: str  #: inbound, outbound-api or outbound-dial
    created_at: datetime
    parent_sid: str | None = None
    phone_number_sid: str | None = None
    status: str = Status.QUEUED
    updated_at: datetime | None = None
    dialled_at: datetime | None = None
    answered_second: float | None = None  #: of its stopwatch
    ended_at: datetime | None = None
    duration: int | None = None  #: simulated seconds since the answer
    answered_by: str | None = None
    ended_by: str | None = None  #: person, application, api or carrier
    sip_code: int | None = None
    queue_ms: int = 0
    sequence: int = 0  #: the next SequenceNumber of its status callbacks
    plan: Plan | None = None
    live: Live | None = None
    lines: "array[int]" = field(default_factory=lambda: array("q"))

    @property
    def is_over(self) -> bool:
        return self.status in FINAL

    def order(self, order: Order) -> None:
        """Tells a live call what REST wants of it; one that has not yet obeyed an order takes no other."""
        if self.live is not None and not self.live.orders.done():
            self.live.orders.set_result(order)

    def moment(self) -> datetime:
        """The call's own present: its dialling plus the simulated seconds since."""
        began = self.dialled_at or self.created_at
        if self.live is None or self.dialled_at is None:
            return self.ended_at or began
        return began + timedelta(seconds=self.live.watch.elapsed - self.live.since)

    def params(self) -> dict[str, str]:
        """The standard parameters of its webhooks (twilio.md §2.1)."""
        params = {
            "CallSid": self.sid,
            "AccountSid": self.account_sid,
            "From": self.from_,
            "To": self.to,
            "Caller": self.from_,
            "Called": self.to,
            "CallStatus": str(self.status),
            "ApiVersion": API_VERSION,
            "Direction": self.direction,
        }
        if self.parent_sid:
            params["ParentCallSid"] = self.parent_sid
        return params
