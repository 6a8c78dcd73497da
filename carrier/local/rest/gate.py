"""Before every request: whose it is, and whether this is a bad day."""

import hmac
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

from carrier.local.bins import PATH as BINS
from carrier.local.config import CarrierConfig
from carrier.local.keys import NETWORK
from carrier.local.rest.errors import RestError, not_found

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals, and addresses that do not exist, in Twilio's shape."""
    try:
        return await handler(request)
    except RestError as error:
        return error.response()
    except web.HTTPNotFound:
        return not_found().response()
    except web.HTTPMethodNotAllowed:
        return RestError(20004, "Method not allowed", 405).response()
    except web.HTTPRequestEntityTooLarge:
        return RestError(20001, "The request is too large", 413).response()


@web.middleware
async def credentials_first(request: web.Request, handler: Handler) -> web.StreamResponse:
    """REST takes the account's credentials; /local/ also a peer on loopback, but no page of a stranger.

    A stranger's name may be made to point at this machine, and its pages then have no Origin of their own (DNS
    rebinding): so whoever comes without credentials must have asked for this machine by its own name.
    """
    config = request.app[NETWORK].config
    has_credentials = _has_credentials(request, config)
    if request.path.startswith(BINS):
        return await handler(request)
    if request.path.startswith("/local/"):
        origin = request.headers.get("Origin")
        if origin is not None and origin != config.allowed_origin:
            raise RestError(20003, "This page may not use the network", 403)
        if not has_credentials and not (is_loopback(request.remote) and _is_own_name(request, config)):
            raise RestError(20003, "Authenticate", 401)
    elif not has_credentials:
        raise RestError(20003, "Authenticate", 401)
    elif request.match_info.get("account", config.account_sid) != config.account_sid:
        raise not_found()
    return await handler(request)


@web.middleware
async def misfortune(request: web.Request, handler: Handler) -> web.StreamResponse:
    """REST's misbehaviour, where it was asked for."""
    luck = request.app[NETWORK].misfortune
    if request.path.startswith("/local/"):
        return await handler(request)
    if luck.strikes("rest_429"):
        raise RestError(20429, "Too Many Requests", 429)
    if luck.strikes("rest_500"):
        raise RestError(20500, "An internal server error has occurred", 500)
    response = await handler(request)
    if luck.strikes("rest_500_done"):
        raise RestError(20500, "An internal server error has occurred", 500)
    if luck.strikes("rest_dropped") and request.transport is not None:
        request.transport.abort()
    return response


def is_loopback(host: str | None) -> bool:
    """Whether a peer is on this machine."""
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def _is_own_name(request: web.Request, config: CarrierConfig) -> bool:
    try:
        asked = urlsplit(f"//{request.host}").hostname
    except ValueError:
        return False
    return asked in (config.host.lower(), "127.0.0.1", "localhost")


def _has_credentials(request: web.Request, config: CarrierConfig) -> bool:
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return False
    try:
        given = b64decode(encoded, validate=True)
    except (NotBase64, ValueError):
        return False
    return hmac.compare_digest(given, f"{config.account_sid}:{config.auth_token}".encode())
