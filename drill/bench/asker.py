"""Asks as a carrier does: signed requests, made before the watch runs, over connections that are kept open."""

import asyncio
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlencode, urlsplit

from carrier.local.account import LOCAL_ACCOUNT, LOCAL_TOKEN
from carrier.local.signing import signature

ACCOUNT, TOKEN = LOCAL_ACCOUNT, LOCAL_TOKEN

Call: TypeAlias = list[bytes]  #: the requests of one call, in their order

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass
class Told:
    """What came of it: ``seconds`` in all; each request's, by its place in the call; and how many went wrong."""

    seconds: float = 0.0
    waits: list[tuple[int, float]] = field(default_factory=list)
    wrong: int = 0
    last: bytes = b""  #: the newest answer's body

    @property
    def per_second(self) -> float:
        return len(self.waits) / self.seconds

    def slowest(self, share: float) -> float:
        """Seconds that so many of them took at most, as 0.99."""
        waits = sorted(wait for _, wait in self.waits)
        return waits[min(len(waits) - 1, int(len(waits) * share))]


def request(public_url: str, path: str, form: dict[str, str]) -> bytes:
    """One signed POST of a carrier's, with the fields that it always sends."""
    known = {"AccountSid": ACCOUNT, "ApiVersion": "2010-04-01", "Direction": "outbound-api", **_PLACES, **form}
    signed = signature(TOKEN, "POST", public_url + path, known)
    body = urlencode(known).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {urlsplit(public_url).netloc}\r\nX-Twilio-Signature: {signed}\r\n"
        f"Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


#: What Twilio tells of where both are: of no use to us, and to be read and signed over all the same.
_PLACES = {
    f"{who}{what}": value
    for who in ("From", "To", "Caller", "Called")
    for what, value in {"City": "", "State": "San Salvador", "Zip": "", "Country": "SV"}.items()
}


def ask(address: str, calls: Iterable[Call], connections: int, per_second: float | None = None) -> Told:
    """Plays the calls to ``host:port``, so many at once.

    ``per_second``: requests, each at its moment; its wait runs from then on, so that one that was late because the
    one before it was is told as late. Without it each follows the answer to the one before.
    """
    return asyncio.run(_ask(address, iter(calls), connections, per_second))


async def _ask(address: str, calls: Iterator[Call], connections: int, per_second: float | None) -> Told:
    told = Told()
    began = time.perf_counter()
    every = connections / per_second if per_second else None

    async def one(number: int) -> None:
        host, _, port = address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        due = began + (every or 0.0) * number / connections
        for call in calls:
            for place, each in enumerate(call):
                if every is None:
                    due = time.perf_counter()
                else:
                    due += every
                    await asyncio.sleep(max(0.0, due - time.perf_counter()))
                writer.write(each)
                is_right, told.last = await _answer(reader)
                told.wrong += not is_right
                told.waits.append((place, time.perf_counter() - due))
        writer.close()

    await asyncio.gather(*map(one, range(connections)))
    told.seconds = time.perf_counter() - began
    return told


async def _answer(reader: asyncio.StreamReader) -> tuple[bool, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    body = await reader.readexactly(int(length[1])) if length else b""
    return head[9:12] in (b"200", b"204"), body
