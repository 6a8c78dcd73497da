"""Carries texts to the telephone network, by SMS or by WhatsApp."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row

from carrier.carriers import Carriers
from carrier.client import CarrierDown, NotAsked, Placed, Refused, Unknown
from carrier.messaging import Messaging, RemoteText, Written
from carrier.webhook import TRY_AGAIN
from core.post import REFUSED
from core.privacy import Vault
from core.segments import segments
from core.text_errors import why_not_delivered
from messages.courier import Answer, Doubtful, Later, Never, Taken
from prompts.catalog import Catalog

TOO_LATE = timedelta(hours=1)  #: nobody waits for a text of an hour ago
TRIES = 2  #: of which it is not known whether it was taken: never a third
#: Of a guard (core/post.py): for as long as it may still find somebody out. Told twice it does no harm.
GUARDED_FOR, GUARDED_EVERY = timedelta(days=3), timedelta(minutes=10)
_CLOCKS_DIFFER = timedelta(minutes=5)
_DOWN = "La red telefónica no contesta."


@dataclass(frozen=True)
class Text:
    """``number``: of ours, in E.164; ``account``: that it goes by; None: the number's."""

    number: str
    written: Written
    account: str | None = None


@dataclass(frozen=True)
class PostedTexts:
    """What rows of the post say. ``line_values`` by line: entidad, operador, numero; ``prefix``: what the channel puts
    before a number."""

    vault: Vault
    catalogs: Mapping[str, Catalog]
    line_values: Mapping[str, Mapping[str, object]]
    public_url: str
    prefix: str = ""

    def text(self, row: Row) -> Text:
        values = self.line_values[row.line]
        own = json.loads(self.vault.open(row.values_sealed)) if row.values_sealed is not None else {}
        if row.prompt is not None:
            body = self.catalogs[row.line].say(row.prompt, {**values, **own}).text
        else:
            body = self.vault.open(row.body_sealed)
        number, to = str(values["numero"]), self.vault.open(row.to_sealed)
        status_url = f"{self.public_url}/messaging/status?post={row.id}{TRY_AGAIN}"
        return Text(number, Written(self.prefix + to, self.prefix + number, body, status_url))


@dataclass(frozen=True)
class TextCourier:
    """``compose``: the text that a row says; ``too_late``: after which nobody waits for it any more; ``tries``: None:
    as many as there is time for, ``between`` one and the next."""

    carriers: Carriers
    compose: Callable[[Row], Text]
    too_late: timedelta = TOO_LATE
    tries: int | None = TRIES
    between: timedelta = timedelta()

    def written(self, row: Row) -> Text:
        return self.compose(row)

    def segments(self, text: Text) -> int:
        return segments(text.written.body).count

    def hand_over(self, text: Text) -> Answer:
        match self._messaging(text).send(text.written):
            case Placed(sid):
                return Taken(sid)
            case Refused(code):
                return Never(why_not_delivered(code), REFUSED, code)
            case NotAsked():
                return Later(_DOWN, counts=False)
            case Unknown():
                return Doubtful("La red telefónica no contestó si lo tomó: se le preguntará.")

    def look_for(self, text: Text, since: datetime) -> Sequence[Taken] | None:
        """The carrier's own list is asked: of the same words to the same telephone, the oldest first. What an approved
        template became there is in no words of ours."""
        mine = text.written
        try:
            found = self._messaging(text).sent_since(mine.from_, since, {mine.to})
        except CarrierDown:
            return None
        after = since - _CLOCKS_DIFFER
        return [Taken(each.sid, each.status, each.error_code) for each in found[::-1] if _may_be(each, mine, after)]

    def next_try(self, row: Row) -> datetime:
        return row.tried_at + self.between  # at the next look: each minute there is one

    def is_over(self, tries: int, since: datetime, now: datetime) -> bool:
        return (self.tries is not None and tries >= self.tries) or now - since >= self.too_late

    def _messaging(self, text: Text) -> Messaging:
        return self.carriers.messaging(text.account, text.number)


def _may_be(each: RemoteText, mine: Written, after: datetime) -> bool:
    if each.created_at is not None and each.created_at < after:
        return False
    return mine.template is not None or each.body.strip() == mine.body.strip()
