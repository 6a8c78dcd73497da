"""Carries texts to the telephone network, by SMS or by WhatsApp."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row

from carrier.carriers import Carriers
from carrier.client import CarrierDown, MessageRefused, MessageUnknown
from carrier.webhook import TRY_AGAIN
from core.post import REFUSED
from core.privacy import Vault
from core.segments import segments
from core.text_errors import why_not_delivered
from messages.courier import Answer, Doubtful, Later, Never, Taken
from prompts.catalog import Catalog

TOO_LATE = timedelta(hours=1)  #: nobody waits for a text of an hour ago
TRIES = 2  #: of which it is not known whether it was taken: never a third
_DOWN = "La red telefónica no contesta."


@dataclass(frozen=True)
class Text:
    """``number``: of ours, in E.164; ``from_`` and ``to``: as the channel writes them."""

    number: str
    from_: str
    to: str
    body: str
    status_url: str


@dataclass(frozen=True)
class TextCourier:
    """``line_values`` by line: entidad, operador, numero; ``prefix``: what the channel puts before a number."""

    vault: Vault
    carriers: Carriers
    catalogs: Mapping[str, Catalog]
    line_values: Mapping[str, Mapping[str, object]]
    public_url: str
    prefix: str = ""

    def written(self, row: Row) -> Text:
        values = self.line_values[row.line]
        own = json.loads(self.vault.open(row.values_sealed)) if row.values_sealed is not None else {}
        if row.prompt is not None:
            body = self.catalogs[row.line].say(row.prompt, {**values, **own}).text
        else:
            body = self.vault.open(row.body_sealed)
        number, to = str(values["numero"]), self.vault.open(row.to_sealed)
        status_url = f"{self.public_url}/messaging/status?post={row.id}{TRY_AGAIN}"
        return Text(number, self.prefix + number, self.prefix + to, body, status_url)

    def segments(self, written: Text) -> int:
        return segments(written.body).count

    def hand_over(self, written: Text) -> Answer:
        try:
            carrier = self.carriers.of_number(written.number)
            return Taken(carrier.send_sms(written.to, written.from_, written.body, written.status_url))
        except MessageRefused as refused:
            return Never(why_not_delivered(refused.code), REFUSED, refused.code)
        except CarrierDown:
            return Later(_DOWN, counts=False)
        except MessageUnknown:
            return Doubtful("La red telefónica no contestó si lo tomó: se le preguntará.")

    def look_for(self, written: Text, since: datetime) -> Sequence[Taken] | None:
        """The carrier's own list is asked: of the same words to the same telephone."""
        try:
            found = self.carriers.of_number(written.number).texts_from(written.from_, since, {written.to})
        except CarrierDown:
            return None
        return [Taken(each.sid, each.status, each.error_code) for each in found if each.body == written.body]

    def next_try(self, row: Row) -> datetime:
        return row.tried_at  # at the next look: a minute

    def is_over(self, tries: int, since: datetime, now: datetime) -> bool:
        return tries >= TRIES or now - since >= TOO_LATE
