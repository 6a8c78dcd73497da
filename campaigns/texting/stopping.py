"""Who answers a text: wants no more of them, or asks who we are (R52, R57). Case, accents and signs do not matter.
Whoever says the same on the line, or to a person, is left alone by the same rules (``stop``)."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from campaigns.columns import document_of
from campaigns.readers import is_open
from campaigns.rules.exclusions import Kind, Scope, add
from campaigns.rules.outreach import person_of
from campaigns.states import Channel, Progress
from campaigns.tables import attempt, campaign, recipient
from campaigns.texting.tables import incoming_text
from campaigns.texting.wording import TAKES_REPLIES
from campaigns.upload.values import without_accents
from core.phones import Phone, parse_phone
from core.post import TextMessage, leave
from core.privacy import Vault

ACTOR = "sms"
AT_ONCE = 10_000
_CAUSE = "lo pidió por mensaje"
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
class IncomingText:
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


def heed(tx: Connection, vault: Vault, now: datetime, text: IncomingText) -> Said | None:
    """Does at once what a text asks for, and leaves the answer to it; None where it came before.

    Whoever wants no more is not called nor texted on this telephone by any campaign of the line's entity, nor on
    another one by campaigns of the kind that they answer, where the telephone is theirs alone (docs/decisions/0040).
    """
    said, sender = understood(text.body), _as_dialled(text)
    kept = {"sid": text.sid, "line": text.line, "said": said, "at": now}
    new = insert(incoming_text).values(**kept).on_conflict_do_nothing().returning(incoming_text.c.sid)
    if tx.execute(new).first() is None:
        return None
    may_answer = text.country in TAKES_REPLIES and not text.was_answered
    if said is Said.STOP:
        tx.execute(_OPTED_OUT, {"to": vault.fingerprint("phone", sender), "since": now - _ANSWERS})
        is_new = stop(tx, vault, now, ACTOR, sender, text.line, _CAUSE)
        may_answer = may_answer and is_new
    if may_answer and said is not Said.OTHER:
        prompt = "sms.stopped" if said is Said.STOP else "sms.who_we_are"
        leave(tx, vault, now, TextMessage(prompt.partition(".")[2], sender, text.line, prompt))
    return said


def stop(tx: Connection, vault: Vault, now: datetime, actor: str, phone: str, line: str, cause: str) -> bool:
    """Whoever has this telephone (E.164) wants no more calls nor texts of campaigns of the line's entity, however they
    said it: by text, on the line, or to a person (docs/decisions/0040, 0044). False where it was excluded already."""
    is_new = add(tx, vault, now, actor, Kind.PHONE, phone, Scope(line=line), cause)
    _exclude_whose_it_is(tx, vault, now, actor, line, vault.fingerprint("phone", phone), cause)
    return is_new


def _exclude_whose_it_is(
    tx: Connection, vault: Vault, now: datetime, actor: str, line: str, to_print: bytes, cause: str
) -> None:
    """The person whom alone we ever looked for on this telephone: of two, nobody knows who answers."""
    if person_of(tx, to_print) is None:
        return
    told = {"to": to_print, "since": now - _ANSWERS, "line": line}
    for row in tx.execute(_WRITTEN_BY, told).all():
        document = document_of(vault, row)
        if document is not None:
            scope = Scope(line=line, campaign_kind=row.kind) if row.is_open else Scope(campaign_id=row.id)
            add(tx, vault, now, actor, Kind.PERSON, document, scope, cause)


def forget(tx: Connection, before: datetime) -> int:
    """Of texts that came in by then, that they came; at most AT_ONCE, how many. Those that asked for no more stay: the
    report of any month counts them, and they say of nobody who it was."""
    old = (incoming_text.c.at <= before, incoming_text.c.said != Said.STOP)
    sids = select(incoming_text.c.sid).where(*old).order_by(incoming_text.c.at).limit(AT_ONCE)
    return tx.execute(delete(incoming_text).where(incoming_text.c.sid.in_(sids))).rowcount


def _as_dialled(text: IncomingText) -> str:
    """Mexico's carriers still tell of a mobile with a 1 that nobody dials."""
    found = parse_phone(text.sender, text.country)
    return found.e164 if isinstance(found, Phone) else text.sender


#: The campaigns that may be answered: one that is reserved is not told of by its kind.
_WRITTEN_BY = (
    select(campaign.c.id, campaign.c.kind, campaign.c.headings, is_open().label("is_open"))
    .add_columns(recipient.c.data_sealed, recipient.c.person_print)
    .join(recipient, recipient.c.campaign_id == campaign.c.id)
    .join(attempt, attempt.c.recipient_id == recipient.c.id)
    .where(attempt.c.to_print == bindparam("to"), attempt.c.started_at > bindparam("since"))
    .where(
        attempt.c.channel == Channel.TEXT, campaign.c.line == bindparam("line"), campaign.c.people_purged_at.is_(None)
    )
)
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
