"""Texts at the carrier, by SMS and WhatsApp: sending, what was sent, and what came with a message, fetched when it is
looked at and deleted when it is no longer anybody's (twilio.md §3, §9)."""

import re
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from carrier.client import NO_ANSWER, TIMEOUT, Answer, CarrierDown, Rewriting, answer_to

WHATSAPP = "whatsapp:"  #: what comes before the number of whoever is written to there
MAX_BYTES = 20_000_000  # of what comes with one message: WhatsApp takes 16 MB
_PIECE = 64 * 1024
_MESSAGE, _MEDIA = re.compile(r"(?:SM|MM)[0-9a-fA-F]{32}"), re.compile(r"ME[0-9a-fA-F]{32}")


@dataclass(frozen=True)
class Written:
    """One message to a person. ``to``, ``from_``: E.164, as their channel writes them (``whatsapp:+503…``);
    ``template``: its ContentSid, in place of ``body``."""

    to: str = field(repr=False)
    from_: str
    body: str = field(repr=False)
    status_url: str
    template: str | None = None


@dataclass(frozen=True)
class RemoteText:
    """A message as the carrier tells it."""

    sid: str
    to: str = field(repr=False)
    body: str = field(repr=False)
    status: str
    error_code: int | None
    created_at: datetime | None = None


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
    """What one account writes to people, by SMS or by WhatsApp: synchronous, with time-outs."""

    def __init__(self, account_sid: str, auth_token: str, api_url: str) -> None:
        self.account_sid = account_sid
        target = urlsplit(api_url)
        self._here = f"{target.scheme}://{target.netloc}"
        self._base = f"{self._here}/2010-04-01/Accounts/{account_sid}/Messages"
        self._auth = (account_sid, auth_token)
        self._client = Client(account_sid, auth_token, http_client=Rewriting(api_url))

    def send(self, message: Written) -> Answer:
        """Asks once, and says what came of asking. Never raises for what the carrier did."""
        said = {"content_sid": message.template} if message.template else {"body": message.body}
        return answer_to(
            lambda: self._client.messages.create(
                to=message.to, from_=message.from_, status_callback=message.status_url, **said
            )
        )

    def sent_since(self, from_: str, since: datetime, to: Container[str]) -> list[RemoteText]:
        """What was sent from a number of ours to any of these since a moment, the newest first. Raises CarrierDown.

        No citizen's telephone is in the query. It is read by no date: what is still queued has none; the list has the
        newest first, and is left at what was sent an hour earlier, as clocks differ.
        """
        found = []
        try:
            for each in self._client.messages.stream(from_=from_, page_size=1000):
                if each.date_sent is not None and each.date_sent < since - timedelta(hours=1):
                    break
                if each.to in to:
                    found.append(_remote(each))
        except NO_ANSWER:
            raise CarrierDown from None
        return found

    def fetch(self, sid: str) -> RemoteText | None:
        """The message, or None where the carrier has none. Raises CarrierDown."""
        try:
            return _remote(self._client.messages(sid).fetch())
        except TwilioRestException as error:
            if error.status == 404:
                return None
            raise CarrierDown from None
        except NO_ANSWER:
            raise CarrierDown from None

    def fetch_media(self, message_sid: str, media_sid: str) -> Bytes:
        """What came with a message. Its address is made here: none that a webhook told is used.

        Raises CarrierDown, NoMedia; ValueError for what is no sid.
        """
        with _ask("GET", self._media(message_sid, media_sid), self._auth) as response:
            if not response.is_redirect:
                return _read(response)
            elsewhere = response.headers.get("Location", "")
        if urlsplit(elsewhere).scheme != "https" and not elsewhere.startswith(f"{self._here}/"):
            raise CarrierDown
        with _ask(
            "GET", elsewhere, None
        ) as response:  # where the bytes are kept: the credentials are for the carrier alone
            return _read(response)

    def delete_media(self, message_sid: str, media_sid: str) -> bool:
        """Deletes there what came with a message. False when it was not there any more. Raises as ``fetch_media``, but
        for NoMedia."""
        with _ask("DELETE", f"{self._media(message_sid, media_sid)}.json", self._auth) as response:
            if response.status_code not in (200, 204, 404, 410):
                raise CarrierDown
            return response.status_code in (200, 204)

    def _media(self, message_sid: str, media_sid: str) -> str:
        if not (_MESSAGE.fullmatch(message_sid) and _MEDIA.fullmatch(media_sid)):
            raise ValueError("not the sids of a message and of what came with it")
        return f"{self._base}/{message_sid}/Media/{media_sid}"


def _remote(each: Any) -> RemoteText:
    code = int(each.error_code) if each.error_code else None
    return RemoteText(str(each.sid), each.to or "", each.body or "", str(each.status), code, each.date_created)


@contextmanager
def _ask(method: str, url: str, auth: tuple[str, str] | None) -> Iterator[requests.Response]:
    with requests.Session() as session:
        session.trust_env = False
        try:
            response = session.request(method, url, auth=auth, timeout=TIMEOUT, allow_redirects=False, stream=True)
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
