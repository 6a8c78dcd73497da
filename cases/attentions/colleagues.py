"""Who has a conflict of interest hands an attention on: it waits in the tray of a role, with a task and its hour, for a
colleague to take it (R12, R73)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Row, insert, not_, or_, select, update

from cases import tasks
from cases.attentions import conversation, gifts, handovers
from cases.attentions.drafts import Draft, NotYours, as_draft, mine
from cases.events import EventKind, note
from cases.prints import prints_of
from cases.problem import Problem
from cases.tables import attention, task
from cases.tasks import Task, TaskKind
from cases.typed import opened_contact, sealed
from core import audit
from core.privacy import Vault
from core.roles import Role

LABEL = "Atender el caso de un colega"
_BY = "system"
_AT_ONCE = 500
_OWED = "Quien contestó tiene conflicto de interés: tome la atención, complétela y guárdela."
_LEFT = "Quien contestó no la guardó: complétela y guárdela."
#: Of which tasks: the version before this one reads no kind of its own (cases/task_words.py).
_IS_OF_ONE: tuple[ColumnElement[bool], ...] = (task.c.kind == TaskKind.CLOSE, task.c.case_id.is_(None))
#: What each answers for themselves, and what is of one row.
_STAYS = frozenset(
    {
        *("id", "operator", "has_conflict", "is_gift_offered", "moved_at", "typed_at", "version"),
        *("reminded_at", "overdue_at"),
    }
)


def is_about_one(owed: Task) -> bool:
    """One of closing, without a case."""
    return owed.kind is TaskKind.CLOSE and owed.case_id is None


class GiftNotDescribed(Exception):
    """Falta describir la regalía."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__()
        self.problems = problems

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def reassign(
    tx: Connection,
    vault: Vault,
    now: datetime,
    draft_id: int,
    operator: str,
    *,
    to_role: Role = Role.OPERADOR,
    to_queue: str | None = None,
) -> int:
    """Puts the attention in the colleagues' tray because its operator has a conflict of interest (R12).

    What was typed goes with it, but what its operator answers for themselves: the conflict, and a gift, which is
    registered as offered to them (R13). This operator never saves it, and stays in its history. Returns the id of the
    new draft, which nobody has yet. Raises NoSuchDraft; NotYours; GiftNotDescribed.
    """
    row = mine(tx, draft_id, operator)
    if row.saved_at or row.moved_at:
        raise NotYours
    draft = as_draft(vault, row)
    given = gifts.read(draft.typed) if draft.is_gift_offered else None
    if isinstance(given, list):
        raise GiftNotDescribed(given)
    tx.execute(update(attention).where(attention.c.id == draft_id).values(has_conflict=True, moved_at=now))
    values = {**_handed_on(vault, row, draft), "to_role": to_role, "to_queue": to_queue, "from_id": draft_id}
    new = tx.execute(insert(attention).values(**values).returning(attention.c.id)).scalar_one()
    note(tx, vault, now, operator, EventKind.MOVED, attention_id=draft_id, to_role=to_role)
    audit.record(tx, now, operator, "attention.moved", "attention", draft_id, to=new, to_role=to_role)
    attended(tx, now, [draft_id], operator)
    told: dict[str, Any] = {"line": row.line, "about": new, "to_roles": (to_role,), "words": _OWED, "actor": operator}
    tasks.open_task(tx, vault, now, TaskKind.CLOSE, **told)
    if given is not None:
        known, day = conversation.case_of(tx, row.room_id), draft.opened_at.astimezone(draft.zone).date()
        case_id = known.id if known is not None else None
        gifts.register(tx, vault, now, given, line=row.line, offered_on=day, agent=operator, case_id=case_id)
    return new


def colleagues_drafts(
    tx: Connection,
    vault: Vault,
    operator: str,
    role: Role,
    *,
    hidden_lines: Collection[str] = (),
    after: int = 0,
    limit: int = 100,
) -> list[Draft]:
    """What waits for somebody of this role to take it, oldest first; never what came from this operator. ``after``: the
    number of the last one of the page before."""
    waiting = (attention.c.operator.is_(None), attention.c.to_role == role, attention.c.line.not_in(hidden_lines))
    kept = (attention.c.erased_at.is_(None), attention.c.id > after, not_(_came_from(operator)))
    found = select(attention).where(*waiting, *kept)
    return [as_draft(vault, row) for row in tx.execute(found.order_by(attention.c.id).limit(limit))]


