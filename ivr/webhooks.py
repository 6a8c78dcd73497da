"""What the carrier asks of us: signed or refused, short transactions, always something polite to a caller."""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, current_app, request
from sqlalchemy import Connection

from campaigns import conversation
from campaigns.forecast import trial
from carrier.signature import SignatureCheck
from carrier.twiml import render
from carrier.verbs import Hangup, Verb
from carrier.webhook import account_sid, call_sid, number, refuse_strangers
from core.logs import is_about, where
from core.metrics import TURNS_FAILED
from core.phones import looks_like_caller_id
from desk import arriving, waiting
from desk.arriving import Arrival
from desk.lines import Rejoins
from desk.waiting import Now
from ivr import callbacks, calls, engine
from ivr.asking import answered
from ivr.calls import Call, Direction
from ivr.flow import Step
from ivr.flows.campaign import campaign
from ivr.flows.leaving import after_message, keep_message
from ivr.flows.menus import first_step
from ivr.flows.operator import follow
from ivr.line import Line, line_of
from ivr.render import only, sorry, verbs_of
from ivr.world import World

log = logging.getLogger(__name__)

_WANTED_MORE: set[tuple[str, str]] = (
    set()
)  # steps and keys on which a turn wanted a transaction: a hint, of this process


def voice_webhooks(world: World, signature: SignatureCheck) -> Blueprint:
    """The blueprint of ``/voice/``. Every request is checked before anything of it is believed."""
    voice = Blueprint("voice", __name__, url_prefix="/voice")

    refuse_strangers(voice, signature)

    @voice.post("/incoming")
    def incoming() -> Response:
        return _answer(world, lambda: _incoming(world))

    @voice.post("/outbound")
    def outbound() -> Response:
        return _answer(world, lambda: _outbound(world))

    @voice.post("/<flow>/<step>")
    def turn(flow: str, step: str) -> Response:
        return _answer(world, lambda: _turn(world, f"{flow}/{step}"))

    @voice.post("/voicemail")
    def voicemail() -> Response:
        return _answer(world, lambda: _voicemail(world))

    @voice.post("/place")
    def place() -> Response:
        return _answer(world, lambda: _place(world))

    @voice.post("/machine")
    def machine() -> tuple[str, int]:
        callbacks.machine_verdict(world)
        return "", 204

    @voice.post("/status")
    def status() -> tuple[str, int]:
        callbacks.call_status(world)
        return "", 204

    return voice


def _incoming(world: World) -> list[Verb]:
    """A citizen dialled a number of ours."""
    line = line_of(world.lines, request.form.get("To", ""))
    if line is None:
        log.warning("call to a number of no line")
        return only(world, next(iter(world.lines.values())), "common.no_line")
    citizen = looks_like_caller_id(request.form.get("From", ""))
    first = first_step(world.flows[line.id], line)
    return _begin(world, line, citizen, Direction.INBOUND, lambda call: _arrive(call, first))


def _outbound(world: World) -> list[Verb]:
    """A call of ours was answered. The attempt's id in the address proves that the call exists."""
    if test_id := number("test"):
        return _test_call(world, test_id)
    attempt_id = number("attempt")
    now = world.clock.now()
    with world.db.at_once() as tx:
        told = (attempt_id, call_sid(), account_sid())
        script = conversation.script_for(tx, world.vault, now, *told) if attempt_id else None
        if script is None:
            log.warning("answered call of an unknown attempt")
            return [Hangup()]
    line = world.lines[script.pop("line")]
    citizen = looks_like_caller_id(request.form.get("To", ""))
    return _begin(world, line, citizen, Direction.OUTBOUND, _greet, attempt_id=attempt_id, memory=script)


def _test_call(world: World, test_id: int) -> list[Verb]:
    """Whoever decides over a campaign hears it, told of nobody; their telephone is written down nowhere."""
    with world.db.begin() as tx:
        now = world.clock.now()
        script = trial.script_for(tx, world.vault, now, test_id) if trial.prove(tx, test_id, call_sid()) else None
        if script is None:
            log.warning("answered call of an unknown test")
            return [Hangup()]
    line = world.lines[script.pop("line")]
    return _begin(world, line, None, Direction.TEST, _greet, memory=script)


def _greet(call: Call) -> Step:
    return campaign.steps["too_late" if call.get("is_too_late") else "greet"]


def _arrive(call: Call, step: Step) -> Step:
    """Whoever rings back into their emergency is with its people at once: no welcome and no menu (R77)."""
    account = call.facts.get("AccountSid")
    arrival = Arrival(call.sid, call.line.id, call.citizen, learnt={}, is_crisis=True, carrier_account=account)
    there = (call.tx, call.world.desk, call.now, arrival)
    match call.line.desk.rejoins_emergency:
        case Rejoins.AT_ONCE if arriving.back_in_their_emergency(*there):
            call.remember(_crisis=True)
            return follow
        case Rejoins.NEVER:
            arriving.tell_their_emergency(*there)
    return step


