"""How often somebody may ask: so many requests in each minute, counted in the database for every process together."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, select
from sqlalchemy.dialects.postgresql import insert

from api.tables import api_pace

MOST_OF_A_TOKEN = 300
MOST_OF_STRANGERS = 60  # from one network address, which a whole ministry may share; a good token is not among them
WINDOW = timedelta(minutes=1)
_FORGOTTEN = timedelta(hours=1)


@dataclass(frozen=True)
class Pace:
    """``left``: requests still free in this minute; ``seconds``: until the next one begins."""

    most: int
    left: int
    seconds: int
    is_over: bool

    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers-10 writes it: the quota (q) of a window (w); what remains (r) of it
        for so long (t)."""
        policy = f'"minuto";q={self.most};w={WINDOW.seconds}'
        return {"RateLimit-Policy": policy, "RateLimit": f'"minuto";r={self.left};t={self.seconds}'}


def count(tx: Connection, now: datetime, key: bytes, most: int) -> Pace:
    """Counts one more request of ``key`` (a fingerprint). Those that came in excess count too: whoever goes on asking
    is let in when the minute ends, and not before."""
    minute = now.replace(second=0, microsecond=0)
    first = insert(api_pace).values(key_print=key, minute=minute, requests=1)
    again = case((api_pace.c.minute == minute, api_pace.c.requests + 1), else_=1)
    counted = first.on_conflict_do_update(index_elements=["key_print"], set_={"minute": minute, "requests": again})
    requests = tx.execute(counted.returning(api_pace.c.requests)).scalar_one()
    if requests == 1:
        _forget(tx, now)
    seconds = max(1, round((minute + WINDOW - now).total_seconds()))
    return Pace(most, max(0, most - requests), seconds, requests > most)


def _forget(tx: Connection, now: datetime) -> None:
    """Strangers leave a row each. One that somebody is counting in at this moment is left for later."""
    old = select(api_pace.c.key_print).where(api_pace.c.minute < now - _FORGOTTEN).limit(100)
    tx.execute(delete(api_pace).where(api_pace.c.key_print.in_(old.with_for_update(skip_locked=True))))
