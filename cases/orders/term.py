"""Until when an order of a new PIN by theft is good (R29, R30): by it whoever knows a document and a date of birth may
have a PIN, so it is not for ever. The procedure names no term: it is a setting (docs/settings.md, PIN_ORDER_DAYS).
Before it is over, whoever coordinates has the task of seeing that the person has their PIN."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, func, literal_column, select

from cases import tasks
from cases.catalogue.order_kinds import OrderKind
from cases.tables import case_, task, work_order
from cases.tasks import Task, TaskKind
from core.privacy import Vault

BY = "system"
OVER = "Venció sin que la persona generara su PIN."
LABEL = "Orden de un PIN nuevo, por vencer"

_SEEN_BEFORE = timedelta(days=2)  # its end; and the task itself falls due a day before it
_DONE_BEFORE = timedelta(days=1)
#: Written out in the statement: the server's kept plans see that the index of open orders serves.
_IS_OPEN = work_order.c.state == literal_column("'ABIERTA'")
_IS_OF_A_PIN = work_order.c.kind == OrderKind.PIN_SUSTRACCION


def is_about_one(owed: Task) -> bool:
    """The version before this one reads no kind of its own: of an order it is one of a unit, without a case."""
    return owed.kind is TaskKind.UNIT and owed.case_id is None


def leave_tasks(tx: Connection, vault: Vault, now: datetime, term: timedelta, line: str) -> int:
    """Of those that are over in two days; how many. ``line``: of an order that comes from no consultation."""
    left = select(task.c.id).where(task.c.about == work_order.c.id, *_IS_ABOUT_AN_ORDER)
    ending = (work_order.c.opened_at > now - term, work_order.c.opened_at <= now - term + _SEEN_BEFORE)
    asked = select(work_order, func.coalesce(case_.c.line, line).label("line"))
    found = asked.outerjoin(case_, case_.c.id == work_order.c.case_id).where(_IS_OPEN, _IS_OF_A_PIN, *ending)
    rows = tx.execute(found.where(~left.exists()).order_by(work_order.c.id)).all()
    for row in rows:
        due_at = max(row.opened_at + term - _DONE_BEFORE, now)
        told = {"line": row.line, "about": row.id, "due_at": due_at, "words": _words(row), "actor": BY}
        tasks.open_task(tx, vault, now, TaskKind.UNIT, **told)
    return len(rows)


def over(tx: Connection, now: datetime, term: timedelta) -> list[int]:
    """Those that are good no more, oldest first."""
    found = select(work_order.c.id).where(_IS_OPEN, _IS_OF_A_PIN, work_order.c.opened_at <= now - term)
    return list(tx.execute(found.order_by(work_order.c.id)).scalars())


def ended(tx: Connection, vault: Vault, now: datetime, order_id: int, actor: str) -> None:
    """What was to be done before it was over is not to be done any more."""
    mine = select(task.c.id).where(task.c.about == order_id, task.c.ended_at.is_(None), *_IS_ABOUT_AN_ORDER)
    for task_id in tx.execute(mine).scalars().all():
        tasks.end_task(tx, vault, now, task_id, actor, f"La orden {order_id} ya no está abierta.")


_IS_ABOUT_AN_ORDER: tuple[ColumnElement[bool], ...] = (task.c.kind == TaskKind.UNIT, task.c.case_id.is_(None))


def _words(row: Row) -> str:
    case = f" (caso {row.case_id})" if row.case_id is not None else ""
    return (
        f"Orden {row.id}{case}: la persona no ha generado su PIN nuevo. Llámele para que lo haga, o anule la orden si "
        "ya no reclama: al vencer se anula sola."
    )
