"""A person: the way on that every conversation has. The citizen waits in a queue, talks, and is never left on a dead
line: each wait tells something, has a limit, and has ways out of it (issue 3, queues).

Where the call belongs is asked of the desk at every turn, so a notice that was lost is made up for by the next turn.
"""

from desk import arriving, waiting
from desk.arriving import Arrival
from desk.hours import attended
from desk.waiting import Now, Place
from ivr.calls import Call
from ivr.engine import INSTEAD_OF_GOODBYE, find
from ivr.flow import REPEAT, Join, Result, Say
from ivr.flows.leaving import closed, leave, operator, say_the_number, ways_out, with_ways_out
from ivr.flows.path import learnt

EVERY = 10  # seconds between two sentences to whoever waits
AGAIN_AFTER = 3  # sentences: their place is told again


@operator.step
def connect(call: Call) -> Result:
    """To the queue that the menu named, or the line's own; a closed line has its own way, a helpline never closes."""
    line = call.line.desk
    is_crisis = bool(call.get("_crisis"))
    is_open = attended(call.tx, line).is_open(call.now)
    if not is_open and not (line.is_helpline or is_crisis):
        return closed
    account = call.facts.get("AccountSid")
    arrival = Arrival(call.sid, line.id, call.citizen, learnt(call), is_crisis, call.attempt_id, account)
    arriving.enter(call.tx, call.world.desk, call.now, arrival, call.get("_queue"))
    call.remember(_waited=0)
    return Say("common.transferring"), follow


@operator.step
def follow(call: Call) -> Result:
    """To where the call belongs at this moment."""
    place = waiting.look(call.tx, call.world.desk, call.now, call.sid)
    match place.now:
        case Now.WAIT:
            _remember_place(call, place)
            return wait
        case Now.ROOM:
            waiting.in_the_room(call.tx, call.now, call.sid)
            call.remember(_waited=0)
            return Join(place.room_id, after_the_room)
        case Now.PIN:
            return _to_the_pin(call, place)
        case Now.NOBODY:
            return nobody
    return after_person


def _remember_place(call: Call, place: Place) -> None:
    call.remember(
        delante=place.position - 1 if place.position else None,
        minutos=place.minutes,
        _is_crisis=place.is_crisis,
        _is_being_called=place.is_being_called,
        _is_overflowing=place.is_overflowing,
        _is_attended=place.is_attended,
        _since=place.since.isoformat() if place.since else None,
    )


def _waiting_says(call: Call) -> list[Say]:
    """The place and the ways out at the beginning and now and then; in between, that we are still there."""
    told = call.count("_waited") - 1
    is_helpline = call.line.desk.is_helpline
    said: list[Say] = []
    has_nobody_yet = call.get("_is_overflowing") or told > 1
    if (is_helpline or call.get("_is_crisis")) and has_nobody_yet and told % AGAIN_AFTER == 1:
        return [Say("operator.danger")]
    if call.get("_is_being_called"):
        return [Say("operator.being_called")]
    if is_helpline or call.get("_is_crisis") or told % AGAIN_AFTER:
        return [Say("operator.stay" if call.get("_is_attended", True) else "operator.still_looking")]
    if not call.get("_is_attended", True):  # honestly: nobody is there, and nobody is promised
        return [Say("operator.unattended"), *ways_out(call)]
    if call.get("delante") is None:
        return [Say("operator.stay"), *ways_out(call)]
    said.append(Say("operator.next" if not call.get("delante") else "operator.position"))
    if call.get("minutos"):
        said.append(Say("operator.minutes"))
    return [*said, *ways_out(call)]


@operator.step
def wait_on(call: Call) -> Result:
    return follow


@operator.menu(_waiting_says, timeout=EVERY, on_silence=wait_on)
def wait(call: Call) -> dict:
    """Any other key is no mistake here: whoever waits may press what they like."""
    return with_ways_out(call, dict.fromkeys("0123456789*#", wait_on))


@operator.joined
def after_the_room(call: Call, _result: str) -> Result:
    """Out of the conference: sent elsewhere, left alone, or the conversation is over."""
    waiting.out_of_the_room(call.tx, call.now, call.sid)
    return follow


@operator.step
def come_back(call: Call) -> Result:
    """From the PIN line, with the operator who sent them there still at hand (R30)."""
    return ask_to_come_back


@operator.menu("operator.come_back")
def ask_to_come_back(call: Call) -> dict:
    return {"1": connect, "2": leave_the_operator, "0": connect, "9": REPEAT}


@operator.step
def leave_the_operator(call: Call) -> Result:
    waiting.give_up(call.tx, call.now, call.sid, "finished by machine")
    return leave


def _to_the_pin(call: Call, place: Place) -> Result:
    """Carries along what the operator knows: the document, and the number of the order of a new PIN (R30, R31)."""
    carried = place.carried
    call.remember(wants=carried.get("pin", "change"), order=carried.get("order"))
    call.remember(**{INSTEAD_OF_GOODBYE: come_back.path})
    if carried.get("document"):
        call.remember(document=carried["document"])
    step = find(call.world.flows, "pin/carried")
    assert step is not None, "the PIN line is always there"
    return step


def _nobody_says(call: Call) -> list[Say]:
    return [Say("operator.nobody"), *ways_out(call), Say("operator.option_wait")]


@operator.menu(_nobody_says)
def nobody(call: Call) -> dict:
    """Every way was tried: the citizen chooses how to leave, or to go on waiting."""
    return with_ways_out(call, {"3": wait_more, "0": wait_more, "9": REPEAT})


@operator.step
def wait_more(call: Call) -> Result:
    waiting.try_again(call.tx, call.now, call.sid)
    call.remember(_waited=0)
    return follow


@operator.step
def after_person(call: Call) -> Result:
    """A person said goodbye: on to what the line had in mind, or to a goodbye that is no dead end."""
    onward = find(call.world.flows, call.get("_after_person") or "")
    if onward is not None:
        call.forget("_after_person")
        return onward
    return anything_else


@operator.menu("operator.anything_else", timeout=4, on_silence=leave)
def anything_else(call: Call) -> dict:
    return {"0": connect, "1": leave, "9": REPEAT}


@operator.menu("common.operator_offer")
def offer(call: Call) -> Result:
    """Whoever says nothing is taken to a person too: silence may be someone who cannot find the keys."""
    return {"0": connect, "1": leave, "9": REPEAT}


@operator.step
def out_of_tries(call: Call) -> Result:
    """Where this flow's own menus end: once more to a person, and then the number, so that nobody has nothing."""
    if call.count("_operator_given_up") == 1:
        return connect
    return say_the_number


operator.give_up = out_of_tries
