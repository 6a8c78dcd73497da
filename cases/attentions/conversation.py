"""A conversation of the desk, a call or a chat, by its one number (docs/decisions/0036): whoever had it keeps an
attention of their own, and all of them leave one case (R17, R34)."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    ScalarSelect,
    Select,
    Tuple,
    func,
    literal,
    select,
    tuple_,
    update,
)

from cases.tables import attention, case_
from core.database import Moment


def of_room(room_id: int | ColumnElement[int], of: FromClause = attention) -> ColumnElement[bool]:
    """What was written of it: by each who had it, and by the colleague to whom one of them passed it on (R12)."""
    return of.c.room_id == room_id


def held(tx: Connection, room_id: int) -> None:
    """Whoever writes of it waits here for whoever writes of it, before they lock anything else of the cases, and has it
    to the end of the transaction (docs/decisions/0046)."""
    tx.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"case of room {room_id}"))))


def new_number(tx: Connection) -> int:
    """Of what was attended apart from the desk: one that no call and no chat has (docs/decisions/0036)."""
    return tx.execute(select(func.nextval("room_id_seq"))).scalar_one()


def began(room_id: int) -> ScalarSelect[datetime]:
    """When the first of them opened theirs."""
    return select(func.min(attention.c.opened_at)).where(of_room(room_id)).scalar_subquery()


def cases_of(room_id: int) -> Select[tuple[int]]:
    """The number of the case that they left; of none before somebody saved."""
    return select(attention.c.case_id).where(of_room(room_id), attention.c.case_id.is_not(None))


def case_of(tx: Connection, room_id: int, *, locked: bool = False) -> Row | None:
    """The case that somebody of it has left already. ``locked``: to the end of the transaction."""
    found = select(case_).where(case_.c.id.in_(cases_of(room_id))).order_by(case_.c.id).limit(1)
    return tx.execute(found.with_for_update() if locked else found).first()


def room_of(tx: Connection, case_id: int, operator: str) -> int | None:
    """The conversation of which this operator last wrote in the case; None: of none."""
    theirs = (attention.c.case_id == case_id, attention.c.operator == operator)
    return tx.execute(select(attention.c.room_id).where(*theirs).order_by(attention.c.id.desc()).limit(1)).scalar()


def has_written(tx: Connection, case_id: int, operator: str) -> bool:
    """Whether they wrote of a conversation that the case is of, also what they passed on or never saved."""
    its = select(attention.c.room_id).where(attention.c.case_id == case_id)
    typed = (attention.c.room_id.in_(its), attention.c.operator == operator, attention.c.typed_at.is_not(None))
    return tx.execute(select(attention.c.id).where(*typed).limit(1)).first() is not None


def had_again(tx: Connection, draft_id: int, room_id: int, at: datetime) -> None:
    """The draft's operator had it at that moment. Writes only where somebody else is thought to be the last."""
    other = attention.alias("other")
    after = (of_room(attention.c.room_id, other), other.c.id != attention.c.id, turn(other) > turn(attention))
    mine = (attention.c.id == draft_id, _had_at(attention) < at, select(other.c.id).where(*after).exists())
    if tx.execute(select(attention.c.id).where(*mine)).first() is None:
        return
    held(tx, room_id)
    tx.execute(update(attention).where(*mine).values(had_at=at))


def is_last(tx: Connection, draft_id: int) -> bool:
    """Whether nobody had it after this one's operator."""
    row = tx.execute(select(attention).where(attention.c.id == draft_id)).one()
    after = (of_room(row.room_id), turn(attention) > _turn_of(row), *is_somebodys(row.operator))
    return tx.execute(select(attention.c.id).where(*after).limit(1)).first() is None


def before(row: Row) -> list[ColumnElement[bool]]:
    """Those who had it before the operator of this ``attention``."""
    return [of_room(row.room_id), turn(attention) < _turn_of(row), *is_somebodys(row.operator)]


def is_somebodys(but: str | None) -> tuple[ColumnElement[bool], ...]:
    """Another person's, that did not go to a colleague because of a conflict of interest."""
    return attention.c.operator.is_not(None), attention.c.operator != (but or ""), attention.c.moved_at.is_(None)


def turn(of: FromClause) -> Tuple:
    """Orders those of one conversation by who had it last; who opened theirs later, of two at the same moment."""
    return tuple_(_had_at(of), of.c.id)


def _turn_of(row: Row) -> Tuple:
    return tuple_(literal(row.had_at or row.opened_at, Moment), literal(row.id, BigInteger))


def _had_at(of: FromClause) -> ColumnElement[datetime]:
    return func.coalesce(of.c.had_at, of.c.opened_at)
