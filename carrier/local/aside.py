"""What a call hears while it waits: the documents of a waitUrl, a holdUrl, an announcement (twilio.md §4)."""

from collections.abc import Callable
from typing import NoReturn

from carrier.local.events import Problem
from carrier.local.interpreter import Conversation, Leg
from carrier.local.turns import AsideFailed, Go
from carrier.local.verbs import Document, Gather, Hangup, Leave, Pause, Play, Redirect, Say

ALLOWED_WAITING = (Play, Say, Pause, Redirect)
ALLOWED_IN_QUEUE = (Play, Say, Pause, Redirect, Hangup, Leave, Gather)
MUSIC = "Música de espera."
SHORTEST_SECONDS = 1.0  # what is repeated for ever, and makes no sound, is asked for once a second


class Aside(Conversation):
    """Only some verbs, and no fallback: what cannot be had raises AsideFailed (13238 for a verb that may not be)."""

    def __init__(
        self, talk: Conversation, allowed: tuple[type, ...], extra: Callable[[], dict[str, str]] = lambda: {}
    ) -> None:
        """``extra``: what each request tells on top of the standard parameters."""
        super().__init__(
            leg=_Telling(talk.leg, extra), fetch=talk.fetch, line=talk.line, exchange=talk.exchange, note=talk.note
        )
        self.url = talk.url
        self._allowed = allowed
        self.is_queued = Leave in allowed

    async def read(self, place: Go) -> Document:
        """Asks for a document and carries nothing out. Raises AsideFailed."""
        document = await self._open(place)
        self._check(document)
        return document

    async def play(self, document: Document) -> None:
        """Carries out a document that was read, and those it leads to. Raises AsideFailed."""
        place = await self._carry_out(document)
        if place is not None:
            await self.run(place)

    async def repeat(self, place: Go) -> NoReturn:
        """The same document again and again. Raises AsideFailed."""
        while True:
            began = self.second
            await self.run(place)
            if (rest := SHORTEST_SECONDS - (self.second - began)) > 0:
                await self.line.hear("", rest)
            self.made_progress()

    async def _carry_out(self, document: Document) -> Go | None:
        self._check(document)
        return await super()._carry_out(document)

    async def _fall_back(self, code: int) -> NoReturn:
        raise AsideFailed(code)

    def _check(self, document: Document) -> None:
        for verb in document.verbs:
            if not isinstance(verb, self._allowed):
                message = f"{type(verb).__name__} may not be used in what is heard while waiting."
                self.note(Problem(self.second, 13238, message, self.url))
                raise AsideFailed(13238)


class _Telling:
    """A leg that tells more of itself."""

    def __init__(self, leg: Leg, extra: Callable[[], dict[str, str]]) -> None:
        self._leg = leg
        self._extra = extra

    @property
    def is_answered(self) -> bool:
        return self._leg.is_answered

    def params(self) -> dict[str, str]:
        return self._leg.params() | self._extra()

    async def answer(self) -> None:
        await self._leg.answer()
