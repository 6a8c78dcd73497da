"""Messages that leave: each a row and a job, in the transaction that wants it; sent once (messages/chat_sending.py)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from campaigns.rules.exclusions import is_left_alone
from core import jobs
from core.privacy import Vault
from desk import events
from desk.chats import beginning, chats, pins, window
from desk.chats.chats import Chat
from desk.chats.line import LONGEST
from desk.chats.personal import MustBeSure, personal_data_in
from desk.chats.states import MessageState, Side
from desk.chats.tables import chat, chat_message
from desk.lines import DeskLine
from desk.refusal import CannotDo
from desk.world import Desk

SEND_CHAT = "messages.send_chat"
_LATELY = 5  # messages in which a PIN of up to six figures may be spelt

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
    tx: Connection,
    desk: Desk,
    now: datetime,
    chat_id: int,
    *,
    account_id: int,
    actor: str,
    text: str,
    once: str | None = None,
    is_sure: bool = False,
) -> None:
    """The operator answers. ``is_sure``: they were asked about what it holds, and it may go.

    Raises CannotDo: not theirs, nothing or too much said, a PIN, over 24 hours; MustBeSure: it may hold what is
    somebody's own.
    """
    theirs = _still_theirs(tx, desk, chat_id, account_id)
    said = text.strip().replace("\r\n", "\n")
    if not said:
        raise CannotDo("Escriba el mensaje.")
    if len(said) > LONGEST:
        raise CannotDo(f"El mensaje es muy largo: {LONGEST} letras como mucho. Divídalo en dos.")
    ready = [each.text for each in theirs.with_us.canned]
    if refused := pins.refusal(_own(said, ready), _lately(tx, desk, chat_id, ready), desk.pin_digits):
        raise CannotDo(refused)
    if not window.is_open(theirs.wrote_at, now):
        raise CannotDo(TOO_LATE)
    today = now.astimezone(theirs.line.zone).date()
    seen = personal_data_in(said, theirs.line.country, today, ready)
    if seen and not is_sure:
        raise MustBeSure(seen)
    if _answer(tx, desk, now, theirs, author=actor, text=said, once=once) is not None and seen:
        events.note(tx, now, chat_id, "chat.was_sure", actor, seen=len(seen))


def write_approved(
    tx: Connection,
    desk: Desk,
    now: datetime,
    chat_id: int,
    *,
    account_id: int,
    actor: str,
    content_sid: str,
    once: str | None = None,
) -> None:
    """The operator sends an approved template; outside of the session it is we who begin (``beginning``). Raises
    CannotDo, also to whoever asked not to be written to, at no legal hour, and to whom the limits protect."""
    theirs = _still_theirs(tx, desk, chat_id, account_id)
    approved = theirs.with_us.template(content_sid)
    if approved is None:
        raise CannotDo("Elija un texto aprobado.")
    if is_opted_out(tx, theirs):
        raise CannotDo("La persona pidió que no se le escriba.")
    if _was_said(tx, chat_id, once):
        return
    begins = not window.is_open(theirs.wrote_at, now)
    person = beginning.may_begin(tx, desk, now, theirs) if begins else None
    text, template = approved.text, approved.content_sid
    message_id = _answer(tx, desk, now, theirs, author=actor, text=text, template=template, once=once)
    if begins and message_id is not None:
        beginning.note(tx, now, theirs, person, message_id)


def _was_said(tx: Connection, chat_id: int, once: str | None) -> bool:
    """Whether the press that this is was heard before."""
    same = (chat_message.c.chat_id == chat_id, chat_message.c.once == (once or "")[:64])
    return bool(once) and tx.execute(select(chat_message.c.id).where(*same)).first() is not None


def _lately(tx: Connection, desk: Desk, chat_id: int, ready: Sequence[str]) -> list[str]:
    """The last that operators wrote in it themselves, the oldest first: a number may be told in pieces."""
    typed = (chat_message.c.chat_id == chat_id, chat_message.c.side == Side.OPERATOR.value)
    newest = select(chat_message.c.body_sealed).where(*typed, chat_message.c.template.is_(None))
    kept = newest.where(chat_message.c.body_sealed.is_not(None)).order_by(chat_message.c.id.desc()).limit(_LATELY)
    return [_own(desk.vault.open(sealed), ready) for sealed in tx.execute(kept).scalars()][::-1]


def _own(text: str, ready: Sequence[str]) -> str:
    """Without what the line has ready, which is nobody's."""
    for each in ready:
        text = text.replace(each, " ")
    return text


def is_opted_out(tx: Connection, theirs: Chat) -> bool:
    """Whether the person asked not to be sought: they may still be answered."""
    return theirs.phone_print is not None and is_left_alone(tx, theirs.phone_print, theirs.line.id)


def _answer(
    tx: Connection,
    desk: Desk,
    now: datetime,
    theirs: Chat,
    *,
    author: str,
    text: str,
    template: str | None = None,
    once: str | None,
) -> int | None:
    """The message's number; None: ``once`` was said before."""
    told = {"author": author, "template": template, "once": once[:64] if once else None}
    message_id = leave(tx, desk.vault, now, theirs.id, Side.OPERATOR, text, **told)
    if message_id is not None:
        changed(tx, theirs.id, owed_since=None)
    return message_id


def _still_theirs(tx: Connection, desk: Desk, chat_id: int, account_id: int) -> Chat:
    found = chats.one(tx, desk, chat_id, lock=True)
    if found is None or not found.is_had_by(account_id):
        raise CannotDo(NOT_YOURS)
    return found
