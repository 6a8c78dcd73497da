"""Whoever rings to be sought no more: every text of a campaign tells them to, where one cannot reply (formato-v1 §8).

The telephone that calls is excluded, by the same rules as one that answers BAJA (docs/decisions/0040, 0044).
"""

from campaigns.texting.stopping import stop
from ivr.calls import Call
from ivr.flow import REPEAT, Flow, Result, Say
from ivr.flows.operator import connect
from ivr.flows.switchboard import start, to_operator

ACTOR, CAUSE = "ivr", "lo pidió al llamar a la línea"

stopping = Flow("stopping", give_up=connect)


@stopping.step
def ask(call: Call) -> Result:
    """A person does it for whoever withholds their number."""
    return confirm if call.citizen is not None else (Say("stopping.withheld"), to_operator)


@stopping.menu("stopping.confirm")
def confirm(call: Call) -> dict:
    return {"1": leave_alone, "*": start, "0": to_operator, "9": REPEAT}


@stopping.step
def leave_alone(call: Call) -> Result:
    assert call.citizen is not None, "ask saw to it"
    stop(call.tx, call.world.vault, call.now, ACTOR, call.citizen, call.line.id, CAUSE)
    return Say("stopping.done"), start
