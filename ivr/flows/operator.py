"""A person: the way on that every conversation has. Until there is a desk, it is the line's own telephone."""

from ivr.calls import Call
from ivr.flow import REPEAT, Flow, HangUp, Result, Say, Transfer

operator = Flow("operator", straight_way=("common.transferring",))

RING_SECONDS = 25


@operator.step
def connect(call: Call) -> Result:
    """Dials the line's operator, with a limit (issue 2, the PIN line)."""
    return Say("common.transferring"), Transfer(call.line.operador, after_the_operator, RING_SECONDS)


@operator.joined
def after_the_operator(call: Call, result: str) -> Result:
    if result in ("completed", "answered"):
        return leave
    return nobody_answered


@operator.menu("common.operator_busy")
def nobody_answered(call: Call) -> Result:
    """Nobody answered: again, the number to write down, or the end — the caller chooses."""
    return {"1": connect, "2": say_the_number, "9": REPEAT, "0": connect}


@operator.step
def say_the_number(call: Call) -> Result:
    return Say("common.operator_number"), leave


@operator.menu("common.operator_offer")
def offer(call: Call) -> Result:
    """Whoever says nothing is taken to a person too: silence may be someone who cannot find the keys."""
    return {"0": connect, "1": leave, "9": REPEAT}


@operator.step
def leave(call: Call) -> Result:
    """A campaign's call ends with its closing script on any path where a human hears us (R67)."""
    return Say("common.goodbye" if call.attempt_id is None else "campaign.closing"), HangUp()


@operator.step
def out_of_tries(call: Call) -> Result:
    """Where the operator's own menus end: the number, so that nobody leaves with nothing."""
    if call.count("_operator_given_up") == 1:
        return connect
    return say_the_number


operator.give_up = out_of_tries
