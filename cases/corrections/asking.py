"""Asking for a correction of the padrón (R39): one is open for a document and what is wrong, however many ask."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.postgresql import insert

from cases import tasks
from cases.consultations.consultations import NoSuchCase
from cases.corrections.corrections import IS_ASKED, KIND_OF, CorrectionKind, CorrectionState
from cases.corrections.proposed import Proposed, opened, wrong_with_date, wrong_with_name
from cases.events import CorrectionAct, EventKind, note
from cases.problem import TextMissing
from cases.tables import case_, correction
from cases.tasks import TaskKind
from core import audit
from core.privacy import Vault

NOTHING = Proposed()


class CannotAsk(Exception):
    """The case does not allow it. The message is a sentence in Spanish."""


@dataclass(frozen=True)
class Asked:
    """What came of it. ``number``: of this one, or of the open one where the document has one."""

    number: int
    act: CorrectionAct

    @property
    def is_new(self) -> bool:
        return self.act is CorrectionAct.ASKED


def ask(
    tx: Connection, vault: Vault, now: datetime, case_id: int, actor: str, detail: str, proposed: Proposed = NOTHING
) -> Asked:
    """A coordinator is to look into it. Where one is open, that one stays as it is, and what was said now is kept in
    the history.

    ``proposed``: as the caller tells it, which a correction of a date or a name needs. Raises NoSuchCase, CannotAsk,
    TextMissing.
    """
    row = tx.execute(select(case_).where(case_.c.id == case_id)).first()
    if row is None:
        raise NoSuchCase
    kind = KIND_OF.get(row.subject)
    if kind is None or row.document_sealed is None:
        raise CannotAsk("Esta consulta no lleva a una corrección, o no tiene el documento de la persona.")
    if not detail.strip():
        raise TextMissing
    if kind is CorrectionKind.IDENTITY:
        _check(proposed, now.date())
    else:
        proposed = NOTHING
    values = {
        **{"kind": kind, "state": CorrectionState.SOLICITADA, "case_id": case_id, "line": row.line},
        **{"document_print": row.document_print, "document_sealed": row.document_sealed},
        "proposed_sealed": vault.seal(proposed.birth_date.isoformat()) if proposed.birth_date is not None else None,
        "proposed_name_sealed": vault.seal(proposed.name) if proposed.name else None,
        **{"asked_by": actor, "asked_at": now},
    }
    found, is_new = _left(tx, values)
    asked = Asked(found.id, CorrectionAct.ASKED if is_new else _again(opened(vault, found), proposed))
    said = detail.strip()
    if asked.act is CorrectionAct.OTHER_DATA:
        said = f"Dijo {proposed.words}.\n{said}"
    told: dict[str, Any] = {"state": CorrectionState.SOLICITADA, "correction": asked.number, "act": asked.act}
    for each in dict.fromkeys((case_id, found.case_id)):
        note(tx, vault, now, actor, EventKind.CORRECTION, case_id=each, text=said, **told)
    about: dict[str, Any] = {"line": row.line, "case_id": found.case_id, "about": found.id, "to_roles": kind.roles}
    tasks.open_task(tx, vault, now, TaskKind.CORRECTION, **about, words=detail, actor=actor)
    audit.record(tx, now, actor, "correction.asked", "correction", found.id, kind=kind, act=asked.act)
    return asked


def _check(proposed: Proposed, today: date) -> None:
    if not proposed:
        raise CannotAsk("Escriba la fecha de nacimiento o el nombre, como está en el documento.")
    born, name = proposed.birth_date, proposed.name
    wrong = wrong_with_date(born, today) if born is not None else None
    wrong = wrong or (wrong_with_name(name) if name else None)
    if wrong:
        raise CannotAsk(wrong)


def _left(tx: Connection, values: dict[str, Any]) -> tuple[Row, bool]:
    """The open one of the document, or this one, and whether it is new."""
    mine = (correction.c.id, correction.c.case_id, correction.c.proposed_sealed, correction.c.proposed_name_sealed)
    same = (correction.c[name] == values[name] for name in ("kind", "document_print"))
    asked = select(*mine).where(*same, IS_ASKED).with_for_update()
    added = insert(correction).values(**values).on_conflict_do_nothing().returning(*mine)
    while True:  # another that is asked for, or decided, in this very moment: then it is looked at again
        if (row := tx.execute(asked).first()) is not None:
            return row, False
        if (row := tx.execute(added).first()) is not None:
            return row, True


def _again(before: Proposed, proposed: Proposed) -> CorrectionAct:
    return CorrectionAct.ASKED_AGAIN if proposed.adds_nothing_to(before) else CorrectionAct.OTHER_DATA
