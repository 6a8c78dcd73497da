"""A page of the desk that looks again and again, as the browser's does, and remembers when it showed what."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import aiohttp

_SEEN_EVERY = 10  # looks
_LOOK_EVERY = 0.5  # seconds between two looks, and while the operator's telephone rings: as console/static/desk.js does
_LOOK_WHILE_IT_RINGS = 0.25
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_STAMP = re.compile(r'id="([\w-]+)" data-live data-stamp="([^"]+)"')  # of each part of the page that asks for itself
_KEY = re.compile(r'data-key="(wait|call)-(\d+)"')
_RINGS = re.compile(r'id="desk"[^>]* data-rings')
_MINE = 'data-for="mine-top"'
_TALKS = re.compile(r'data-for="mine-top">(?:\s*<[^>]*>)+\s*En llamada')  # what the page says of its own operator


@dataclass
class Page:
    """A page that looks again and again. ``seen``: when it showed each thing for the first time."""

    path: str
    http: aiohttp.ClientSession
    stamps: dict[str, str] = field(default_factory=dict)
    looks: int = 0
    seen: dict[str, datetime] = field(default_factory=dict)
    answers: list[float] = field(default_factory=list)  #: seconds that each look took
    talks: list[datetime] = field(default_factory=list)  #: when it showed a call of its own, one after the other
    is_talking: bool = False
    rings: bool = False

    async def sign_in(self, email: str, password: str) -> None:
        token = _TOKEN.search(await self._text("/entrar"))
        form = {"csrf_token": token[1] if token else "", "email": email, "password": password}
        async with self.http.post("/entrar", data=form, allow_redirects=False) as answer:
            if answer.status != 302:
                raise RuntimeError(f"a page could not sign in: {answer.status}")

    async def open(self) -> None:
        self._take_in(await self._text(self.path), None)

    @property
    def look_every(self) -> float:
        """Seconds."""
        return _LOOK_WHILE_IT_RINGS if self.rings else _LOOK_EVERY

    async def look(self, now: Callable[[], datetime]) -> None:
        params = {"sello": ".".join(self.stamps.values())} | ({"visto": "1"} if self.looks % _SEEN_EVERY == 0 else {})
        self.looks += 1
        began = time.monotonic()
        async with self.http.get(
            f"{self.path}/vivo", params=params, headers={"X-Part": "desk"}, allow_redirects=False
        ) as answer:
            text = await answer.text()
        self.answers.append(time.monotonic() - began)
        if answer.status == 200:
            self._take_in(text, now())

    def _take_in(self, text: str, now: datetime | None) -> None:
        self.stamps |= dict(_STAMP.findall(text))
        if 'id="desk"' in text:
            self.rings = _RINGS.search(text) is not None
        if now is None:
            return
        for kind, number in _KEY.findall(text):
            self.seen.setdefault(f"{kind}-{number}", now)
        if _MINE not in text:
            return
        talks = _TALKS.search(text) is not None
        if talks and not self.is_talking:
            self.talks.append(now)
        self.is_talking = talks

    async def _text(self, path: str) -> str:
        async with self.http.get(path) as answer:
            answer.raise_for_status()
            return await answer.text()
