"""One call with no sockets: a person on a line and an application behind a function. For dialogues and `talk`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urldefrag

from carrier.local.account import API_VERSION, LOCAL_ACCOUNT
from carrier.local.aside import ALLOWED_IN_QUEUE, ALLOWED_WAITING, Aside
from carrier.local.events import Answered, Dialled, Ended, Event, Fetched, Said
from carrier.local.interpreter import Conversation, Fetch
from carrier.local.line import HungUp, Line
from carrier.local.sids import new_sid
from carrier.local.turns import (
    AsideFailed,
    CallOver,
    DialResult,
    Go,
    Inline,
    LeftQueue,
    Place,
    QueueResult,
    SentElsewhere,
    TimeIsUp,
)
from carrier.local.verbs import Dial, Enqueue, Record

Outcome = Literal["completed", "busy", "no-answer", "failed"]
Answerer = Callable[[str], Outcome | Awaitable[Outcome]]
#: What happens in a Dial of a conference or of a queue: hears and presses at ``talk.line``, and says how it ended.
Room = Callable[[Dial, Conversation], Awaitable[DialResult]]
#: What happens in a queue.
Queue = Callable[[Enqueue, Conversation], Awaitable[QueueResult]]
RING_SECONDS = 6.0
ALONE_SECONDS = 30.0  # in a room or a queue where nobody comes
TALK_SECONDS = 30.0
RECORDINGS_AT = "http://127.0.0.1:8100"
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
    room: Room | None = None,
    queue: Queue | None = None,
    on_event: Callable[[Event], None] = lambda event: None,
    account_sid: str = LOCAL_ACCOUNT,
    call_sid: str | None = None,
    params: dict[str, str] | None = None,
) -> Transcript:
    """Holds one call to its end and returns its transcript.

    ``url`` (or ``twiml``) is the entry document; ``fetch`` gets addresses without their fragment. ``params`` are
    further parameters of the first request (AnsweredBy). ``on_event`` sees each event as it happens.

    ``room`` and ``queue`` play what happens where the call is put together with others (``alone`` and ``in_vain`` if
    not given: nobody comes).

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
        exchange=_Exchange(dial, room or alone, queue or in_vain),
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


async def alone(verb: Dial, talk: Conversation) -> DialResult:
    """Nobody else comes: what is heard while waiting, at most twice, then silence; half a minute in all."""
    ends = talk.second + ALONE_SECONDS
    noun = verb.conference
    if noun is None:  # the front of a queue in which nobody waits
        await talk.line.hear("", verb.timeout)
        return DialResult("no-answer")
    if noun.wait_url:
        try:
            await _twice(Aside(talk, ALLOWED_WAITING), talk.go(noun.wait_method, noun.wait_url), ends)
        except AsideFailed:
            return DialResult("failed")
    await talk.line.hear("", max(0.0, ends - talk.second))
    return DialResult("answered", was_bridged=True)


async def in_vain(verb: Enqueue, talk: Conversation) -> QueueResult:
    """Nobody comes: what is heard while waiting, at most twice or half a minute; then the queue is left."""
    began = talk.second

    def facts() -> dict[str, str]:
        waited = str(round(talk.second - began))
        sizes = {"QueuePosition": "1", "CurrentQueueSize": "1", "MaxQueueSize": "1000"}
        return {"QueueSid": sid, "QueueTime": waited, "AvgQueueTime": waited, **sizes}

    sid, status = new_sid("QU"), "leave"
    if verb.wait_url:
        place = talk.go(verb.wait_method, verb.wait_url)
        try:
            await _twice(Aside(talk, ALLOWED_IN_QUEUE, facts), place, began + ALONE_SECONDS)
        except AsideFailed:
            status = "error"
        except LeftQueue:
            pass
    else:
        await talk.line.hear("", ALONE_SECONDS)
    return QueueResult(status, sid, round(talk.second - began))


async def _twice(aside: Aside, place: Go, ends: float) -> None:
    for _ in range(2):
        if aside.second < ends:
            await aside.run(place)


class _Exchange:
    """Who is at the other end of what the call is joined with."""

    def __init__(self, answerer: Answerer, room: Room, queue: Queue) -> None:
        self._answerer = answerer
        self._room = room
        self._queue = queue

    async def dial(self, verb: Dial, talk: Conversation) -> DialResult:
        """The first target that answers is talked to for half a minute; the last answer speaks for all the others."""
        if verb.conference is not None or verb.queue is not None:
            return await self._room(verb, talk)
        outcome: str = "failed"
        for target in verb.targets:
            outcome = await _ask(self._answerer, target.address) if target.is_number else "failed"
            if outcome == "completed":
                await talk.line.hear("", min(RING_SECONDS, verb.timeout))
                await talk.leg.answer()
                seconds = min(TALK_SECONDS, verb.time_limit)
                await talk.line.hear("", seconds)
                return DialResult(outcome, new_sid("CA"), round(seconds), was_bridged=True)
        await talk.line.hear("", verb.timeout if outcome == "no-answer" else 1.0)
        return DialResult(outcome, new_sid("CA"))

    async def enqueue(self, verb: Enqueue, talk: Conversation) -> QueueResult:
        return await self._queue(verb, talk)

    def keep_recording(self, verb: Record, talk: Conversation, seconds: float) -> dict[str, str]:
        """Kept nowhere; its address is one that the local carrier would give."""
        sid, account = new_sid("RE"), talk.leg.params()["AccountSid"]
        url = f"{RECORDINGS_AT}/{API_VERSION}/Accounts/{account}/Recordings/{sid}"
        return {"RecordingSid": sid, "RecordingUrl": url, "RecordingDuration": str(round(seconds))}


async def _ask(answerer: Answerer, number: str) -> Outcome:
    answer = answerer(number)
    return answer if isinstance(answer, str) else await answer
