"""Who answers a text: wants no more of them, or asks who we are (R52, R57). Case, accents and signs do not matter."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from campaigns.rules.exclusions import Kind, Scope, add
from campaigns.states import Channel, Progress
from campaigns.tables import attempt
from campaigns.texting.tables import incoming_text
from campaigns.texting.wording import TAKES_REPLIES
from campaigns.upload.values import without_accents
from core.phones import Phone, parse_phone
from core.post import TextMessage, leave
from core.privacy import Vault

ACTOR = "sms"
_STOP = frozenset(
    {"ALTO", "BAJA", "STOP", "CANCELAR", "NO", "DAR DE BAJA", "DARME DE BAJA", "NO MAS", "NO MAS MENSAJES"}
)
_HELP = frozenset({"AYUDA", "HELP", "INFO", "QUIEN ES", "QUIEN ERES", "QUIENES SON"})
#: What people are polite with, before or after the word.
_POLITE = re.compile(r"^(POR FAVOR|FAVOR|QUIERO|DESEO|HOLA) | (POR FAVOR|GRACIAS|YA|PORFA)$")
_ANSWERS = timedelta(days=30)  # after which nobody answers a text


class Said(StrEnum):
    """What was understood."""

    STOP = "stop"
    HELP = "help"
    OTHER = "other"


@dataclass(frozen=True)
class Incoming:
    """A text to a number of ours. ``sid``: the carrier's; ``sender``: E.164; ``line``, ``country``: whose number it
    came to; ``was_answered``: the carrier has told them itself, and lets nothing more through to them."""

    sid: str
    sender: str = field(repr=False)
    body: str = field(repr=False)
    line: str
    country: str
    was_answered: bool = False


def understood(body: str) -> Said:
    """Of the whole text: who writes «no entiendo» does not ask for no more."""
    plain = " ".join(re.sub(r"[^A-Z0-9 ]", " ", without_accents(body[:200])).split())
    for _ in range(2):
        plain = _POLITE.sub("", plain).strip()
    if plain in _STOP:
        return Said.STOP
    return Said.HELP if plain in _HELP else Said.OTHER


def heed(tx: Connection, vault: Vault, now: datetime, text: Incoming) -> Said | None:
    """Does at once what a text asks for, and leaves the answer to it; None where it came before.

    Whoever wants no more is not called nor texted on this telephone by any campaign of the line's entity.
    """
    said, sender = understood(text.body), _as_dialled(text)
    kept = {"sid": text.sid, "line": text.line, "said": said, "at": now}
    new = insert(incoming_text).values(**kept).on_conflict_do_nothing().returning(incoming_text.c.sid)
    if tx.execute(new).first() is None:
        return None
    may_answer = text.country in TAKES_REPLIES and not text.was_answered
    if said is Said.STOP:
        is_new = add(tx, vault, now, ACTOR, Kind.PHONE, sender, Scope(line=text.line), "lo pidió por mensaje")
        tx.execute(_OPTED_OUT, {"to": vault.fingerprint("phone", sender), "since": now - _ANSWERS})
        may_answer = may_answer and is_new
    if may_answer and said is not Said.OTHER:
        prompt = "sms.stopped" if said is Said.STOP else "sms.who_we_are"
        leave(tx, vault, now, TextMessage(prompt.partition(".")[2], sender, text.line, prompt))
    return said


def _as_dialled(text: Incoming) -> str:
    """Mexico's carriers still tell of a mobile with a 1 that nobody dials."""
    found = parse_phone(text.sender, text.country)
    return found.e164 if isinstance(found, Phone) else text.sender


_THEIRS = (
    select(attempt.c.id)
    .where(attempt.c.to_print == bindparam("to"), attempt.c.started_at > bindparam("since"))
    .where(attempt.c.channel == Channel.TEXT)
    .order_by(attempt.c.started_at.desc())
    .limit(1)
    .scalar_subquery()
)
#: The text that they answered: reports count who opted out.
_OPTED_OUT = update(attempt).where(attempt.c.id == _THEIRS).values(progress=Progress.PHONE_OPTED_OUT)
