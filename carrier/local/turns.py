"""Plain values that verbs and conversation hand to each other: where to go, how a Dial ended, that the call is over."""

from dataclasses import dataclass, field
from typing import TypeAlias


class CallOver(Exception):
    """The call ends, by the application or by the carrier (``by``)."""

    def __init__(self, by: str, status: str = "completed") -> None:
        super().__init__(by)
        self.by = by
        self.status = status  #: completed; busy or no-answer after a Reject


class TimeIsUp(CallOver):
    """The call has lasted as long as it may."""

    def __init__(self) -> None:
        super().__init__("carrier")


class LeftQueue(Exception):
    """A Leave was carried out in what is heard while waiting in a queue."""


class AsideFailed(Exception):
    """What was to be heard while waiting cannot be had. ``code`` is Twilio's."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class FetchFailed(Exception):
    """A web request had no answer. ``code`` is Twilio's (11201 connecting took too long, 11202 refused...)."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Go:
    """The next document is asked for there. ``params`` come on top of the standard ones."""

    method: str
    url: str
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inline:
    """The next document is this one, given through REST: it has no address of its own."""

    twiml: str


Place: TypeAlias = Go | Inline


class SentElsewhere(Exception):
    """From outside, the call is sent to another document at once, as REST's update does."""

    def __init__(self, place: Place) -> None:
        super().__init__("elsewhere")
        self.place = place


@dataclass(frozen=True, slots=True)
class DialResult:
    """How a Dial ended; ``seconds`` of conversation."""

    status: str
    call_sid: str | None = None
    seconds: int = 0
    was_bridged: bool = False


@dataclass(frozen=True, slots=True)
class QueueResult:
    """How a wait in a queue ended (twilio.md §4, Enqueue); ``seconds`` of waiting.

    ``place`` is where REST sent the call, if it did.
    """

    status: str
    queue_sid: str = ""
    seconds: int = 0
    place: "Go | None" = None

    @property
    def params(self) -> dict[str, str]:
        """What an Enqueue's action is told."""
        return {"QueueResult": self.status, "QueueSid": self.queue_sid, "QueueTime": str(self.seconds)}
