"""What callers hear where the application cannot be reached: a document that the carrier keeps, and its patience."""

import asyncio
import time

import aiohttp
from aiohttp import web

from tests.carrier.local.meeting import CALLER, PEOPLE, meeting
from tests.carrier.local.stage import LINE, REST
from tests.ports import free_port

SORRY = "<Response><Say>Marque más tarde.</Say></Response>"


def test_a_number_falls_back_to_its_own_document() -> None:
    numbers = [(LINE, "http://127.0.0.1:1/in#rc=0", None, SORRY)]

    async def scene() -> None:
        async with meeting(PEOPLE, numbers=numbers) as on:
            (number,) = (await on.on.get(f"{REST}/IncomingPhoneNumbers.json"))["incoming_phone_numbers"]
            assert number["voice_fallback_url"] == f"{on.network.config.here}/local/bins/{LINE[1:]}"
            ledger = await on.over(await on.on.dial_in(CALLER))
            assert ledger["heard"] == ["Marque más tarde."]
            async with aiohttp.ClientSession() as stranger, stranger.get(number["voice_fallback_url"]) as answer:
                assert (answer.status, await answer.text()) == (200, SORRY)
            async with on.on.http.get("/local/bins/50300000000") as answer:
                assert answer.status == 404

    asyncio.run(scene())


def test_a_server_that_is_starting_again_is_reached_by_a_retry() -> None:
    async def scene() -> None:
        port = free_port()
        numbers = [(LINE, f"http://127.0.0.1:{port}/in#rc=3&rp=ct", None)]
        async with meeting(PEOPLE, numbers=numbers) as on:
            began = time.monotonic()
            sid = await on.on.dial_in(CALLER)
            await asyncio.sleep(0.3)
            app = web.Application()
            app.router.add_post("/in", answer)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", port).start()
            ledger = await on.over(sid)
            await runner.cleanup()
            assert ledger["heard"] == ["Ya estoy."]
            assert time.monotonic() - began < 3

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text="<Response><Say>Ya estoy.</Say></Response>", content_type="text/xml")

    asyncio.run(scene())
