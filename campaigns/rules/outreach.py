"""What the house begins with a person by writing, outside its campaigns: it counts with their calls and texts, so that
the limits of contact are one for every channel (docs/decisions/0044)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Identity,
    Index,
    LargeBinary,
    Table,
    Text,
    bindparam,
    delete,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert

from campaigns.rules.limits import LOOKED_BACK
from campaigns.tables import attempt, recipient
from core.database import Moment, metadata

outreach = Table(
    "outreach",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("to_print", LargeBinary, nullable=False),
    Column("person_print", LargeBinary),  # whom alone campaigns looked for on that telephone; null: nobody, or several
    Column("source", Text, nullable=False, unique=True),  # which row of its own room it is
    Index("ix_outreach_at", "at"),
    Index("ix_outreach_to", "to_print"),
    Index("ix_outreach_person", "person_print", postgresql_where=text("person_print is not null")),
)

#: Whom calls and texts to a telephone were for, whatever campaign's; no more than it takes to tell one from several.
_LOOKED_FOR = (
    select(recipient.c.person_print)
    .join(attempt, attempt.c.recipient_id == recipient.c.id)
    .where(attempt.c.to_print == bindparam("to"))
    .distinct()
    .limit(2)
)


def person_of(tx: Connection, to_print: bytes) -> bytes | None:
    """The person (fingerprint of their document) whom alone we ever looked for on this telephone: of two, nobody knows
    whose it is."""
    people = tx.execute(_LOOKED_FOR, {"to": to_print}).scalars().all()
    return people[0] if len(people) == 1 else None


def note(tx: Connection, now: datetime, to_print: bytes, person_print: bytes | None, source: str) -> None:
    """Something is written to a telephone of our own accord. Said twice, it is as said once."""
    values: Mapping[str, Any] = {"at": now, "to_print": to_print, "person_print": person_print, "source": source}
    tx.execute(insert(outreach).values(**values).on_conflict_do_nothing())


def take_back(tx: Connection, source: str) -> None:
    """It never came to them."""
    tx.execute(delete(outreach).where(outreach.c.source == source))


def forget(tx: Connection, now: datetime) -> int:
    """Those that no limit looks back to; how many."""
    return tx.execute(delete(outreach).where(outreach.c.at <= now - LOOKED_BACK)).rowcount
