"""A trunk's lease, taken, and what else the dialer's tests begin with."""

from sqlalchemy import text

from core.database import Database
from dialer.lease import Lease

TRUNK = "default"


def held(db: Database, trunk: str = TRUNK) -> Lease:
    """A lease that was taken: only possible while nobody else has it."""
    lease = Lease(trunk)
    with db.begin() as tx:
        assert lease.tick(tx)
    return lease


def epoch_of(lease: Lease) -> int:
    """The epoch of a lease that is held."""
    assert lease.epoch is not None
    return lease.epoch


def expire(db: Database, trunk: str = TRUNK) -> None:
    """What four seconds of silence do to a lease, without waiting for them."""
    with db.begin() as tx:
        late = "update lease set expires_at = clock_timestamp() - interval '1 second' where trunk = :trunk"
        tx.execute(text(late), {"trunk": trunk})
