"""The whole drill: waves of calls at once, on processes of their own, with a web process that is killed in between."""

import asyncio
import random
import signal
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import aiohttp
from sqlalchemy import Connection, select

import screen
from desk import presence
from desk.states import Presence
from desk.tables import operator, room
from desk.world import Desk
from drill import shown
from drill.ears import Ears
from drill.house import LINES, House
from drill.people import Telephone
from drill.place import PLACE, line_of_the_drill, slots, the_line
from drill.plan import Answer, Crew, Wave, waves
from drill.rehearsal import ACTOR, Rehearsal
from drill.report import Report

T = TypeVar("T")

#: «avisos»: what the network does to an application on a bad day (carrier/local/faults.py).
NETWORK = {"late": 0.15, "late_s": 2.0, "doubled": 0.1, "reordered": 0.05, "lost": 0.02, "request_doubled": 0.05}
SUPERVISORS = 2


class Drill:
    """One drill. ``url``: a database of its own for a test; with none, an embedded one under var/drill."""

    def __init__(
        self,
        environ: Mapping[str, str],
        line_id: str,
        times: int,
        at_once: int,
        seed: int,
        faults: frozenset[str],
        port: int,
        *,
        place: Path | None = None,
        url: str | None = None,
    ) -> None:
        """Raises SettingsError, FaultyLine."""
        lines_dir = Path(environ["LINES_DIR"]) if environ.get("LINES_DIR") else None
        self._line = the_line(line_id, lines_dir)
        self._slots = slots(self._line, at_once)
        services = len(self._slots[0].services)
        self._waves = waves(times, at_once, services, faults, seed)
        self._faults, self._seed, self._at_once = faults, seed, at_once
        self._text = line_of_the_drill(self._line, lines_dir, self._slots)
        self._house = House(environ, (place or Path(PLACE)).resolve(), port, url)
        self.ears: Ears
        self.http: aiohttp.ClientSession
        self.desk: Desk
        self.number = self._line.numbers[0]
        self.crew = Crew.DESK
        self.reports: list[Report] = []
        self.kills = 0
        self._failure: BaseException | None = None
        self._current: dict[bytes, Rehearsal] = {}

    def run(self) -> int:
        """Rehearses, prints the times; 0, or 1 where a caller was left alone or let go by us."""
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends us ends what we started
        self.rehearse()
        shown.calls(self.reports)
        shown.together(self.reports, self.kills, self._seed)
        return 1 if any(report.faults for report in self.reports) else 0

    def rehearse(self) -> None:
        """All of it, and nothing is left running, whatever happens."""
        house, began = self._house, time.monotonic()
        screen.say(f"Ensayo de «{self._line.id}» en {house.place}: se ponen en marcha red, web y puesto…")
        try:
            house.open(
                {f"{LINES}/{self._line.file}": self._text, "personas.toml": _duty(self._line.desk.duty_telephones)}
            )
            self.desk = house.made.world.desk
            if "avisos" in self._faults:
                house.misfortune({**NETWORK, "seed": self._seed})
            thread = threading.Thread(target=self._guarded, name="drill", daemon=True)
            thread.start()
            while thread.is_alive():  # here: the kernel ties the processes to the thread that started them
                house.tick()
                thread.join(0.05)
        finally:
            house.close()
        if self._failure is not None:
            raise self._failure
        screen.say(f"{len(self.reports)} llamadas en {time.monotonic() - began:.0f} s.")

    def act(self, what: Callable[[Connection, datetime], T]) -> T:
        """One transaction of the desk's."""
        return self._house.act(what)

    def _guarded(self) -> None:
        try:
            asyncio.run(self._rehearse())
        except BaseException as failure:  # told by the main thread
            self._failure = failure

    async def _rehearse(self) -> None:
        self.ears = Ears(self._house.settings.data_dir / "carrier.jsonl")
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=5)
        many = aiohttp.TCPConnector(limit=0)  # each telephone keeps a connection of its own
        async with aiohttp.ClientSession(
            self._house.settings.trunks.first.api_url, timeout=timeout, connector=many
        ) as self.http:
            listening = asyncio.create_task(self._listen())
            crew = self._crew()
            keeping = asyncio.create_task(self._keep_at_work())
            try:
                for phone in crew:
                    await phone.plug_in(self.http)
                for number, wave in enumerate(self._waves, 1):
                    await self._wave(wave)
                    bad = sum(1 for report in self.reports if report.faults)
                    screen.say(f"Tanda {number} de {len(self._waves)} ({wave.crew}): {bad} con falla hasta ahora.")
            finally:
                for task in (listening, keeping):
                    task.cancel()
                await asyncio.gather(listening, keeping, return_exceptions=True)
                for phone in crew:
                    await phone.unplug()
                self.ears.close()

    async def _wave(self, wave: Wave) -> None:
        self.crew = wave.crew
        await asyncio.to_thread(self.act, self._take_places)
        print_of = self.desk.vault.fingerprint
        rehearsals = [
            Rehearsal(self, plan, slot, f"{self.number[:4]}7{1_000_000 + plan.number}")
            for plan, slot in zip(wave.calls, self._slots, strict=False)
        ]
        self._current = {print_of("phone", each.number): each for each in rehearsals}
        killing = asyncio.create_task(self._kill(wave.kills))
        try:
            self.reports += await asyncio.gather(*(each.run() for each in rehearsals))
        finally:
            killing.cancel()
            await asyncio.gather(killing, return_exceptions=True)

    async def _kill(self, moments: tuple[float, ...]) -> None:
        began = time.monotonic()
        for moment in moments:
            await asyncio.sleep(max(0.0, began + moment - time.monotonic()))
            self.kills += self._house.kill("web", self.kills)

    async def _listen(self) -> None:
        while True:
            self.ears.read(time.monotonic())
            await asyncio.sleep(0.03)

    # Who is at the desk

    def _crew(self) -> list[Telephone]:
        """An operator for each call and some more, and supervisors: each with a telephone, who presses 1."""
        count = self._at_once + 2 + SUPERVISORS
        skills = sorted({skill for queue in self._line.desk.queues.values() for skill in queue.skills})
        phones = []
        for number in range(1, count + 1):
            e164 = f"{self.number[:4]}6{1_000_000 + number}"
            supervises = number > count - SUPERVISORS

            def sign_on(tx: Connection, now: datetime, n: int = number, to: str = e164, s: bool = supervises) -> None:
                presence.sign_on(tx, now, n, f"operadora{n}@{ACTOR}.example", f"Operadora {n}", is_supervisor=s)
                presence.set_telephone(tx, self.desk.vault, n, to)
                presence.set_skills(tx, n, skills)

            self.act(sign_on)
            phones.append(Telephone(e164, self._when_rung(number), presses_one=True))
        return phones

    def _when_rung(self, account_id: int) -> Callable[[], "asyncio.Future[Answer]"]:
        """As the plan of the call for which it rings says."""
        dice = random.Random(account_id)  # noqa: S311  repeatable, not secret

        def whose(tx: Connection, _now: datetime) -> bytes | None:
            query = select(room.c.citizen_print).join(operator, operator.c.room_id == room.c.id)
            return tx.execute(query.where(operator.c.account_id == account_id)).scalar()

        async def answers() -> Answer:
            theirs = await asyncio.to_thread(lambda: self.act(whose))
            rehearsal = self._current.get(theirs or b"")
            if rehearsal is None:
                return Answer(dice.uniform(0.3, 2.0))
            return await rehearsal.when_an_operator_rings()

        return answers  # type: ignore[return-value]

    def _take_places(self, tx: Connection, now: datetime) -> None:
        """Everybody's page is open; who wrote down the last call, or did not answer, is back."""
        is_here = self.crew is Crew.DESK
        for row in sorted(presence.everyone(tx), key=lambda row: row.account_id):  # as the desk locks several of them
            presence.seen(tx, row.account_id)
            if is_here and row.state in (Presence.POST_LLAMADA, Presence.DESCANSO, Presence.FUERA):
                presence.choose(tx, now, row.account_id, Presence.DISPONIBLE)
            elif not is_here and row.state not in (*presence.BUSY, Presence.FUERA):
                presence.choose(tx, now, row.account_id, Presence.FUERA)

    async def _keep_at_work(self) -> None:
        while True:
            await asyncio.to_thread(self.act, self._take_places)
            await asyncio.sleep(1)


def _duty(telephones: tuple[str, ...]) -> str:
    """The first duty telephone is busy; the others are answered by people who press 1, as asked."""
    people = ["speed = 1"]
    for number, telephone in enumerate(telephones):
        fate = 'fate = "busy"' if number == 0 else 'ring_s = 2\nkeys = [{ hears = "marque uno", presses = "1" }]'
        people.append(f'[[person]]\nnumber = "{telephone}"\n{fate}')
    return "\n".join(people) + "\n"
