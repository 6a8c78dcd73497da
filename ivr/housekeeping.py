"""What calls leave behind when their last callback never comes."""

from datetime import timedelta

from procrastinate import JobContext

from core import audit
from core.jobs import every
from ivr import calls
from ivr.world import World

#: Since its last turn: the carrier's own limit of a joined call, which begins when somebody answers.
LONGEST_SILENCE = timedelta(hours=4, minutes=10)


@every("*/10 * * * *", "ivr.wipe_forgotten_calls")
def wipe_forgotten_calls(context: JobContext, timestamp: int) -> None:
    """A call that nobody told us the end of must not keep a PIN."""
    world: World = context.additional_context["world"]
    now = world.clock.now()
    with world.db.begin() as tx:
        calls.wipe_forgotten(tx, now - LONGEST_SILENCE, now)


@every("50 3 * * *", "ivr.purge_calls", is_nightly=True)
def purge_calls(context: JobContext, timestamp: int) -> None:
    """The register says for so many days who called, as the desk does (desk/retention.py)."""
    purge_before(context.additional_context["world"], context.additional_context["kept"])


def purge_before(world: World, kept: timedelta) -> int:
    """Forgets whose the calls were that ended longer ago; how many. In parts: nobody waits for a year of them."""
    now, all_of_them = world.clock.now(), 0
    while True:
        with world.db.begin() as tx:
            purged = calls.purge(tx, now - kept)
            if purged:
                audit.record(tx, now, "system", "calls.purged", "call", "register", calls=purged)
        all_of_them += purged
        if not purged:
            return all_of_them
