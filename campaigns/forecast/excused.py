"""Who of a campaign will not be called, reason by reason: counted, and listed a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, Subquery, and_, any_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from campaigns.outcomes import Outcome
from campaigns.rules.exclusions import holds_in
from campaigns.tables import exclusion, observation, recipient
from campaigns.upload.observations import CODES, CONTACTS_SHEET, Level

#: The reason of whoever stands on a list that was not the upload's own: of key 8, of the entity, of everything.
LISTED = "exclusion"
#: Of whoever may be looked for on none of their telephones (forecast/unreachable.py).
UNREACHABLE = "telefonos"
_LABELS = {
    Outcome.ROW_IN_ERROR: "Registro con error",
    Outcome.INVALID_PHONE: "Ningún teléfono sirve",
    Outcome.EXCLUDED: "El archivo dice que no se les busque",
    Outcome.DUPLICATE: "Repetidas en el archivo",
}
_TOO_LATE = "Su período ya no deja ninguna hora"


@dataclass(frozen=True)
class Reason:
    """Why so many ``people`` will not be called. ``code``: of an error (E05), an outcome's value, or LISTED."""

    code: str
    label: str
    people: int


@dataclass(frozen=True)
class Excused:
    """Everybody who will not be called."""

    reasons: list[Reason]

    @property
    def people(self) -> int:
        return sum(reason.people for reason in self.reasons)


def excused(tx: Connection, row: Row, unreachable: Sequence[int] = ()) -> Excused:
    """Of a campaign (its row) that nobody was called for yet, the commonest reason first. ``unreachable``: of
    unreachable.unreachable."""
    ended = select(recipient.c.outcome, func.count().label("people")).where(
        recipient.c.campaign_id == row.id, recipient.c.is_final, recipient.c.outcome.in_(tuple(_LABELS))
    )
    counts = {Outcome(outcome): people for outcome, people in tx.execute(ended.group_by(recipient.c.outcome))}
    in_error = counts.pop(Outcome.ROW_IN_ERROR, 0)
    reasons = _errors(tx, row.id, in_error) if in_error else []
    reasons += [Reason(outcome.value, _LABELS[outcome], people) for outcome, people in counts.items()]
    listed = select(func.count()).where(recipient.c.campaign_id == row.id, ~recipient.c.is_final, on_a_list(row))
    if people := tx.execute(listed).scalar_one():
        reasons.append(Reason(LISTED, "Están en una lista de exclusión", people))
    if unreachable:
        reasons.append(Reason(UNREACHABLE, label_of(UNREACHABLE), len(unreachable)))
    return Excused(sorted(reasons, key=lambda reason: -reason.people))


def excluded_phones(tx: Connection, row: Row) -> int:
    """Telephones that stand on a list of this campaign's: whose they are is only known when each is dialled."""
    query = select(func.count()).where(exclusion.c.kind == "phone", exclusion.c.removed_at.is_(None), holds_in(row))
    return tx.execute(query).scalar_one()


def excused_people(
    tx: Connection, row: Row, code: str, after: int, limit: int, unreachable: Sequence[int] = ()
) -> list[Row]:
    """Those of one reason whose row comes after ``after``: the recipient's row, with ``column``, ``value`` (masked) and
    ``message`` of what is wrong, None where nothing is."""
    found = _first_errors(row.id)
    told = (found.c.column, found.c.value, found.c.message)
    mine = and_(recipient.c.campaign_id == row.id, recipient.c.row > after)
    query = select(recipient, *told).outerjoin(found, found.c.row == recipient.c.row).where(mine)
    if code == LISTED:
        query = query.where(~recipient.c.is_final, on_a_list(row))
    elif code == Outcome.EXPIRED:
        query = query.where(~recipient.c.is_final, ~left_out(row, unreachable))
    elif code == UNREACHABLE:
        query = query.where(_is_one_of(unreachable))
    elif code in CODES:
        query = query.where(recipient.c.outcome == Outcome.ROW_IN_ERROR, found.c.code == code)
    elif code == Outcome.ROW_IN_ERROR:
        query = query.where(recipient.c.outcome == code, found.c.code.is_(None))
    else:
        query = query.where(recipient.c.outcome == code, recipient.c.outcome.in_(tuple(_LABELS)))
    return list(tx.execute(query.order_by(recipient.c.row).limit(limit)))


def label_of(code: str) -> str:
    """The reason as people read it; empty for one that there is not."""
    if code == LISTED:
        return "Están en una lista de exclusión"
    if code == UNREACHABLE:
        return "Sus teléfonos están excluidos o son de otra persona"
    if code == Outcome.EXPIRED:
        return _TOO_LATE
    return CODES.get(code) or (_LABELS[Outcome(code)] if code in list(_LABELS) else "")


def _errors(tx: Connection, campaign_id: int, in_error: int) -> list[Reason]:
    """A row in error is told by the first thing that is wrong with it, so that the reasons add up."""
    found = _first_errors(campaign_id)
    failed = (recipient.c.campaign_id == campaign_id, recipient.c.outcome == Outcome.ROW_IN_ERROR)
    query = (
        select(found.c.code, func.count())
        .select_from(recipient)
        .join(found, found.c.row == recipient.c.row)
        .where(*failed)
        .group_by(found.c.code)
    )
    reasons = [Reason(code, CODES.get(code, code), people) for code, people in tx.execute(query)]
    rest = in_error - sum(reason.people for reason in reasons)
    return [*reasons, Reason(Outcome.ROW_IN_ERROR.value, _LABELS[Outcome.ROW_IN_ERROR], rest)] if rest else reasons


def _first_errors(campaign_id: int) -> Subquery:
    wrong = (observation.c.campaign_id == campaign_id, observation.c.level == Level.ERROR)
    of_rows = (observation.c.sheet == CONTACTS_SHEET, observation.c.row.is_not(None))
    firsts = select(func.min(observation.c.id)).where(*wrong, *of_rows).group_by(observation.c.row)
    told = (observation.c.code, observation.c.column, observation.c.value, observation.c.message)
    return select(observation.c.row, *told).where(observation.c.id.in_(firsts)).subquery()


def left_out(row: Row, unreachable: Sequence[int]) -> ColumnElement[bool]:
    """The condition on ``recipient`` under which the rules will let nobody call somebody, as is known already."""
    listed = func.coalesce(on_a_list(row), False)  # who has no fingerprint is on no list
    return or_(listed, _is_one_of(unreachable)) if unreachable else listed


def _is_one_of(ids: Sequence[int]) -> ColumnElement[bool]:
    return recipient.c.id == any_(literal(list(ids), ARRAY(BigInteger)))


def on_a_list(row: Row) -> ColumnElement[bool]:
    """The condition on ``recipient`` under which somebody stands on a list of this campaign's (its row)."""
    standing = (exclusion.c.kind == "person", exclusion.c.removed_at.is_(None), holds_in(row))
    return recipient.c.person_print.in_(select(exclusion.c.print).where(*standing))
