"""A turn that wants to know something of a padrón elsewhere: it is asked between two transactions, never inside one.

What the first wrote says that the padrón is being asked: a repeated webhook finds that, asks nothing, and looks again a
second later for the answer (decision 0025).
"""

import logging
from collections.abc import Callable
from dataclasses import replace

from beneficiaries.registry import RegistryDown
from carrier.verbs import Hangup, Verb
from core.logs import where
from ivr import calls, engine
from ivr.calls import Call
from ivr.flow import Ask, Result
from ivr.render import verbs_of
from ivr.world import World

log = logging.getLogger(__name__)


def answered(world: World, call: Call) -> list[Verb]:
    """What the carrier is to do after a turn, the padrón asked first where it wants that. No transaction is open."""
    if call.asking is None:
        return verbs_of(call, call.answer)
    follow = _what_follows(world, call.asking)
    with world.db.begin() as tx:
        now = calls.load(tx, world, call.sid)
        if now is None or not engine.is_still_asking(now, call.answer):
            follow(
                replace(call, tx=tx, at_once=None)
            )  # they hung up, say: what came of it is written down, and nothing follows
            return verbs_of(now, now.answer) if now else [Hangup()]
        now.facts = call.facts
        engine.go_on(now, follow)
        calls.save(tx, now)
    return answered(world, now)


def _what_follows(world: World, asked: Ask) -> Callable[[Call], Result]:
    """Asks. Whatever else fails there is as good as a padrón that is down."""
    try:
        reply = world.padron.ask(asked.question)
    except RegistryDown:
        log.warning("the padrón does not answer")
        return asked.otherwise.run
    except Exception as error:
        log.error("the padrón could not be asked: %s", where(error))
        return asked.otherwise.run
    return lambda call: asked.then.run(call, reply)
