"""One emergency, from the first ring to the goodbye: what its people do, and what is noted of it."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

import aiohttp
from sqlalchemy import Connection

from desk import emergency
from desk.emergency import Confirmation
from desk.refusal import CannotDo
from desk.world import Desk
from drill import conversation
from drill.ears import Ears, Heard
from drill.people import Telephone
from drill.place import Slot
from drill.plan import Answer, CallPlan, Crew
from drill.report import Report, judge, service_of

T = TypeVar("T")
ACTOR = "simulacro"
UNTIL_ANSWERED = 150.0  # seconds: every telephone of a queue's way out may ring in vain before
UNTIL_CONNECTED = 120.0
NOTICES = 3.0  # seconds between two orders of an operator to ring the same service
_LOOK = 0.05
_SOON = Answer(0.8)


class Here(Protocol):
    """What a rehearsal needs of where it takes place."""

    ears: Ears
    desk: Desk
    number: str
    http: aiohttp.ClientSession
    crew: Crew

    def act(self, what: Callable[[Connection, datetime], T]) -> T: ...


class Rehearsal:
    """``plan`` played in a place of its own; ``run`` raises nothing that a call may bring about."""

    def __init__(self, here: Here, plan: CallPlan, slot: Slot, number: str) -> None:
        self._here = here
        self._plan = plan
        self._slot = slot
        self._began = 0.0
        self._confirmed: float | None = None
        self._left: list[float] = []  # when the caller hung up
        self.report = Report(plan.number, here.crew, plan.wrong())
        self.number = number
        self.caller = Telephone(number, self._when_called_back)
        self._services = [Telephone(each.number, self._service(place)) for place, each in enumerate(slot.services)]
        self._operators_rung = 0

    async def run(self) -> Report:
        self._began = time.monotonic()
        phones = [self.caller, *self._services]
        try:
            for phone in phones:
                await phone.plug_in(self._here.http)
            await self._play()
        except TimeoutError as late:
            self.report.faults.append(str(late))
        finally:
            self._judge(time.monotonic())
            for phone in phones:
                await phone.unplug()
        return self.report

    async def when_an_operator_rings(self) -> Answer:
        """The plan is for the first of them; whoever comes after picks up and stays."""
        self._operators_rung += 1
        return self._plan.operator if self._operators_rung == 1 else _SOON

    def _service(self, place: int) -> Callable[[], "asyncio.Future[Answer]"]:
        tries = list(self._plan.services.get(place, ()))

        async def answers() -> Answer:
            if self._here.crew is Crew.LIST:
                return _SOON if place else Answer(None, is_busy=True)
            return tries.pop(0) if tries else _SOON

        return answers  # type: ignore[return-value]

    async def _when_called_back(self) -> Answer:
        self.report.called_back = True
        if not self._plan.is_safe_to_call:
            self.report.faults.append("se le devolvió la llamada sin ser seguro")
        return _SOON

    # The story

    async def _play(self) -> None:
        await self._arrive()
        room_id = await self._in_db(lambda tx, _now: conversation.newest_of(tx, self._here.desk, self.number))
        if self._here.crew is Crew.LIST:
            await asyncio.sleep(self._plan.stays)
        else:
            await asyncio.sleep(self._plan.locates_after)
            await self._bridge(room_id)
            await self._finish(room_id)
        await asyncio.sleep(1)
        await self._hang_up()
        await self._until(lambda: not self.caller.is_in_call, 10, "la llamada no terminó")
        await self._until_over(room_id)

    async def _arrive(self) -> None:
        await self.caller.dial(self._here.number)
        if not self._plan.is_silent:
            await self._until(self.caller.hears.is_set, 20, "nadie le habló al llamar")
            await asyncio.sleep(self._plan.keys_after)
            await self.caller.press("0")
        await self._until(self._has_company, UNTIL_ANSWERED, "nadie contestó")
        self.report.answered = time.monotonic() - self._began

    async def _bridge(self, room_id: int) -> None:
        opened = time.monotonic()
        told = {"zone": self._slot.zone, "place": "Calle del ensayo, casa 1", "is_safe": self._plan.is_safe_to_call}
        await self._in_db(lambda tx, now: emergency.begin(tx, self._here.desk, now, room_id, ACTOR, **told))  # type: ignore[arg-type]
        drop = asyncio.create_task(self._drop()) if self._plan.drops_after is not None else None
        try:
            await self._bring_services(room_id)
            if drop is not None:
                await drop
                await self._come_back(room_id)
        finally:
            if drop is not None:
                drop.cancel()
            self._note_services(opened)
        await asyncio.sleep(self._plan.stays)

    async def _bring_services(self, room_id: int) -> None:
        """Until all are on the line. One that came and hung up is rung again by the operator, who sees it leave."""
        ends = time.monotonic() + UNTIL_CONNECTED
        asked = dict.fromkeys(self._kinds(), 0.0)
        while not self._all_connected():
            now = time.monotonic()
            if now > ends:
                raise TimeoutError("faltó un servicio")
            for kind in [kind for kind in asked if self._has_left(kind) and now > asked[kind] + NOTICES]:
                asked[kind] = now
                await self._in_db(partial(self._ring_again, room_id, kind))
            await asyncio.sleep(_LOOK)

    def _ring_again(self, room_id: int, kind: str, tx: Connection, now: datetime) -> None:
        emergency.next_number(tx, self._here.desk, now, room_id, kind, ACTOR)

    async def _drop(self) -> None:
        await asyncio.sleep(self._plan.drops_after or 0)
        self.report.dropped = True
        await self._hang_up()

    async def _hang_up(self) -> None:
        self._left.append(time.monotonic())
        await self.caller.hang_up()

    async def _come_back(self, room_id: int) -> None:
        """Only whom it is safe to call is called, and by a person who is on the line."""
        if self._plan.is_safe_to_call:
            await self._until(self._has_company, 60, "no se le devolvió la llamada")
        else:
            await asyncio.sleep(3)

    async def _finish(self, room_id: int) -> None:
        try:
            await self._in_db(lambda tx, now: emergency.finish(tx, now, room_id, ACTOR))
            self.report.faults.append("se pudo terminar sin confirmar")
        except CannotDo:
            pass
        found = Confirmation.PATRULLA_LOCALIZO
        await self._in_db(lambda tx, now: emergency.confirm(tx, now, room_id, ACTOR, found))
        self._confirmed = time.monotonic()
        await self._in_db(lambda tx, now: emergency.finish(tx, now, room_id, ACTOR))

    # What is known

    def _has_company(self) -> bool:
        return any(call.is_connected for call in self._here.ears.of(self.number, self._began))

    def _all_connected(self) -> bool:
        return all(any(call.is_connected for call in self._calls_of(kind)) for kind in self._kinds())

    def _has_left(self, kind: str) -> bool:
        calls = self._calls_of(kind)
        return any(call.was_in for call in calls) and all(call.ended for call in calls)

    def _kinds(self) -> list[str]:
        return list(dict.fromkeys(each.kind for each in self._slot.services))

    def _calls_of(self, kind: str) -> list[Heard]:
        numbers = [each.number for each in self._slot.services if each.kind == kind]
        return [call for number in numbers for call in self._here.ears.of(number, self._began)]

    def _note_services(self, opened: float) -> None:
        self.report.services = {kind: service_of(self._calls_of(kind), opened) for kind in self._kinds()}

    async def _until_over(self, room_id: int) -> None:
        ends = time.monotonic() + 40
        while not await self._in_db(lambda tx, _now: conversation.is_over(tx, room_id)):
            if time.monotonic() > ends:
                raise TimeoutError("la conversación quedó abierta")
            await asyncio.sleep(0.5)

    def _judge(self, now: float) -> None:
        judge(self.report, self._here.ears.of(self.number, self._began), self._left, self._confirmed, now)

    async def _in_db(self, what: Callable[[Connection, datetime], T]) -> T:
        return await asyncio.to_thread(self._here.act, what)

    async def _until(self, is_so: Callable[[], bool], seconds: float, what: str) -> None:
        ends = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > ends:
                raise TimeoutError(what)
            await asyncio.sleep(_LOOK)
