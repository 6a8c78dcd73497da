"""``/messaging/whatsapp``: what people write to a line, and how far our answers came (twilio.md §4, §9)."""

import logging
from collections.abc import Callable

from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy import Connection, select, update

from carrier.signature import SignatureCheck
from carrier.webhook import number, refuse_strangers
from core.logs import where
from desk.chats import writing
from desk.chats.states import MessageState, is_further
from desk.chats.tables import chat_message
from desk.lines import DeskLine
from desk.world import Desk
from messages.whatsapp_conversation import receive
from messages.whatsapp_incoming import read

log = logging.getLogger(__name__)

_TOLD = {
    "sent": MessageState.SENT,
    "delivered": MessageState.DELIVERED,
    "read": MessageState.READ,
    "failed": MessageState.FAILED,
    "undelivered": MessageState.FAILED,
}


def whatsapp_webhooks(desk: Desk, signature: SignatureCheck) -> Blueprint:
    """The blueprint of ``/messaging/whatsapp``. Every request is checked before anything of it is believed."""
    whatsapp = Blueprint("whatsapp", __name__, url_prefix="/messaging/whatsapp")
    refuse_strangers(whatsapp, signature)

    @whatsapp.post("")
    def incoming() -> Response:
        return _kept(lambda: _incoming(desk))

    @whatsapp.post("/status")
    def status() -> Response:
        return _kept(lambda: _status(desk))

    return whatsapp


def _incoming(desk: Desk) -> None:
    """Doubled, late and overtaken ones are harmless: a message is known by its sid."""
    found = read(request.form)
    line = line_written_to(desk, found.to) if found is not None else None
    if found is None or line is None:
        log.warning("a message that nobody of ours can answer was left")
        return
    with desk.db.begin() as tx:
        receive(tx, desk, desk.clock.now(), line, found)


def line_written_to(desk: Desk, number: str) -> DeskLine | None:
    """The line whose WhatsApp this number is."""
    return next((line for line in desk.lines.values() if line.chat and line.chat.number == number), None)


def _status(desk: Desk) -> None:
    """How far a message came: the number in the address is ours, and proves one whose sending was in doubt."""
    told = _TOLD.get(request.form.get("MessageStatus", ""))
    if told is None:
        return
    code = request.form.get("ErrorCode", "")
    error = int(code) if code.isdecimal() and len(code) < 9 else None
    with desk.db.begin() as tx:
        fold(tx, number("message"), request.form.get("MessageSid", "")[:64], told, error)


def fold(tx: Connection, message_id: int, sid: str, told: MessageState, error: int | None) -> None:
    """What is told counts only where it is further than what is known, whatever comes first."""
    query = select(chat_message).where(chat_message.c.id == message_id).with_for_update()
    row = tx.execute(query).one_or_none()
    if row is None or (row.sid is not None and row.sid != sid):
        log.warning("the state of a message that is not ours")
        return
    if is_further(told, MessageState(row.state)):
        values = {"state": told.value, "sid": sid or None, "error": error if told is MessageState.FAILED else None}
        tx.execute(update(chat_message).where(chat_message.c.id == message_id).values(**values))
        writing.changed(tx, row.chat_id)


def _kept(done: Callable[[], None]) -> Response:
    """An empty document: what is answered goes as a message of its own. The carrier asks again after a 500, where the
    address says so (docs/lineas.md)."""
    try:
        done()
    except Exception as error:
        log.error("a message, or what became of one, was not kept: %s", where(error))
        abort(500)
    return current_app.response_class("<Response/>", mimetype="text/xml")
