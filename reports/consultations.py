"""The consultations of a period: by kind, line and channel, how many ended with the first contact, and how many of
those that waited were closed within their 24 hours (R18, R23, R73, R74).

Everything is read off what people wrote until the period ended: what is written later changes no figure of it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Interval,
    Row,
    Select,
    and_,
    case,
    distinct,
    func,
    literal,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from cases.consultations.consultations import CaseState
from cases.tables import attention, case_, case_event, task
from cases.tasks import DUE, TaskKind
from reports.calls import day_in
from reports.periods import Period

BY_THE_LINE = "ivr"  #: who opens the consultations that nobody wrote
#: Of an attention: its operator saved a consultation, beside whoever else did.
_SAVED = and_(attention.c.case_id.is_not(None), ~attention.c.is_concluded)


@dataclass(frozen=True)
class Consultations:
    """Of one kind, line, channel and day, by the script that was shown (with its version, R70; None: there was none):
    ``by_people`` saved, ``at_once`` of them closed in the contact in which they began, and ``by_line`` left by the line
    itself, which nobody had saved by the end of the period."""

    subject: str
    line: str
    channel: str
    day: date
    script: str | None = None
    by_people: int = 0
    at_once: int = 0
    by_line: int = 0

    @property
    def all(self) -> int:
        return self.by_people + self.by_line


@dataclass(frozen=True)
class Pendings:
    """Of one line: consultations whose 24 hours ran out in the period, and those of them that were closed before."""

    line: str
    due: int
    in_time: int


def consultations_in(
    tx: Connection, period: Period, hidden: Collection[str] = (), line: str = ""
) -> list[Consultations]:
    """Those that were first saved, or left by the line, in the period."""
    rows = [*_by_people(tx, period), *_by_the_line(tx, period)]
    shown = (row for row in rows if row.line not in hidden and (not line or row.line == line))
    return [Consultations(**row._mapping) for row in shown]


def pendings_in(tx: Connection, period: Period, hidden: Collection[str] = (), line: str = "") -> list[Pendings]:
    """Each time that one waited, by the task that was to close it: a case that is opened again waits anew, and that it
    waited before stays told. What was closed as it was saved never waited, and is not among them."""
    waits = union_all(_by_task(period), _before_tasks(period)).subquery()
    query = (
        select(waits.c.line, func.count(), func.count().filter(waits.c.ended_at < waits.c.due_at))
        .where(waits.c.line.not_in(list(hidden)))
        .group_by(waits.c.line)
        .order_by(waits.c.line)
    )
    return [Pendings(*row) for row in tx.execute(query) if not line or row.line == line]


def _by_task(period: Period) -> Select:
    is_due = (task.c.due_at >= period.since, task.c.due_at < period.until)
    of_a_case = (task.c.kind == TaskKind.CLOSE, task.c.case_id.is_not(None))
    return select(task.c.line, task.c.due_at, task.c.ended_at).where(*of_a_case, *is_due)


def _before_tasks(period: Period) -> Select:
    """Consultations that were over before there were tasks: of those the case itself tells."""
    has_one = select(task.c.id).where(task.c.case_id == case_.c.id, task.c.kind == TaskKind.CLOSE).exists()
    waited = func.coalesce(case_.c.closed_at != case_.c.due_at - literal(DUE, Interval), True)
    is_due = (case_.c.due_at >= period.since, case_.c.due_at < period.until)
    return select(case_.c.line, case_.c.due_at, case_.c.closed_at).where(*is_due, waited, ~has_one)


def _by_people(tx: Connection, period: Period) -> list[Row]:
    """A consultation is of the day on which somebody first saved it. One that a second conversation had to be had
    about, or whose last word was to wait, did not end with the first contact."""
    saved_at = attention.c.saved_at
    here = select(attention.c.case_id).where(_SAVED, saved_at >= period.since, saved_at < period.until)
    last_word = func.array_agg(aggregate_order_by(attention.c.outcome, saved_at.desc(), attention.c.id.desc()))[1]
    each = (
        select(
            attention.c.case_id,
            func.min(saved_at).label("at"),
            last_word.label("outcome"),
            func.count(distinct(attention.c.room_id)).label("conversations"),
        )
        .where(_SAVED, saved_at < period.until, attention.c.case_id.in_(here))
        .group_by(attention.c.case_id)
        .having(func.min(saved_at) >= period.since)
        .subquery()
    )
    at_once = and_(each.c.outcome == CaseState.CERRADO, each.c.conversations == 1)
    counts = (func.count().label("by_people"), func.count().filter(at_once).label("at_once"))
    subject, script, changed = _as_it_was(period)
    kind = (subject, case_.c.line, case_.c.channel, script, day_in(period.zone, each.c.at))
    found = each.join(case_, case_.c.id == each.c.case_id).outerjoin(changed, true())
    return list(tx.execute(select(*kind, *counts).select_from(found).group_by(*kind)))


def _by_the_line(tx: Connection, period: Period) -> list[Row]:
    opened_at = case_.c.opened_at
    subject, _, changed = _as_it_was(period)
    kind = (subject, case_.c.line, case_.c.channel, day_in(period.zone, opened_at))
    theirs = (case_.c.opened_by == BY_THE_LINE, opened_at >= period.since, opened_at < period.until)
    taken_up = select(attention.c.id).where(attention.c.case_id == case_.c.id, _SAVED)
    counted = select(*kind, func.count().label("by_line")).select_from(case_.outerjoin(changed, true()))
    is_left = ~taken_up.where(attention.c.saved_at < period.until).exists()
    return list(tx.execute(counted.where(*theirs, is_left).group_by(*kind)))


def _as_it_was(period: Period) -> tuple[ColumnElement, ColumnElement, FromClause]:
    """The subject and the script of a case when the period ended, and the first change after it, which says them."""
    facts = case_event.c.facts
    said = (facts["was"].astext.label("subject"), facts["was_script"].astext.label("script"))
    later = (case_event.c.case_id == case_.c.id, case_event.c.at >= period.until, facts.has_key("was"))
    query = select(*said, facts.has_key("was_script").label("tells_script")).where(*later)
    changed = query.order_by(case_event.c.id).limit(1).lateral("changed")
    subject = func.coalesce(changed.c.subject, case_.c.subject).label("subject")
    script = case((changed.c.tells_script, changed.c.script), else_=case_.c.script).label("script")
    return subject, script, changed
