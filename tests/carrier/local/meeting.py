"""Several people on the line at once: calls that go into conferences and queues, and what they heard there."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from carrier.local.line import Speaker
from tests.carrier.local.stage import LINE, REST, Answer, Stage, stage

CALLER, OPERATOR, SERVICE, SUPERVISOR = "+50370000011", "+50370000012", "+50370000013", "+50370000014"
EVENTS = "start end join leave mute hold modify speaker announcement"


def person(number: str, **more: object) -> str:
    """One person of a personas file. ``says``: (what is heard, what is said then)."""
    says = more.pop("says", ())
    keys = ", ".join(f'{{ hears = "{hears}", says = "{text}" }}' for hears, text in says)  # type: ignore[attr-defined]
    lines = [f'number = "{number}"', *(f"{name} = {value}" for name, value in more.items())]
    return "\n".join(["[[person]]", *lines, f"keys = [{keys}]"]) + "\n"


PEOPLE = "speed = 0\n" + "".join(person(number) for number in (CALLER, OPERATOR, SERVICE, SUPERVISOR))


def join(name: str = "sala", *, dial: str = "", **attributes: str) -> str:
    """A Dial of a conference. Its callbacks go to /conference; silence while waiting."""
    written = {"waitUrl": "", "beep": "false", "statusCallback": "/conference", "statusCallbackEvent": EVENTS}
    noun = " ".join(f'{key}="{value}"' for key, value in (written | attributes).items())
    return f"<Dial {dial}><Conference {noun}>{name}</Conference></Dial>"


class Meeting:
    """A stage, and what is asked of it again and again."""

    def __init__(self, on: Stage) -> None:
        self.on = on
        self.network = on.network

    async def until(self, is_so: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not is_so():
                await asyncio.sleep(0.005)

    async def calls(self, to: str, document: str) -> str:
        """Somebody is called and goes to a document. The call's sid, at once."""
        path = f"/doc-{len(self.on.application.documents)}"
        self.on.application.documents[path] = document
        return await self.on.call(to, path)

    async def enters(self, who: str, name: str = "sala", *, dial: str = "", after: str = "", **attributes: str) -> str:
        """Somebody is called and comes into the conference. The call's sid, once they are in it."""
        sid = await self.calls(who, join(name, dial=dial, **attributes) + after)
        await self.until(lambda: self.is_in(sid, name))
        return sid

    def is_in(self, sid: str, name: str = "sala") -> bool:
        room = self.network.rooms.find(name)
        seat = room.seats.get(sid) if room else None
        return seat is not None and seat.participant.is_connected

    def says(self, sid: str, text: str) -> None:
        """Somebody in the conference speaks."""
        voice = self.voice(sid)
        assert voice is not None
        voice(text)

    async def heard(self, sid: str) -> list[tuple[str, str]]:
        """(who, what) of all that a call heard others say."""
        await asyncio.sleep(0.05)
        ledger = await self.on.get(f"/local/calls/{sid}")
        return [(entry["from"], entry["text"]) for entry in ledger["heard_from"]]

    @property
    def rest(self) -> str:
        return REST

    def size(self, name: str = "cola") -> int:
        """How many wait in the queue."""
        queue = self.network.queues.named(name)
        return len(queue.members) if queue else 0

    def voice(self, sid: str) -> Callable[[str], None] | None:
        """How the person of a call speaks, where there is somebody to hear it."""
        call = self.network.calls.find(sid)
        line = call.live.line if call and call.live else None
        return line.on_say if isinstance(line, Speaker) else None

    async def are_talking(self, *sids: str) -> list[Callable[[str], None]]:
        """Their voices, once all of them may speak."""
        await self.until(lambda: all(self.voice(sid) for sid in sids))
        return [voice for sid in sids if (voice := self.voice(sid))]

    async def over(self, sid: str) -> dict[str, Any]:
        """The ledger of a call, once it is over; the others may go on."""
        await self.until(lambda: (call := self.network.calls.find(sid)) and call.is_over)
        await asyncio.sleep(0.05)
        await self.until(lambda: self.network.deliveries.pending == 0)
        return await self.on.get(f"/local/calls/{sid}")

    def child_of(self, parent: str) -> str | None:
        """The leg that a call dialled, once it has answered."""
        calls = self.network.calls.newest_first()
        return next((call.sid for call in calls if call.parent_sid == parent and call.status == "in-progress"), None)

    async def changes(self, sid: str, name: str = "sala", **fields: str) -> dict[str, Any]:
        status, participant = await self.on.post(f"{REST}/Conferences/{name}/Participants/{sid}.json", fields)
        assert status == 200, participant
        return participant

    async def invites(self, to: str, name: str = "sala", **fields: str) -> dict[str, Any]:
        data = {"From": LINE, "To": to, "Beep": "false", "WaitUrl": ""} | fields
        status, participant = await self.on.post(f"{REST}/Conferences/{name}/Participants.json", data)
        assert status == 201, participant
        return participant

    async def kicks(self, sid: str, name: str = "sala") -> None:
        async with self.on.http.delete(f"{REST}/Conferences/{name}/Participants/{sid}.json") as response:
            assert response.status == 204

    async def hangs_up(self, sid: str) -> None:
        status, _ = await self.on.post(f"{REST}/Calls/{sid}.json", {"Status": "completed"})
        assert status == 200

    async def told(self, *, of: str = "/conference") -> list[dict[str, str]]:
        """The callbacks of the conference, in the order of their happening."""
        await asyncio.sleep(0.05)
        await self.until(lambda: self.network.deliveries.pending == 0)
        return sorted(self.on.application.of(of), key=lambda params: int(params["SequenceNumber"]))

    async def events(self) -> list[str]:
        return [params["StatusCallbackEvent"] for params in await self.told()]


@asynccontextmanager
async def meeting(
    people: str = PEOPLE, documents: dict[str, Answer] | None = None, **config: Any
) -> AsyncIterator[Meeting]:
    async with stage(documents, people, **config) as on:
        yield Meeting(on)


def play(scene: Callable[[Meeting], Awaitable[Any]], people: str = PEOPLE, **more: Any) -> Any:
    async def played() -> Any:
        async with meeting(people, **more) as on:
            return await scene(on)

    return asyncio.run(played())
