"""Each night: whoever is in rows of before there were prints can be found in them too."""

import logging

from procrastinate import JobContext

from core.jobs import every
from ivr.world import World
from rights.rooms import fill_prints

log = logging.getLogger(__name__)


@every("15 4 * * *", "rights.fill_prints", is_nightly=True)
def fill(context: JobContext, timestamp: int) -> None:
    """After an upgrade all of them; afterwards what a process of the version before wrote meanwhile."""
    world: World = context.additional_context["world"]
    if count := fill_prints(world.db, world.vault):
        log.info("rows that had no print: %s", count)
