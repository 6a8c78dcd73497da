"""Who answers at the desk in a dialogue: PERSON talks, PERSON nobody, PERSON leaves."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time

from sqlalchemy import Connection

from assembly import Parts
from carrier.local.interpreter import Conversation
from carrier.local.line import ScriptedLine
from carrier.local.turns import DialResult, Go, SentElsewhere
from carrier.local.verbs import Dial
from core.countries import Span
from core.opening import Opening
from desk import advance, dispatch, presence, rooms, settling
from desk.due import due
from desk.lines import DeskLine
from desk.rooms import Room
from desk.states import LegRole, LegState, Presence, RoomState
from tests.webhooks import Webhooks

OPERATOR = 7
TALK_SECONDS = 30.0


def nobody_attends(parts: Parts, line_id: str) -> None:
    """The line's desk is closed at this hour. Lines are everybody's: another takes this one's place, here alone."""
    line, lines, of_the_desk = parts.lines[line_id], parts.lines, parts.world.desk.lines
    at_midnight = Span(frozenset(range(7)), time(0, 0), time(0, 1))
    closed = replace(line.desk, opening=Opening(line.country, (at_midnight,)))
    assert isinstance(of_the_desk, dict) and parts.world.lines is lines
    lines[line_id], of_the_desk[line_id] = replace(line, desk=closed), closed


class People:
    """Acts whenever the citizen's call has come to wait; the carrier then sends it to ``/voice/place``, as in life."""

    def __init__(self, parts, webhooks: Webhooks, line: ScriptedLine, directives: Iterator[str]) -> None:
        self._desk, self._db, self._clock = parts.world.desk, parts.db, parts.clock
        self._webhooks, self._line, self._directives = webhooks, line, directives

    async def fetch(self, method: str, url: str, params: dict[str, str]) -> tuple[int, str, str]:
        """One webhook of the call; then whatever the people of the desk do."""
        answer = await self._webhooks(method, url, params)
        self._look(answer[2])
        return answer

    async def room(self, verb: Dial, talk: Conversation) -> DialResult:
        """They talk for half a minute, and the operator says goodbye."""
        await talk.line.hear("", TALK_SECONDS)
        now = self._clock.now()
        with self._db.begin() as tx:
            for room in rooms.open_rooms(tx):
                rooms.change(tx, room.id, is_finished=True)
                settling.end(tx, now, room, "finished")
        return DialResult("answered", was_bridged=True)

    def _look(self, document: str) -> None:
        with self._db.at_once() as tx:
            waiting = [room for room in rooms.open_rooms(tx) if room.state is RoomState.WAITING and room.caller]
            if not waiting or waiting[0].is_exhausted:
                return
            directive = next(self._directives, None)
            assert directive is not None, "the dialogue does not say what becomes of the wait: PERSON …"
        line = waiting[0].line
        getattr(self, f"_{directive.replace(' ', '_')}")(waiting[0])
        words = self._desk.catalogs[line].own_words("common.transferring")
        before = document.partition(words)[0] if words in document else ""
        said = "".join(re.findall(r"<Say[^>]*>([^<]*)", before))
        self._line.watch.at(self._line.watch.elapsed + len(said) / 15 + 0.5, self._send_to_its_place)

    def _talks(self, room: Room) -> None:
        now = self._clock.now()
        queues = (queue for line in self._desk.lines.values() for queue in line.queues.values())
        skills = sorted({skill for queue in queues for skill in queue.skills})
        with self._db.begin() as tx:
            presence.sign_on(tx, now, OPERATOR, "operadora@example.org", "Rosa Peña", is_supervisor=False)
            presence.set_skills(tx, OPERATOR, skills)
            presence.choose(tx, now, OPERATOR, Presence.DISPONIBLE)
            presence.seen(tx, OPERATOR)
        assert dispatch.dispatch(self._desk, now) == 1
        with self._db.begin() as tx:
            taken = rooms.load(tx, room.id)
            assert taken is not None
            leg = taken.of(LegRole.OPERATOR)[0]
            rooms.change_leg(tx, leg.id, state=LegState.RINGING, sid=f"CA{leg.id:032x}")
            assert dispatch.accept(tx, self._desk, now, leg.id)

    def _nobody(self, room: Room) -> None:
        """Nobody of the queue, of its overflow, nor of the duty telephones: until there is no other way."""
        now = self._clock.now()
        line = self._desk.lines[room.line]
        with self._db.begin() as tx:
            self._run_out(tx, now, line, room)

    def _run_out(self, tx: Connection, now: datetime, line: DeskLine, room: Room) -> None:
        for _ in range(20):
            current = rooms.load(tx, room.id)
            assert current is not None
            if current.is_exhausted:
                return
            rooms.change(tx, room.id, queued_at=now.replace(year=2020))
            for leg in current.legs:
                if leg.role is not LegRole.CALLER and leg.is_open:
                    settling.leg_ended(tx, now, leg.id, "no-answer")
            later = rooms.load(tx, room.id)
            assert later is not None
            for move in due(later, line, now, somebody_attends=False, is_legal=True):
                advance.apply(tx, self._desk, now, later, move)
        raise AssertionError("the queue never came to its end")

    async def _send_to_its_place(self) -> None:
        raise SentElsewhere(Go("POST", f"{self._webhooks.public_url}/voice/place"))
