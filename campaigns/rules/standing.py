"""Which trunk places a campaign's calls at this moment, and who holds it: what the dialer goes by, for whoever asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, Row, func, or_, select

from campaigns.rules.facts import IS_CALL, IS_LIVE
from campaigns.rules.why import Why, trouble_told
from campaigns.states import AttemptState
from campaigns.tables import attempt, lease
from core.trunks import Trunk, Trunks

_ASKED_LATELY = or_(
    attempt.c.state != AttemptState.UNKNOWN, attempt.c.asked_at > func.clock_timestamp() - timedelta(minutes=30)
)


def held(tx: Connection) -> dict[str, str | None]:
    """The trunks that a dialer holds, each with what ails it (``lease.trouble``), by the database's real clock."""
    query = select(lease.c.trunk, lease.c.trouble).where(lease.c.expires_at > func.clock_timestamp())
    return {row.trunk: row.trouble for row in tx.execute(query)}


def carrying(trunks: Trunks | None, row: Row, held: Mapping[str, str | None]) -> Trunk | None:
    """The trunk that places the calls of a campaign (its row) now; None: no dialer does, or nobody knows of trunks."""
    if trunks is None or row.mode == "OPERADOR":
        return None
    resting = [name for name, trouble in held.items() if trouble]
    return trunks.carrying(row.trunk, row.country, row.caller_ids or (row.caller_id,), resting)


def is_being_called(tx: Connection, phone_print: bytes) -> bool:
    """Whether a campaign's call to this telephone is on its way or on the line. One of which nothing was known for
    longer than a call lasts is over, whatever came of it."""
    theirs = select(attempt.c.id).where(attempt.c.to_print == phone_print, IS_LIVE, IS_CALL, _ASKED_LATELY)
    return tx.execute(theirs.limit(1)).first() is not None


@dataclass(frozen=True)
class Standing:
    """How a trunk stands at this moment. ``told``: what ails it, in a sentence; None: nothing does."""

    trunk: Trunk
    live: int
    is_held: bool
    told: str | None


def standings(tx: Connection, trunks: Trunks) -> list[Standing]:
    """Every trunk's, in their order."""
    known = held(tx)
    query = select(attempt.c.trunk, func.count().label("calls")).where(IS_LIVE, IS_CALL).group_by(attempt.c.trunk)
    live = {row.trunk: row.calls for row in tx.execute(query)}
    return [
        Standing(each, live.get(each.name, 0), each.name in known, _told(known.get(each.name))) for each in trunks.each
    ]


def _told(trouble: str | None) -> str | None:
    return trouble_told(trouble).sentence if trouble else None


def elsewhere(tx: Connection, trunks: Trunks, row: Row) -> Why | None:
    """That another trunk than a campaign's own (its row) places its calls now; None: its own does."""
    known = held(tx)
    on, own = carrying(trunks, row, known), trunks.named(row.trunk)
    if on is None or own is None or on.name == own.name:
        return None
    told = f"Su troncal, «{own.name}», no toma llamadas ahora: por el momento llama «{on.name}», con el mismo número."
    return Why("elsewhere", told, None, "No hay que hacer nada: vuelve sola.")
