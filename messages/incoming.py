"""A text comes in to a number of ours: who wants no more is heeded at once, and told so."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, abort, request

from campaigns.texting.stopping import IncomingText, heed
from carrier.signature import SignatureCheck
from carrier.webhook import refuse_strangers
from core.clock import Clock
from core.database import Database
from core.logs import where
from core.phones import looks_like_caller_id
from core.privacy import Vault

log = logging.getLogger(__name__)

_NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@dataclass(frozen=True)
class Senders:
    """Our numbers (E.164), each with its line and country."""

    by_number: Mapping[str, tuple[str, str]]

    def line_of(self, number: str) -> tuple[str, str] | None:
        return self.by_number.get(number)


def incoming_webhooks(
    db: Database, vault: Vault, clock: Clock, senders: Senders, signature: SignatureCheck
) -> Blueprint:
    """The blueprint of ``/messaging/incoming``. Every request is checked before anything of it is believed. The answer
    is left to the post: the carrier may ask twice."""
    messaging = Blueprint("messaging_incoming", __name__, url_prefix="/messaging")
    refuse_strangers(messaging, signature)

    @messaging.post("/incoming")
    def incoming() -> Response:
        sender, whose = looks_like_caller_id(request.form.get("From", "")), senders.line_of(request.form.get("To", ""))
        sid = request.form.get("MessageSid", "")[:64]
        if sender is None or whose is None or not sid:
            log.warning("a text from nowhere, or to a number of no line")
            return Response(_NOTHING, mimetype="text/xml")
        body, was_answered = request.form.get("Body", ""), bool(request.form.get("OptOutType"))
        try:
            with db.begin() as tx:
                said = heed(tx, vault, clock.now(), IncomingText(sid, sender, body, *whose, was_answered))
        except Exception as error:
            log.error("a text was not heeded: %s", where(error))
            abort(500)  # the carrier's log shows it, and it may try again
        if said is not None:
            log.info("a text to the line %s: %s", whose[0], said)
        return Response(_NOTHING, mimetype="text/xml")

    return messaging
