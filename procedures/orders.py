"""What is done about open orders by themselves: a bill that was to be linked is, and an order of a new PIN that ran out
is annulled, after whoever coordinates was told (R26, R29)."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from cases.orders import orders, term
from core.logs import where
from procedures.linking import Linking

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class OpenOrders:
    """What it needs; the worker keeps one. ``pin_term``: for how long an order of a new PIN is good; ``line``: whose
    task it is where the order comes from no consultation."""

    linking: Linking
    pin_term: timedelta
    line: str

    def follow(self) -> int:
        """Each minute; how many. One that fails does not keep the others from it."""
        here, now = self.linking, self.linking.clock.now()
        done = here.follow() + self._in_one(
            "tasks", lambda tx: term.leave_tasks(tx, here.vault, now, self.pin_term, self.line)
        )
        with here.db.begin() as tx:
            ran_out = term.over(tx, now, self.pin_term)
        return done + sum(self._in_one(f"order {order_id}", self._annul(order_id)) for order_id in ran_out)

    def _annul(self, order_id: int) -> Callable[[Connection], bool]:
        here = self.linking
        return lambda tx: orders.close_order(
            tx, here.vault, here.clock.now(), order_id, term.BY, term.OVER, is_annulled=True
        )

    def _in_one(self, what: str, do: Callable[[Connection], int]) -> int:
        try:
            with self.linking.db.begin() as tx:
                return do(tx)
        except Exception as problem:
            log.error("open orders, %s: %s", what, where(problem))
            return 0
