"""What was sent and what was not, as screens and figures ask for it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, func, literal_column, or_, select, text

from core.post import IS_KEPT, IS_WAITING, Channel, post

# Written out, as the indexes of these are: so they serve a plan that is kept.
_WAITS = text(IS_WAITING)
_IS_LETTER = literal_column("channel") == literal_column("'MAIL'")
_HAS_NOT_LEFT = text("state in ('queued', 'unknown', 'refused', 'failed')")
_HAS_LEFT = text("state = 'sent'")
_WAS_LOST = text("state in ('undelivered', 'refused', 'failed')")


@dataclass(frozen=True)
class Lost:
    """Texts of a line and a kind that did not arrive, for one reason. ``state``: failed (nobody was sent it), refused
    or undelivered; ``last``: when the newest was written."""

    line: str
    kind: str
    state: str
    problem: str | None
    count: int
    last: datetime


def letters(tx: Connection, visible: ColumnElement[bool], most: int, *, only_unsent: bool = False) -> list[Row]:
    """The newest first, those that did not leave before all others; ``most`` at most."""
    newest = select(post).where(_IS_LETTER, visible).order_by(post.c.id.desc()).limit(most)
    unsent = list(tx.execute(newest.where(_HAS_NOT_LEFT)))
    if only_unsent:
        return unsent
    return [*unsent, *tx.execute(newest.where(_HAS_LEFT))][:most]


def letters_in_trouble(tx: Connection, visible: ColumnElement[bool]) -> int:
    """How many letters do not leave, though they might."""
    troubled = (_IS_LETTER, _HAS_NOT_LEFT, post.c.problem.is_not(None), IS_KEPT, visible)
    return tx.execute(select(func.count()).select_from(post).where(*troubled)).scalar_one()


def lost_texts(tx: Connection, hidden_lines: Collection[str] = ()) -> list[Lost]:
    """Those whose telephones are not erased yet, the newest first."""
    which = (~_IS_LETTER, _WAS_LOST, IS_KEPT, post.c.line.not_in(list(hidden_lines)))
    alike = (post.c.line, post.c.kind, post.c.state, post.c.problem)
    last = func.max(post.c.queued_at)
    rows = tx.execute(select(*alike, func.count(), last).where(*which).group_by(*alike).order_by(last.desc(), *alike))
    return [Lost(*row) for row in rows]


def waiting(tx: Connection, now: datetime) -> dict[Channel, int]:
    """How many are to be sent by now, the letters that do not leave among them."""
    is_due = or_(post.c.not_before.is_(None), post.c.not_before <= now)
    query = select(post.c.channel, func.count()).where(_WAITS, is_due).group_by(post.c.channel)
    counts = {Channel(channel): count for channel, count in tx.execute(query)}
    given_up = select(func.count()).select_from(post).where(_IS_LETTER, text("state in ('refused', 'failed')"))
    counts[Channel.MAIL] = counts.get(Channel.MAIL, 0) + tx.execute(given_up).scalar_one()
    return {channel: counts.get(channel, 0) for channel in Channel}


def oldest_waiting(tx: Connection, now: datetime) -> dict[Channel, datetime]:
    """Since when the first text that should have left by now waits; a channel without any is not in it."""
    is_due = or_(post.c.not_before.is_(None), post.c.not_before <= now)
    since = func.min(func.coalesce(post.c.not_before, post.c.queued_at))
    query = select(post.c.channel, since).where(_WAITS, is_due, ~_IS_LETTER).group_by(post.c.channel)
    return {Channel(channel): at for channel, at in tx.execute(query)}


def recent_texts(tx: Connection, since: datetime) -> dict[str, int]:
    """Texts written since a moment, by how they stand."""
    which = (~_IS_LETTER, post.c.queued_at > since, post.c.to_print.is_not(None))
    query = select(post.c.state, func.count()).where(*which).group_by(post.c.state)
    return {state: count for state, count in tx.execute(query)}
