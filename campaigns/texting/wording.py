"""A text as whoever it goes to reads it: the campaign's, with their name in it, and how to receive none (R69)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from campaigns.upload.lines_known import LineKnown
from campaigns.upload.request import Request
from campaigns.upload.texts import fill
from core.countries import COUNTRIES
from core.privacy import Vault
from core.segments import plainer
from prompts.catalog import Catalog
from prompts.speech import MONTHS, phone_figures

#: Where a citizen can answer a text (twilio.md §9): in the others it ends with a number to ring.
TAKES_REPLIES = frozenset({"CO", "MX"})


@dataclass(frozen=True)
class Wording:
    """``text`` and ``closing`` with their variables; ``values``: those that are everybody's. ``is_plain``: sent in
    the letters of GSM-7, whatever the names are written in."""

    text: str
    closing: str
    values: Mapping[str, str]
    is_plain: bool = False

    def to(self, person: Mapping[str, str]) -> str:
        """What somebody with these values (primer_nombre, municipio, var_1 …) is sent."""
        told = with_closing(fill(self.text, {**person, **self.values}), fill(self.closing, self.values))
        return plainer(told) if self.is_plain else told

    def in_letters(self, *, plain: bool) -> "Wording":
        """The same as it is written, or without the letters that a text pays dearly for."""
        return replace(self, is_plain=plain)


def with_closing(text: str, closing: str) -> str:
    """Both, as two sentences."""
    ended = text if text.endswith((".", "!", "?", "…", ":")) else f"{text}."
    return f"{ended} {closing}" if closing else text


def wording_of(vault: Vault, now: datetime, row: Any) -> Wording | None:
    """Of a campaign (its row: request_sealed, country, is_plain_text), as sent at ``now``; None: it sends no texts."""
    request, closing = _asked(vault, bytes(row.request_sealed))
    if not request.texto_sms:
        return None
    month = MONTHS[now.astimezone(COUNTRIES[row.country].zone).month - 1]
    return wording(request, closing, month, is_plain=row.is_plain_text)


def wording(request: Request, closing: str, month: str, *, is_plain: bool = False) -> Wording:
    """Of a request. ``closing``: as ``closing_of`` has it."""
    values = {
        "entidad": request.presentacion or request.entidad,
        "mes": month,
        "numero_devolucion_llamada": phone_figures(request.numero_devolucion_llamada, request.pais),
    }
    return Wording(request.texto_sms, closing, values, is_plain)


def closing_in(catalog: Catalog, country: str) -> str:
    """How a line says with what word, or at what number, one asks for no more texts; the number is a variable."""
    key = "sms.stop_by_reply" if country in TAKES_REPLIES else "sms.stop_by_call"
    return catalog.say(key, {"numero": "{numero_devolucion_llamada}"}, country).text


def closing_of(line: LineKnown) -> str:
    """The same of a line as campaigns know it."""
    return line.text_closing or closing_in(Catalog.load(line.id), line.country)


@lru_cache(maxsize=64)
def _asked(vault: Vault, request_sealed: bytes) -> tuple[Request, str]:
    """As campaigns/conversation.py keeps it: every text of a campaign asks for the same."""
    kept = json.loads(vault.open(request_sealed))
    return Request.from_json(kept["request"]), kept.get("text_closing", "")
