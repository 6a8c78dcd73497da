"""One trunk and all that keeps it: its lease, its rounds at its pace, what is asked of its carrier."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from carrier.client import Carrier, Placer
from core.clock import Clock
from core.database import Database
from core.logs import where
from core.metrics import RECONCILED, RELEASED
from core.privacy import Vault
from core.trunks import Trunk
from core.trunks_file import TrunksInUse
from dialer import queries
from dialer.lease import Lease
from dialer.pace import Pace
from dialer.reconcile import Reconciler
from dialer.release import Releaser
from dialer.round import Round

log = logging.getLogger(__name__)

WAIT_AFTER_A_FAULT = 1.0  # seconds


@dataclass(frozen=True)
class House:
    """What the keepers of one process share. ``calls_of_others``: dialer/reconcile.py."""

    db: Database
    vault: Vault
    clock: Clock
    trunks: TrunksInUse
    public_url: str
    calls_of_others: Callable[[Connection, list[str]], set[str]] = lambda tx, sids: set()


class TrunkKeeper:
    """Owns a trunk, or stands by for it."""

    def __init__(self, house: House, trunk: Trunk) -> None:
        self._house, self.trunk = house, trunk
        self.lease = Lease(trunk.name)
        pace = Pace(trunk.calls_per_second)
        self._releaser = Releaser(Placer(*trunk.account), self.lease.holds, pace)
        self.round = Round(
            house.db,
            house.vault,
            house.clock,
            house.trunks,
            trunk,
            self.lease,
            pace,
            house.public_url,
            self._releaser.release,
        )
        self._reconciler = Reconciler(
            house.db,
            house.vault,
            house.clock,
            Carrier(*trunk.account),
            trunk.name,
            trunk.ring_seconds,
            house.calls_of_others,
        )
        self._not_before = 0.0

    @property
    def released(self) -> list[float]:
        """The last thousand moments of time.monotonic() at which a call was let go, in their order."""
        return list(self._releaser.gate.released)

    def start(self) -> None:
        self._releaser.start()
        self.guarded(self.renew)

    def stop(self) -> None:
        """Waits for the answers that are still to come, keeps them, and gives the trunk back."""
        self._releaser.stop()
        self.guarded(self.round.store_answers)
        self.guarded(self._give_back)

    def change(self, trunk: Trunk) -> None:
        """From now on by these numbers, at this pace and cap; the account is the same."""
        self.trunk = trunk
        self.round.change(trunk)

    def tick(self) -> int:
        """One round; how many calls it released. What fails is said in the log, and this trunk alone waits a while."""
        released = 0
        if time.monotonic() >= self._not_before:
            try:
                released = self.round.run()
            except Exception as error:
                log.error("trunk %s: %s", self.trunk.name, where(error))
                self._not_before = time.monotonic() + WAIT_AFTER_A_FAULT
        RELEASED.labels(self.trunk.name).inc(released)
        return released

    def renew(self) -> None:
        """Renews the lease, or takes what has expired; what its last holder was asking is unknown from then on."""
        had = self.lease.epoch
        try:
            with self._house.db.begin() as tx:
                self.lease.tick(tx)
        except Exception:
            self.lease.lose()  # nobody knows whether it was kept: it is taken anew, under another epoch
            raise
        if self.lease.epoch != had:
            log.info("trunk %s: epoch %s", self.trunk.name, self.lease.epoch)
            self._take_charge()

    def reconcile(self) -> None:
        """Settles what is doubtful, while the trunk is ours."""
        if not self.lease.holds():
            return
        self._take_charge()
        RECONCILED.labels(self.trunk.name).inc(self._reconciler.run())

    def _take_charge(self) -> None:
        """Of what nobody asks any more. An earlier holder that wakes up finds nothing to write to after this."""
        epoch = self.lease.epoch
        if epoch is None:
            return
        with self._house.db.begin() as tx:
            orphans = queries.orphans_become_unknown(tx, self.trunk.name, epoch)
        if orphans:
            log.warning("%s attempts were being asked by nobody: now unknown", orphans)

    def guarded(self, job: Callable[[], None]) -> bool:
        """The database gone, or a bug: said in the log, and the dialer goes on. Whether all went well."""
        try:
            job()
        except Exception as error:
            log.error("trunk %s: %s", self.trunk.name, where(error))
            return False
        return True

    def _give_back(self) -> None:
        with self._house.db.begin() as tx:
            self.lease.release(tx)
