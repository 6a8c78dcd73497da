"""Written conversations at the carrier: sending, what was sent, and what came with a message, fetched when it is looked
at (twilio.md §3, §9)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import requests
from requests.exceptions import ConnectionError, ConnectTimeout
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from carrier.client import _NO_ANSWER, TIMEOUT, CarrierDown, NotAsked, Placed, Unknown, _never_connected, _Rewriting

CHANNEL = "whatsapp:"
MAX_BYTES = 20_000_000  # of what comes with one message: WhatsApp takes 16 MB
_PIECE = 64 * 1024
_MESSAGE, _MEDIA = re.compile(r"(?:SM|MM)[0-9a-fA-F]{32}"), re.compile(r"ME[0-9a-fA-F]{32}")


@dataclass(frozen=True)
class Written:
    """One message to a person. ``to``, ``from_``: E.164; ``template``: its ContentSid, in place of ``text``."""

    to: str = field(repr=False)
    from_: str
    text: str = field(repr=False)
    template: str | None
    status_url: str


@dataclass(frozen=True)
class NotTaken:
    """The carrier will never send it. ``code``: why, in its own numbers."""

    code: int


@dataclass(frozen=True)
class SentBefore:
    """A message in the carrier's list."""

    sid: str
    to: str = field(repr=False)
    text: str = field(repr=False)
    created_at: datetime | None


@dataclass(frozen=True)
class Bytes:
    """What came with a message, as it came; its kind is what the sender said."""

    kind: str
    data: bytes = field(repr=False)


class NoMedia(Exception):
    """The carrier does not have it any more."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class Messaging:
    """One account, for written conversations: synchronous, with time-outs."""

    def __init__(self, account_sid: str, auth_token: str, api_url: str) -> None:
        target = urlsplit(api_url)
        self._here = f"{target.scheme}://{target.netloc}"
        self._base = f"{self._here}/2010-04-01/Accounts/{account_sid}/Messages"
        self._auth = (account_sid, auth_token)
        self._client = Client(account_sid, auth_token, http_client=_Rewriting(api_url))

    def send(self, message: Written) -> Placed | NotTaken | NotAsked | Unknown:
        """Asks once, and says what came of asking. Never raises for what the carrier did."""
        said = {"content_sid": message.template} if message.template else {"body": message.text}
        try:
            sent = self._client.messages.create(
                to=CHANNEL + message.to, from_=CHANNEL + message.from_, status_callback=message.status_url, **said
            )
        except TwilioRestException as error:
            if error.status == 429:
                return NotAsked()
            return Unknown() if error.status >= 500 else NotTaken(error.code or 0)
        except ConnectTimeout:
            return NotAsked(no_connection=True)
        except ConnectionError as error:
            return NotAsked(no_connection=True) if _never_connected(error) else Unknown()
        except _NO_ANSWER:
            return Unknown()
        return Placed(str(sent.sid)) if sent.sid else Unknown()

    def sent_since(self, from_: str, since: datetime) -> list[SentBefore]:
        """All that was sent from a number of ours since a moment, queued ones too, the newest first. No person's
        telephone is in the query. Raises CarrierDown."""
        found = []
        try:
            for each in self._client.messages.stream(from_=CHANNEL + from_, page_size=1000):
                if each.date_created is not None and each.date_created < since - timedelta(hours=1):
                    break  # clocks differ
                to = (each.to or "").removeprefix(CHANNEL)
                found.append(SentBefore(str(each.sid), to, each.body or "", each.date_created))
        except _NO_ANSWER:
            raise CarrierDown from None
        return found

    def fetch_media(self, message_sid: str, media_sid: str) -> Bytes:
        """What came with a message. Its address is made here: none that a webhook told is used.

        Raises CarrierDown, NoMedia; ValueError for what is no sid.
        """
        if not (_MESSAGE.fullmatch(message_sid) and _MEDIA.fullmatch(media_sid)):
            raise ValueError("not the sids of a message and of what came with it")
        with _ask(f"{self._base}/{message_sid}/Media/{media_sid}", self._auth) as response:
            if not response.is_redirect:
                return _read(response)
            elsewhere = response.headers.get("Location", "")
        if urlsplit(elsewhere).scheme != "https" and not elsewhere.startswith(f"{self._here}/"):
            raise CarrierDown
        with _ask(elsewhere, None) as response:  # where the bytes are kept: the credentials are for the carrier alone
            return _read(response)


@contextmanager
def _ask(url: str, auth: tuple[str, str] | None) -> Iterator[requests.Response]:
    with requests.Session() as session:
        session.trust_env = False
        try:
            response = session.get(url, auth=auth, timeout=TIMEOUT, allow_redirects=False, stream=True)
        except requests.RequestException:
            raise CarrierDown from None
        with response:
            yield response


def _read(response: requests.Response) -> Bytes:
    """All of it, unless it is larger than any message."""
    if response.status_code in (404, 410):
        raise NoMedia
    if response.status_code != 200:
        raise CarrierDown
    data = bytearray()
    try:
        for piece in response.iter_content(_PIECE):
            data += piece
            if len(data) > MAX_BYTES:
                raise CarrierDown
    except requests.RequestException:
        raise CarrierDown from None
    return Bytes(response.headers.get("Content-Type", "").partition(";")[0].strip().lower(), bytes(data))
