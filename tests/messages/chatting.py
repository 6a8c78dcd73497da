"""People who write to a line, and the operators who answer: through the real webhook, with nobody at the carrier."""

from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Row, select

from assembly import Parts
from core.clock import FixedClock
from core.closed_days import DayKind, close
from core.countries import MONDAY_TO_FRIDAY, Span
from core.opening import Opening
from desk import presence
from desk.chats import handling, writing
from desk.chats.chats import Message, messages_of
from desk.chats.states import Side
from desk.chats.tables import chat, chat_message
from desk.states import Presence
from tests.webhooks import Webhooks

CITIZEN, LINE = "+50370001234", "+50322373333"
_MEDIA = {"(photo)": "image/jpeg", "(voice)": "audio/ogg", "(video)": "video/mp4", "(document)": "application/pdf"}
_PLACE = {"Latitude": "13.6989", "Longitude": "-89.1914", "Label": "Parque"}


def who(account_id: int = 1) -> dict[str, Any]:
    """An operator, as whoever acts."""
    return {"account_id": account_id, "actor": "ana@ejemplo.gob.sv"}


@dataclass
class Chatting:
    """One line's WhatsApp."""

    parts: Parts
    webhooks: Webhooks
    line: str = "dgs"
    _sids: Any = field(default_factory=lambda: count(1))

    def sid(self, kind: str = "SM") -> str:
        return f"{kind}{next(self._sids):032x}"

    def params(self, text: str, from_: str = CITIZEN, **more: str) -> dict[str, str]:
        """A message as the carrier tells it; ``(photo)``, ``(voice)`` and ``(location)`` are what they say."""
        made = {
            "MessageSid": self.sid(),
            "AccountSid": self.parts.settings.trunks.first.account_sid,
            "From": f"whatsapp:{from_}",
            "To": f"whatsapp:{LINE}",
            "Body": "" if text.startswith("(") else text,
            "NumMedia": "0",
        }
        if text in _MEDIA:
            where = (
                f"https://api.twilio.com/2010-04-01/Accounts/AC0/Messages/{made['MessageSid']}/Media/{self.sid('ME')}"
            )
            made |= {"NumMedia": "1", "MediaContentType0": _MEDIA[text], "MediaUrl0": where}
        return made | (_PLACE if text == "(location)" else {}) | more

    def writes(self, text: str, from_: str = CITIZEN, **more: str) -> int:
        """Somebody writes; the HTTP status."""
        return self.delivers(self.params(text, from_, **more))

    def delivers(self, params: dict[str, str]) -> int:
        """``webhooks.doubled``: told twice, as a carrier's retry would be."""
        where = f"{self.webhooks.public_url}/messaging/whatsapp"
        answers = [self.webhooks.post(where, params)[0] for _ in range(2 if self.webhooks.doubled else 1)]
        return max(answers)

    def is_told(self, message_id: int, sid: str, status: str, **more: str) -> int:
        """A status callback of a message of ours."""
        url = f"{self.webhooks.public_url}/messaging/whatsapp/status?message={message_id}"
        account = self.parts.settings.trunks.first.account_sid
        return self.webhooks.post(url, {"MessageSid": sid, "MessageStatus": status, "AccountSid": account, **more})[0]

    def at_the_desk(self, account_id: int = 1, name: str = "Ana", *, skills: tuple[str, ...] = ()) -> int:
        now = self.parts.clock.now()
        with self.parts.db.begin() as tx:
            presence.sign_on(tx, now, account_id, f"{name.lower()}@ejemplo.gob.sv", name, is_supervisor=False)
            presence.set_skills(tx, account_id, list(skills))
            presence.choose(tx, now, account_id, Presence.DISPONIBLE)
        return account_id

    def takes(self, chat_id: int, account_id: int = 1) -> None:
        with self.parts.db.begin() as tx:
            handling.take(tx, self.parts.world.desk, self.parts.clock.now(), chat_id, **who(account_id))

    def answers(self, chat_id: int, text: str, account_id: int = 1, once: str | None = None) -> None:
        now, desk = self.parts.clock.now(), self.parts.world.desk
        with self.parts.db.begin() as tx:
            writing.write(tx, desk, now, chat_id, **who(account_id), text=text, once=once)

    def ends(self, chat_id: int, account_id: int = 1) -> None:
        with self.parts.db.begin() as tx:
            handling.end(tx, self.parts.world.desk, self.parts.clock.now(), chat_id, **who(account_id))

    def newest(self) -> Row:
        """The last conversation."""
        with self.parts.db.begin() as tx:
            return tx.execute(select(chat).order_by(chat.c.id.desc()).limit(1)).one()

    def said(self, chat_id: int | None = None) -> list[Message]:
        with self.parts.db.begin() as tx:
            return messages_of(tx, self.parts.world.desk, chat_id or self.newest().id)

    def answered(self) -> list[str]:
        """What the line said by itself, in every conversation."""
        with self.parts.db.begin() as tx:
            query = (
                select(chat_message.c.body_sealed).where(chat_message.c.side == Side.LINE).order_by(chat_message.c.id)
            )
            return [self.parts.vault.open(each) for each in tx.execute(query).scalars()]

    def passes(self, **time: float) -> None:
        clock = self.parts.clock
        assert isinstance(clock, FixedClock)
        clock.advance(timedelta(**time))

    def closes_the_line(self) -> None:
        """It has office hours, and a supervisor closes the day: nobody attends it."""
        desk, now = self.parts.world.desk, self.parts.clock.now()
        line = desk.lines[self.line]
        office = Opening(line.country, (Span(MONDAY_TO_FRIDAY, time(8), time(16)),))
        object.__setattr__(desk, "lines", {**desk.lines, self.line: replace(line, opening=office)})
        today = now.astimezone(line.zone).date()
        with self.parts.db.begin() as tx:
            close(tx, now, "jefa@ejemplo.gob.sv", line.country, today, today, "Asueto", DayKind.ASUETO)
