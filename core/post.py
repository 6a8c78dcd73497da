"""What goes out by post: letters to people who work, texts to citizens. Left in the transaction that wants it, carried
by a job (messages/post.py), kept until it is gone."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from core import jobs
from core.database import Moment, metadata
from core.former_post import former_letter
from core.mail_address import EMAIL_PRINT, valid_address
from core.phones import is_mobile
from core.privacy import Vault


class Channel(StrEnum):
    """By what it goes."""

    MAIL = "MAIL"
    SMS = "SMS"
    WHATSAPP = "WHATSAPP"


#: States. ``unknown``: it was handed over, and it is not known whether it was taken; ``refused``: it never will be, as
#: where its address is none; ``failed``: given up. ``delivered`` and ``undelivered`` are told of texts alone.
QUEUED, UNKNOWN, SENT, DELIVERED = "queued", "unknown", "sent", "delivered"
UNDELIVERED, REFUSED, FAILED = "undelivered", "refused", "failed"

#: Texts that tell somebody of a change of theirs: what finds out whoever made it in their name (R41). They are tried
#: for days, and what became of them is told to people (procedures/guarding.py).
GUARDS = ("birth_date_corrected", "name_corrected", "name_and_birth_date_corrected", "pin_changed")
IS_UNTOLD_GUARD = f"kind in {GUARDS} and noted_state is distinct from state"

IS_WAITING = "state in ('queued', 'unknown')"
_IS_UNSENT = "state in ('queued', 'unknown', 'undelivered', 'refused', 'failed')"

post = Table(
    "post",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False),  # a code of whoever writes: receipt, report, pin_changed …
    Column("line", Text),  # that a text is of
    Column("campaign_id", BigInteger),
    Column("case_id", BigInteger),
    Column("once", Text, unique=True),  # what this is the only one about; null: nothing
    Column("to_sealed", LargeBinary, nullable=False),  # empty: erased (``erase``)
    Column("to_print", LargeBinary),  # fingerprint "phone" or EMAIL_PRINT; null: erased (IS_KEPT)
    Column("subject", Text),  # of a letter; holds nothing of a person
    Column("body_sealed", LargeBinary),
    Column("prompt", Text),  # a key of the catalogue: said with the line's words, and these values, when it is sent
    Column("values_sealed", LargeBinary),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("problem", Text),  # a sentence: why the last try came to nothing
    Column("queued_at", Moment, nullable=False),
    Column("not_before", Moment),
    Column("tried_at", Moment),
    Column("sent_at", Moment),
    Column("told_at", Moment),  # when the carrier last told what became of it
    Column("remote_sid", Text),
    Column("error_code", Integer),  # the carrier's (core/text_errors.py)
    Column("segments", Integer),
    Column("noted_state", Text),  # of a guard: the state that was told of last
    Index("ix_post_waiting", "id", postgresql_where=text(IS_WAITING)),
    Index("ix_post_unsent", "channel", "queued_at", postgresql_where=text(_IS_UNSENT)),
    Index("ix_post_guards", "queued_at", postgresql_where=text(IS_UNTOLD_GUARD)),
    Index("ix_post_letter", "id", postgresql_where=text("channel = 'MAIL'")),
    Index("ix_post_campaign", "campaign_id", postgresql_where=text("campaign_id is not null")),
    Index("ix_post_case", "case_id", postgresql_where=text("case_id is not null")),
    Index("ix_post_to", "to_print", postgresql_where=text("to_print is not null")),
    Index("ix_post_kept", "queued_at", postgresql_where=text("to_print is not null")),
    Index("ix_post_sid", "remote_sid", postgresql_where=text("remote_sid is not null")),
)

SEND = "messages.send_post"
LONGEST_SUBJECT = 200
_NO_ADDRESS = "La dirección no es un correo válido."
_NO_MOBILE = "Ese teléfono no es celular: no recibe mensajes de texto."
IS_KEPT = post.c.to_print.is_not(None)  #: it still says to whom it went, and what it said


@dataclass(frozen=True)
class Letter:
    """Of plain text, to one address. The subject may hold nothing of a person, nor may ``once``: left before under the
    same name, nothing is left again. ``line``: whoever may not see the line does not see that it was written; None: it
    is of none, as what is written of a campaign, which has readers of its own, or of all lines together.
    """

    kind: str
    to: str
    subject: str
    body: str
    line: str | None
    campaign_id: int | None = None
    case_id: int | None = None
    once: str | None = None


@dataclass(frozen=True)
class TextMessage:
    """A text from a line to a telephone (E.164): a sentence of its catalogue with ``values``, or ``body``.

    ``not_before``: where the law has hours for it.
    """

    kind: str
    to: str
    line: str
    prompt: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    channel: Channel = Channel.SMS
    campaign_id: int | None = None
    case_id: int | None = None
    once: str | None = None
    not_before: datetime | None = None


def leave(tx: Connection, vault: Vault, now: datetime, what: Letter | TextMessage) -> int:
    """Leaves it to be sent if, and only if, the transaction commits; its id, or that of the one left under its name.

    An address that is none is kept as refused, where people see it, and so is a guard to a telephone that takes no
    texts. Raises ValueError: a text with no words, or with
    words of both kinds.
    """
    if what.once is not None and (former := former_letter(tx, what.once)) is not None:
        return former
    row = _of_letter(vault, what) if isinstance(what, Letter) else _of_message(vault, what)
    about = {name: getattr(what, name) for name in ("kind", "line", "campaign_id", "case_id", "once")}
    row = {"state": QUEUED, "queued_at": now, **about, **row}
    written = tx.execute(
        insert(post).values(**row).on_conflict_do_nothing(index_elements=["once"]).returning(post.c.id)
    ).scalar()
    if written is None:
        return tx.execute(select(post.c.id).where(post.c.once == what.once)).scalar_one()
    if row["state"] == QUEUED and (row.get("not_before") or now) <= now:
        defer_sending(tx, written, row["channel"])
    return written


def send_again(tx: Connection, now: datetime, post_id: int) -> bool:
    """Has a letter that was not sent tried at once, and for a day again; False when there is none such."""
    unsent = (post.c.id == post_id, post.c.channel == Channel.MAIL, post.c.state.in_((QUEUED, FAILED)), IS_KEPT)
    fresh = {"state": QUEUED, "tries": 0, "queued_at": now}
    if not tx.execute(update(post).where(*unsent).values(**fresh)).rowcount:
        return False
    defer_sending(tx, post_id, Channel.MAIL)
    return True


def defer_sending(tx: Connection, post_id: int, channel: str) -> None:
    """Leaves the job that sends it. One letter at a time: a server that hangs holds one of the worker's threads."""
    lock = f"{SEND}:{channel}" if channel == Channel.MAIL else None
    jobs.defer(tx, SEND, lock=lock, post_id=post_id)


