"""Calls placed concurrently, through twilio-python's asynchronous client.

Apart from ``carrier/client.py`` because of what it imports: only the dialer has to have an HTTP client of this kind.
"""

from dataclasses import dataclass
from datetime import datetime

import aiohttp
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from carrier.client import TIMEOUT, Answer, NotAsked, Placed, Unknown, refusal, rewritten


@dataclass(frozen=True)
class Order:
    """One call to be placed."""

    attempt_id: int
    to: str
    caller_id: str
    voice_url: str
    status_url: str
    amd_url: str | None
    ring_seconds: int
    until: datetime | None = None  #: the end of the hours that it was decided for: from then on it is not asked


class Wire:
    """One account asked concurrently, on one event loop and one connection pool."""

    def __init__(self, account_sid: str, auth_token: str, api_url: str, connections: int = 200) -> None:
        self._account = (account_sid, auth_token)
        self._api_url = api_url
        self._connections = connections
        self._client: Client | None = None
        self._http: _AsyncRewriting | None = None

    async def open(self) -> None:
        self._http = _AsyncRewriting(self._api_url, self._connections)
        self._client = Client(*self._account, http_client=self._http)

    async def close(self) -> None:
        if self._http:
            await self._http.close()

    @property
    def client(self) -> Client:
        assert self._client is not None, "open() comes first"
        return self._client


class Placer(Wire):
    """Places calls concurrently."""

    async def place(self, order: Order) -> Answer:
        """Asks for one call and says what came of asking. Never raises for what the carrier or the network did."""
        machine = (
            {
                "machine_detection": "DetectMessageEnd",
                "async_amd": "true",
                "async_amd_status_callback": order.amd_url,
            }
            if order.amd_url
            else {}
        )
        try:
            call = await self.client.calls.create_async(
                to=order.to,
                from_=order.caller_id,
                url=order.voice_url,
                status_callback=order.status_url,
                # Its end alone, which also proves that there was a call where the answer is lost. «initiated» would
                # prove it half a minute sooner, for two callbacks in place of one in every call that nobody answers.
                status_callback_event=["completed"],
                timeout=order.ring_seconds,
                **machine,
            )
        except TwilioRestException as error:
            return refusal(error)
        except aiohttp.ClientConnectorError:
            return NotAsked(no_connection=True)
        except Exception:  # a time-out, a cut connection, an answer that cannot be read
            return Unknown()
        return Placed(str(call.sid)) if call.sid else Unknown()


class _AsyncRewriting(AsyncTwilioHttpClient):
    def __init__(self, api_url: str, connections: int) -> None:
        super().__init__(pool_connections=False)
        self._api_url = api_url
        # The base class makes a session of 100 connections (twilio.md §6).
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=connections))

    async def request(self, method, url, params=None, data=None, headers=None, auth=None, **kwargs):
        # The base class hands the credentials over in a way that aiohttp warns of and is about to drop.
        signed = {**(headers or {}), "Authorization": aiohttp.encode_basic_auth(*auth)} if auth else headers
        # It also passes timeout=None on, which aiohttp takes for «wait for ever», whatever the session says.
        kwargs["timeout"] = kwargs.get("timeout") or TIMEOUT
        return await super().request(method, rewritten(url, self._api_url), params, data, signed, **kwargs)
