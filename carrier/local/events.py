"""What happens in a call, one plain value each: its transcript and its ledger are made of these."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Fetched:
    """A web request of the call. ``status`` None: no answer. ``ms`` is real time; ``second`` the call's own."""

    second: float
    method: str
    url: str
    params: dict[str, str]
    status: int | None
    ms: int
    body: str


@dataclass(frozen=True, slots=True)
class Answered:
    second: float


@dataclass(frozen=True, slots=True)
class Said:
    """Something was heard: a sentence, or the address of an audio."""

    second: float
    text: str
    seconds: float
    from_: str = ""  #: the label or the number of the person who said it; empty: the application's document


@dataclass(frozen=True, slots=True)
class Spoke:
    """The person at the end of the line said something, whoever heard it."""

    second: float
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A Gather began to listen."""

    second: float
    timeout: float


@dataclass(frozen=True, slots=True)
class Pressed:
    """Keys that were pressed in one Gather, the finishing key included."""

    second: float
    digits: str


@dataclass(frozen=True, slots=True)
class Dialled:
    """A Dial came to its end: completed, busy, no-answer, failed or canceled."""

    second: float
    numbers: tuple[str, ...]
    result: str


@dataclass(frozen=True, slots=True)
class Problem:
    """An error or a warning by Twilio's dictionary of codes."""

    second: float
    code: int
    message: str
    url: str
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """By whom: person, application, api or carrier."""

    second: float
    by: str


Event: TypeAlias = Fetched | Answered | Said | Spoke | Asked | Pressed | Dialled | Problem | Ended
