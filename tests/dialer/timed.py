"""A carrier as a process of its own, which takes every call after a while and notes when it was asked for.

``python -m tests.dialer.timed PORT SECONDS``. By time.monotonic(), which is the machine's; it does nothing else and
writes to no disk, so that what it notes late was sent late.
"""

import asyncio
import gc
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import requests
from aiohttp import web

from tests.ports import free_port
from tests.service import wait_for


class Timed:
    """The process, seen from outside."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"

    @property
    def asked(self) -> list[float]:
        """When each call was asked for."""
        with requests.Session() as session:
            session.trust_env = False
            return [float(moment) for moment in session.get(f"{self.address}/asked", timeout=30).json()]

    def answers(self) -> bool:
        try:
            return self.asked == []
        except requests.RequestException:
            return False


@contextmanager
def a_timed_carrier(answers_after: float = 0.0) -> Iterator[Timed]:
    port = free_port()
    argv = [sys.executable, "-m", __name__, str(port), str(answers_after)]
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
    try:
        carrier = Timed(port)
        wait_for(carrier.answers, 30, "the carrier")
        yield carrier
    finally:
        process.kill()
        process.wait(10)


def most_in_a_second(moments: Sequence[float]) -> int:
    """How many the fullest sliding second holds."""
    moments = sorted(moments)
    return max((bisect_left(moments, first + 1.0) - n for n, first in enumerate(moments)), default=0)


async def _serve(port: int, answers_after: float) -> None:
    app = web.Application()
    asked: list[float] = []

    async def take(request: web.Request) -> web.Response:
        asked.append(time.monotonic())
        await request.read()
        if answers_after:
            await asyncio.sleep(answers_after)
        return web.json_response({"sid": f"CA{time.monotonic_ns():032}", "status": "queued"}, status=201)

    async def tell(_: web.Request) -> web.Response:
        return web.json_response(asked)

    async def none(_: web.Request) -> web.Response:
        return web.json_response({"calls": []})

    app.router.add_get("/asked", tell)
    app.router.add_post("/{rest:.*}", take)
    app.router.add_get("/{rest:.*}", none)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    gc.disable()
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2])))
