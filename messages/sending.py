"""How a message leaves, of whichever table it is a row: handed over once, and a doubt settled (decision 0032).

It is written down as in doubt before it is handed over: a process that dies then leaves a doubt, never a second one. A
doubt is taken up in the same way, by one at a time; whoever was overtaken meanwhile changes nothing.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Row, select

from core.database import Database
from messages.courier import Answer, Courier, Taken

DOUBT = timedelta(seconds=90)  #: longer than any answer takes: after it the other side is asked what it has
AT_ONCE = 10_000  #: rows of one look


@dataclass(frozen=True)
class TakenUp:
    """A row as it was, its courier, and what this one is to hand over. ``at``: when it was taken up, which the row says
    until somebody else takes it up; ``since``: of a doubt, from when on the other side may have it."""

    row: Row
    courier: Courier
    written: Any
    at: datetime
    since: datetime | None = None


class Tray(Protocol):
    """The rows of a table that wait to be sent. The transaction comes first, and none commits."""

    def take_up(self, tx: Connection, number: int) -> TakenUp | None:
        """Locks one and writes down that it is in doubt from now on; None: there is nothing to do now."""

    def store(self, tx: Connection, taken_up: TakenUp, answer: Answer) -> None:
        """What came of handing it over."""

    def settle(self, tx: Connection, taken_up: TakenUp, found: Sequence[Taken] | None) -> None:
        """What the other side has that may be it; None: it could not be asked."""

    def waiting(self, tx: Connection) -> Sequence[Row]:
        """Those that are to be tried now, with their ``id``."""

    def at_work(self, tx: Connection) -> Container[int]:
        """The ids that have a job."""

    def defer(self, tx: Connection, row: Row) -> None:
        """Leaves the job of one that is ``waiting``."""


def send(db: Database, tray: Tray, number: int) -> None:
    """Sends one, once: whoever finds it being sent, or sent, leaves it. Of what is in doubt the other side is asked
    first. No transaction is open meanwhile."""
    with db.begin() as tx:
        taken_up = tray.take_up(tx, number)
    if taken_up is None:
        return
    if taken_up.since is not None:
        found = taken_up.courier.look_for(taken_up.written, taken_up.since)
        with db.begin() as tx:
            tray.settle(tx, taken_up, found)
    else:
        answer = taken_up.courier.hand_over(taken_up.written)
        with db.begin() as tx:
            tray.store(tx, taken_up, answer)


def send_again(db: Database, tray: Tray) -> int:
    """Leaves a job for each that is to be tried now and has none; how many."""
    with db.begin() as tx:
        at_work = tray.at_work(tx)
        left = [row for row in tray.waiting(tx) if row.id not in at_work]
        for row in left:
            tray.defer(tx, row)
    return len(left)


def nobodys(tx: Connection, sid: ColumnElement[str], found: Sequence[Taken]) -> Taken | None:
    """The first of these that is not known as another row's, by the column that has the carrier's own names."""
    others = set(tx.execute(select(sid).where(sid.in_([each.sid for each in found if each.sid]))).scalars())
    return next((each for each in found if each.sid and each.sid not in others), None)
