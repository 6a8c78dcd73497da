"""Recordings at the carrier: fetched once, then deleted there (twilio.com/docs/voice/api/recording)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import requests

from carrier.client import TIMEOUT, CarrierDown

MAX_BYTES = 40_000_000  # of one recording: an hour at 8 kHz, 8 bits, is 29 MB
_PIECE = 64 * 1024
_SID = re.compile(r"RE[0-9a-f]{32}")


class NoRecording(Exception):
    """The carrier has no such recording, or not yet."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class Recordings:
    """The recordings of one account. Their addresses are made here from the sid: none that a webhook told is used."""

    def __init__(self, account_sid: str, auth_token: str, api_url: str) -> None:
        target = urlsplit(api_url)
        self._base = f"{target.scheme}://{target.netloc}/2010-04-01/Accounts/{account_sid}/Recordings"
        self._auth = (account_sid, auth_token)

    def fetch(self, sid: str) -> bytes:
        """The recording as a WAV file. Raises CarrierDown, NoRecording, and ValueError for what is no sid."""
        with self._ask("GET", sid, "wav") as response:
            if response.status_code == 404:
                raise NoRecording
            if response.status_code != 200:
                raise CarrierDown
            data = _read(response)
        if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
            raise CarrierDown  # somebody else answered: a proxy, a page that asks to sign in
        return data

    def delete(self, sid: str) -> bool:
        """Deletes it there. False when it was not there any more. Raises CarrierDown, and ValueError as ``fetch``."""
        with self._ask("DELETE", sid, "json") as response:
            if response.status_code not in (200, 204, 404):
                raise CarrierDown
            return response.status_code != 404

    @contextmanager
    def _ask(self, method: str, sid: str, kind: str) -> Iterator[requests.Response]:
        if not _SID.fullmatch(sid):
            raise ValueError("not the sid of a recording")
        with requests.Session() as session:
            session.trust_env = False
            try:
                response = session.request(
                    method,
                    f"{self._base}/{sid}.{kind}",
                    auth=self._auth,
                    timeout=TIMEOUT,
                    allow_redirects=False,  # the credentials are for the carrier alone
                    stream=True,
                )
            except requests.RequestException:
                raise CarrierDown from None
            with response:
                yield response


def _read(response: requests.Response) -> bytes:
    """All of it, unless it is larger than any message."""
    data = bytearray()
    try:
        for piece in response.iter_content(_PIECE):
            data += piece
            if len(data) > MAX_BYTES:
                raise CarrierDown
    except requests.RequestException:
        raise CarrierDown from None
    announced = response.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced) > len(data):
        raise CarrierDown  # cut short
    return bytes(data)
