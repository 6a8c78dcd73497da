"""Documents that the carrier itself keeps for its numbers: what callers hear where an application cannot be reached.

As Twilio's TwiML bins: an address that answers with a fixed text, so that a number's fallback outlives the application.
"""

from aiohttp import web

from carrier.local.keys import NETWORK

PATH = "/local/bins/"


async def show(request: web.Request) -> web.Response:
    """The text of a number's document; it is no secret, and whoever asks may have it."""
    text = request.app[NETWORK].config.bins.get(request.match_info["digits"])
    if text is None:
        raise web.HTTPNotFound
    return web.Response(text=text, content_type="text/xml")


def bin_url(own_url: str, phone_number: str) -> str:
    """Where the document of a number is."""
    return f"{own_url}{PATH}{phone_number.lstrip('+')}"


def routes() -> list[web.RouteDef]:
    return [web.get(PATH + "{digits}", show), web.post(PATH + "{digits}", show)]
