"""What we tell a call to do, as plain values. Only ``carrier/twiml.py`` knows how it is written."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Say:
    """Speaks a text with a voice of the carrier."""

    text: str
    voice: str
    language: str


@dataclass(frozen=True)
class Play:
    """Plays a recording."""

    url: str


@dataclass(frozen=True)
class Pause:
    seconds: int = 1


@dataclass(frozen=True)
class Gather:
    """Speaks, and waits for keys; an empty answer is sent on too, so that silence reaches us."""

    action: str
    digits: int
    timeout: int  #: seconds of silence, from the end of what is said
    finish_on_key: str  #: "" where only the number of digits ends it
    says: tuple[Say | Play | Pause, ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class Dial:
    """Joins the caller with a telephone; ``action`` is asked for when it ends, whatever came of it."""

    number: str  #: E.164, ``sip:…`` or ``client:…``
    action: str | None
    caller_id: str
    ring_seconds: int = 25
    limit_seconds: int = 3600
    send_digits: str = ""  #: tones for whoever answers: ``ww1415``
    whisper: str = ""  #: the address of a document that only whoever answers hears; if it hangs up, they are not joined
    also: tuple[str, ...] = ()  #: E.164, rung at the same time: the first to answer has the call (nine at most)


@dataclass(frozen=True)
class Conference:
    """Puts the call into a conference; ``action`` is asked for when it leaves it, whatever the reason.

    Nobody's leaving ends it: who stays is ours to decide. ``wait_url``: what is heard before somebody else is in.
    """

    name: str
    action: str
    status_callback: str
    wait_url: str
    label: str
    is_muted: bool = False
    coaches: str | None = None  #: the CallSid of whom alone they speak to
    limit_seconds: int = 14_400


@dataclass(frozen=True)
class Record:
    """Takes down what is said, up to so many seconds, until # or a silence."""

    action: str
    limit_seconds: int
    silence_seconds: int = 5


@dataclass(frozen=True)
class Redirect:
    url: str


@dataclass(frozen=True)
class Hangup:
    pass


Verb = Say | Play | Pause | Gather | Dial | Conference | Record | Redirect | Hangup
