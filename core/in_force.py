"""What was in force when: settings by which figures are told are written down when they change, so that a day that is
over is told again by what held on it (docs/decisions/0035)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Identity, Index, Table, Text, func, insert, select
from sqlalchemy.dialects.postgresql import JSONB

from core.database import Moment, metadata

_LOCK = 0x666F7263  # one writes at a time; the number only has to be ours

setting_in_force = Table(
    "setting_in_force",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("value", JSONB, nullable=False),
    Column("since", Moment, nullable=False),
    Index("ix_setting_in_force_name", "name", "since"),
)


class Kept(StrEnum):
    """Which settings are, and what their value is."""

    TARGETS = "targets"  # {line: conversations a day and operator}
    OWN_TARGETS = "own_targets"  # {account: the same, of one operator}
    SERVICE = "service"  # {"in_time": s, "short": s}
    TEXT_TARIFFS = "text_tariffs"  # {trunk: [currency, price of a segment]}; "": of every trunk that is not named


@dataclass(frozen=True)
class History:
    """What one setting was, oldest first: (since, value)."""

    values: Sequence[tuple[datetime, Any]]

    def before(self, moment: datetime, otherwise: Any) -> Any:
        """What was last in force before a moment; of what came before anything was kept, the first that was.
        ``otherwise``: where nothing was."""
        if not self.values:
            return otherwise
        return next((value for since, value in reversed(self.values) if since < moment), self.values[0][1])


def history(tx: Connection, name: Kept) -> History:
    """All that is known of a setting."""
    column = setting_in_force.c
    query = select(column.since, column.value).where(column.name == name).order_by(column.since, column.id)
    return History([(since, value) for since, value in tx.execute(query)])


def current(tx: Connection, name: Kept) -> Any:
    """What was written down last; None: nothing."""
    column = setting_in_force.c
    query = select(column.value).where(column.name == name).order_by(column.since.desc(), column.id.desc())
    return tx.execute(query.limit(1)).scalar()


def keep(tx: Connection, now: datetime, name: Kept, value: Any) -> bool:
    """Writes it down where it is another than the last one; whether it was."""
    lock(tx)
    if current(tx, name) == value:
        return False
    tx.execute(insert(setting_in_force).values(name=name, value=value, since=now))
    return True


def lock(tx: Connection) -> None:
    """Until the end of the transaction nobody else writes one down."""
    tx.execute(select(func.pg_advisory_xact_lock(_LOCK)))
