"""How a conversation is written: flows of steps, each a small function that returns plain values.

A ``step`` does something and goes on; a ``question`` waits for keys; a ``menu`` offers ways; ``joined`` is where a
transfer comes back, and ``told`` where the padrón's answer does. Whatever they say is a key of the catalogue in
``prompts/``; its placeholders are filled from what the call remembers and what the line knows, so that a repeated
webhook can be answered again without anything stored.
"""

from __future__ import annotations

import enum
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ivr.calls import Call


@dataclass(frozen=True)
class Say:
    """A sentence of the catalogue, by its key."""

    key: str


@dataclass(frozen=True)
class Transfer:
    """Joins the caller with a telephone; ``then`` is a ``joined`` step, told what came of it."""

    number: str  #: E.164 or ``sip:…``
    then: Step
    ring_seconds: int = 25
    send_digits: str = ""  #: tones for whoever answers
    press_to_accept: bool = False  #: whoever answers presses 1 first: no voicemail takes the caller


@dataclass(frozen=True)
class Join:
    """Puts the caller into the conversation of their room; ``then`` is a ``joined`` step."""

    room_id: int
    then: Step


@dataclass(frozen=True)
class TakeMessage:
    """Takes down what the caller says, up to so many seconds; ``then`` is a ``joined`` step, told the seconds."""

    then: Step
    seconds: int = 120


@dataclass(frozen=True)
class Ask:
    """Asks the padrón. ``then`` is a ``told`` step, told what it answered; ``otherwise`` follows where it is down.

    A padrón elsewhere is asked with no transaction open (ivr/asking.py): what the question needs of the call is taken
    out of it before.
    """

    question: Callable[..., Any]  #: of the registry and the transaction (None where the registry is elsewhere)
    then: Step
    otherwise: Step


@dataclass(frozen=True)
class HangUp:
    """Ends the call."""


class Way(enum.Enum):
    """Where a menu's key may lead besides a step."""

    REPEAT = "repeat"  # the same sentences again
    BACK = "back"  # the menu before this one


REPEAT, BACK = Way.REPEAT, Way.BACK

LONGEST_KEYS = 8  #: of an extension, with the key that may begin it

Result = Any  # (Say, …,) and at the end: Step | Transfer | Join | TakeMessage | Ask | HangUp
Prompt = str | Callable[["Call"], list[Say]]


class Kind(enum.StrEnum):
    STEP = "step"
    QUESTION = "question"
    MENU = "menu"
    JOINED = "joined"
    TOLD = "told"


@dataclass(frozen=True, eq=False)
class Step:
    """One step of a flow. Its name is its address: ``/voice/<flow>/<name>``."""

    flow: Flow
    name: str
    kind: Kind
    run: Callable[..., Result]
    prompt: Prompt = ""
    digits: int | Callable[[Call], int] = 0
    timeout: int = 6  #: seconds of silence before we ask again
    on_silence: Step | None = None  #: where silence leads at once, instead of asking again
    targets: Callable[[], Iterable[Step]] | None = None  #: for a step made from data: where it leads
    longer: Callable[[Call, str], Result] | None = None  #: of a menu: what keys of no way of it mean (an extension)

    def says(self, call: Call) -> list[Say]:
        """What is said before waiting for a key."""
        return [Say(self.prompt)] if isinstance(self.prompt, str) else self.prompt(call)

    def digits_for(self, call: Call) -> int:
        return self.digits(call) if callable(self.digits) else self.digits

    @property
    def path(self) -> str:
        return f"{self.flow.name}/{self.name}"

    def leads_to(self) -> list[Step]:
        """The steps that its function names: the flow's graph, read from the code itself."""
        found = list(self.targets()) if self.targets else list(_steps_named_by(self.run, set()))
        found += _steps_named_by(self.longer, set()) if self.longer else []
        return found + [step for step in (self.on_silence, self.flow.give_up) if step is not None]


@dataclass(eq=False)
class Flow:
    """A conversation: its steps by name, and where one goes who cannot go on (``give_up``).

    ``straight_way``: the sentences heard by whoever makes no mistake; ``is_ours``: the call is ours, not the citizen's.
    """

    name: str
    give_up: Step | None = None
    straight_way: tuple[str, ...] = ()
    is_ours: bool = False
    steps: dict[str, Step] = field(default_factory=dict)

    def step(self, function: Callable[[Call], Result]) -> Step:
        """Does something, says something, goes on."""
        return self.add(Step(self, function.__name__, Kind.STEP, function))

    def joined(self, function: Callable[[Call, str], Result]) -> Step:
        """Where a transfer comes back: it gets ``completed``, ``busy``, ``no-answer``, ``failed`` or ``canceled``."""
        return self.add(Step(self, function.__name__, Kind.JOINED, function))

    def told(self, function: Callable[[Call, Any], Result]) -> Step:
        """Is given the padrón's answer, and writes down what comes of it: of a call that ended meanwhile, too."""
        return self.add(Step(self, function.__name__, Kind.TOLD, function))

    def question(
        self,
        prompt: Prompt,
        digits: int | Callable[[Call], int],
        timeout: int = 6,
        on_silence: Step | None = None,
    ) -> Callable[[Callable[[Call, str], Result]], Step]:
        """Waits for up to ``digits`` keys (the caller may end with #) and gives them to the function."""

        def add(function: Callable[[Call, str], Result]) -> Step:
            return self.add(Step(self, function.__name__, Kind.QUESTION, function, prompt, digits, timeout, on_silence))

        return add

    def menu(
        self,
        prompt: Prompt,
        timeout: int = 6,
        on_silence: Step | None = None,
        longer: Callable[[Call, str], Result] | None = None,
    ) -> Callable[[Callable[[Call], dict]], Step]:
        """Waits for one key; the function returns ``{key: step}``, where REPEAT and BACK are ways too.

        With ``longer`` more keys may follow (LONGEST_KEYS at most), and what is no way of the menu is given to it.
        """

        def add(function: Callable[[Call], dict]) -> Step:
            digits = LONGEST_KEYS if longer else 1
            step = Step(self, function.__name__, Kind.MENU, function, prompt, digits, timeout, on_silence, None, longer)
            return self.add(step)

        return add

    def add(self, step: Step) -> Step:
        """Puts a step in the flow. Raises ValueError when its name is taken."""
        if step.name in self.steps:
            raise ValueError(f"the flow {self.name} has two steps called {step.name}")
        self.steps[step.name] = step
        return step


def _steps_named_by(function: Callable, seen: set) -> Iterator[Step]:
    """Follows the global names that a function uses, and the plain functions among them."""
    if function in seen or not isinstance(function, types.FunctionType):
        return
    seen.add(function)
    for name in function.__code__.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, Step):
            yield value
        elif isinstance(value, types.FunctionType):
            yield from _steps_named_by(value, seen)
