"""The signature of a webhook, and the address it is made over (twilio.md §1)."""

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit, urlunsplit

from twilio.request_validator import RequestValidator


def signature(auth_token: str, method: str, url: str, params: Mapping[str, str]) -> str:
    """X-Twilio-Signature of one request. ``url`` as ``final_url`` makes it; a GET's parameters are inside it."""
    signed = _Fields(params if method == "POST" else {})
    return str(RequestValidator(auth_token).compute_signature(signed_url(url), signed))


class _Fields(dict[str, str]):
    """As twilio's library asks for them first: a plain dict it tries in three ways, for each field."""

    def getall(self, name: str) -> list[str]:
        return [self[name]]


def final_url(method: str, url: str, params: Mapping[str, str]) -> str:
    """The address as it is requested: without fragment or a bare ``?``; a GET carries the parameters in its query."""
    parts = urlsplit(url)
    query = parts.query
    if method == "GET" and params:
        query = f"{query}&{urlencode(params)}" if query else urlencode(params)
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query, ""))


def signed_url(url: str) -> str:
    """Voice: user and password are dropped; over HTTPS the port too, over HTTP it is kept."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme == "https":
        host = host.removesuffix(f":{parts.port}") if parts.port else host
    return urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
