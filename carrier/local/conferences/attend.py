"""A call in a conference, from its Dial to the end of it (twilio.md §4, Conference)."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any

from carrier.local.aside import ALLOWED_WAITING, MUSIC, Aside
from carrier.local.call import Call
from carrier.local.conferences.conference import Left
from carrier.local.conferences.room import Room
from carrier.local.conferences.rooms import NotAdmitted
from carrier.local.conferences.seat import PeopleLine, Seat
from carrier.local.events import Pressed, Problem
from carrier.local.handset import HandsetLine
from carrier.local.interpreter import CHARACTERS_PER_SECOND, Conversation
from carrier.local.network import Network
from carrier.local.persona_line import PersonaLine
from carrier.local.turns import AsideFailed, DialResult
from carrier.local.verbs import ConferenceNoun, Dial, Document

ESTABLISHED = DialResult("answered", was_bridged=True)
NOT_ESTABLISHED = DialResult("failed")


async def attend(network: Network, call: Call, verb: Dial, noun: ConferenceNoun, talk: Conversation) -> DialResult:
    """Answered when the conference was left; failed where it could not be entered. Raises as any other waiting."""
    line = talk.line
    if not isinstance(line, PersonaLine | HandsetLine):
        raise TypeError("only people who can hear each other may confer")
    noun = replace(
        noun,
        wait_url=talk.go("POST", noun.wait_url).url if noun.wait_url else noun.wait_url,
        status_callback=talk.go("POST", noun.status_callback).url if noun.status_callback else None,
    )
    invited = network.rooms.expected(call)
    try:
        if invited is None:
            network.rooms.check(noun)
        waiting = await _wait_document(network, call, noun, talk)
        invited = invited or _seat(network, call, noun)
    except NotAdmitted as refusal:
        talk.note(Problem(talk.second, refusal.code, str(refusal), talk.url))
        return NOT_ESTABLISHED
    except AsideFailed:
        if invited is not None:
            invited[0].leave(invited[1], Left.NOT_ADDED, "in-progress")
        return NOT_ESTABLISHED
    room, seat = invited
    if seat.has_left:
        return NOT_ESTABLISHED
    seat.talk, seat.line, seat.own_speed = talk, line, line.watch.speed
    return await _Attendance(network, room, seat, verb, talk, line, waiting).carry_out()


def _seat(network: Network, call: Call, noun: ConferenceNoun) -> tuple[Room, Seat]:
    network.rooms.check(noun)  # again: asking for what is heard while waiting took a moment
    room = network.rooms.room_for(noun)
    return room, network.rooms.seat_for(room, call, noun)


async def _wait_document(
    network: Network, call: Call, noun: ConferenceNoun, talk: Conversation
) -> tuple[Aside, Document] | None:
    """What will be heard while waiting; asked for before entering, as no conference comes of it if it fails."""
    invited, url, method, start = network.rooms.expected(call), noun.wait_url, noun.wait_method, noun.start_on_enter
    room = invited[0] if invited else network.rooms.find(noun.name)
    if invited is not None:
        wanted = invited[1].participant
        url, method, start = wanted.wait_url, wanted.wait_method, wanted.start_on_enter
    if not url or (room is not None and room.starts_with(None, start)):
        return None
    aside = Aside(talk, ALLOWED_WAITING)
    return aside, await aside.read(talk.go(method, url))


class _Attendance:
    """One seat being sat in: the leg does what its situation asks for, until that changes."""

    def __init__(
        self,
        network: Network,
        room: Room,
        seat: Seat,
        verb: Dial,
        talk: Conversation,
        line: PeopleLine,
        waiting: tuple[Aside, Document] | None,
    ) -> None:
        self._network = network
        self._room = room
        self._seat = seat
        self._verb = verb
        self._talk = talk
        self._line = line
        self._waiting = waiting
        self._ends = talk.second + verb.time_limit

    async def carry_out(self) -> DialResult:
        room, seat = self._room, self._seat
        self._line.on_say = self._say
        room.join(seat)
        reason, status = Left.HUNG_UP, "completed"
        try:
            await self._sit()
            status = "in-progress"
        except AsideFailed:
            reason, status = Left.NOT_ADDED, "in-progress"
            return NOT_ESTABLISHED
        except asyncio.CancelledError:
            reason, status = Left.VIA_API, self._status_after_order()
            raise
        finally:
            self._line.on_say = None
            if not self._network.is_closing:
                room.leave(seat, reason, status)
            self._line.watch.pace(1.0 if seat.is_live else seat.own_speed)
        return ESTABLISHED

    def _status_after_order(self) -> str:
        """Of the call, when REST takes it out of the conference: it ends, or goes on elsewhere."""
        live = self._seat.call.live
        is_sent_elsewhere = live and live.orders.done() and live.orders.result().place is not None
        return "in-progress" if is_sent_elsewhere else "completed"

    async def _sit(self) -> None:
        while not self._seat.has_left and self._talk.second < self._ends:
            if await self._until_it_changes(self._situation(), self._work()) == "*" and self._verb.hangup_on_star:
                return

    def _situation(self) -> str:
        seat = self._seat
        if seat.has_left:
            return "left"
        if seat.announcements:
            return f"announcement {id(seat.announcements[0])}"
        if seat.participant.hold:
            return f"held {seat.participant.hold_url}"
        if not self._room.has_started:
            return "waiting"
        return "hearing" if seat.heard else "talking"

    def _work(self) -> Coroutine[Any, Any, str | None]:
        match self._situation().partition(" ")[0]:
            case "announcement":
                return self._hear_announcement()
            case "held":
                return self._hold()
            case "waiting":
                return self._wait()
            case "hearing":
                return self._listen()
            case _:
                return self._take_part()

    async def _until_it_changes(self, situation: str, work: Coroutine[Any, Any, str | None]) -> str | None:
        """A key, if one was pressed. Raises what the work raises."""
        task = asyncio.ensure_future(work)
        try:
            while not task.done() and self._situation() in (situation, "talking" if situation == "hearing" else ""):
                happenings: set[asyncio.Future[Any]] = {task, self._seat.next_stir()}
                await asyncio.wait(happenings, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        return None if task.cancelled() else task.result()

    async def _hear_announcement(self) -> None:
        announcement = self._seat.announcements[0]
        try:
            await Aside(self._talk, ALLOWED_WAITING).play(announcement.document)
        except AsideFailed:
            self._room.announcement_failed()
        finally:
            self._room.has_heard(self._seat, announcement)

    async def _hold(self) -> None:
        participant = self._seat.participant
        if participant.hold_url:
            aside = Aside(self._talk, ALLOWED_WAITING)
            with suppress(AsideFailed):  # then it is a hold in silence
                await aside.repeat(self._talk.go(participant.hold_method, participant.hold_url))
        elif participant.hold_url is None:
            await self._talk.hear(MUSIC, 0.0)
        await self._line.hear("", self._left)

    async def _wait(self) -> None:
        """At the end of what is heard while waiting there is silence (a Redirect of its own may repeat it)."""
        if self._waiting is not None:
            aside, document = self._waiting
            await aside.play(document)
            self._waiting = None
        elif self._seat.participant.wait_url is None:
            await self._talk.hear(MUSIC, 0.0)
        await self._line.hear("", self._left)

    async def _listen(self) -> None:
        who, text = self._seat.heard.popleft()
        seconds = len(text) / CHARACTERS_PER_SECOND
        await self._line.overhear(text, seconds, who)

    async def _take_part(self) -> str | None:
        key = await self._line.attend(self._left)
        if key is not None:
            self._talk.note(Pressed(self._talk.second, key))
        return key

    @property
    def _left(self) -> float:
        return max(0.0, self._ends - self._talk.second)

    def _say(self, text: str) -> None:
        seconds = self._room.say(self._seat, text)
        if seconds > 0:
            self._network.spawn(self._fall_silent(seconds * self._line.watch.speed))

    async def _fall_silent(self, real_seconds: float) -> None:
        await asyncio.sleep(real_seconds)
        self._room.fell_silent(self._seat)
