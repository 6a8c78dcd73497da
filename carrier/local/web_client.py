"""Requests to an application: signed, capped at 15 seconds, retried as the address says (twilio.md §2)."""

import asyncio
import time
from base64 import b64encode
from dataclasses import dataclass, field
from functools import lru_cache
from http.cookies import SimpleCookie
from urllib.parse import quote_plus, unquote, urljoin, urlsplit, urlunsplit

import aiohttp
from yarl import URL

from carrier.local.overrides import CALL_CAP_MS, Overrides, overrides_of
from carrier.local.sids import new_sid
from carrier.local.signing import final_url, signature

MAX_REDIRECTS = 10
RETRY_GAP_SECONDS = 0.15
MAX_BODY = 1024 * 1024
KEEPS_METHOD = (307, 308)
REDIRECTS = (301, 302, 303, *KEEPS_METHOD)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a request. ``status`` None: nothing came, for the reason of ``problem`` (Twilio's code)."""

    status: int | None
    content_type: str = ""
    body: str = ""
    ms: int = 0
    problem: int = 0

    @property
    def failure(self) -> str:
        """As retry policies name it: ct, rt, 4xx, 5xx, or empty for none."""
        if self.status is None:
            return "ct" if self.problem in (11201, 11202, 11205, 11210, 11220) else "rt"
        return f"{self.status // 100}xx" if self.status >= 400 else ""


@dataclass(slots=True)
class Cookies:
    """What an application's cookies said during one call, by host."""

    by_host: dict[str, dict[str, str]] = field(default_factory=dict)

    def header(self, host: str) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.by_host.get(host, {}).items())

    def keep(self, host: str, given: SimpleCookie) -> None:
        for name, morsel in given.items():
            self.by_host.setdefault(host, {})[name] = morsel.value


class WebClient:
    """One connection pool for every webhook."""

    def __init__(self, auth_token: str) -> None:
        self._token = auth_token
        connector = aiohttp.TCPConnector(limit=512, keepalive_timeout=20)
        self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def close(self) -> None:
        await self._session.close()

    async def send(self, method: str, url: str, params: dict[str, str], cookies: Cookies, *, copies: int = 1) -> Reply:
        """One webhook, with its retries and redirects. Never raises for what the other side does.

        ``copies``: sends it so many times, under one idempotency token, and answers with the last reply.
        """
        overrides, _ = overrides_of(url)
        token = new_sid("")
        began = time.monotonic()
        ends = began + min(overrides.tt, CALL_CAP_MS) / 1000
        retries, tries = overrides.rc, 0
        while True:
            reply = await self._follow(method, url, params, cookies, overrides, token, ends)
            copies -= 1
            if copies > 0:
                continue
            wants_retry = reply.failure and overrides.retries(reply.failure)
            if not wants_retry or retries == 0 or time.monotonic() >= ends:
                break
            retries -= 1
            tries += 1
            # Twilio does not say how far apart its tries are; this lets a server that is starting again be reached
            await asyncio.sleep(min(tries * RETRY_GAP_SECONDS, max(0.0, ends - time.monotonic())))
        ms = round((time.monotonic() - began) * 1000)
        return Reply(reply.status, reply.content_type, reply.body, ms, reply.problem)

    async def _follow(
        self,
        method: str,
        url: str,
        params: dict[str, str],
        cookies: Cookies,
        overrides: Overrides,
        token: str,
        ends: float,
    ) -> Reply:
        """Up to ten redirects; parameters of a POST are lost on the way, unless the status keeps the method."""
        address = final_url(method, url, params)
        for _ in range(MAX_REDIRECTS + 1):
            try:
                async with asyncio.timeout(max(0.001, ends - time.monotonic())):
                    reply, location = await self._once(method, address, params, cookies, overrides, token)
            except TimeoutError:
                return Reply(None, problem=11203)
            if not location:
                return reply
            target = urljoin(address, location)
            if urlsplit(target).scheme not in ("http", "https"):
                return Reply(None, problem=11216)
            if reply.status not in KEEPS_METHOD:
                method, params = "GET", {}
            address = final_url(method, target, {})
        return Reply(None, problem=11215)

    async def _once(
        self, method: str, address: str, params: dict[str, str], cookies: Cookies, overrides: Overrides, token: str
    ) -> tuple[Reply, str]:
        """The answer, and where it redirects to, if it does."""
        host = urlsplit(address).hostname or ""
        headers = {
            "X-Twilio-Signature": signature(self._token, method, address, params),
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": "Pregonero-Carrier/1",
            "Accept": "*/*",
        }
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if cookie := cookies.header(host):
            headers["Cookie"] = cookie
        # Where the time in total is no longer, it is that which cuts the request off: a timer less for every packet.
        read = overrides.rt / 1000 if overrides.rt < overrides.tt else None
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=overrides.ct / 1000, sock_read=read)
        plain, credentials = _without_credentials(address)
        try:
            for authorization in ("", credentials):
                if authorization:
                    headers["Authorization"] = authorization
                async with self._session.request(
                    method,
                    URL(plain, encoded=True),
                    data=encoded_form(params) if method == "POST" else None,
                    headers=headers,
                    timeout=timeout,
                    allow_redirects=False,
                ) as response:
                    if response.status == 401 and credentials and not authorization:
                        continue
                    cookies.keep(host, response.cookies)
                    location = response.headers.get("Location", "") if response.status in REDIRECTS else ""
                    text = (await _body(response)).decode(_charset(response), "replace")
                    return Reply(response.status, response.headers.get("Content-Type", ""), text), location
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Reply(None, problem=_code_of(error)), ""
        raise AssertionError("a request either answers or fails")


_quoted = lru_cache(maxsize=8192)(quote_plus)  # a call sends the same names and numbers over and over


def encoded_form(params: dict[str, str]) -> bytes:
    """As a form is sent; a fifth of what the client library takes for it."""
    return "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in params.items()]).encode("ascii")


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """The answer's body, up to the largest one that is read at all."""
    have = b""
    while len(have) < MAX_BODY and not response.content.at_eof():
        have += await response.content.read(MAX_BODY - len(have))
    return have


def _charset(response: aiohttp.ClientResponse) -> str:
    charset = response.charset or "utf-8"
    return charset if charset.lower() in ("utf-8", "iso-8859-1", "latin-1", "us-ascii", "windows-1252") else "utf-8"


def _without_credentials(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    user_info, _, host = parts.netloc.rpartition("@")
    if not user_info:
        return address, ""
    credentials = b64encode(unquote(user_info).encode()).decode()
    return urlunsplit(parts._replace(netloc=host)), f"Basic {credentials}"


def _code_of(error: Exception) -> int:
    """Twilio's code for a request that had no answer."""
    match error:
        case aiohttp.ConnectionTimeoutError():
            return 11201
        case aiohttp.ServerTimeoutError():
            return 11203
        case aiohttp.ClientConnectorCertificateError():
            return 11235
        case aiohttp.ClientConnectorSSLError():
            return 11220
        case aiohttp.ClientConnectorDNSError():
            return 11210
        case aiohttp.ClientConnectorError():
            return 11202 if isinstance(error.os_error, ConnectionRefusedError) else 11205
        case aiohttp.ClientPayloadError() | aiohttp.ClientResponseError():
            return 11206
        case aiohttp.ClientConnectionError() | OSError():
            return 11205
        case _:
            return 11100
