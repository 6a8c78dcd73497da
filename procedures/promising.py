"""A call promised to the citizen of a case, for an hour that they agreed to (R79, R87): an operator is rung then, and
after them the citizen. The promise is the desk's (desk/promises.py); here is what it takes from the case."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select

from beneficiaries.asked import Padron
from cases import tasks
from cases.consultations.consultations import contact_of
from cases.corrections import corrections
from cases.problem import TextMissing
from cases.registers.tables import register_entry
from cases.tables import case_, correction, task
from cases.tasks import TaskKind
from core import audit
from core.database import Database
from core.privacy import Vault
from desk import promised, promises
from desk.hours import first_promisable, promisable
from desk.lines import DeskLine
from desk.world import Desk
from prompts.speech import WEEKDAYS

BY = "system"
_AT_ONCE = 200
_AMONG_PROMISED = "Quedó entre las llamadas prometidas."
_NO_PADRON_PHONE = "De una corrección solo se llama al teléfono del padrón, y no tiene: que pase por Ventanilla."


class CannotPromise(Exception):
    """Nobody could be called. The message is a sentence in Spanish."""


class AlreadyPromised(CannotPromise):
    """Somebody promised one of the same case, and whoever promises this one may not know."""


def promise_call(
    tx: Connection,
    desk: Desk,
    now: datetime,
    case_id: int,
    line_id: str,
    due_at: datetime,
    *,
    words: str,
    actor: str,
    besides: bool = False,
    padron_phone: str | None = None,
) -> int:
    """The promise's id. What is said of one for the same minute is added to it. ``besides``: another is wanted where
    one of the case is still to be made, or the person would be rung twice for one thing; ``padron_phone``: as the
    function of that name gives it, which alone is rung about a correction: whoever asked for it may be somebody else.

    Raises CannotPromise where there is no telephone to ring, the case's line is not here any more, or nobody may be
    rung from it at that hour; AlreadyPromised, TextMissing, NoSuchCase.
    """
    if line_id in desk.lines:
        _check_hour(tx, desk.lines[line_id], due_at)
    if not besides:
        _check_others(tx, desk, case_id, due_at)
    is_of_correction = corrections.concerns(tx, case_id)
    if is_of_correction and padron_phone is None:
        raise CannotPromise(_NO_PADRON_PHONE)
    phone = padron_phone if is_of_correction else contact_of(tx, desk.vault, case_id).phone
    return _promise(tx, desk, now, case_id, line_id, due_at, phone, words=words, actor=actor)


def padron_phone(db: Database, vault: Vault, padron: Padron, case_id: int) -> str | None:
    """The telephone that the padrón has of the person of a case that a correction concerns; None of any other case, and
    where it has none. Asked with no transaction open. Raises NoSuchCase, RegistryDown."""
    with db.begin() as tx:
        document = contact_of(tx, vault, case_id).document if corrections.concerns(tx, case_id) else None
    holder = padron.find(document) if document else None
    return (holder.phone or None) if holder is not None else None


def _promise(
    tx: Connection,
    desk: Desk,
    now: datetime,
    case_id: int,
    line_id: str,
    due_at: datetime,
    phone: str | None,
    *,
    words: str,
    actor: str,
) -> int:
    if not words.strip():
        raise TextMissing
    contact = contact_of(tx, desk.vault, case_id)
    if line_id not in desk.lines:
        raise CannotPromise("La línea de este caso ya no está en el servicio: no se prometió nada.")
    if phone is None:
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
        phone=phone,
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


def _check_others(tx: Connection, desk: Desk, case_id: int, due_at: datetime) -> None:
    """Of two people who promise at once, the second waits for the first."""
    tx.execute(select(case_.c.id).where(case_.c.id == case_id).with_for_update())
    owed = [each for each in promised.of_case(tx, desk.vault, case_id) if each.is_owed and each.due_at != due_at]
    if owed and owed[0].due_at is not None:
        zone = desk.lines[owed[0].line].zone if owed[0].line in desk.lines else owed[0].due_at.tzinfo
        when = owed[0].due_at.astimezone(zone)
        said = f"De este caso ya está prometida una llamada, el {_day(when)} a las {when:%H:%M}"
        raise AlreadyPromised(f"{said}: no se prometió otra. Si hace falta, márquelo aquí.")


def _day(moment: datetime) -> str:
    return f"{WEEKDAYS[moment.weekday()]} {moment:%d/%m/%Y}"


def take_over(tx: Connection, desk: Desk, now: datetime) -> int:
    """What an older version promised as a task of a case is a promise; how many. One that nobody can be called for
    stays a task, of which its people are told."""
    of_correction = select(correction.c.id).where(correction.c.case_id == case_.c.id)
    can_be_rung = (case_.c.phone_sealed.is_not(None), task.c.line.in_(list(desk.lines)), ~of_correction.exists())
    owed = (task.c.kind == TaskKind.FOLLOW_UP, task.c.ended_at.is_(None), *can_be_rung)
    left = select(task).join(case_, case_.c.id == task.c.case_id).where(*owed).order_by(task.c.id).limit(_AT_ONCE)
    rows = tx.execute(left.with_for_update(of=task, skip_locked=True)).all()
    for row in rows:
        words = desk.vault.open(row.words_sealed) if row.words_sealed is not None else "Seguimiento"
        phone = contact_of(tx, desk.vault, row.case_id).phone
        _promise(tx, desk, now, row.case_id, row.line, row.due_at, phone, words=words, actor=row.made_by)
        tasks.end_task(tx, desk.vault, now, row.id, BY, _AMONG_PROMISED)
    return len(rows)


def ring_registers(tx: Connection, desk: Desk, now: datetime) -> int:
    """At its hour, «Volver a llamar» of an entry about a case whose person left a telephone is a promise, which rings
    (R87); how many. Not before: until then the entry may still be corrected. Any other stays a task, of which whoever
    wrote it is told."""
    of_correction = select(correction.c.id).where(correction.c.case_id == case_.c.id)
    can_be_rung = (case_.c.phone_sealed.is_not(None), task.c.line.in_(list(desk.lines)), ~of_correction.exists())
    owed = (task.c.kind == TaskKind.FOLLOW_UP, task.c.ended_at.is_(None), task.c.due_at <= now, *can_be_rung)
    its_case = and_(case_.c.id == register_entry.c.case_id, case_.c.line == task.c.line)
    about = select(task, case_.c.id.label("called_case"), case_.c.phone_sealed)
    joined = about.join(register_entry, register_entry.c.id == task.c.about).join(case_, its_case)
    left = joined.where(*owed, task.c.case_id.is_(None))
    rows = tx.execute(left.order_by(task.c.id).limit(_AT_ONCE).with_for_update(of=task, skip_locked=True)).all()
    for row in rows:
        words, phone = desk.vault.open(row.words_sealed), desk.vault.open(row.phone_sealed)
        _promise(tx, desk, now, row.called_case, row.line, row.due_at, phone, words=words, actor=row.made_by)
        tasks.end_task(tx, desk.vault, now, row.id, BY, _AMONG_PROMISED)
    return len(rows)
