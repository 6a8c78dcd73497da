"""The telephone network of a rehearsal, as a process: ``python -m rehearsal.exchange``.

The local carrier as ever, but for its ledger, which here tells whom the campaign would have called and what they would
have heard: it is kept in a nameless file that is gone with the process, however that ends.
"""

import os
import sys

from carrier.local.config import CarrierConfig
from carrier.local.server import run_carrier
from core.logs import configure
from ivr.fallback import numbers_of
from rehearsal.place import refuse_real_accounts
from settings import Settings


def main() -> int:
    configure("carrier")
    refuse_real_accounts(os.environ)
    settings = Settings.from_environment(os.environ)
    run_carrier(
        CarrierConfig(
            bind=settings.carrier_bind,
            account_sid=settings.trunks.first.account_sid,
            auth_token=settings.trunks.first.auth_token,
            ledger_path=None,
            personas_path=settings.carrier_personas,
            numbers=numbers_of(settings.lines_dir, settings.public_url),
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
