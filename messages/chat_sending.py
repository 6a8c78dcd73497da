"""Sends what was written to people, one job a message, as the post sends letters and texts (messages/sending.py)."""

import logging
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from procrastinate import JobContext
from sqlalchemy import Connection, Row, select, text, update

from carrier.messaging import WHATSAPP, Written
from carrier.webhook import TRY_AGAIN
from core import jobs
from core.clock import Clock
from core.database import Database
from core.jobs import app, every
from core.logs import where
from core.privacy import Vault
from core.troubles import DATABASE_ERRORS
from desk.chats import beginning, handling, window, writing
from desk.chats.states import MessageState
from desk.chats.tables import IS_UNSENT, chat, chat_message
from desk.chats.writing import SEND_CHAT
from desk.lines import DeskLine
from messages import sending
from messages.chat_states import fold
from messages.courier import Answer, Courier, Doubtful, Later, Never, Taken
from messages.sending import AT_ONCE, DOUBT, TakenUp
from messages.texts import Text

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ChatTexts:
    """What messages of conversations say."""

    vault: Vault
    lines: Mapping[str, DeskLine]
    public_url: str

    def text(self, row: Row) -> Text:
        """Raises LookupError: of a line that nobody writes to any more, or erased."""
        line = self.lines.get(row.line)
        if line is None or line.chat is None or row.citizen_sealed is None or row.body_sealed is None:
            raise LookupError("there is nobody, or nothing, to write any more")
        to, from_ = WHATSAPP + self.vault.open(row.citizen_sealed), WHATSAPP + line.chat.number
        status_url = f"{self.public_url}/messaging/whatsapp/status?message={row.id}{TRY_AGAIN}"
        written = Written(to, from_, self.vault.open(row.body_sealed), status_url, row.template)
        return Text(line.chat.number, written, row.carrier_account)


@dataclass(frozen=True)
class ChatSender:
    """What sending needs; the worker keeps one."""

    db: Database
    clock: Clock
    courier: Courier

    def send(self, message_id: int) -> None:
        sending.send(self.db, self, message_id)

    def send_again(self) -> int:
        return sending.send_again(self.db, self)

    def waiting(self, tx: Connection) -> list[Row]:
        now = self.clock.now()
        told = (chat_message.c.id, chat_message.c.chat_id, chat_message.c.state, chat_message.c.asked_at)
        query = select(*told).where(text(IS_UNSENT)).order_by(chat_message.c.id).limit(AT_ONCE)
        return [row for row in tx.execute(query) if _is_due(row, now)]

    def at_work(self, tx: Connection) -> Container[int]:
        return {arguments["message_id"] for arguments in jobs.arguments_waiting(tx, SEND_CHAT)}

    def defer(self, tx: Connection, row: Row) -> None:
        writing.send(tx, row.chat_id, row.id)

    def take_up(self, tx: Connection, number: int) -> TakenUp | None:
        now = self.clock.now()
        query = _WHOLE.where(chat_message.c.id == number, text(IS_UNSENT))
        row = tx.execute(query.with_for_update(of=chat_message, skip_locked=True)).one_or_none()
        if row is None or not _is_due(row, now):
            return None
        is_queued = row.state == MessageState.QUEUED
        is_late = is_queued and row.template is None and not window.is_open(row.wrote_at, now)
        if is_late or (is_queued and self.courier.is_over(row.tries, row.at, now)):
            _give_up(tx, row, window.WINDOW_IS_CLOSED if is_late else None)
            return None
        try:
            written = self.courier.written(row)
        except Exception as problem:  # as in messages/post.py: no try mends it
            log.error("the message %s of the line %s cannot be sent: %s", number, row.line, where(problem))
            _give_up(tx, row, None)
            return None
        asked = {"state": MessageState.ASKING.value, "tries": row.tries + 1} if is_queued else {}
        tx.execute(update(chat_message).where(chat_message.c.id == number).values(**asked, asked_at=now))
        writing.changed(tx, row.chat_id)
        return TakenUp(row, self.courier, written, now, None if is_queued else row.at)

    def store(self, tx: Connection, taken_up: TakenUp, answer: Answer) -> None:
        match answer:
            case Taken(sid, status, code):
                fold(tx, taken_up.row.id, sid or "", status, code)
            case Never(_, _, code):
                _change(tx, taken_up, state=MessageState.FAILED.value, error=code)
            case Later(_, counts):
                tries = taken_up.row.tries + counts
                _change(tx, taken_up, state=MessageState.QUEUED.value, asked_at=None, tries=tries)
            case Doubtful():
                _change(tx, taken_up, state=MessageState.UNKNOWN.value)

    def settle(self, tx: Connection, taken_up: TakenUp, found: Sequence[Taken] | None) -> None:
        row = taken_up.row
        if mine := sending.nobodys(tx, chat_message.c.sid, found or ()):
            fold(tx, row.id, mine.sid or "", mine.status, mine.code)
        elif taken_up.courier.is_over(row.tries, row.at, self.clock.now()):
            log.error("the message %s is given up", row.id)
            _change(tx, taken_up, state=MessageState.FAILED.value)
        elif found is not None and _change(tx, taken_up, state=MessageState.QUEUED.value, asked_at=None):
            writing.send(tx, row.chat_id, row.id)


def _is_due(row: Row, now: datetime) -> bool:
    return row.state == MessageState.QUEUED or row.asked_at is None or row.asked_at + DOUBT <= now


def _give_up(tx: Connection, row: Row, code: int | None) -> None:
    """Of one that is locked, and was not handed over."""
    failed = {"state": MessageState.FAILED.value, "error": code}
    tx.execute(update(chat_message).where(chat_message.c.id == row.id).values(**failed))
    beginning.came_to_nothing(tx, row.id)
    writing.changed(tx, row.chat_id)


def _change(tx: Connection, taken_up: TakenUp, **values: object) -> bool:
    """Unless the carrier told meanwhile what became of it, or somebody else took it up; whether it did."""
    row = taken_up.row
    still_mine = (chat_message.c.id == row.id, chat_message.c.asked_at == taken_up.at, text(IS_UNSENT))
    is_changed = tx.execute(update(chat_message).where(*still_mine).values(**values)).rowcount > 0
    if is_changed:
        writing.changed(tx, row.chat_id)
        if values.get("state") == MessageState.FAILED.value:
            beginning.came_to_nothing(tx, row.id)
    return is_changed


_WHOLE = select(chat_message, chat.c.line, chat.c.citizen_sealed, chat.c.carrier_account, chat.c.wrote_at).join(
    chat, chat.c.id == chat_message.c.chat_id
)


@app.task(name=SEND_CHAT, pass_context=True)
def send_chat(context: JobContext, message_id: int) -> None:
    """The job that ``desk.chats.writing.leave`` leaves behind."""
    try:
        _sender(context).send(message_id)
    except DATABASE_ERRORS as error:
        log.warning("message %s is left to the next look: %s", message_id, where(error))


@every("* * * * *", "messages.send_chats_again", one_at_a_time=True)
def send_chats_again(context: JobContext, timestamp: int) -> None:
    """Each minute."""
    if count := _sender(context).send_again():
        log.info("messages that are tried again, or asked after: %s", count)


@every("* * * * *", "messages.look_after_chats", one_at_a_time=True)
def look_after_chats(context: JobContext, timestamp: int) -> None:
    """Each minute: conversations that nobody looks after."""
    sender = _sender(context)
    with sender.db.begin() as tx:
        handling.look_after(tx, sender.clock.now())


def _sender(context: JobContext) -> ChatSender:
    sender: ChatSender = context.additional_context["chat_sender"]
    return sender
