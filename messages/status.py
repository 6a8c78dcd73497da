"""What the carrier tells of a text that it took: that it arrived, or why not."""

import logging

from flask import Blueprint, abort, request

from carrier.signature import SignatureCheck
from carrier.webhook import error_code, number, refuse_strangers
from core.clock import Clock
from core.database import Database
from core.logs import where
from core.post_states import fold

log = logging.getLogger(__name__)


def status_webhooks(db: Database, clock: Clock, signature: SignatureCheck) -> Blueprint:
    """The blueprint of ``/messaging/status``. Every request is checked before anything of it is believed."""
    messaging = Blueprint("messaging_status", __name__, url_prefix="/messaging")
    refuse_strangers(messaging, signature)

    @messaging.post("/status")
    def status() -> tuple[str, int]:
        sid, word = request.form.get("MessageSid", "")[:64], request.form.get("MessageStatus", "")
        try:
            with db.begin() as tx:
                fold(tx, clock.now(), number("post"), sid, word, error_code())
        except Exception as error:
            log.error("status of a text not kept: %s", where(error))
            abort(500)  # the carrier may try again; if not, the text stays as sent
        return "", 204

    return messaging
