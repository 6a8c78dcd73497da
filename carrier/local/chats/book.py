"""What people wrote to numbers of the account, and whoever reads the answers."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from carrier.local.ledger import Entry, Ledger

KIND, MEDIA_DELETED = "chat_inbound", "chat_media_deleted"
WINDOW = timedelta(hours=24)  # after a person's last message, in which anything may be written to them
Tell = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message of a person. ``media``: the sid and the kind of what came with it."""

    sid: str
    from_: str
    to: str
    body: str
    at: datetime
    media: tuple[tuple[str, str], ...] = ()


class ChatBook:
    """By person; every message is written. ``pages``: the conversations that are open in a browser, by the person's
    number and ours."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._by_person: dict[str, list[Inbound]] = defaultdict(list)
        self._media: dict[str, str] = {}
        self._heard: dict[str, deque[str]] = {}
        self._stirred: dict[str, asyncio.Event] = {}
        self.pages: dict[tuple[str, str], Tell] = {}

    def save(self, message: Inbound) -> None:
        self._take(message)
        facts = asdict(message) | {"at": message.at.isoformat()}
        del facts["sid"]
        self._ledger.append(KIND, message.sid, facts)

    def restore(self, entry: Entry) -> None:
        """Takes in one entry that was written before a restart."""
        if entry["kind"] == MEDIA_DELETED:
            self._media.pop(entry["sid"], None)
            return
        media = tuple((sid, kind) for sid, kind in entry["media"])
        at = datetime.fromisoformat(entry["at"])
        self._take(Inbound(entry["sid"], entry["from_"], entry["to"], entry["body"], at, media))

    def _take(self, message: Inbound) -> None:
        self._by_person[message.from_].append(message)
        self._media.update(message.media)

    def of(self, person: str) -> list[Inbound]:
        return list(self._by_person.get(person, ()))

    def media_kind(self, sid: str) -> str | None:
        return self._media.get(sid)

    def delete_media(self, sid: str) -> bool:
        """False when there is none, or no more."""
        if self._media.pop(sid, None) is None:
            return False
        self._ledger.append(MEDIA_DELETED, sid, {})
        return True

    def may_be_written_to(self, person: str, ours: str, now: datetime) -> bool:
        """Whether the person wrote to that number in the last 24 hours."""
        wrote = (each.at for each in reversed(self._by_person.get(person, ())) if each.to == ours)
        last = next(wrote, None)
        return last is not None and now < last + WINDOW

    # Whoever waits for an answer, without a browser

    def listen(self, person: str) -> None:
        self._heard[person], self._stirred[person] = deque(), asyncio.Event()

    def stop_listening(self, person: str) -> None:
        self._heard.pop(person, None)
        self._stirred.pop(person, None)

    def listens(self, person: str) -> bool:
        return person in self._heard

    def hear(self, person: str, text: str) -> None:
        self._heard[person].append(text)
        self._stirred[person].set()

    async def answer_within(self, person: str, seconds: float) -> str | None:
        """The next message that comes to them; None: nothing came."""
        try:
            async with asyncio.timeout(seconds):
                while not self._heard[person]:
                    self._stirred[person].clear()
                    await self._stirred[person].wait()
        except TimeoutError:
            return None
        return self._heard[person].popleft()
