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

    number: str
    action: str | None
    caller_id: str
    ring_seconds: int = 25
    limit_seconds: int = 3600


@dataclass(frozen=True)
class Hangup:
    pass


Verb = Say | Play | Pause | Gather | Dial | Hangup
