"""The messages that callers left: noted when the carrier tells of one, listed masked, heard, attended."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert

from core import audit, files, jobs
from core.privacy import Vault, mask_phone
from desk.lines import DeskLine
from desk.states import VoiceMessageState
from desk.tables import voice_message
from desk.voice_messages.tables import voice_message_note

FETCH_VOICE_MESSAGE = "desk.fetch_message"
SHORTEST = 2  #: seconds: less is a breath and a click, and no message
HERE = (VoiceMessageState.FETCHED, VoiceMessageState.HEARD)


class Which(StrEnum):
    """Which messages are listed."""

    TO_DO = "pendientes"
    DONE = "atendidos"
    ALL = "todos"


@dataclass(frozen=True)
class ListedMessage:
    """A message as people see it. ``phone``: masked, None where it was withheld."""

    id: int
    line: str
    queue: str
    state: VoiceMessageState
    phone: str | None
    seconds: int
    left_at: datetime
    heard_at: datetime | None
    heard_by: str | None
    attended_at: datetime | None
    attended_by: str | None
    note: str | None

    @property
    def is_here(self) -> bool:
        return self.state in HERE


def note_voice_message(
    tx: Connection,
    vault: Vault,
    now: datetime,
    line: DeskLine,
    queue: str,
    phone: str | None,
    recording_sid: str,
    seconds: int,
    carrier_account: str | None = None,
) -> int:
    """A caller left a message: it is noted, and fetched by a job once the transaction commits. Returns its id.

    The same recording told again is the same message. ``phone``: E.164, None where withheld; ``seconds``: its length;
    ``carrier_account``: where it is, None: at the line's.
    Raises ValueError on a sensitive line: those keep none (R81).
    """
    if line.is_sensitive:
        raise ValueError("a sensitive line keeps no messages")
    row = {
        "line": line.id,
        "queue": queue,
        "state": VoiceMessageState.LEFT.value,
        "phone_sealed": vault.seal(phone) if phone else None,
        "phone_print": vault.fingerprint("phone", phone) if phone else None,
        "recording_sid": recording_sid,
        "carrier_account": carrier_account or None,
        "seconds": seconds,
        "left_at": now,
    }
    new = insert(voice_message).values(**row).on_conflict_do_nothing(index_elements=["recording_sid"])
    message_id = tx.execute(new.returning(voice_message.c.id)).scalar()
    if message_id is None:
        return tx.execute(select(voice_message.c.id).where(voice_message.c.recording_sid == recording_sid)).scalar_one()
    jobs.defer(tx, FETCH_VOICE_MESSAGE, message_id=message_id)
    return message_id


def listed(
    tx: Connection,
    vault: Vault,
    lines: Collection[str],
    which: Which = Which.TO_DO,
    limit: int = 50,
    offset: int = 0,
) -> list[ListedMessage]:
    """The messages of these lines that are not purged: those to be attended oldest first, any others newest first."""
    order = voice_message.c.left_at if which is Which.TO_DO else voice_message.c.left_at.desc()
    asked = _select().where(*_where(lines, which)).order_by(order, voice_message.c.id).limit(limit).offset(offset)
    return [_listed(vault, row) for row in tx.execute(asked)]


def one(tx: Connection, vault: Vault, lines: Collection[str], message_id: int) -> ListedMessage | None:
    """One message, if it is of these lines and not purged."""
    row = tx.execute(_select().where(*_where(lines, Which.ALL), voice_message.c.id == message_id)).one_or_none()
    return _listed(vault, row) if row else None


def counts(tx: Connection, lines: Collection[str]) -> dict[Which, int]:
    """How many there are of each."""
    joined = select(func.count()).select_from(voice_message.outerjoin(voice_message_note))
    return {which: tx.execute(joined.where(*_where(lines, which))).scalar_one() for which in Which}


def hear(tx: Connection, vault: Vault, now: datetime, message_id: int, actor: str) -> bytes | None:
    """The recording (WAV), and that it was heard goes on the trail; None if it is not here, or no longer."""
    row = tx.execute(select(voice_message).where(voice_message.c.id == message_id).with_for_update()).one_or_none()
    if row is None or row.state not in HERE or row.file_id is None:
        return None
    if row.state == VoiceMessageState.FETCHED:
        heard = {"state": VoiceMessageState.HEARD.value, "heard_at": now, "heard_by": actor}
        tx.execute(update(voice_message).where(voice_message.c.id == message_id).values(**heard))
    audit.record(tx, now, actor, "message.heard", "message", message_id, line=row.line)
    return files.fetch(tx, vault, row.file_id)


def reveal(tx: Connection, vault: Vault, now: datetime, message_id: int, actor: str) -> str | None:
    """The whole telephone (E.164) of who left it, to call them back; that it was shown goes on the trail."""
    sealed = tx.execute(select(voice_message.c.phone_sealed).where(voice_message.c.id == message_id)).scalar()
    if sealed is None:
        return None
    audit.record(tx, now, actor, "message.revealed", "message", message_id)
    return vault.open(sealed)


def attend(tx: Connection, vault: Vault, now: datetime, message_id: int, actor: str, note: str) -> bool:
    """What was done about it; a second note replaces the first. False if the message is not there."""
    found = tx.execute(
        select(voice_message.c.id)
        .where(voice_message.c.id == message_id, voice_message.c.state != VoiceMessageState.PURGED)
        .with_for_update()
    ).scalar()
    if found is None:
        return False
    values = {"at": now, "by": actor, "note_sealed": vault.seal(note)}
    new = insert(voice_message_note).values(message_id=message_id, **values)
    tx.execute(new.on_conflict_do_update(index_elements=["message_id"], set_=values))
    audit.record(tx, now, actor, "message.attended", "message", message_id)
    return True


def _select() -> Select:
    note = (voice_message_note.c.at, voice_message_note.c.by, voice_message_note.c.note_sealed)
    return select(voice_message, *note).select_from(voice_message.outerjoin(voice_message_note))


def _where(lines: Collection[str], which: Which) -> list[ColumnElement[bool]]:
    asked = [
        voice_message.c.line.in_(lines),
        voice_message.c.state != VoiceMessageState.PURGED,
        voice_message.c.seconds >= SHORTEST,
    ]
    if which is Which.TO_DO:
        asked.append(voice_message_note.c.message_id.is_(None))
    if which is Which.DONE:
        asked.append(voice_message_note.c.message_id.is_not(None))
    return asked


def _listed(vault: Vault, row: Row) -> ListedMessage:
    return ListedMessage(
        id=row.id,
        line=row.line,
        queue=row.queue,
        state=VoiceMessageState(row.state),
        phone=mask_phone(vault.open(row.phone_sealed)) if row.phone_sealed else None,
        seconds=row.seconds,
        left_at=row.left_at,
        heard_at=row.heard_at,
        heard_by=row.heard_by,
        attended_at=row.at,
        attended_by=row.by,
        note=vault.open(row.note_sealed) if row.note_sealed else None,
    )
