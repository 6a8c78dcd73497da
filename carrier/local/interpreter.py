"""Carries out the documents of one call, top to bottom, until somebody ends it (twilio.md §4)."""

from collections.abc import Callable
from typing import Protocol
from urllib.parse import urldefrag, urljoin

from carrier.local.documents import as_document
from carrier.local.events import Asked, Event, Pressed, Problem, Said
from carrier.local.execution import carry_out
from carrier.local.line import Line
from carrier.local.turns import CallOver, DialResult, FetchFailed, Go, Inline, Place, QueueResult
from carrier.local.twiml_parser import FaultyDocument, parse
from carrier.local.verbs import Dial, Document, Enqueue, Record

CHARACTERS_PER_SECOND = 15
IDLE_DOCUMENTS = 100  # Twilio states no limit to redirecting in a circle; ours is this many documents without a sound
APPLICATION_ERROR = "Lo sentimos, ha ocurrido un error en la aplicación. Adiós."


class Fetch(Protocol):
    """Makes one web request of the call, signed: status, content type, body. Raises FetchFailed.

    ``url`` is absolute, and may carry connection overrides in its fragment.
    """

    async def __call__(self, method: str, url: str, params: dict[str, str]) -> tuple[int, str, str]: ...


class Leg(Protocol):
    """What the interpreter asks of the call it belongs to."""

    @property
    def is_answered(self) -> bool: ...
    def params(self) -> dict[str, str]:
        """The standard parameters of a voice webhook, as they are now."""

    async def answer(self) -> None:
        """The call is picked up, if it was not."""


class Exchange(Protocol):
    """What joins the call with others: people, conferences and queues; and what keeps its recordings."""

    async def dial(self, verb: Dial, talk: "Conversation") -> DialResult:
        """Comes back when the dialled people are gone, or the conference or the queue is left."""

    async def enqueue(self, verb: Enqueue, talk: "Conversation") -> QueueResult:
        """Comes back when the queue is left."""

    def keep_recording(self, verb: Record, talk: "Conversation", seconds: float) -> dict[str, str]:
        """Keeps what was recorded just now; the parameters that tell of it."""


class Conversation:
    """One leg of a call talking to an application. ``note`` receives every Event."""

    def __init__(
        self,
        *,
        leg: Leg,
        fetch: Fetch,
        line: Line,
        exchange: Exchange,
        note: Callable[[Event], None],
        fallback: Go | None = None,
    ) -> None:
        self.leg = leg
        self.line = line
        self.exchange = exchange
        self.note = note
        self.url = ""  #: of the running document, with its fragment
        self.fetch = fetch
        self._fallback = fallback
        self._idle_documents = 0
        self.is_queued = False  #: these documents are what is heard while waiting in a queue

    async def run(self, place: Place) -> None:
        """Carries out this document and all that follow. Returns at the end of one that leads nowhere.

        Raises CallOver, and HungUp from the line.
        """
        document: Document | None = await self._open(place)
        while document is not None:
            next_place = await self._carry_out(document)
            document = await self._open(next_place) if next_place else None
        await self.leg.answer()

    async def _carry_out(self, document: Document) -> Go | None:
        for remark in document.warnings:
            self.note(Problem(self.second, remark.code, remark.message, self.url, is_warning=True))
        for verb in document.verbs:
            step = await carry_out(verb, self)
            if step is not None:
                return step
        return None

    async def _open(self, place: Place) -> Document:
        try:
            return await self._document(place)
        except (FaultyDocument, FetchFailed) as fault:
            self.note(Problem(self.second, fault.code, str(fault), self.url))
            return await self._fall_back(fault.code)

    async def _fall_back(self, code: int) -> Document:
        failed_url = urldefrag(self.url).url
        if self._fallback is not None:
            params = {"ErrorCode": str(code), "ErrorUrl": failed_url}
            try:
                return await self._document(Go(self._fallback.method, self._fallback.url, params))
            except (FaultyDocument, FetchFailed) as fault:
                self.note(Problem(self.second, fault.code, str(fault), self.url))
        await self.leg.answer()
        await self.say(APPLICATION_ERROR)
        raise CallOver("carrier")

    async def _document(self, place: Place) -> Document:
        self._idle_documents += 1
        if self._idle_documents > IDLE_DOCUMENTS:
            raise FaultyDocument(11215, "The documents lead to each other in a circle.")
        if isinstance(place, Inline):
            self.url = ""
            return parse(place.twiml)
        self.url = place.url
        if not place.url.startswith(("http://", "https://")):
            raise FaultyDocument(11100, "The address of the document is not a web address.")
        status, content_type, body = await self.fetch(place.method, place.url, self.leg.params() | place.params)
        return as_document(status, content_type, body, urldefrag(place.url).url)

    async def ask_in_vain(self, place: Go) -> None:
        """Asks for a document that nobody is left to hear."""
        try:
            await self.fetch(place.method, place.url, self.leg.params() | place.params)
        except FetchFailed as fault:
            self.note(Problem(self.second, fault.code, str(fault), place.url))

    # What the verbs ask of the conversation

    @property
    def second(self) -> float:
        """The simulated second of the call."""
        return self.line.watch.elapsed

    def go(self, method: str, url: str | None, params: dict[str, str] | None = None) -> Go:
        """An address of a document: relative to the running one; none at all means the running one."""
        return Go(method, urljoin(self.url, url) if url else self.url, params or {})

    async def say(self, text: str, *, listening: bool = False, extra_seconds: float = 0.0) -> str | None:
        """Speaks, at 15 characters a second; the key that stopped it, if any."""
        return await self.hear(text, len(text) / CHARACTERS_PER_SECOND + extra_seconds, listening=listening)

    async def hear(self, text: str, seconds: float, *, listening: bool = False) -> str | None:
        """Sounds, or silence if there is no text; the key that stopped it, if any."""
        if seconds > 0:
            self.made_progress()
        if text:
            self.note(Said(self.second, text, seconds))
        return await self.line.hear(text, seconds, listening=listening)

    async def lose_keys(self) -> None:
        """Keys pressed while a document is asked for reach nobody."""
        await self.line.hear("", 0.0, listening=False)

    def asked(self, timeout: float) -> None:
        if timeout > 0:
            self.made_progress()
        self.note(Asked(self.second, timeout))

    def pressed(self, digits: str) -> None:
        self.made_progress()
        self.note(Pressed(self.second, digits))

    def made_progress(self) -> None:
        """A person noticed something: the documents are not going in a circle."""
        self._idle_documents = 0
