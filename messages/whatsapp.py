"""``/messaging/whatsapp``: what people write to a line, and how far our answers came (twilio.md §4, §9)."""

import logging
from collections.abc import Callable

from flask import Blueprint, Response, abort, current_app, request

from carrier.signature import SignatureCheck
from carrier.webhook import error_code, number, refuse_strangers
from core.logs import where
from desk.lines import DeskLine
from desk.world import Desk
from messages.chat_states import fold
from messages.whatsapp_conversation import receive
from messages.whatsapp_incoming import read

log = logging.getLogger(__name__)


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
    with desk.db.begin() as tx:
        sid, status = request.form.get("MessageSid", "")[:64], request.form.get("MessageStatus", "")
        fold(tx, number("message"), sid, status, error_code())


def _kept(done: Callable[[], None]) -> Response:
    """An empty document: what is answered goes as a message of its own. The carrier asks again after a 500, where the
    address says so (docs/lineas.md)."""
    try:
        done()
    except Exception as error:
        log.error("a message, or what became of one, was not kept: %s", where(error))
        abort(500)
    return current_app.response_class("<Response/>", mimetype="text/xml")
