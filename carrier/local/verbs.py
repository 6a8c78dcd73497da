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
    """Somebody to dial. Only numbers can be reached; a Sip or a Client address answers as failed."""

    address: str
    is_number: bool = True
    url: str | None = None  #: the whisper
    method: str = "POST"
    send_digits: str = ""
    status_callback: str | None = None
    status_callback_method: str = "POST"
    status_callback_events: tuple[str, ...] = ("completed",)


@dataclass(frozen=True, slots=True)
class Dial:
    targets: tuple[Target, ...]
    action: str | None = None
    method: str = "POST"
    timeout: float = 30
    time_limit: float = 14_400
    caller_id: str | None = None
    hangup_on_star: bool = False
    answer_on_bridge: bool = False
    sequential: bool = False


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


@dataclass(frozen=True, slots=True)
class NotYet:
    """A verb that this carrier does not carry out yet (Enqueue, Conference): noted, and passed over."""

    name: str


Verb: TypeAlias = Say | Play | Pause | Gather | Redirect | Reject | Hangup | Dial | Record | NotYet


@dataclass(frozen=True, slots=True)
class Remark:
    """A part of a document that was passed over, by Twilio's code (12200, 133xx, ...)."""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class Document:
    verbs: tuple[Verb, ...]
    warnings: tuple[Remark, ...] = ()
