"""What the carrier tells of a campaign's text: how far it came."""

import logging

from flask import Blueprint, abort, request

from campaigns.attempts import NotItsCall
from campaigns.texting.delivery import tell
from carrier.signature import SignatureCheck
from carrier.webhook import account_sid, error_code, number, refuse_strangers
from core.clock import Clock
from core.database import Database
from core.logs import where

log = logging.getLogger(__name__)


def delivery_webhooks(db: Database, clock: Clock, signature: SignatureCheck) -> Blueprint:
    """The blueprint of ``/messaging/attempt``. Every request is checked before anything of it is believed."""
    messaging = Blueprint("messaging_delivery", __name__, url_prefix="/messaging")
    refuse_strangers(messaging, signature)

    @messaging.post("/attempt")
    def attempt() -> tuple[str, int]:
        sid, status = request.form.get("MessageSid", "")[:64], request.form.get("MessageStatus", "")
        try:
            if sid:
                with db.begin() as tx:
                    tell(tx, clock.now(), number("attempt"), status, error_code(), sid=sid, account=account_sid())
        except NotItsCall:
            log.warning("status of a text that is no attempt's")
        except Exception as error:
            log.error("status of a text not kept: %s", where(error))
            abort(500)  # the carrier may try again; if not, it is asked later
        return "", 204

    return messaging
