"""An answer on its way to a person: sent, delivered, read; refused a day after they last wrote."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from carrier.local.message_book import Message
from carrier.local.network import Network
from carrier.local.personas import Fate

CHANNEL = "whatsapp:"
OUT_OF_TIME, NOBODY_THERE = 63016, 63003
_STEP_SECONDS = 0.3


async def carry(network: Network, message: Message, tell: Callable[[Network, Message], None]) -> None:
    """From where it is: it may have been on its way when the carrier was killed. ``tell``: its status callback."""
    person, ours = message.to.removeprefix(CHANNEL), message.from_.removeprefix(CHANNEL)
    page = (person, ours)

    async def step(status: str, **facts: Any) -> None:
        nonlocal message
        await asyncio.sleep(_STEP_SECONDS * network.personas.speed)
        message = network.messages.change(message, network.clock.now(), status=status, **facts)
        tell(network, message)

    if message.status == "queued":
        tell(network, message)
        may = message.content_sid or network.chats.may_be_written_to(person, ours, network.clock.now())
        if not may:
            return await step("failed", error_code=OUT_OF_TIME)
        await step("sent", sent_at=network.clock.now())
    if message.status == "sent":
        known = network.personas.find(person)
        if page not in network.chats.pages and known is not None and known.fate is Fate.FAILED:
            return await step("undelivered", error_code=NOBODY_THERE)
        await step("delivered")
        await _show(network, message, page)
        if page in network.chats.pages or network.chats.listens(person):
            await step("read")
    return None


async def _show(network: Network, message: Message, page: tuple[str, str]) -> None:
    person, _ = page
    if network.chats.listens(person):
        network.chats.hear(person, message.body)
    if tell := network.chats.pages.get(page):
        await tell(as_event(message.body, message.created_at, is_ours=False))


def as_event(text: str, at: datetime, *, is_ours: bool, sends: str = "") -> dict[str, Any]:
    """A message as the page of a person shows it. ``is_ours``: that person's own."""
    return {"event": "message", "text": text, "at": at.isoformat(), "mine": is_ours, "sends": sends}
