"""People with telephones, on a local carrier that runs in a thread of its own: each is a websocket of the carrier."""

import asyncio
import re
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

import aiohttp

from carrier.local.config import CarrierConfig
from carrier.local.faults import Faults, Misfortune
from carrier.local.network import Network
from carrier.local.personas import read_personas
from carrier.local.server import serving

PATIENCE = 12.0  # seconds of a step; the rules' own time is the clock's
HASTE = 0.15  # real seconds of each second that a citizen listens: sentences are long
T = TypeVar("T")


@dataclass
class Heard:
    """A sentence at somebody's ear. ``who``: the person who said it; empty: our own documents."""

    at: float
    text: str
    seconds: float
    who: str


@dataclass
class Telephone:
    """One number's handset: what it heard, and whether it rings or is in a call."""

    number: str
    heard: list[Heard] = field(default_factory=list)
    read: int = 0  #: of ``heard``: what the scenario has passed already
    began: int = 0  #: of ``heard``: the first sentence of this call
    is_ringing: bool = False
    is_in_call: bool = False
    may_key: bool = False  #: something of ours is heard, or a key is waited for
    calls: int = 0
    ends: list[tuple[str, str]] = field(default_factory=list)  #: by whom, and the last sentence of ours
    socket: aiohttp.ClientWebSocketResponse | None = None

    def take_in(self, event: dict[str, Any]) -> None:
        match event["event"]:
            case "ringing":
                self.is_ringing = True
            case "answered":
                self.begin()
            case "said":
                if not self.is_in_call:
                    self.begin()
                who = event.get("from", "")
                self.heard.append(Heard(time.monotonic(), event["text"], event["seconds"], who))
                self.may_key = self.may_key or not who
            case "listening":
                self.may_key = True
            case "ended":
                if self.is_in_call:
                    ours = [sentence.text for sentence in self.heard[self.began :] if not sentence.who]
                    self.ends.append((event["by"], ours[-1] if ours else ""))
                self.is_ringing = self.is_in_call = self.may_key = False

    def begin(self) -> None:
        self.is_ringing, self.is_in_call, self.may_key = False, True, False
        self.calls += 1
        self.read = self.began = len(self.heard)

    def hears(self, pattern: re.Pattern[str]) -> bool:
        """Whether it was said since the last sentence that the scenario passed; passes it."""
        for place in range(self.read, len(self.heard)):
            if pattern.search(self.heard[place].text):
                self.read = place + 1
                return True
        return False


class Exchange:
    """The carrier and everybody's telephone, in one event loop of a thread of its own."""

    def __init__(self, config: CarrierConfig) -> None:
        self._config = config
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._stirred = threading.Condition()
        self._readers: list[asyncio.Task[None]] = []
        self._sockets: list[aiohttp.ClientWebSocketResponse] = []
        self.citizens: set[str] = set()  #: numbers whose calls are hastened also where we called them
        self.network: Network
        self._thread = threading.Thread(target=self._run, name="carrier", daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        async with (
            serving(self._config, read_personas("speed = 0\n")) as self.network,
            aiohttp.ClientSession(self._config.own_url) as self._http,
        ):
            self._ready.set()
            while not self._stop.is_set():
                self._hasten()
                await asyncio.sleep(0.02)

    def _hasten(self) -> None:
        for call in islice(self.network.calls.newest_first(), 8):
            is_heard = call.direction == "inbound" or call.to in self.citizens
            if is_heard and call.status == "in-progress" and call.live and call.live.watch.speed != HASTE:
                call.live.watch.pace(HASTE)

    def ask(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs something in the carrier's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    def look(self, question: Callable[[], T]) -> T:
        """Asks the network something, between two of its doings."""

        async def look() -> T:
            return question()

        return self.ask(look())

    def until(self, is_so: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
        """Waits for it, looking again whenever a telephone heard something. Fails with what did not come."""
        ends = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < ends, f"it did not come that {what}"
            with self._stirred:  # not while asking: the loop answers, and takes it too
                self._stirred.wait(0.03)

    # Telephones

    def attach(self, number: str) -> Telephone:
        telephone = Telephone(number)
        self.ask(self._attach(telephone))
        return telephone

    async def _attach(self, telephone: Telephone) -> None:
        number = telephone.number if telephone.number.startswith("client:") else telephone.number.lstrip("+")
        telephone.socket = await self._http.ws_connect("/local/phone", params={"number": number})
        self._sockets.append(telephone.socket)
        self._readers.append(asyncio.create_task(self._read(telephone)))

    async def _read(self, telephone: Telephone) -> None:
        assert telephone.socket is not None
        async for message in telephone.socket:
            with self._stirred:
                telephone.take_in(message.json())
                self._stirred.notify_all()

    def do(self, telephone: Telephone, what: str, **more: str) -> None:
        """One message of the telephone's page."""
        assert telephone.socket is not None
        self.ask(telephone.socket.send_json({"do": what, **more}))

    def detach(self, telephone: Telephone) -> None:
        """The page is closed in mid-call, or the battery is empty."""
        assert telephone.socket is not None
        self.ask(telephone.socket.close())
        telephone.is_in_call = telephone.is_ringing = False

    def clear(self) -> None:
        """Everybody hangs up, and the network comes to rest: as it was at the start."""
        self.ask(self._clear())
        network = self.network
        self.until(lambda: not self.look(lambda: bool(network._tasks)), "the network came to rest")

    async def _clear(self) -> None:
        self.network.misfortune = Misfortune(Faults())
        for handset in list(self.network.handsets.values()):
            handset.hang_up()
        for socket in self._sockets:
            await socket.close()
        for task in self._readers:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self._sockets.clear()
        self._readers.clear()

    def people(self, toml: str) -> None:
        """Who answers where there is no handset."""
        personas = read_personas("speed = 0\n" + toml)
        self.look(lambda: setattr(self.network, "personas", personas))

    def fail(self, **faults: float) -> None:
        self.look(lambda: setattr(self.network, "misfortune", Misfortune(Faults.read(faults))))

    # Who is with whom

    def company(self, telephone: Telephone) -> set[str] | None:
        """The numbers with whom a telephone can talk now; None where it is in no conference, or on hold."""
        return self.look(lambda: self.company_now(telephone.number))

    def company_now(self, number: str) -> set[str] | None:
        for room in self.network.rooms:
            mine = next((seat for seat in room.present if _number(seat) == number), None)
            if mine is None or mine.participant.hold or not room.has_started:
                continue
            others = [seat for seat in room.present if seat is not mine and not seat.participant.hold]
            return {_number(seat) for seat in others if not seat.participant.muted}
        return None


def _number(seat: Any) -> str:
    return seat.call.from_ if seat.call.direction == "inbound" else seat.call.to
