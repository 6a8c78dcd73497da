"""Texts of campaigns handed over concurrently, as ``carrier/placing.py`` does with calls."""

from dataclasses import dataclass, field
from datetime import datetime

import aiohttp
from twilio.base.exceptions import TwilioRestException

from carrier.client import Answer, NotAsked, Placed, Unknown, refusal
from carrier.placing import Wire


@dataclass(frozen=True)
class TextOrder:
    """One text to be sent. What becomes of it is told at ``status_url``."""

    attempt_id: int
    to: str = field(repr=False)
    sender: str
    body: str = field(repr=False)
    status_url: str
    until: datetime | None = None  #: the end of the hours that it was decided for: from then on it is not asked


class Texter(Wire):
    """Hands texts over concurrently, on one event loop and one connection pool."""

    async def place(self, order: TextOrder) -> Answer:
        """Asks for one text and says what came of asking. Never raises for what the carrier or the network did."""
        try:
            sent = await self.client.messages.create_async(
                to=order.to, from_=order.sender, body=order.body, status_callback=order.status_url
            )
        except TwilioRestException as error:
            return refusal(error)
        except aiohttp.ClientConnectorError:
            return NotAsked(no_connection=True)
        except Exception:  # a time-out, a cut connection, an answer that cannot be read
            return Unknown()
        return Placed(str(sent.sid)) if sent.sid else Unknown()
