"""Cases that wait for a correction of the padrón, until its citizen knows what came of it (R39–R41)."""

from collections.abc import Collection

from sqlalchemy import Connection, Exists, exists, select

from cases.tables import correction, task
from cases.tasks import TaskKind


def waits_for_a_correction() -> Exists:
    """Of a row of ``task``: it is to close a case that nobody can close before. Whoever decides the correction has a
    task of their own, with its own hour, and whoever is to tell the citizen too; nobody is late with this one."""
    untold = (correction.c.case_id == task.c.case_id, correction.c.told_at.is_(None))
    return exists().where(task.c.kind == TaskKind.CLOSE, *untold)


def corrections_of(tx: Connection, case_ids: Collection[int]) -> dict[int, int]:
    """The number of the correction that each of these cases waits for, of those that wait for one."""
    untold = (correction.c.case_id.in_(list(case_ids)), correction.c.told_at.is_(None))
    rows = tx.execute(select(correction.c.case_id, correction.c.id).where(*untold).order_by(correction.c.id))
    return {row.case_id: row.id for row in rows}
