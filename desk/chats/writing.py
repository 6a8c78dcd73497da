"""Messages that leave: each a row and a job, in the transaction that wants it; sent once (messages/chat_sending.py)."""

from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from campaigns.rules.exclusions import Kind
from campaigns.tables import exclusion
from core import jobs
from core.privacy import Vault
from desk.chats import chats, window
from desk.chats.chats import Chat
from desk.chats.line import LONGEST
from desk.chats.pins import NEVER_A_PIN, says_a_pin
from desk.chats.states import MessageState, Side
from desk.chats.tables import chat, chat_message
from desk.lines import DeskLine
from desk.refusal import CannotDo
from desk.world import Desk

SEND_CHAT = "messages.send_chat"

NOT_YOURS = "Esta conversación ya no es suya."
TOO_LATE = "Pasaron 24 horas desde su último mensaje: ahora solo se puede enviar un texto aprobado."


def leave(
    tx: Connection,
    vault: Vault,
    now: datetime,
    chat_id: int,
    side: Side,
    text: str,
    *,
    author: str | None = None,
    template: str | None = None,
    once: str | None = None,
) -> int | None:
    """Writes a message down, to be sent once the transaction commits; its id. None: ``once`` was said before."""
    row = {"chat_id": chat_id, "at": now, "side": side.value, "author": author, "template": template, "once": once}
    new = insert(chat_message).values(**row, body_sealed=vault.seal(text), state=MessageState.QUEUED.value)
    message_id = tx.execute(new.on_conflict_do_nothing().returning(chat_message.c.id)).scalar()
    if message_id is not None:
        send(tx, chat_id, message_id)
        changed(tx, chat_id)
    return message_id


def sentence(desk: Desk, line: DeskLine, key: str, **values: object) -> str:
    """A sentence of the line's catalogue, to be read."""
    known = {"entidad": line.entidad, "numero": line.caller_id, **values}
    return desk.catalogs[line.id].say(key, known, line.country).text


def send(tx: Connection, chat_id: int, message_id: int) -> None:
    """Leaves the job that sends one. Those of one conversation go in their order."""
    jobs.defer(tx, SEND_CHAT, lock=f"chat {chat_id}", message_id=message_id)


def changed(tx: Connection, chat_id: int, **values: object) -> None:
    """Whoever looks at it sees something else from now on."""
    news = {"version": chat.c.version + 1, **values}
    tx.execute(update(chat).where(chat.c.id == chat_id).values(**news))


def write(
    tx: Connection, desk: Desk, now: datetime, chat_id: int, account_id: int, actor: str, text: str, once: str | None
) -> None:
    """The operator answers. Raises CannotDo: not theirs, nothing or too much said, a PIN, over 24 hours."""
    theirs = _still_theirs(tx, desk, chat_id, account_id)
    said = text.strip().replace("\r\n", "\n")
    if not said:
        raise CannotDo("Escriba el mensaje.")
    if len(said) > LONGEST:
        raise CannotDo(f"El mensaje es muy largo: {LONGEST} letras como mucho. Divídalo en dos.")
    if says_a_pin(said):
        raise CannotDo(NEVER_A_PIN)
    if not window.is_open(theirs.wrote_at, now):
        raise CannotDo(TOO_LATE)
    _answer(tx, desk, now, theirs, actor, said, None, once)


def write_approved(
    tx: Connection,
    desk: Desk,
    now: datetime,
    chat_id: int,
    account_id: int,
    actor: str,
    content_sid: str,
    once: str | None,
) -> None:
    """The operator sends an approved template. Raises CannotDo, also to whoever asked not to be written to."""
    theirs = _still_theirs(tx, desk, chat_id, account_id)
    approved = theirs.with_us.template(content_sid)
    if approved is None:
        raise CannotDo("Elija un texto aprobado.")
    if is_opted_out(tx, theirs):
        raise CannotDo("La persona pidió que no se le escriba.")
    _answer(tx, desk, now, theirs, actor, approved.text, approved.content_sid, once)


def is_opted_out(tx: Connection, theirs: Chat) -> bool:
    """Whether the person asked not to be sought by this line, or by any: they may still be answered."""
    stands = (exclusion.c.kind == Kind.PHONE.value, exclusion.c.removed_at.is_(None))
    where = exclusion.c.campaign_id.is_(None) & (exclusion.c.line.is_(None) | (exclusion.c.line == theirs.line.id))
    query = select(exclusion.c.id).where(exclusion.c.print == theirs.phone_print, *stands, where)
    return tx.execute(query.limit(1)).first() is not None


def _answer(
    tx: Connection,
    desk: Desk,
    now: datetime,
    theirs: Chat,
    actor: str,
    text: str,
    template: str | None,
    once: str | None,
) -> None:
    key = once[:64] if once else None
    if leave(tx, desk.vault, now, theirs.id, Side.OPERATOR, text, author=actor, template=template, once=key):
        changed(tx, theirs.id, owed_since=None)


def _still_theirs(tx: Connection, desk: Desk, chat_id: int, account_id: int) -> Chat:
    found = chats.one(tx, desk, chat_id, lock=True)
    if found is None or not found.is_had_by(account_id):
        raise CannotDo(NOT_YOURS)
    return found
