"""What calls leave behind when their last callback never comes."""

from datetime import timedelta

from procrastinate import JobContext

from core import audit
from core.jobs import app
from ivr import calls
from ivr.world import World

#: Since its last turn: the carrier's own limit of a joined call, which begins when somebody answers.
LONGEST_SILENCE = timedelta(hours=4, minutes=10)


@app.periodic(cron="*/10 * * * *")
@app.task(name="ivr.wipe_forgotten_calls", queueing_lock="ivr.wipe_forgotten_calls", pass_context=True)
def wipe_forgotten_calls(context: JobContext, timestamp: int) -> None:
    """A call that nobody told us the end of must not keep a PIN."""
    world: World = context.additional_context["world"]
    now = world.clock.now()
    with world.db.begin() as tx:
        calls.wipe_forgotten(tx, now - LONGEST_SILENCE, now)


@app.periodic(cron="50 3 * * *")
@app.task(name="ivr.purge_calls", queueing_lock="ivr.purge_calls", pass_context=True)
def purge_calls(context: JobContext, timestamp: int) -> None:
    """The register says for so many days who called, as the desk does (desk/retention.py)."""
    world: World = context.additional_context["world"]
    kept: timedelta = context.additional_context["kept"]
    now = world.clock.now()
    with world.db.begin() as tx:
        purged = calls.purge(tx, now - kept)
        if purged:
            audit.record(tx, now, "system", "calls.purged", "call", "register", calls=purged)
