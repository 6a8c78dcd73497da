"""A scripted person on the line: hears, and presses or says what the first matching reaction wants."""

from collections.abc import Callable

from carrier.local.line import HungUp, KeyRow
from carrier.local.personas import Fate, Person, folded
from carrier.local.stopwatch import Stopwatch


class PersonaLine:
    """Hangs up so many simulated seconds after ``pick_up``, whatever is going on then."""

    def __init__(self, person: Person, watch: Stopwatch, leaving: type[Exception] = HungUp) -> None:
        """``leaving`` is raised when this person hangs up."""
        self.watch = watch
        self.person = person
        self._leaving = leaving
        self._heard: list[str] = []  # since the last key
        self._keys = KeyRow()
        self._due: list[tuple[float, int]] = []
        self.on_say: Callable[[str], None] | None = None  #: where there is somebody to speak to

    def pick_up(self) -> None:
        """The call is answered: from here on patience runs out."""
        if self.person.hangs_up_after_s is not None:
            self.leave_after(self.person.hangs_up_after_s)

    def leave_after(self, seconds: float) -> None:
        """Hangs up so many seconds from now."""
        second = self.watch.elapsed + seconds
        self._due.append((second, self.watch.at(second, self._hang_up)))

    def stay(self) -> None:
        """Patience runs out no more: the call is over, and the watch may go on for others."""
        for _, due in self._due:
            self.watch.drop(due)
        self._due.clear()

    def move_to(self, watch: Stopwatch) -> None:
        """From now on a call of its own, on a watch that shows the same second."""
        due = [second for second, _ in self._due]
        self.stay()
        self.watch, self._leaving = watch, HungUp
        self._due = [(second, watch.at(second, self._hang_up)) for second in due]

    async def hear(self, text: str, seconds: float, *, listening: bool = False) -> str | None:
        if text:
            self._heard.append(folded(text))
        return await self._keys.next_within(seconds, self.watch, listening=listening)

    async def press(self, timeout: float) -> str | None:
        if not self._keys:
            self._react()
        return await self._keys.next_within(timeout, self.watch, listening=True)

    async def attend(self, timeout: float) -> str | None:
        """Among others: reacts to what they say; a key within so many seconds, or None."""
        return await self.press(timeout)

    async def overhear(self, text: str, seconds: float, from_: str) -> None:
        """Hears somebody else speak."""
        self._heard.append(folded(text))
        await self._keys.next_within(seconds, self.watch, listening=False)

    def _react(self) -> None:
        if self.person.fate is Fate.MACHINE or not self._heard:
            return
        heard = " ".join(self._heard)
        for reaction in self.person.keys:
            is_possible = bool(reaction.presses) or self.on_say is not None
            if is_possible and reaction.hears.search(heard):
                self._heard.clear()
                self._keys.add(reaction.presses)
                if reaction.says and self.on_say is not None:
                    self.on_say(reaction.says)
                return

    async def _hang_up(self) -> None:
        raise self._leaving
