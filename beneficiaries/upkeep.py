"""What the padrón's tables need beside being asked: telephones of before their prints were kept, acts nobody repeats.

To be left with the acts alone when no version without prints can run beside this one.
"""

import logging
import time
from datetime import datetime, timedelta

from procrastinate import JobContext
from sqlalchemy import Connection, bindparam, select, update

from beneficiaries import acts
from beneficiaries.tables import beneficiary
from core.clock import Clock
from core.database import Database
from core.jobs import every
from core.privacy import CannotOpen, Vault

log = logging.getLogger(__name__)

AT_ONCE = 500
REPEATED_FOR = timedelta(days=7)
_A_TURN_S = 45.0  #: seconds of real time: the next one goes on


def tend(db: Database, vault: Vault, clock: Clock) -> int:
    """A part a transaction, until nothing is left or the turn is over; how many rows. A second run finds nothing."""
    until, count = time.monotonic() + _A_TURN_S, 0
    while time.monotonic() < until:
        with db.begin() as tx:
            done = find_telephones(tx, vault) + acts.forget(tx, _repeated_since(clock), AT_ONCE)
        if not done:
            break
        count += done
    return count


def find_telephones(tx: Connection, vault: Vault) -> int:
    """Gives telephones their prints, by which they are searched (R16), at most AT_ONCE; how many."""
    lacks = (beneficiary.c.phone_sealed.is_not(None), beneficiary.c.phone_print.is_(None))
    query = select(beneficiary.c.id, beneficiary.c.phone_sealed).where(*lacks).order_by(beneficiary.c.id)
    rows = tx.execute(query.limit(AT_ONCE).with_for_update(skip_locked=True, key_share=True)).all()
    if rows:
        found = [{"whose": row.id, "found": _print_of(vault, row.phone_sealed)} for row in rows]
        tx.execute(
            update(beneficiary).where(beneficiary.c.id == bindparam("whose")).values(phone_print=bindparam("found")),
            found,
        )
    return len(rows)


def _print_of(vault: Vault, phone_sealed: bytes) -> bytes:
    """Of one that was sealed with another DATA_KEY: nobody's, so that it is not looked at again."""
    try:
        return vault.fingerprint("phone", vault.open(phone_sealed))
    except CannotOpen:
        return b""


def _repeated_since(clock: Clock) -> datetime:
    return clock.now() - REPEATED_FOR


@every("*/5 * * * *", "beneficiaries.tend", one_at_a_time=True)
def tend_padron(context: JobContext, timestamp: int) -> None:
    """Every five minutes: a process of the version before may still bring in a padrón as it did."""
    world = context.additional_context["world"]
    if count := tend(world.db, world.vault, world.clock):
        log.info("telephones of the padrón that can be searched now, and acts forgotten: %s", count)
