"""Who is at the other end of one call: somebody who hears, presses keys, and may hang up."""

import re
from collections.abc import Callable, Iterable
from typing import Protocol, runtime_checkable

from carrier.local.stopwatch import Stopwatch

SILENCE = ""  #: an answer of ScriptedLine: nothing is pressed
HANG_UP = "hang up"  #: an answer of ScriptedLine: the person hangs up at that question
WAIT_SECONDS = 0.5  # `w` in a row of keys
_ROW = re.compile(r"[0-9*#ABCDw]*")


class HungUp(Exception):
    """The person at the other end hung up."""


class Line(Protocol):
    """One end of a call. A scripted person, a browser handset, a terminal; later a SIP telephone."""

    watch: Stopwatch  #: the call's seconds; the line spends them as it hears and waits

    async def hear(self, text: str, seconds: float, *, listening: bool = False) -> str | None:
        """Hears a sentence, an audio's address, or silence (an empty text) for so many simulated seconds.

        Answers the key pressed meanwhile, if ``listening`` (a key then stops the sentence; else keys are lost).
        Raises HungUp.
        """

    async def press(self, timeout: float) -> str | None:
        """One key within so many simulated seconds, or None for silence. Raises HungUp."""


@runtime_checkable
class Speaker(Protocol):
    """A line whose person may speak, where there is somebody to hear it."""

    on_say: Callable[[str], None] | None


class KeyRow:
    """Keys that somebody is about to press: each after a delay in seconds, running while the call runs."""

    def __init__(self) -> None:
        self._row: list[tuple[float, str]] = []

    def __bool__(self) -> bool:
        return bool(self._row)

    def add(self, keys: str) -> None:
        """A row such as ``"1ww2#"``, where each ``w`` waits half a second. Raises ValueError."""
        if not is_key_row(keys):
            raise ValueError("a key is one of 0-9 * # A-D, or w to wait")
        delay = 0.0
        for key in keys:
            if key == "w":
                delay += WAIT_SECONDS
            else:
                self._row.append((delay, key))
                delay = 0.0

    async def next_within(self, seconds: float, watch: Stopwatch, *, listening: bool) -> str | None:
        """Spends up to ``seconds``; the first key due in them, or None. Keys that nobody listens to are lost."""
        while self._row:
            delay, key = self._row[0]
            if delay > seconds:
                break
            await self._spend(delay, watch)
            seconds -= delay
            self._row.pop(0)
            if listening:
                return key
        await self._spend(seconds, watch)
        return None

    async def _spend(self, seconds: float, watch: Stopwatch) -> None:
        """What was waited counts for the next key, also where the waiting is broken off."""
        began = watch.elapsed
        try:
            await watch.spend(seconds)
        finally:
            if self._row:
                delay, key = self._row[0]
                self._row[0] = (max(0.0, delay - (watch.elapsed - began)), key)


def is_key_row(keys: str) -> bool:
    """Whether these are keys of a telephone (and ``w``)."""
    return _ROW.fullmatch(keys) is not None


class ScriptedLine:
    """A person who gives one answer (a row of keys, SILENCE or HANG_UP) to each prompt heard, in order.

    ``barge_in`` presses while the prompt is being spoken. After the last answer: silence, or hangs up if asked to.
    """

    def __init__(self, answers: Iterable[str], *, barge_in: bool = False, hangs_up_after_last: bool = False) -> None:
        self.watch = Stopwatch()
        self.heard: list[str] = []
        self._answers = list(answers)
        self._keys = KeyRow()
        self._was_asked = False
        self._barge_in = barge_in
        self._hangs_up_after_last = hangs_up_after_last

    @property
    def answers_left(self) -> list[str]:
        """What was never asked for."""
        return list(self._answers)

    async def hear(self, text: str, seconds: float, *, listening: bool = False) -> str | None:
        if text:
            self.heard.append(text)
            self._was_asked = True
            if listening and self._barge_in:
                self._answer()
        return await self._keys.next_within(seconds, self.watch, listening=listening)

    async def press(self, timeout: float) -> str | None:
        if not self._keys:
            self._answer()
        return await self._keys.next_within(timeout, self.watch, listening=True)

    def _answer(self) -> None:
        """Only once a prompt: somebody who typed half a number waits for what comes."""
        if not self._was_asked:
            return
        self._was_asked = False
        if not self._answers and self._hangs_up_after_last:
            raise HungUp
        answer = self._answers.pop(0) if self._answers else SILENCE
        if answer == HANG_UP:
            raise HungUp
        self._keys.add(answer)
