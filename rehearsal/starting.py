"""Starts the process of a rehearsal: out of this one, so that it has an environment with nothing of the real world."""

import subprocess
import sys
from collections.abc import Mapping

from sqlalchemy import Connection, select

from campaigns.rehearsals.tables import rehearsal
from campaigns.tables import campaign
from core.database import Database
from core.processes.launcher import launched
from core.trunks import OPERATED, Trunk, Trunks
from rehearsal.place import runner_environment
from settings import Settings


def start(
    environ: Mapping[str, str], settings: Settings, db: Database, trunks: Trunks, rehearsal_id: int
) -> subprocess.Popen:
    """The process, begun. It ends when the thread that calls this does (``launcher.launched``). ``db``: the
    installation's; ``trunks``: those there are now."""
    with db.begin() as tx:
        trunk = trunk_of(tx, trunks, rehearsal_id)
    env = runner_environment(environ, settings, db.url, trunk, trunks.tariff_of(trunk.name))
    argv = launched([sys.executable, "-m", "rehearsal", str(rehearsal_id)])
    return subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL)


def trunk_of(tx: Connection, trunks: Trunks, rehearsal_id: int) -> Trunk:
    """The trunk that would carry the campaign of a rehearsal; the first, where there is none such any more."""
    of_it = select(campaign).join(rehearsal, rehearsal.c.campaign_id == campaign.c.id)
    row = tx.execute(of_it.where(rehearsal.c.id == rehearsal_id)).first()
    if row is None or row.trunk == OPERATED:
        return trunks.first
    return trunks.meant(row.trunk, row.country, row.caller_ids or (row.caller_id,))
