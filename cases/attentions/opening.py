"""The draft that opens by itself when an operator answers a call (R17)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from cases.attentions import conversation, handovers, line_case
from cases.catalogue.catalogue import Caller, Subject, callers_for, check_channel, subjects_for
from cases.prints import prints_of
from cases.tables import attention
from cases.typed import Typed, sealed
from core import audit
from core.privacy import Vault


@dataclass(frozen=True)
class Known:
    """What is known of a conversation before it is written down: codes that the line may not have are left out."""

    contact_name: str = field(default="", repr=False)
    subject: str | None = None
    caller_kind: str | None = None


def open_draft(
    tx: Connection,
    vault: Vault,
    now: datetime,
    *,
    room_id: int,
    line: str,
    channel: str = "VOZ",
    call_sid: str | None,
    phone: str | None,
    document: str | None,
    operator: str,
    zone: ZoneInfo,
    is_sensitive: bool = False,
    had_at: datetime | None = None,
    known: Known | None = None,
) -> int:
    """The draft of this room and this operator: a new one, or the one they have. Returns its id.

    ``phone``: E.164; ``document``: letters and digits, as the IVR learnt them; ``operator``: an e-mail; ``zone``: the
    line's; ``is_sensitive``: the line's, where a person may stay anonymous (R81); ``had_at``: when the
    operator had the call last, now where they have it. Of a call that somebody else had before, it begins with what
    they wrote; of one of which the line itself left a case, with what that is about; else with what is ``known``.
    Raises UnknownChannel.
    """
    check_channel(line, channel)
    same = (conversation.of_room(room_id), attention.c.operator == operator, attention.c.from_id.is_(None))
    draft_id = tx.execute(select(attention.c.id).where(*same)).scalar()
    if draft_id is not None:
        conversation.had_again(tx, draft_id, room_id, had_at or now)
        return draft_id
    conversation.held(tx, room_id)
    known = known or Known()
    left, typed = line_case.of_call(tx, call_sid, line), Typed(contact_name=known.contact_name)
    subject = left.subject if left is not None else known.subject
    values = {
        **{"room_id": room_id, "line": line, "channel": channel, "call_sid": call_sid, "operator": operator},
        **{"zone": zone.key, "is_sensitive": is_sensitive, "opened_at": now, "had_at": had_at or now},
        "phone_sealed": vault.seal(phone) if phone else None,
        "document_sealed": vault.seal(document) if document else None,
        "subject": _of_the_line(subject, subjects_for(line)),
        "caller_kind": _of_the_line(known.caller_kind, callers_for(line)),
        "typed_sealed": sealed(vault, typed),
        "prints": prints_of(vault, zone, phone, document, typed),
    }
    added = insert(attention).values(**values).on_conflict_do_nothing().returning(attention.c.id)
    draft_id = tx.execute(added).scalar()
    if draft_id is None:
        return tx.execute(select(attention.c.id).where(*same)).scalar_one()
    audit.record(tx, now, operator, "attention.opened", "attention", draft_id, line=line, room=room_id)
    handovers.begin(tx, vault, now, draft_id)
    return draft_id


def open_apart(
    tx: Connection,
    vault: Vault,
    now: datetime,
    *,
    line: str,
    channel: str,
    operator: str,
    zone: ZoneInfo,
    is_sensitive: bool,
) -> int:
    """The draft of somebody who was attended without a call: in the field (R84). Parameters as in ``open_draft``.
    Raises UnknownChannel."""
    number = conversation.new_number(tx)
    nobody: dict[str, Any] = dict.fromkeys(("call_sid", "phone", "document"))
    where: dict[str, Any] = {"line": line, "channel": channel, "zone": zone, "is_sensitive": is_sensitive}
    return open_draft(tx, vault, now, room_id=number, operator=operator, **where, **nobody)


def _of_the_line(code: str | None, choices: Sequence[Subject | Caller]) -> str | None:
    return code if code in [each.code for each in choices] else None
