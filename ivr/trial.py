"""Places a test call: the job that ``campaigns.forecast.trial.want`` leaves behind. It is asked for once, or never."""

import logging

from procrastinate import JobContext

from campaigns.forecast import trial
from carrier.client import LegOrder, NotAsked, Placed, Refused
from carrier.webhook import TRY_AGAIN
from core.jobs import app
from ivr.world import World

log = logging.getLogger(__name__)

RING_SECONDS = 30


@app.task(name=trial.PLACE, pass_context=True)
def place_test_call(context: JobContext, test_id: int) -> None:
    """See ``place``."""
    place(context.additional_context["world"], test_id)


def place(world: World, test_id: int) -> None:
    """Rings whoever asked, unless their number is in the list. Killed at any point and done again, it asks the carrier
    at most once: of a call that was being asked for then, only a webhook can still tell."""
    with world.db.begin() as tx:
        is_listed = trial.is_in_the_list(tx, world.vault, test_id)
    with world.db.begin() as tx:
        if is_listed:
            trial.refuse_listed(tx, world.clock.now(), test_id)
            return
        order = trial.take(tx, world.vault, test_id)
    if order is None:
        return
    base = f"{world.public_url}/voice"
    answer = world.carriers.of_number(order.caller_id).call(
        LegOrder(
            to=order.to,
            caller_id=order.caller_id,
            voice_url=f"{base}/outbound?test={test_id}{TRY_AGAIN}",
            status_url=f"{base}/status?test={test_id}",
            ring_seconds=RING_SECONDS,
        )
    )
    with world.db.begin() as tx:
        match answer:
            case Placed(sid):
                trial.placed(tx, test_id, sid)
            case Refused(code):
                trial.refused(tx, world.clock.now(), test_id, code)
            case NotAsked():
                trial.refused(tx, world.clock.now(), test_id, None)
            case _:
                log.warning("it is not known whether a test call was placed: %s", test_id)
