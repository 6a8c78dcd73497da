"""How much of the time at the desk was conversations (requirements.md §9, Ocupación), of what each one's state says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, extract, func, select

from desk.states import Presence
from desk.tables import operator, presence_change
from reports.document import Rate, Value
from reports.indicators import Indicator
from reports.periods import Period

#: On a call, or writing it down.
BUSY = (Presence.EN_LLAMADA, Presence.POST_LLAMADA)
#: At the desk, to be given calls: a break is none of it.
AT_WORK = (*BUSY, Presence.DISPONIBLE, Presence.TIMBRANDO)
_LONGEST_SPELL = timedelta(days=1)


@dataclass(frozen=True)
class Occupied:
    """Seconds ``at_work``, and of them those that were ``busy``."""

    busy: float = 0.0
    at_work: float = 0.0

    @property
    def shown(self) -> Value:
        """The share, as a cell says it."""
        return Rate(self.busy / self.at_work) if self.at_work else None


def occupied_in(tx: Connection, period: Period, now: datetime | None = None) -> dict[str, Occupied]:
    """Of each operator who was at work, by their e-mail. What went on when the period began, or ended, counts for its
    part inside; ``now``: until when something that goes on is known, where the period is not over."""
    change = presence_change.c
    next_at = func.lead(change.at).over(partition_by=change.account_id, order_by=(change.at, change.id))
    during = (change.at >= period.since - _LONGEST_SPELL, change.at < period.until)
    spell = select(change.account_id, change.at, change.state, next_at.label("next_at")).where(*during).subquery()
    end = min(period.until, now) if now else period.until
    seconds = extract(
        "epoch", func.least(func.coalesce(spell.c.next_at, end), end) - func.greatest(spell.c.at, period.since)
    )
    busy = func.sum(seconds).filter(spell.c.state.in_(BUSY))
    query = (
        select(operator.c.email, func.coalesce(busy, 0), func.sum(seconds))
        .join(operator, operator.c.account_id == spell.c.account_id)
        .where(spell.c.state.in_(AT_WORK), func.coalesce(spell.c.next_at, end) > period.since, spell.c.at < end)
    )
    rows = tx.execute(query.group_by(operator.c.email))
    return {email: Occupied(float(some), float(whole)) for email, some, whole in rows}


def ocupacion(each: Iterable[Occupied]) -> Indicator:
    """Segundos en llamada o escribiendo después ÷ segundos en el puesto (disponible, timbrando, en llamada o
    escribiendo; los descansos no). Lo que se atiende por escrito no es llamada."""
    found = list(each)
    formula = " ".join((ocupacion.__doc__ or "").split())
    busy, at_work = round(sum(one.busy for one in found)), round(sum(one.at_work for one in found))
    return Indicator("Ocupación", formula, busy, at_work)
