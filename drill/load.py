"""How soon the desk shows what happens, with many calls at once: ``python -m drill.load`` (``make bench-desk``).

Callers and operators are people of the local carrier, in real time; some operators have the desk's page open, and so
has a supervisor. What is measured is what they see: from the moment that the database has it to the page that shows it.
"""

import asyncio
import os
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import aiohttp
import click
from sqlalchemy import Connection, func, select

from desk.states import RoomState
from desk.tables import room
from drill import crowd
from drill.figures import Figures, delays, is_soon_enough, show
from drill.house import House
from drill.watching import Page


class Load:
    """So many callers in conferences with as many operators, and so many who wait.

    ``pages``: how many of the operators look at the desk's page while it is measured; a supervisor looks in any case.
    """

    def __init__(
        self,
        house: House,
        pairs: int,
        waiting: int,
        pages: int,
        per_second: float = 4.0,
        hold: float = 40.0,
        history: int = 0,
    ) -> None:
        self._house = house
        self._history = history
        self._pages = min(pages, pairs)
        self._pairs, self._waiting = pairs, waiting
        self._per_second, self._hold = per_second, hold
        self._accounts: list[int] = []
        self.figures = Figures({}, 0, 0)
        self._failure: BaseException | None = None

    def run(self) -> Figures:
        house = self._house
        try:
            house.open({"personas.toml": crowd.PEOPLE})
            thread = threading.Thread(target=self._guarded, name="load", daemon=True)
            thread.start()
            while thread.is_alive():
                house.tick()
                thread.join(0.05)
        finally:
            house.close()
        if self._failure is not None:
            raise self._failure
        return self.figures

    def _guarded(self) -> None:
        try:
            asyncio.run(self._measure())
        except BaseException as failure:  # told by the main thread
            self._failure = failure

    def _now(self) -> datetime:
        return self._house.made.clock.now()

    async def _measure(self) -> None:
        await asyncio.to_thread(self._house.act, self._begin)
        floor, pages = await self._open_pages()
        looking = [asyncio.create_task(self._look(page)) for page in (floor, *pages)]
        keeping = asyncio.create_task(self._end_wrap_up())
        try:
            await self._bring_callers()
            talking, waiting = await self._until_full()
            await asyncio.sleep(self._hold)
            found = await asyncio.to_thread(
                self._house.act, lambda tx, _now: delays(tx, self._began, self._accounts, floor, pages)
            )
            answers = sorted(seconds for page in (floor, *pages) for seconds in page.answers)
            self.figures = Figures({**found, "respuesta de una mirada": answers}, talking, waiting)
        finally:
            for task in (*looking, keeping):
                task.cancel()
            await asyncio.gather(*looking, keeping, return_exceptions=True)
            for page in (floor, *pages):
                await page.http.close()

    def _begin(self, tx: Connection, now: datetime) -> None:
        self._began = now
        self._accounts = crowd.hire(tx, now, self._house.made, self._pairs)
        if self._history:
            crowd.remember_calls(tx, now, self._accounts, self._history)

    async def _open_pages(self) -> tuple[Page, list[Page]]:
        floor = Page("/supervision", self._session())
        pages = [Page("/puesto", self._session()) for _ in range(self._pages)]
        few = asyncio.Semaphore(4)

        async def open_one(page: Page, email: str) -> None:
            async with few:
                await page.sign_in(email, crowd.PASSWORD)
                await page.open()

        emails = [crowd.SUPERVISOR, *map(crowd.email_of, range(self._pages))]
        await asyncio.gather(*(open_one(*each) for each in zip([floor, *pages], emails, strict=True)))
        return floor, pages

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(self._house.settings.public_url, cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def _look(self, page: Page) -> None:
        await asyncio.sleep(hash(id(page)) % 100 / 100 * page.look_every)  # pages do not look all at the same moment
        while True:
            began = time.monotonic()
            await page.look(self._now)
            await asyncio.sleep(max(0.0, page.look_every - (time.monotonic() - began)))

    async def _bring_callers(self) -> None:
        number = self._house.made.lines[crowd.LINE].numbers[0]
        api_url = self._house.settings.trunks.first.api_url
        await crowd.bring_callers(api_url, number, self._pairs, self._waiting, self._per_second)

    async def _until_full(self) -> tuple[int, int]:
        """When everybody who can talk does, or nobody else will; how many talk and wait then."""
        most = (0, 0)
        for _ in range(120):
            now = await asyncio.to_thread(self._house.act, _talking_and_waiting)
            most = max(most, now, key=sum)
            if sum(now) >= self._pairs + self._waiting and now[0] >= self._pairs * 0.95:
                return now
            await asyncio.sleep(0.5)
        return most

    async def _end_wrap_up(self) -> None:
        while True:
            await asyncio.to_thread(self._house.act, crowd.end_wrap_up)
            await asyncio.sleep(2)


def _talking_and_waiting(tx: Connection, _now: datetime) -> tuple[int, int]:
    query = select(room.c.state, func.count()).group_by(room.c.state)
    states: dict[str, int] = {state: number for state, number in tx.execute(query)}
    return states.get(RoomState.TALKING, 0), states.get(RoomState.WAITING, 0) + states.get(RoomState.OFFERED, 0)


@click.command()
@click.option("--pairs", type=click.IntRange(1, 500), default=100, show_default=True, help="Conversaciones.")
@click.option("--waiting", type=click.IntRange(0, 500), default=100, show_default=True, help="Llamadas en espera.")
@click.option("--pages", type=click.IntRange(1, 500), default=20, show_default=True, help="Puestos abiertos.")
@click.option("--per-second", type=click.FloatRange(0.1, 100), default=4.0, show_default=True, help="Al llegar.")
@click.option("--hold", type=click.FloatRange(0, 600), default=40.0, show_default=True, help="Segundos con todo lleno.")
@click.option("--history", type=click.IntRange(0, 5_000_000), default=200_000, show_default=True, help="Ya atendidas.")
@click.option("--port", type=click.IntRange(1024, 65_435), default=8500, show_default=True)
def main(pairs: int, waiting: int, pages: int, per_second: float, hold: float, history: int, port: int) -> None:
    """Mide cuánto tarda el puesto en mostrar lo que pasa; termina con 1 si un 95 % no se ve en un segundo."""
    house = House(os.environ, Path("var/drill-load").resolve(), port)
    figures = Load(house, pairs, waiting, pages, per_second, hold, history).run()
    show(figures)
    sys.exit(0 if is_soon_enough(figures) else 1)


if __name__ == "__main__":
    main()
