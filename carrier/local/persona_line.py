"""A scripted person on the line: hears, and at a Gather presses what the first matching reaction says."""

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
        self._due: list[int] = []

    def pick_up(self) -> None:
        """The call is answered: from here on patience runs out."""
        if self.person.hangs_up_after_s is not None:
            self.leave_after(self.person.hangs_up_after_s)

    def leave_after(self, seconds: float) -> None:
        """Hangs up so many seconds from now."""
        self._due.append(self.watch.at(self.watch.elapsed + seconds, self._hang_up))

    def stay(self) -> None:
        """Patience runs out no more: the call is over, and the watch may go on for others."""
        for due in self._due:
            self.watch.drop(due)

    async def hear(self, text: str, seconds: float, *, listening: bool = False) -> str | None:
        if text:
            self._heard.append(folded(text))
        return await self._keys.next_within(seconds, self.watch, listening=listening)

    async def press(self, timeout: float) -> str | None:
        if not self._keys:
            self._react()
        return await self._keys.next_within(timeout, self.watch, listening=True)

    def _react(self) -> None:
        if self.person.fate is Fate.MACHINE or not self._heard:
            return
        heard = " ".join(self._heard)
        for reaction in self.person.keys:
            if reaction.hears.search(heard):
                self._heard.clear()
                self._keys.add(reaction.presses)
                return

    async def _hang_up(self) -> None:
        raise self._leaving
