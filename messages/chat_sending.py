"""Sends what was written to people, one job a message: never twice on a guess (architecture, decision 5).

A message is marked before the carrier is asked. What came of asking may be unknown: then the carrier's callback, which
carries the message's number, proves it; or its own list does, read whole. Only that list says that it was not sent.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from procrastinate import JobContext
from sqlalchemy import Connection, Row, select, update

from carrier.carriers import Carriers
from carrier.client import CarrierDown, NotAsked, Placed, Unknown
from carrier.messaging import NotTaken, SentBefore, Written
from core import jobs
from core.clock import Clock
from core.database import Database
from core.jobs import app, every
from core.logs import where
from core.privacy import Vault
from core.troubles import DATABASE_ERRORS
from desk.chats import handling, window, writing
from desk.chats.states import UNSENT, MessageState
from desk.chats.tables import chat, chat_message
from desk.chats.writing import SEND_CHAT
from desk.lines import DeskLine

log = logging.getLogger(__name__)

IN_DOUBT = timedelta(seconds=60)  #: after asking, before the carrier's list may say that it has none
_CLOCKS_DIFFER = timedelta(seconds=90)


@dataclass(frozen=True)
class ChatSender:
    """What sending needs; the worker keeps one."""

    db: Database
    vault: Vault
    clock: Clock
    carriers: Carriers
    lines: Mapping[str, DeskLine]
    public_url: str

    def send(self, message_id: int) -> None:
        """Sends one message: whoever finds it being sent, or sent, leaves it."""
        with self.db.begin() as tx:
            row = self._marked(tx, message_id)
        if row is None:
            return
        status_url = f"{self.public_url}/messaging/whatsapp/status?message={message_id}"
        whose, number = self.vault.open(row.citizen_sealed), self._number(row)
        asked = Written(whose, number, self.vault.open(row.body_sealed), row.template, status_url)
        answer = self.carriers.messaging(row.carrier_account, number).send(asked)
        with self.db.begin() as tx:
            match answer:
                case Placed(sid):
                    self._store(tx, row, MessageState.SENT, sid=sid)
                case NotTaken(code):
                    self._store(tx, row, MessageState.FAILED, error=code)
                case NotAsked():
                    self._store(tx, row, MessageState.QUEUED, asked_at=None)
                case Unknown():
                    self._store(tx, row, MessageState.UNKNOWN)

    def look_again(self) -> int:
        """Each minute: jobs for what waits and has none; and of what is in doubt, what the carrier's list says of it.
        How many are still unsent."""
        now = self.clock.now()
        with self.db.begin() as tx:
            at_work = {arguments["message_id"] for arguments in jobs.arguments_waiting(tx, SEND_CHAT)}
            rows = [row for row in tx.execute(_UNSENT).all() if row.id not in at_work]
            for row in rows:
                if row.state == MessageState.QUEUED:
                    writing.send(tx, row.chat_id, row.id)
        in_doubt = [row for row in rows if row.asked_at is not None and row.asked_at <= now - IN_DOUBT]
        for row in in_doubt:
            try:
                self._resolve(row)
            except CarrierDown:
                log.warning("message %s is in doubt still: the carrier does not answer", row.id)
        return len(rows)

    def _marked(self, tx: Connection, message_id: int) -> Row | None:
        """The message, about to be asked for; None where it is nobody's to send any more."""
        whole = select(chat_message, *_WHOSE).join(chat, chat.c.id == chat_message.c.chat_id)
        query = whole.where(chat_message.c.id == message_id, chat_message.c.state == MessageState.QUEUED)
        row = tx.execute(query.with_for_update(of=chat_message, skip_locked=True)).one_or_none()
        if row is None:
            return None
        now = self.clock.now()
        is_late = row.template is None and not window.is_open(row.wrote_at, now)
        if is_late or row.citizen_sealed is None or row.body_sealed is None or not self._is_written_to(row):
            self._store(tx, row, MessageState.FAILED, error=window.WINDOW_IS_CLOSED if is_late else None)
            return None
        self._store(tx, row, MessageState.ASKING, asked_at=now)
        return row

    def _resolve(self, row: Row) -> None:
        """The carrier's list was read whole, a minute and more after asking: it was sent, or it never was."""
        number = self._number(row)
        listed = self.carriers.messaging(row.carrier_account, number).sent_since(number, row.asked_at)
        with self.db.begin() as tx:
            known = set(
                tx.execute(select(chat_message.c.sid).where(chat_message.c.sid.in_([s.sid for s in listed]))).scalars()
            )
            mine = [each for each in listed if each.sid not in known and self._is(row, each)]
            if mine:
                self._store(tx, row, MessageState.SENT, sid=mine[-1].sid)
            else:
                self._store(tx, row, MessageState.QUEUED, asked_at=None)
                writing.send(tx, row.chat_id, row.id)

    def _is(self, row: Row, listed: SentBefore) -> bool:
        if listed.created_at is None or listed.created_at < row.asked_at - _CLOCKS_DIFFER:
            return False
        says_it = row.template is not None or listed.text.strip() == self.vault.open(row.body_sealed).strip()
        return says_it and listed.to == self.vault.open(row.citizen_sealed)

    def _is_written_to(self, row: Row) -> bool:
        line = self.lines.get(row.line)
        return line is not None and line.chat is not None

    def _number(self, row: Row) -> str:
        line = self.lines[row.line]
        assert line.chat is not None, "of another line nothing is asked for"
        return line.chat.number

    def _store(self, tx: Connection, row: Row, state: MessageState, **values: object) -> None:
        """Unless a callback has told more meanwhile."""
        mine = (chat_message.c.id == row.id, chat_message.c.state.in_(UNSENT))
        if tx.execute(update(chat_message).where(*mine).values(state=state.value, **values)).rowcount:
            writing.changed(tx, row.chat_id)


_WHOSE = (chat.c.line, chat.c.citizen_sealed, chat.c.carrier_account, chat.c.wrote_at)
_UNSENT = (
    select(chat_message, *_WHOSE)
    .join(chat, chat.c.id == chat_message.c.chat_id)
    .where(chat_message.c.state.in_(UNSENT))
    .order_by(chat_message.c.id)
    .limit(500)
)


@app.task(name=SEND_CHAT, pass_context=True)
def send_chat(context: JobContext, message_id: int) -> None:
    """The job that ``desk.chats.writing.leave`` leaves behind."""
    try:
        _sender(context).send(message_id)
    except DATABASE_ERRORS as error:
        log.warning("message %s is left to the next look: %s", message_id, where(error))


@every("* * * * *", "messages.look_after_chats")
def look_after_chats(context: JobContext, timestamp: int) -> None:
    """Each minute: what was not sent, and conversations that nobody looks after."""
    sender = _sender(context)
    if count := sender.look_again():
        log.info("messages that are not sent yet: %s", count)
    with sender.db.begin() as tx:
        handling.look_after(tx, sender.clock.now())


def _sender(context: JobContext) -> ChatSender:
    sender: ChatSender = context.additional_context["chat_sender"]
    return sender
