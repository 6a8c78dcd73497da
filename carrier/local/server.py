"""The local carrier as a process: one event loop that serves REST, places calls and makes webhooks."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from carrier.local import bins, local_api, phone_api, room_api
from carrier.local.chats import api as chats_api
from carrier.local.chats.crowd import Crowd
from carrier.local.config import CarrierConfig
from carrier.local.keys import NETWORK
from carrier.local.network import Network
from carrier.local.number_book import Number
from carrier.local.personas import Personas
from carrier.local.rest import gate, messages
from carrier.local.rest.routes import routes
from carrier.local.sids import new_sid

logger = logging.getLogger(__name__)
MAX_REQUEST = 256 * 1024


def run_carrier(config: CarrierConfig) -> None:
    """Serves until SIGTERM or SIGINT. Raises FaultyPersonas before anything starts, OSError if the port is taken."""
    personas = Personas.load(config.personas_path)
    asyncio.run(_serve(config, personas))


async def _serve(config: CarrierConfig, personas: Personas) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    async with serving(config, personas):
        await stop.wait()


@asynccontextmanager
async def serving(config: CarrierConfig, personas: Personas | None = None) -> AsyncIterator[Network]:
    """A carrier that serves inside this event loop, for as long as the context lasts."""
    network = Network(config, personas or Personas.load(config.personas_path))
    network.restore()
    own_preset_numbers(network)
    runner = web.AppRunner(make_app(network), access_log=None, shutdown_timeout=1.0)
    try:
        await runner.setup()
        await web.TCPSite(runner, config.host, config.port, backlog=1024).start()
        messages.carry_on(network)
        logger.info("The local carrier listens on %s", config.bind)
        yield network
    finally:
        await network.close()
        await runner.cleanup()


def make_app(network: Network) -> web.Application:
    """The web application of a network."""
    app = web.Application(
        middlewares=[gate.errors_as_json, gate.credentials_first, gate.misfortune], client_max_size=MAX_REQUEST
    )
    app[NETWORK] = network
    app[chats_api.CROWD] = Crowd()
    ours = (local_api, phone_api, chats_api, room_api, bins)
    app.add_routes([*routes(), *(route for each in ours for route in each.routes())])
    return app


def own_preset_numbers(network: Network) -> None:
    """The configured numbers, with the addresses of this start: those of an earlier one may be gone."""
    now = network.clock.now()
    for phone_number, voice_url, status_callback, *bin_text in network.config.numbers:
        known = network.numbers.owner_of(phone_number)
        urls = {"voice_url": voice_url, "status_callback": status_callback or ""}
        if bin_text:
            urls["voice_fallback_url"] = bins.bin_url(network.config.here, phone_number)
        if known is None:
            network.numbers.save(Number(new_sid("PN"), phone_number, now, now, phone_number, **urls))
        elif any(getattr(known, name) != url for name, url in urls.items()):
            network.numbers.change(known, now, **urls)
