"""The verbs of a TwiML document as plain values. Parsing makes them, `execution/` carries them out."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Say:
    text: str
    loop: int = 1  #: 0: until the call ends
    extra_seconds: float = 0.0  #: of SSML breaks


@dataclass(frozen=True, slots=True)
class Play:
    url: str
    digits: str = ""  #: tones sent to the person; not keys of ours
    loop: int = 1


@dataclass(frozen=True, slots=True)
class Pause:
    length: int = 1


@dataclass(frozen=True, slots=True)
class Gather:
    prompts: tuple["Say | Play | Pause", ...] = ()
    action: str | None = None
    method: str = "POST"
    timeout: float = 5
    finish_on_key: str = "#"
    num_digits: int | None = None
    action_on_empty_result: bool = False
    takes_keys: bool = True  #: False when only speech is wanted, which no line here can give


@dataclass(frozen=True, slots=True)
class Redirect:
    url: str
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Reject:
    reason: str = "rejected"


@dataclass(frozen=True, slots=True)
class Hangup:
    pass


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody to dial: a number, a client (a handset of that name) or a Sip address, which cannot be reached here."""

    address: str
    kind: str = "number"  #: number, client or sip
    url: str | None = None  #: the whisper
    method: str = "POST"
    send_digits: str = ""
    status_callback: str | None = None
    status_callback_method: str = "POST"
    status_callback_events: tuple[str, ...] = ("completed",)

    @property
    def is_number(self) -> bool:
        return self.kind == "number"


@dataclass(frozen=True, slots=True)
class ConferenceNoun:
    """How a call wants to be in a conference. ``wait_url`` None: music; empty: silence."""

    name: str
    muted: bool = False
    beep: str = "true"  #: true, false, onEnter or onExit
    start_on_enter: bool = True
    end_on_exit: bool = False
    wait_url: str | None = None
    wait_method: str = "POST"
    max_participants: int = 250
    coach: str = ""  #: the sid of the call that alone hears this one
    label: str = ""
    status_callback: str | None = None
    status_callback_method: str = "POST"
    status_callback_events: tuple[str, ...] = ("start", "end")


@dataclass(frozen=True, slots=True)
class QueueNoun:
    """The queue whose first member is wanted; ``url`` is what that member hears before."""

    name: str
    url: str | None = None
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Dial:
    """Of numbers, or of one conference, or of one queue."""

    targets: tuple[Target, ...]
    action: str | None = None
    method: str = "POST"
    timeout: float = 30
    time_limit: float = 14_400
    caller_id: str | None = None
    hangup_on_star: bool = False
    answer_on_bridge: bool = False
    sequential: bool = False
    conference: ConferenceNoun | None = None
    queue: QueueNoun | None = None

    @property
    def addresses(self) -> tuple[str, ...]:
        """Whoever is dialled, or the name of the room."""
        if self.conference is not None:
            return (self.conference.name,)
        return (self.queue.name,) if self.queue is not None else tuple(target.address for target in self.targets)


@dataclass(frozen=True, slots=True)
class Enqueue:
    """Waits in a queue. ``wait_url`` None: music."""

    name: str
    action: str | None = None
    method: str = "POST"
    wait_url: str | None = None
    wait_method: str = "POST"


@dataclass(frozen=True, slots=True)
class Leave:
    """Leaves the queue; only in what is heard while waiting in one."""


@dataclass(frozen=True, slots=True)
class Record:
    action: str | None = None
    method: str = "POST"
    timeout: float = 5
    max_length: float = 3600
    finish_on_key: str = "1234567890*#"
    play_beep: bool = True
    status_callback: str | None = None
    status_callback_method: str = "POST"
    status_callback_events: tuple[str, ...] = ("completed",)


@dataclass(frozen=True, slots=True)
class NotYet:
    """What this carrier does not carry out (Dial Application, Dial WhatsApp): noted, and passed over."""

    name: str


Verb: TypeAlias = Say | Play | Pause | Gather | Redirect | Reject | Hangup | Dial | Enqueue | Leave | Record | NotYet


@dataclass(frozen=True, slots=True)
class Remark:
    """A part of a document that was passed over, by Twilio's code (12200, 133xx, ...)."""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class Document:
    verbs: tuple[Verb, ...]
    warnings: tuple[Remark, ...] = ()
