"""The carrier's account to be asked about a call, a number or a campaign."""

import threading

from carrier.client import Carrier
from carrier.messaging import Messaging
from carrier.recordings import Recordings
from core.trunks import Trunk
from core.trunks_file import TrunksInUse


class Carriers:
    """One client for each account of the trunks. A call can be changed only at the account that it is of."""

    def __init__(self, trunks: TrunksInUse) -> None:
        self._trunks = trunks
        self._made: dict[tuple[str, str, str], Carrier] = {}
        self._written: dict[tuple[str, str, str], Messaging] = {}
        self._lock = threading.Lock()

    def of_account(self, account_sid: str | None) -> Carrier:
        """The account that a webhook named; the first trunk's where it named none that is known any more."""
        return self._of(self._trunk(account_sid))

    def of_number(self, number: str) -> Carrier:
        """The account that a number of ours belongs to."""
        return self._of(self._trunks.now().of_number(number))

    def of_room(self, account_sid: str | None, number: str) -> Carrier:
        """The account of a conversation: of the call that began it; of the line's ``number`` where we did."""
        return self.of_account(account_sid) if account_sid else self.of_number(number)

    def messaging(self, account_sid: str | None, number: str) -> Messaging:
        """The account that told of a message; of our ``number`` where none did."""
        trunk = self._trunk(account_sid) if account_sid else self._trunks.now().of_number(number)
        with self._lock:
            if trunk.account not in self._written:
                self._written[trunk.account] = Messaging(*trunk.account)
            return self._written[trunk.account]

    def recordings(self, account_sid: str | None) -> Recordings:
        """The recordings of the account that a webhook named."""
        return Recordings(*self._trunk(account_sid).account)

    def _trunk(self, account_sid: str | None) -> Trunk:
        trunks = self._trunks.now()
        return trunks.of_account(account_sid or "") or trunks.first

    def _of(self, trunk: Trunk) -> Carrier:
        with self._lock:
            if trunk.account not in self._made:
                self._made[trunk.account] = Carrier(*trunk.account)
            return self._made[trunk.account]
