"""How whoever wants a person leaves without one: a call promised, a message, the hours, the number, and goodbye.

The same flow as in ``operator.py``: its steps that need nobody to be there.
"""

from desk import promises, standing, waiting
from desk.hours import attended
from desk.voice_messages.inbox import SHORTEST, note_voice_message
from ivr.calls import Call
from ivr.flow import REPEAT, Flow, HangUp, Result, Say, TakeMessage
from ivr.flows.path import learnt
from prompts.speech import day_from

operator = Flow("operator", straight_way=("common.transferring", "operator.next"))


@operator.step
def leave(call: Call) -> Result:
    """A campaign's call ends with its closing script on any path where a human hears us (R67)."""
    return Say("common.goodbye" if call.attempt_id is None else "campaign.closing"), HangUp()


@operator.step
def say_the_number(call: Call) -> Result:
    return Say("common.operator_number"), leave


def ways_out(call: Call) -> list[Say]:
    may_be_called, may_leave = offers(call)
    return [
        *([Say("operator.option_callback")] if may_be_called else []),
        *([Say("operator.option_message")] if may_leave else []),
    ]


def offers(call: Call) -> tuple[bool, bool]:
    if call.get("_is_crisis") or call.line.desk.is_helpline:
        return False, False  # nothing but a person
    return standing.offers(call.world.desk, call.line.id, call.get("_queue"), call.citizen)


@operator.step
def be_called_back(call: Call) -> Result:
    """They keep their place and hang up; the same telephone is promised one call, however often it asks.

    Whoever is on the line because of a promise leaves that call first: it was kept, and they are owed another. What is
    known of them goes with it.
    """
    assert call.citizen is not None, "a withheld number is not offered this"
    place = waiting.look(call.tx, call.world.desk, call.now, call.sid)
    known = waiting.carried(call.tx, call.world.desk, place.room_id) | learnt(call)
    waiting.give_up(call.tx, call.now, call.sid, "promised a call")
    promises.make(
        call.tx,
        call.world.desk,
        call.now,
        line_id=call.line.id,
        queue=call.line.desk.queue(call.get("_queue")).name,
        phone=call.citizen,
        place_since=place.since or call.now,
        learnt=known,
    )
    return Say("operator.promised"), leave


@operator.step
def leave_message(call: Call) -> Result:
    waiting.give_up(call.tx, call.now, call.sid, "leaves a message")
    return Say("operator.leave_message"), TakeMessage(after_message)


@operator.joined
def after_message(call: Call, seconds: str) -> Result:
    """The recording is fetched, kept encrypted and deleted at the carrier (desk/voice_messages)."""
    if keep_message(call, seconds):
        return Say("operator.message_kept"), leave
    return Say("operator.message_empty"), leave


def keep_message(call: Call, seconds: str) -> bool:
    """Whether there was something to keep."""
    sid, length = call.facts.get("RecordingSid", ""), int(seconds) if seconds.isdecimal() else 0
    if not sid or length < SHORTEST or call.line.desk.is_sensitive:
        return False
    queue = call.line.desk.queue(call.get("_queue")).name
    note_voice_message(
        call.tx,
        call.world.vault,
        call.now,
        call.line.desk,
        queue,
        call.citizen,
        sid,
        length,
        call.facts.get("AccountSid"),
    )
    return True


def with_ways_out(call: Call, ways: dict[str, Result]) -> dict[str, Result]:
    """The same keys mean the same wherever somebody waits: 1 to be called, 2 to leave a message."""
    may_be_called, may_leave = offers(call)
    return ways | ({"1": be_called_back} if may_be_called else {}) | ({"2": leave_message} if may_leave else {})


@operator.step
def closed(call: Call) -> Result:
    """Outside its hours: when it opens, and what may be done meanwhile."""
    opens = attended(call.tx, call.line.desk).opens_next(call.now)
    zone = call.line.zone
    local = opens.astimezone(zone) if opens else None
    said = day_from(local.date(), call.now.astimezone(zone).date()) if local else ""
    call.remember(abre_dia=said, abre_hora=f"{local:%H:%M}" if local else "")
    return while_closed


def _closed_says(call: Call) -> list[Say]:
    known = Say("operator.closed") if call.get("abre_dia") else Say("operator.closed_for_long")
    return [known, *([Say("operator.option_message")] if offers(call)[1] else []), Say("operator.option_end")]


@operator.menu(_closed_says, on_silence=leave)
def while_closed(call: Call) -> dict:
    ways: dict[str, Result] = {"1": leave, "9": REPEAT, "0": say_the_number}
    if offers(call)[1]:
        ways["2"] = leave_message
    return ways
