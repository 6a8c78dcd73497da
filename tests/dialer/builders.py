"""A trunk's lease, taken, and what else the dialer's tests begin with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import text

from carrier.client import Answer
from carrier.placing import Order
from core.database import Database
from dialer.lease import Lease
from tests.campaigns.builders import attempts_of

TRUNK = "default"
URL = "https://voz.subsidios.example"


@dataclass
class Switch:
    """Keeps the orders that were released; answers them when the test says."""

    orders: list[Order] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)
    waiting: list = field(default_factory=list)

    def __call__(self, order: Order, at: float, keep) -> None:
        self.orders.append(order)
        self.moments.append(at)
        self.waiting.append(keep)

    def answer(self, *answers: Answer) -> None:
        for answer in answers:
            self.waiting.pop(0)(answer)


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
    """What three seconds of silence do to a lease, without waiting for them."""
    with db.begin() as tx:
        late = "update lease set expires_at = clock_timestamp() - interval '1 second' where trunk = :trunk"
        tx.execute(text(late), {"trunk": trunk})


def states(db: Database, campaign_id: int) -> list[str]:
    """Of a campaign's attempts, the oldest first."""
    return [row.state for row in attempts_of(db, campaign_id)]


@contextmanager
def refused(db: Database, table: str, unless: str) -> Iterator[None]:
    """The database takes no row of the table that is not so."""
    with db.begin() as tx:
        tx.execute(text(f"alter table {table} add constraint ck_for_a_test check ({unless})"))
    try:
        yield
    finally:
        with db.begin() as tx:
            tx.execute(text(f"alter table {table} drop constraint ck_for_a_test"))