def erase(tx: Connection, which: ColumnElement[bool]) -> int:
    """Forgets to whom it went and what it said, of what no longer waits; that there was something stays.

    How many; a second time none. ``which``: the condition on ``post``.
    """
    nothing = {"to_sealed": b"", "to_print": None, "body_sealed": None, "values_sealed": None, "problem": None}
    old = (which, IS_KEPT, post.c.state.not_in((QUEUED, UNKNOWN)))
    return tx.execute(update(post).where(*old).values(**nothing)).rowcount


def print_of(vault: Vault, channel: str, to: str) -> bytes:
    """By what a person is found among what was sent."""
    if channel == Channel.MAIL:
        return vault.fingerprint(EMAIL_PRINT, to.strip().lower())
    return vault.fingerprint("phone", to)


def _of_letter(vault: Vault, letter: Letter) -> dict[str, Any]:
    address = valid_address(letter.to)
    return {
        "channel": Channel.MAIL,
        "to_sealed": vault.seal(address or letter.to),
        "to_print": print_of(vault, Channel.MAIL, address or letter.to),
        "subject": re.sub(r"[\s\x00-\x1f\x7f]+", " ", letter.subject).strip()[:LONGEST_SUBJECT],
        "body_sealed": vault.seal(letter.body),
        "state": QUEUED if address else REFUSED,
        "problem": None if address else _NO_ADDRESS,
    }


def _of_message(vault: Vault, message: TextMessage) -> dict[str, Any]:
    if (message.prompt is None) == (message.body is None):
        raise ValueError("a text is a sentence of the catalogue, or words")
    never = {"state": REFUSED, "problem": _NO_MOBILE} if message.kind in GUARDS and not is_mobile(message.to) else {}
    return {
        **never,
        "channel": message.channel,
        "to_sealed": vault.seal(message.to),
        "to_print": print_of(vault, message.channel, message.to),
        "body_sealed": None if message.body is None else vault.seal(message.body),
        "prompt": message.prompt,
        "values_sealed": vault.seal(json.dumps(dict(message.values))) if message.values else None,
        "not_before": message.not_before,
    }
