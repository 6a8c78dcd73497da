"""Where the server keeps the network that it serves."""

from aiohttp import web

from carrier.local.network import Network

NETWORK: web.AppKey[Network] = web.AppKey("network", Network)
