"""One owner a trunk: a row with owner, epoch and expiry by the database's real clock (architecture, decision 6)."""

import os
import socket
import time
import uuid
from collections.abc import Callable

from sqlalchemy import Connection, text

SECONDS = 3.0  # lost after three: of the five that a takeover may take, the rest is for a machine that is busy
RENEWED_EVERY = 0.5  # seconds, by its holder
LOOKED_AT_EVERY = 0.25  # seconds, by whoever stands by
#: After so long in the middle of a transaction the server ends it: what holds the lease's row keeps others from taking
#: it. Less than the lease's own time, so that a holder that was frozen there delays nobody.
MOST_SILENT_SECONDS = 2
#: That a statement may take in a transaction that holds the lease's row, or what the keeping of a trunk waits for.
LONGEST_STATEMENT = 2.0
#: Seconds between the host's clock and the database's, above which nothing is dialled: by the host's it is decided
#: whether an hour is legal.
MOST_APART = 30.0

_NOW = text("select cast(extract(epoch from clock_timestamp()) as float)")
_RENEW = text("""
    update lease set expires_at = clock_timestamp() + make_interval(secs => :seconds), trouble = :trouble
    where trunk = :trunk and owner = :owner and epoch = :epoch and expires_at > clock_timestamp() returning epoch
""")
_TAKE = text("""
    insert into lease as held (trunk, owner, epoch, expires_at)
    select :trunk, :owner, 1, clock_timestamp() + make_interval(secs => :seconds)
    where not exists (select 1 from lease where trunk = :trunk and expires_at >= clock_timestamp())
    on conflict (trunk) do update
    set owner = excluded.owner, epoch = held.epoch + 1, expires_at = excluded.expires_at
    where held.expires_at < clock_timestamp() returning epoch
""")
_RELEASE = text("update lease set expires_at = clock_timestamp() where trunk = :trunk and owner = :owner")


class Lease:
    """This process's hold on a trunk. ``epoch`` is None while another one has it."""

    def __init__(self, trunk: str, wall: Callable[[], float] = time.time) -> None:
        """``wall``: this host's clock, seconds since 1970."""
        self.trunk, self._wall = trunk, wall
        self.epoch: int | None = None
        self.trouble: str | None = None  #: why the trunk rests; told to whoever asks why nothing is dialled
        # New at every start, since a host and a pid come again; who looks at the leases sees where it is.
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4()}"
        self._deadline = self._looked = 0.0
        self.apart = 0.0  #: seconds that this host's clock is ahead of the database's

    @property
    def is_apart(self) -> bool:
        return abs(self.apart) > MOST_APART

    def tick(self, tx: Connection) -> bool:
        """Renews, or takes what has expired; True while it is ours. To be called whenever ``is_to_be_looked_at``.

        A host whose clock tells another time than the database's has none, and gives back what it has.
        """
        asked = time.monotonic()
        self.apart = self._wall() - tx.execute(_NOW).scalar_one()
        if self.is_apart:
            self._looked = asked
            if self.epoch is not None:
                self.release(tx)
            return False
        values = {
            "trunk": self.trunk,
            "owner": self._owner,
            "epoch": self.epoch or -1,
            "seconds": SECONDS,
            "trouble": self.trouble,
        }
        had, self._looked = self.epoch, asked
        self.epoch = (had and tx.execute(_RENEW, values).scalar()) or tx.execute(_TAKE, values).scalar()
        self._deadline = asked + SECONDS if self.epoch else 0.0
        return self.epoch is not None

    def is_to_be_looked_at(self) -> bool:
        """Whether it is time to renew it, or to see whether it can be had."""
        return time.monotonic() >= self._looked + (RENEWED_EVERY if self.epoch else LOOKED_AT_EVERY)

    def lose(self) -> None:
        """What was written was not kept: it has to be taken anew, and what was being asked looked after."""
        self.epoch, self._deadline = None, 0.0

    def holds(self) -> bool:
        """Whether it is still ours by our own watch: looked at before each call is placed."""
        return self.epoch is not None and time.monotonic() < self._deadline - 0.5

    def release(self, tx: Connection) -> None:
        """Gives it back at once, so that a standby need not wait."""
        tx.execute(_RELEASE, {"trunk": self.trunk, "owner": self._owner})
        self.epoch = None
