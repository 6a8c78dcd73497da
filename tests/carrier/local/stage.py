"""A stage for the carrier: an application that answers TwiML, people, and a carrier between them, on loopback."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from carrier.local.account import LOCAL_ACCOUNT, LOCAL_TOKEN
from carrier.local.config import CarrierConfig
from carrier.local.network import Network
from carrier.local.personas import Personas, read_personas
from carrier.local.server import serving
from tests.ports import free_port

LINE = "+50322373333"
HUMAN, MACHINE, BUSY, FAILED, NOBODY = "+50370000001", "+50370000002", "+50370000003", "+50370000004", "+50379999999"
PEOPLE = f"""
speed = 0
[[person]]
number = "{HUMAN}"
keys = [{{ hears = "marque uno", presses = "1" }}]
[[person]]
number = "{MACHINE}"
fate = "machine"
[[person]]
number = "{BUSY}"
fate = "busy"
[[person]]
number = "{FAILED}"
fate = "failed"
"""
REST = f"/2010-04-01/Accounts/{LOCAL_ACCOUNT}"
CREDENTIALS = {"Authorization": aiohttp.encode_basic_auth(LOCAL_ACCOUNT, LOCAL_TOKEN)}
Answer = str | Callable[[dict[str, str]], "str | web.StreamResponse | Coroutine[Any, Any, str | web.StreamResponse]"]


@dataclass
class Webhook:
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    method: str


@dataclass
class Application:
    """Answers each path with its document; what has none is a callback, answered 204."""

    url: str
    documents: dict[str, Answer] = field(default_factory=dict)
    received: list[Webhook] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        fields = request.query if request.method == "GET" else await request.post()
        params = {name: str(value) for name, value in fields.items()}
        self.received.append(Webhook(request.path, params, dict(request.headers), request.method))
        document = self.documents.get(request.path)
        if document is None:
            return web.Response(status=204)
        answer = document(params) if callable(document) else document
        if asyncio.iscoroutine(answer):
            answer = await answer
        return answer if isinstance(answer, web.StreamResponse) else twiml(answer)

    def of(self, path: str) -> list[dict[str, str]]:
        """The parameters that a path received, in order of arrival."""
        return [webhook.params for webhook in self.received if webhook.path == path]


def twiml(body: str) -> web.Response:
    return web.Response(text=f"<Response>{body}</Response>", content_type="text/xml")


@asynccontextmanager
async def applying(documents: dict[str, Answer] | None = None) -> AsyncIterator[Application]:
    """A web application at a port of its own."""
    port = free_port()
    application = Application(f"http://127.0.0.1:{port}", documents or {})
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", application.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield application
    finally:
        await runner.cleanup()


@dataclass
class Stage:
    application: Application
    network: Network
    http: aiohttp.ClientSession

    async def post(self, path: str, data: object = None, **more: Any) -> tuple[int, dict[str, Any]]:
        async with self.http.post(path, data=data, **more) as response:
            return response.status, await response.json()

    async def get(self, path: str) -> dict[str, Any]:
        async with self.http.get(path) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def call(self, to: str, path: str = "/go", **params: str) -> str:
        """Places a call whose document is at that path. Its sid."""
        data = {"To": to, "From": LINE} | params
        if "Twiml" not in params:
            data["Url"] = self.application.url + path
        status, call = await self.post(f"{REST}/Calls.json", data)
        assert status == 201, call
        return str(call["sid"])

    async def dial_in(self, from_: str) -> str:
        """A person dials the line. The call's sid."""
        status, answer = await self.post("/local/incoming", {"From": from_, "To": LINE})
        assert status == 201, answer
        return str(answer["sid"])

    async def ended(self, sid: str) -> dict[str, Any]:
        """The ledger of a call, once it is over and its callbacks were sent."""
        async with asyncio.timeout(10):
            while not (call := self.network.calls.find(sid)) or not call.is_over or self.network._tasks:
                await asyncio.sleep(0.005)
        return await self.get(f"/local/calls/{sid}")

    async def rest(self, sid: str) -> dict[str, Any]:
        return await self.get(f"{REST}/Calls/{sid}.json")


@asynccontextmanager
async def stage(
    documents: dict[str, Answer] | None = None, people: str | Personas = PEOPLE, **config: Any
) -> AsyncIterator[Stage]:
    """Everything running. The line's voice URL is /in, its status callback /number-status."""
    async with applying(documents) as application:
        bind = f"127.0.0.1:{free_port()}"
        number = (LINE, f"{application.url}/in", f"{application.url}/number-status")
        settings = CarrierConfig(bind=bind, **{"numbers": [number]} | config)
        personas = people if isinstance(people, Personas) else read_personas(people)
        async with (
            serving(settings, personas) as network,
            aiohttp.ClientSession(f"http://{bind}", headers=CREDENTIALS) as http,
        ):
            yield Stage(application, network, http)
