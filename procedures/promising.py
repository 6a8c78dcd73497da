"""A call promised to the citizen of a case, for an hour that they agreed to (R79, R87): an operator is rung then, and
after them the citizen. The promise is the desk's (desk/promises.py); here is what it takes from the case."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from cases import tasks
from cases.consultations.consultations import contact_of
from cases.problem import TextMissing
from cases.tables import case_, task
from cases.tasks import TaskKind
from core import audit
from desk import promises
from desk.hours import first_promisable, promisable
from desk.lines import DeskLine
from desk.world import Desk
from prompts.speech import WEEKDAYS

BY = "system"
_AT_ONCE = 200


class CannotPromise(Exception):
    """Nobody could be called. The message is a sentence in Spanish."""


def promise_call(
    tx: Connection, desk: Desk, now: datetime, case_id: int, line_id: str, due_at: datetime, *, words: str, actor: str
) -> int:
    """The promise's id. A case has as many as were promised; what is said of one for the same minute is added to it.

    Raises CannotPromise where the case has no telephone, its line is not here any more, or nobody may be rung from it
    at that hour; TextMissing, NoSuchCase.
    """
    if line_id in desk.lines:
        _check_hour(tx, desk.lines[line_id], due_at)
    return _promise(tx, desk, now, case_id, line_id, due_at, words=words, actor=actor)


def _promise(
    tx: Connection, desk: Desk, now: datetime, case_id: int, line_id: str, due_at: datetime, *, words: str, actor: str
) -> int:
    if not words.strip():
        raise TextMissing
    contact = contact_of(tx, desk.vault, case_id)
    if line_id not in desk.lines:
        raise CannotPromise("La línea de este caso ya no está en el servicio: no se prometió nada.")
    if contact.phone is None:
        raise CannotPromise("Este caso no tiene un teléfono al que llamar: no se prometió nada.")
    learnt: dict[str, Any] = {"path": [f"Seguimiento del caso {case_id}"], "words": [words.strip()]}
    if contact.document:
        learnt["document"] = contact.document
    made = promises.make_for(
        tx,
        desk,
        now,
        due_at=due_at,
        line_id=line_id,
        phone=contact.phone,
        case_id=case_id,
        made_by=actor,
        learnt=learnt,
    )
    audit.record(tx, now, actor, "case.call_promised", "case", case_id, promise=made, due_at=due_at.isoformat())
    return made


def _check_hour(tx: Connection, line: DeskLine, at: datetime) -> None:
    first, zone = first_promisable(tx, line, at), line.opening.zone
    if first == at:
        return
    asked = at.astimezone(zone)
    that_day = [span for span in promisable(tx, line, at) if line.opening.day_of(span[0]) == asked.date()]
    spans = (f"de {opens.astimezone(zone):%H:%M} a {closes.astimezone(zone):%H:%M}" for opens, closes in that_day)
    hours = f"se llama {' y '.join(spans)}" if that_day else "no se llama"
    told = f"A esa hora no se puede llamar: no se prometió nada. El {_day(asked)}, desde esta línea, {hours}."
    if first is not None:
        after = first.astimezone(zone)
        told += f" La primera hora después es el {_day(after)} a las {after:%H:%M}."
    raise CannotPromise(told)


def _day(moment: datetime) -> str:
    return f"{WEEKDAYS[moment.weekday()]} {moment:%d/%m/%Y}"


def take_over(tx: Connection, desk: Desk, now: datetime) -> int:
    """What an older version promised as a task of a case is a promise; how many. One that nobody can be called for
    stays a task, of which its people are told."""
    can_be_rung = (case_.c.phone_sealed.is_not(None), task.c.line.in_(list(desk.lines)))
    promised = (task.c.kind == TaskKind.FOLLOW_UP, task.c.ended_at.is_(None), *can_be_rung)
    left = select(task).join(case_, case_.c.id == task.c.case_id).where(*promised).order_by(task.c.id).limit(_AT_ONCE)
    rows = tx.execute(left.with_for_update(of=task, skip_locked=True)).all()
    for row in rows:
        words = desk.vault.open(row.words_sealed) if row.words_sealed is not None else "Seguimiento"
        _promise(tx, desk, now, row.case_id, row.line, row.due_at, words=words, actor=row.made_by)
        tasks.end_task(tx, desk.vault, now, row.id, BY, "Quedó entre las llamadas prometidas.")
    return len(rows)