def take(tx: Connection, vault: Vault, now: datetime, draft_id: int, operator: str) -> bool:
    """Makes a colleague's draft this operator's, and its task with it; False where somebody was quicker or it came from
    them."""
    room_id = tx.execute(select(attention.c.room_id).where(attention.c.id == draft_id)).scalar()
    if room_id is None:
        return False
    conversation.held(tx, room_id)
    free = (attention.c.id == draft_id, attention.c.operator.is_(None), not_(_came_from(operator)))
    if not tx.execute(update(attention).where(*free).values(operator=operator)).rowcount:
        return False
    owed = (*_IS_OF_ONE, task.c.about == draft_id, tasks.is_open())
    tx.execute(update(task).where(*owed).values(to_person=operator))
    note(tx, vault, now, operator, EventKind.TAKEN, attention_id=draft_id)
    audit.record(tx, now, operator, "attention.taken", "attention", draft_id)
    return True


def take_over(tx: Connection, vault: Vault, now: datetime, draft_id: int, overseer: str) -> int | None:
    """What its operator left unsaved and will not save becomes the overseer's, who saves it in their own name: the new
    draft; None where it was saved or went to somebody meanwhile, or was their own."""
    room_id = tx.execute(select(attention.c.room_id).where(attention.c.id == draft_id)).scalar()
    if room_id is None:
        return None
    conversation.held(tx, room_id)
    unsaved = (attention.c.saved_at.is_(None), attention.c.moved_at.is_(None), attention.c.erased_at.is_(None))
    theirs = (attention.c.id == draft_id, attention.c.operator != overseer, *unsaved, not_(_came_from(overseer)))
    row = tx.execute(update(attention).where(*theirs).values(moved_at=now).returning(attention)).first()
    if row is None:
        return None
    theirs_now = {"operator": overseer, "to_role": Role.SUPERVISOR, "from_id": draft_id}
    values = {**_handed_on(vault, row, as_draft(vault, row)), **theirs_now}
    new = tx.execute(insert(attention).values(**values).returning(attention.c.id)).scalar_one()
    note(tx, vault, now, overseer, EventKind.TAKEN, attention_id=draft_id)
    audit.record(tx, now, overseer, "attention.taken_over", "attention", draft_id, to=new)
    attended(tx, now, [draft_id], overseer)
    told: dict[str, Any] = {"line": row.line, "about": new, "to_roles": (Role.SUPERVISOR,), "to_person": overseer}
    tasks.open_task(tx, vault, now, TaskKind.CLOSE, **told, words=_LEFT, actor=overseer)
    return new


def attended(tx: Connection, now: datetime, draft_ids: Collection[int], actor: str) -> None:
    """What these waited for is done: they were saved, or went on to somebody else, or are kept no more."""
    owed = (*_IS_OF_ONE, task.c.about.in_(list(draft_ids)), tasks.is_open())
    tx.execute(update(task).where(*owed).values(ended_by=actor, ended_at=now))


def adopt(tx: Connection, vault: Vault, now: datetime) -> int:
    """What waits for a colleague and was left by a version before its task gets one, and a task that outlived what that
    version saved is over. How many."""
    its = (*_IS_OF_ONE, task.c.about == attention.c.id, tasks.is_open())
    is_over = or_(attention.c.saved_at.is_not(None), attention.c.moved_at.is_not(None))
    over = tx.execute(select(task.c.about).where(*its, is_over).order_by(task.c.id).limit(_AT_ONCE)).scalars().all()
    attended(tx, now, over, _BY)
    done = len(over)
    unsaved = (attention.c.saved_at.is_(None), attention.c.moved_at.is_(None), attention.c.erased_at.is_(None))
    left = (attention.c.from_id.is_not(None), *unsaved, ~select(task.c.id).where(*its).exists())
    for row in tx.execute(select(attention).where(*left).order_by(attention.c.id).limit(_AT_ONCE)).all():
        told: dict[str, Any] = {"about": row.id, "to_roles": (Role(row.to_role),), "to_person": row.operator}
        tasks.open_task(tx, vault, now, TaskKind.CLOSE, line=row.line, **told, words=_OWED, actor=_BY)
        done += 1
    return done


def _handed_on(vault: Vault, row: Row, draft: Draft) -> dict[str, Any]:
    typed = handovers.not_of_their_own(draft.typed)
    prints = prints_of(vault, ZoneInfo(row.zone), *opened_contact(vault, row), typed)
    same = {name: value for name, value in row._mapping.items() if name not in _STAYS}
    return {**same, "typed_sealed": sealed(vault, typed), "prints": prints}


def _came_from(operator: str) -> ColumnElement[bool]:
    """Whether the operator had a conflict over the same conversation: they never get it back."""
    earlier = attention.alias("earlier")
    theirs = (earlier.c.operator == operator, earlier.c.moved_at.is_not(None))
    return select(earlier.c.id).where(*theirs, conversation.of_room(attention.c.room_id, earlier)).exists()
