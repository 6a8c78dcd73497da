"""A dialer as a process of its own on a host of its own: ``python -m tests.dialer.standby_host DATABASE CARRIER NOW``.

The moment and the key of tests; everything else is what ``pregonero serve --role dialer`` runs.
"""

import logging
import sys
from datetime import datetime

from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from dialer.keeper import Means
from dialer.lease import MOST_SILENT_SECONDS
from dialer.process import Dialer, run_until_signalled
from tests.trunks import a_trunk, in_use

PACE = 10.0  # calls a second


def main(database_url: str, carrier: str, key: str, now: str) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    db = Database(database_url, pool_size=6)
    db.never_silent_for(MOST_SILENT_SECONDS)
    trunk = a_trunk(api_url=carrier, calls_per_second=PACE, max_live_calls=10_000)
    clock = FixedClock(datetime.fromisoformat(now))
    logging.getLogger(__name__).info("dialer stands by")
    run_until_signalled(Dialer(Means(db, Vault(key), clock, in_use(trunk), "http://127.0.0.1:1")))


if __name__ == "__main__":
    main(*sys.argv[1:])