def _begin(
    world: World, line: Line, citizen: str | None, direction: Direction, where_to: Callable[[Call], Step], **more: Any
) -> list[Verb]:
    """``more``: of the call. Where its first turn writes nothing else, it begins with its answer, in one statement."""

    def new(tx: Connection, **reading: Any) -> Call:
        beginning = {**more, "memory": dict(more.get("memory", {}))}
        return Call(call_sid(), line, world, tx, world.clock.now(), citizen, facts=_facts(), **beginning, **reading)

    begun = False
    with world.db.at_once() as at_once, suppress(calls.WantsTransaction):
        call = new(calls.NO_TRANSACTION, at_once=at_once)
        engine.enter(call, where_to(call))
        begun = calls.begin_whole(at_once, call, direction)
    if begun:
        return answered(world, call)
    with world.db.begin() as tx:
        call = new(tx)
        if not calls.begin(tx, call, direction):
            known = calls.load(tx, world, call.sid)
            return verbs_of(known, known.answer) if known and known.answer else [Hangup()]
        engine.enter(call, where_to(call))
        calls.save(tx, call)
    return answered(world, call)


def _turn(world: World, path: str) -> list[Verb]:
    """Keys, silence, or what came of a transfer."""
    step = engine.find(world.flows, path)
    call = _turn_at_once(world, step) if step is not None else None
    if call is not None:
        return answered(world, call)
    with world.db.begin() as tx:
        call = calls.load(tx, world, call_sid())
        if call is None and step is after_message and _keep_late_message(world, tx):
            return [Hangup()]
        if call is None or step is None:
            log.warning("turn of an unknown call or step")
            line = line_of(world.lines, request.form.get("To", "")) or next(iter(world.lines.values()))
            return only(world, line, "common.unknown_call")
        _take(call, step)
        calls.save(tx, call)
    return answered(world, call)


def _turn_at_once(world: World, step: Step) -> Call | None:
    """The turn in two statements and no transaction, where nothing is wanted but the call's own row: half the round
    trips. None, and nothing is written, where more is wanted, there is no such call, or another was faster."""
    given = _given()
    what = (step.path, given if len(given) <= 1 else "")  # a document's digits are nobody's to keep
    if what in _WANTED_MORE:
        return None
    with world.db.at_once() as at_once:
        call = calls.look(at_once, world, call_sid())
        if call is None:
            return None
        try:
            _take(call, step)
        except calls.WantsTransaction:
            _WANTED_MORE.add(what)  # another time it is not tried
            return None
        return call if calls.save_as_seen(at_once, call) else None


def _take(call: Call, step: Step) -> None:
    is_about(call.sid, call.attempt_id)
    call.facts = _facts()
    engine.turn(call, step, number("n"), _given())


def _given() -> str:
    """What came of a transfer, how long a message is, or the keys."""
    form = request.form
    if form.get("DialCallStatus") == "completed" and form.get("DialBridged") == "false":
        return "no-answer"  # a voicemail, or somebody who did not press the key: the caller was with nobody
    return form.get("DialCallStatus") or form.get("RecordingDuration") or form.get("Digits", "")


def _facts() -> dict[str, str]:
    return {"RecordingSid": request.form.get("RecordingSid", "")[:64], "AccountSid": account_sid()}


def _keep_late_message(world: World, tx: Connection) -> bool:
    """The caller hung up while leaving a message, and the call's end was told us first."""
    line_id = calls.line_id_of(tx, call_sid())
    if line_id is None:
        return False
    citizen = looks_like_caller_id(request.form.get("From", ""))
    call = Call(call_sid(), world.lines[line_id], world, tx, world.clock.now(), citizen)
    call.facts = _facts()
    return keep_message(call, request.form.get("RecordingDuration", ""))


def _place(world: World) -> list[Verb]:
    """The desk has moved the citizen's call: into its room, back to the queue, to the PIN line, or to a goodbye."""
    with world.db.begin() as tx:
        call = calls.load(tx, world, call_sid()) or _whom_the_desk_called(world, tx)
        if call is None:
            return [Hangup()]
        where_to = waiting.look(tx, world.desk, call.now, call.sid)
        placed = f"{where_to.now}:{where_to.room_id}:{number('since')}"
        if call.answer.get("placed") != placed:  # else it is the same webhook, told twice
            if where_to.now is not Now.ROOM:
                waiting.out_of_the_room(tx, call.now, call.sid)
            engine.enter(call, follow)
            call.answer["placed"] = placed
            calls.save(tx, call)
    return answered(world, call)


def _whom_the_desk_called(world: World, tx: Connection) -> Call | None:
    """Somebody the desk rang (a promise kept, a contact) has no conversation of ours yet: it begins here."""
    found = waiting.called_by_the_desk(tx, world.desk, call_sid())
    if found is None:
        return None
    line_id, phone = found
    call = Call(call_sid(), world.lines[line_id], world, tx, world.clock.now(), phone)
    return call if calls.begin(tx, call, Direction.OUTBOUND) else None


def _voicemail(world: World) -> list[Verb]:
    """The document that replaces the greeting when a machine answered; a person who pressed a key goes on."""
    with world.db.begin() as tx:
        call = calls.load(tx, world, call_sid())
        if call is None:
            return [Hangup()]
        if not call.has_keyed and call.answer.get("next") is not None:
            engine.enter(call, campaign.steps["voicemail"])
            calls.save(tx, call)
        return verbs_of(call, call.answer)


def _answer(world: World, conversation: Callable[[], list[Verb]]) -> Response:
    """Runs one turn; whatever fails, the caller hears an apology and is taken to a person (HTTP 200)."""
    try:
        verbs = conversation()
    except Exception as error:
        log.error("turn failed: %s", where(error))
        TURNS_FAILED.labels("voice").inc()
        line = line_of(world.lines, request.form.get("To", "")) or line_of(world.lines, request.form.get("From", ""))
        verbs = sorry(world, line)
    return current_app.response_class(render(verbs), mimetype="text/xml")
