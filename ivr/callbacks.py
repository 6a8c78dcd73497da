"""What the carrier only tells of a citizen's call and does not ask: how it stands, and that a machine answered."""

import logging

from flask import abort, request

from campaigns import attempts
from campaigns.forecast import trial
from campaigns.outcomes import is_machine
from carrier.client import CarrierDown
from carrier.statuses import is_final
from carrier.webhook import TRY_AGAIN, account_sid, call_sid, number
from core.logs import where
from desk import waiting
from ivr import calls
from ivr.world import World

log = logging.getLogger(__name__)


def machine_verdict(world: World) -> None:
    """AMD's verdict, which came while we were speaking. A key pressed overrides it."""
    attempt_id, answered_by = number("attempt"), request.form.get("AnsweredBy", "unknown")
    try:
        if not is_machine(answered_by):
            with world.db.at_once() as tx:
                attempts.note_answered_by(tx, attempt_id, answered_by, call_sid(), account_sid())
            return
        with world.db.begin() as tx:
            call = calls.load(tx, world, call_sid())  # first: every turn locks its call, and then its attempt
            verdict = (attempt_id, answered_by, call_sid(), account_sid())
            is_alone = bool(attempt_id) and attempts.note_answered_by(tx, *verdict)
            if call is None or call.has_keyed or not is_alone:
                return
            has_message = bool(call.get("mensaje_buzon"))
        carrier = world.carriers.of_account(account_sid())
        # Outside the transaction: the carrier may take its time, and may ask us for the document at once.
        if has_message:
            carrier.replace(call_sid(), f"{world.public_url}/voice/voicemail{TRY_AGAIN}")
        else:
            carrier.hang_up(call_sid())
    except CarrierDown:
        log.warning("a machine could not be hung up: the carrier does not answer")
    except Exception as error:
        log.error("machine verdict not handled: %s", where(error))
        abort(500)


def call_status(world: World) -> None:
    """A call's status. It is folded: a final one stays, and a late or repeated one changes nothing."""
    status = request.form.get("CallStatus", "")
    try:
        if is_final(status):
            _is_over(world, status)
        else:
            _is_in_course(world)
    except attempts.NotItsCall:
        log.warning("status of a call that is not its attempt's")
    except Exception as error:
        log.error("status not kept: %s", where(error))
        abort(500)  # the carrier may try again; if not, reconciling asks it


def _is_in_course(world: World) -> None:
    """It rings, or somebody answered. That there is such a call may be news: a reply of the carrier's can be lost."""
    if attempt_id := number("attempt"):
        with world.db.at_once() as tx:
            if not attempts.prove(tx, world.clock.now(), attempt_id, call_sid(), account_sid()):
                raise attempts.NotItsCall
    if test_id := number("test"):
        with world.db.begin() as tx:
            trial.prove(tx, test_id, call_sid())


def _is_over(world: World, status: str) -> None:
    sid, attempt_id, test_id = call_sid(), number("attempt"), number("test")
    duration = _form_number("CallDuration")
    now = world.clock.now()
    with world.db.begin() as tx:
        if test_id and not trial.prove(tx, test_id, sid):
            log.warning("status of a call that is not its test's")
            return
        if calls.end(tx, now, sid, status, _form_number("SequenceNumber"), duration):
            waiting.hung_up(tx, now, sid, status)
        if attempt_id:
            verdict = request.form.get("AnsweredBy")  # again: the callback of its own may have been lost
            attempts.end_call(tx, now, attempt_id, status, duration, verdict, sid=sid, account=account_sid())
        if test_id:
            trial.end(tx, now, test_id, sid, status, duration)


def _form_number(name: str) -> int | None:
    text = request.form.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None
