"""One call with no sockets: a person on a line and an application behind a function. For dialogues and `talk`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urldefrag

from carrier.local.account import API_VERSION, LOCAL_ACCOUNT
from carrier.local.events import Answered, Dialled, Ended, Event, Fetched, Said
from carrier.local.interpreter import Conversation, Fetch
from carrier.local.line import HungUp, Line
from carrier.local.sids import new_sid
from carrier.local.turns import CallOver, DialResult, Go, Inline, Place, SentElsewhere, TimeIsUp
from carrier.local.verbs import Dial

Outcome = Literal["completed", "busy", "no-answer", "failed"]
Answerer = Callable[[str], Outcome | Awaitable[Outcome]]
RING_SECONDS = 6.0
TALK_SECONDS = 30.0
TIME_LIMIT_SECONDS = 14_400.0


@dataclass(slots=True)
class Transcript:
    """Everything that happened in one call, in order."""

    call_sid: str
    events: list[Event] = field(default_factory=list)
    ended_by: str = ""  #: person, application or carrier
    status: str = "completed"  #: busy or no-answer where the application rejected the call
    seconds: float = 0.0  #: simulated, from the first request to the end

    @property
    def heard(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Said)]

    @property
    def requests(self) -> list[Fetched]:
        return [event for event in self.events if isinstance(event, Fetched)]

    @property
    def dialled(self) -> list[tuple[str, str]]:
        """(number, result) of each Dial."""
        return [(number, e.result) for e in self.events if isinstance(e, Dialled) for number in e.numbers]


class _Leg:
    """The facts of a call that exists nowhere else."""

    def __init__(self, params: dict[str, str], on_answer: Callable[[], None], is_answered: bool) -> None:
        self._params = params
        self._on_answer = on_answer
        self.is_answered = is_answered

    def params(self) -> dict[str, str]:
        return self._params | {"CallStatus": "in-progress" if self.is_answered else "ringing"}

    async def answer(self) -> None:
        if not self.is_answered:
            self.is_answered = True
            self._on_answer()


async def run_call(
    *,
    from_: str,
    to: str,
    fetch: Fetch,
    line: Line,
    url: str | None = None,
    method: str = "POST",
    twiml: str | None = None,
    fallback_url: str | None = None,
    direction: Literal["inbound", "outbound-api"] = "inbound",
    dial: Answerer = lambda number: "no-answer",
    on_event: Callable[[Event], None] = lambda event: None,
    account_sid: str = LOCAL_ACCOUNT,
    call_sid: str | None = None,
    params: dict[str, str] | None = None,
) -> Transcript:
    """Holds one call to its end and returns its transcript.

    ``url`` (or ``twiml``) is the entry document; ``fetch`` gets addresses without their fragment. ``params`` are
    further parameters of the first request (AnsweredBy). ``on_event`` sees each event as it happens.

    What happens from outside at a given second (a machine's verdict, say) is put on ``line.watch.at``; such an action
    may raise SentElsewhere, to send the call to another document.
    """
    transcript = Transcript(call_sid or new_sid("CA"))

    def note(event: Event) -> None:
        transcript.events.append(event)
        on_event(event)

    watch = line.watch
    facts = {"CallSid": transcript.call_sid, "AccountSid": account_sid, "From": from_, "To": to}
    facts |= {"Caller": from_, "Called": to, "Direction": direction, "ApiVersion": API_VERSION}
    leg = _Leg(facts, lambda: note(Answered(watch.elapsed)), is_answered=direction != "inbound")
    talk = Conversation(
        leg=leg,
        fetch=_noted(fetch, line, note),
        line=line,
        dialler=_dialler(dial),
        note=note,
        fallback=Go("POST", fallback_url) if fallback_url else None,
    )
    entry = Go(method, url, params or {}) if url is not None else Inline(twiml or "")
    transcript.ended_by = "application"
    watch.at(TIME_LIMIT_SECONDS, _time_is_up)
    try:
        await _run(talk, entry)
    except HungUp:
        transcript.ended_by = "person"
    except CallOver as over:
        transcript.ended_by, transcript.status = over.by, over.status
    transcript.seconds = watch.elapsed
    note(Ended(watch.elapsed, transcript.ended_by))
    return transcript


async def _time_is_up() -> None:
    raise TimeIsUp


async def _run(talk: Conversation, place: Place) -> None:
    while True:
        try:
            return await talk.run(place)
        except SentElsewhere as sent:
            place = sent.place


def _noted(fetch: Fetch, line: Line, note: Callable[[Event], None]) -> Fetch:
    async def fetch_and_note(method: str, url: str, params: dict[str, str]) -> tuple[int, str, str]:
        address = urldefrag(url).url
        status, content_type, body = await fetch(method, address, params)
        note(Fetched(line.watch.elapsed, method, address, params, status, 0, body))
        return status, content_type, body

    return fetch_and_note


def _dialler(answerer: Answerer) -> Callable[[Dial, Conversation], Awaitable[DialResult]]:
    """The first target that answers is talked to for half a minute; the last answer speaks for all the others."""

    async def dial(verb: Dial, talk: Conversation) -> DialResult:
        outcome: str = "failed"
        for target in verb.targets:
            outcome = await _ask(answerer, target.address) if target.is_number else "failed"
            if outcome == "completed":
                await talk.line.hear("", min(RING_SECONDS, verb.timeout))
                await talk.leg.answer()
                seconds = min(TALK_SECONDS, verb.time_limit)
                await talk.line.hear("", seconds)
                return DialResult(outcome, new_sid("CA"), round(seconds), was_bridged=True)
        await talk.line.hear("", verb.timeout if outcome == "no-answer" else 1.0)
        return DialResult(outcome, new_sid("CA"))

    return dial


async def _ask(answerer: Answerer, number: str) -> Outcome:
    answer = answerer(number)
    return answer if isinstance(answer, str) else await answer
