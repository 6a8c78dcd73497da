"""After its line's own term nothing of a closed consultation, nor of a register, says whose it was (R57).

No law of the three countries names a term for what a call centre writes down; the institution's archive has its own
table, and a line's file says it (docs/lineas.md). A line that says none keeps everything. Work orders, gifts and the
trail stay in any case: they are answered for by law (cases/keeping/person.py).
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from procrastinate import JobContext
from sqlalchemy import ColumnElement, Connection, Exists, exists, func, or_, select, update

from cases import tasks
from cases.attentions import colleagues
from cases.keeping.erasing import erase_cases
from cases.orders import orders
from cases.registers import erasing
from cases.tables import attention, case_, correction, task, work_order
from cases.tasks import TaskKind
from core import audit
from core.clock import Clock
from core.database import Database
from core.jobs import every
from core.person import BY_TERM
from core.privacy import Vault

log = logging.getLogger(__name__)

AT_ONCE = 500  # consultations, attentions without one, and entries of one transaction
ACTOR = BY_TERM


@dataclass(frozen=True)
class Term:
    """For how long a line keeps them: consultations from their closing on, registers from what they tell. None: they
    are kept."""

    cases: timedelta | None = None
    registers: timedelta | None = None


@dataclass(frozen=True)
class CaseRetention:
    """What erasing needs; the worker keeps one. ``terms``: by line; one that is not named keeps everything."""

    db: Database
    vault: Vault
    clock: Clock
    terms: Mapping[str, Term]

    def purge(self) -> int:
        """Erases what is too old, a part a transaction; how many of all. A second run finds nothing."""
        return sum(self._purge_line(line, term) for line, term in self.terms.items())

    def _purge_line(self, line: str, term: Term) -> int:
        count = 0
        while True:
            with self.db.begin() as tx:
                done = purge_some(tx, self.vault, self.clock.now(), line, term)
            if not done:
                return count
            count += done


def purge_some(tx: Connection, vault: Vault, now: datetime, line: str, term: Term) -> int:
    """Erases what is personal in what is older than the line's term, at most AT_ONCE of each; how many in all. Never of
    a consultation that something still waits for."""
    cases, loose, entries = 0, 0, 0
    if term.cases is not None:
        before = now - term.cases
        ids = _closed(tx, line, before)
        cases = _erase(tx, vault, now, ids, _attended(tx, ids))
        loose = _erase(tx, vault, now, [], _given_away(tx, line, before))
        loose += _erase_unsaved(tx, vault, now, line, before)
    if term.registers is not None:
        entries = erasing.erase(tx, now, erasing.older_than(tx, line, now - term.registers, AT_ONCE), ACTOR)
    if done := cases + loose + entries:
        facts = {"cases": cases, "attentions": loose, "entries": entries}
        audit.record(tx, now, ACTOR, "cases.purged", "line", line, None, **facts)
    return done


def _closed(tx: Connection, line: str, before: datetime) -> Sequence[int]:
    """Consultations that were closed by then and wait for nothing: no task, no correction, no order of theirs."""
    old = (case_.c.line == line, case_.c.closed_at <= before, case_.c.erased_at.is_(None))
    waits: tuple[ColumnElement[bool], ...] = (
        exists().where(task.c.case_id == case_.c.id, task.c.ended_at.is_(None)),
        exists().where(correction.c.case_id == case_.c.id, correction.c.told_at.is_(None)),
        exists().where(correction.c.case_id == case_.c.id, _is_somebody_to_tell()),
        exists().where(work_order.c.case_id == case_.c.id, orders.IS_OPEN),
        exists().where(
            attention.c.case_id == case_.c.id, attention.c.saved_at.is_(None), attention.c.moved_at.is_(None)
        ),
    )
    query = select(case_.c.id).where(*old, ~or_(*waits)).order_by(case_.c.closed_at, case_.c.id).limit(AT_ONCE)
    return tx.execute(query.with_for_update(skip_locked=True)).scalars().all()


def _is_somebody_to_tell() -> Exists:
    """Of a row of ``correction`` (cases/corrections/telling.py)."""
    return exists().where(task.c.kind == TaskKind.CORRECTION, task.c.about == correction.c.id, tasks.is_open())


def _attended(tx: Connection, cases: Sequence[int]) -> Sequence[tuple[int, int]]:
    """(attention, conversation) in which these consultations were written."""
    query = select(attention.c.id, attention.c.room_id).where(attention.c.case_id.in_(cases))
    return [(each, room) for each, room in tx.execute(query)]


def _given_away(tx: Connection, line: str, before: datetime) -> Sequence[tuple[int, int]]:
    """Attentions that were handed to a colleague and left no consultation of their own."""
    mine = (attention.c.line == line, attention.c.moved_at <= before, attention.c.case_id.is_(None))
    query = select(attention.c.id, attention.c.room_id).where(*mine, attention.c.erased_at.is_(None))
    return [(each, room) for each, room in tx.execute(query.order_by(attention.c.id).limit(AT_ONCE))]


def _erase_unsaved(tx: Connection, vault: Vault, now: datetime, line: str, before: datetime) -> int:
    """Attentions that nobody saved: from the end of their conversation on, of which the last that is known is when
    somebody had it or wrote in them. Whoever should have saved them was told (procedures/unsaved.py)."""
    last = func.greatest(attention.c.opened_at, attention.c.had_at, attention.c.typed_at)
    unsaved = (attention.c.saved_at.is_(None), attention.c.moved_at.is_(None), attention.c.erased_at.is_(None))
    query = select(attention.c.id, attention.c.room_id).where(attention.c.line == line, *unsaved, last <= before)
    rows = tx.execute(query.order_by(attention.c.id).limit(AT_ONCE).with_for_update(skip_locked=True)).all()
    colleagues.attended(tx, now, [row.id for row in rows], ACTOR)
    return _erase(tx, vault, now, [], [(row.id, row.room_id) for row in rows])


def _erase(
    tx: Connection, vault: Vault, now: datetime, cases: Sequence[int], attended: Sequence[tuple[int, int]]
) -> int:
    if not (cases or attended):
        return 0
    erase_cases(tx, vault, now, cases, [each for each, _ in attended], {room for _, room in attended}, ACTOR)
    said = dict.fromkeys(("proposed_sealed", "proposed_name_sealed", "reason_sealed"))
    asked = {"document_print": b"", "document_sealed": vault.seal(""), **said}
    tx.execute(update(correction).where(correction.c.case_id.in_(cases)).values(**asked))
    return len(cases) or len(attended)


@every("20 4 * * *", "cases.purge", is_nightly=True)
def purge(context: JobContext, timestamp: int) -> None:
    """Every night."""
    retention: CaseRetention = context.additional_context["case_retention"]
    if count := retention.purge():
        log.info("consultations and entries whose term is over: %s", count)
