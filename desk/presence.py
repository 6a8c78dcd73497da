"""What each operator is doing, said by them or by the system, and since when (R90)."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from core.privacy import Vault
from desk import events
from desk.states import LegState, Presence
from desk.tables import leg, operator, presence_change

CHOSEN = (Presence.DISPONIBLE, Presence.DESCANSO, Presence.FUERA)  #: what an operator may say of themselves
BUSY = (Presence.TIMBRANDO, Presence.EN_LLAMADA)
PAGE_IS_OPEN = timedelta(seconds=30)  # real time since the desk's page last asked


def browser_telephone(account_id: int) -> str:
    """The name by which the carrier knows the telephone in an operator's browser."""
    return f"puesto_{account_id}"


class CannotChange(Exception):
    """Con una llamada en curso no se puede cambiar de estado."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class ReasonMissing(Exception):
    """Diga el motivo: su supervisor lo verá."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def sign_on(
    tx: Connection,
    now: datetime,
    account_id: int,
    email: str,
    name: str,
    *,
    is_supervisor: bool,
    role: str = "OPERADOR",
) -> None:
    """An operator opens the desk. What they were doing stays as it was: a browser may die in mid-call.

    ``role``: of their account; a sensitive line's calls are given to some roles alone (R81).
    """
    values = {"email": email, "name": name, "is_supervisor": is_supervisor, "role": role}
    first = {"account_id": account_id, "state": Presence.FUERA, "since": now, "seen_at": func.clock_timestamp()}
    statement = upsert(operator).values(**values, **first)
    tx.execute(statement.on_conflict_do_update(index_elements=["account_id"], set_=values))


def seen(tx: Connection, account_id: int) -> None:
    """The desk's page is open: by the database's real clock."""
    at = {"seen_at": func.clock_timestamp()}
    tx.execute(update(operator).where(operator.c.account_id == account_id).values(**at))


def choose(tx: Connection, now: datetime, account_id: int, state: Presence, reason: str = "") -> None:
    """The operator says what they do. Raises CannotChange during a call, ReasonMissing for a break (R90)."""
    row = tx.execute(select(operator).where(operator.c.account_id == account_id).with_for_update()).one()
    if Presence(row.state) in BUSY:
        raise CannotChange
    if state is Presence.DESCANSO and not reason.strip():
        raise ReasonMissing
    _set(tx, now, account_id, state, reason.strip()[:120] if state is Presence.DESCANSO else None)
    events.wake(tx)


def shut_out(tx: Connection, now: datetime, account_id: int) -> None:
    """Whoever may no longer sign in: their page counts as closed at once and not after half a minute, so that no
    telephone of theirs rings meanwhile and no call comes back to them. In a call they are sent away at its end."""
    row = of(tx, account_id, lock=True)
    if row is None:
        return
    closed = {"seen_at": func.clock_timestamp() - PAGE_IS_OPEN}
    tx.execute(update(operator).where(operator.c.account_id == account_id).values(**closed))
    if Presence(row.state) not in (*BUSY, Presence.FUERA):
        choose(tx, now, account_id, Presence.FUERA)


def set_telephone(tx: Connection, vault: Vault, account_id: int, e164: str | None) -> None:
    """Where the desk rings this operator; None: the telephone in the browser."""
    sealed = vault.seal(e164) if e164 else None
    tx.execute(update(operator).where(operator.c.account_id == account_id).values(telephone_sealed=sealed))


def set_skills(tx: Connection, account_id: int, skills: list[str]) -> None:
    """What calls they may be given (R83, R91)."""
    tx.execute(update(operator).where(operator.c.account_id == account_id).values(skills=sorted(set(skills))))


def take(tx: Connection, now: datetime, account_id: int, room_id: int, state: Presence) -> None:
    """The system says what they do: a call rings, or is theirs."""
    tx.execute(update(operator).where(operator.c.account_id == account_id).values(room_id=room_id))
    _set(tx, now, account_id, state, None)


def release(
    tx: Connection, now: datetime, room_id: int, account_id: int | None = None, *, has_to_write: bool = True
) -> None:
    """Their part of the call is over: those who talked write it down, those who were rung are free again.

    Without ``has_to_write``, as for a supervisor who came in: they do again what they were doing.
    """
    theirs = [operator.c.room_id == room_id]
    if account_id is not None:
        theirs.append(operator.c.account_id == account_id)
    for row in tx.execute(select(operator).where(*theirs).order_by(operator.c.account_id).with_for_update()).all():
        writes = row.state == Presence.EN_LLAMADA and has_to_write
        after, reason = (Presence.POST_LLAMADA, None) if writes else _before_it_rang(tx, row.account_id)
        tx.execute(update(operator).where(operator.c.account_id == row.account_id).values(room_id=None))
        _set(tx, now, row.account_id, after, reason)


def pause(tx: Connection, now: datetime, account_id: int, room_id: int, reason: str) -> None:
    """They did not answer: no further call is lost on them until they say that they are back."""
    theirs = (operator.c.account_id == account_id, operator.c.room_id == room_id)
    if tx.execute(update(operator).where(*theirs).values(room_id=None)).rowcount:
        _set(tx, now, account_id, Presence.DESCANSO, reason)


def send_away_the_absent(tx: Connection, now: datetime) -> int:
    """Whoever closed the desk's page without a word is out; how many were."""
    gone = (
        operator.c.state.in_([Presence.DISPONIBLE, Presence.POST_LLAMADA]),
        operator.c.seen_at < func.clock_timestamp() - PAGE_IS_OPEN,
    )
    rows = tx.execute(select(operator.c.account_id).where(*gone).with_for_update(skip_locked=True)).scalars().all()
    for account_id in rows:
        _set(tx, now, account_id, Presence.FUERA, "Se cerró la página del puesto")
    return len(rows)


def free_those_whom_nobody_rings(tx: Connection, now: datetime) -> int:
    """Whose telephone was called off before it was dialled: no callback will ever say so. How many there were."""
    theirs = (leg.c.room_id == operator.c.room_id, leg.c.account_id == operator.c.account_id)
    is_rung = exists().where(*theirs, leg.c.state != LegState.ENDED)
    forgotten = (operator.c.state == Presence.TIMBRANDO, operator.c.room_id.is_not(None), ~is_rung)
    query = select(operator.c.account_id).where(*forgotten).with_for_update(skip_locked=True)
    rows = tx.execute(query).scalars().all()
    for account_id in rows:
        tx.execute(update(operator).where(operator.c.account_id == account_id).values(room_id=None))
        _set(tx, now, account_id, *_before_it_rang(tx, account_id))
    return len(rows)


def _before_it_rang(tx: Connection, account_id: int) -> tuple[Presence, str | None]:
    """What they were doing, and why: a supervisor on a break may ask to listen, and must not come back from it as
    somebody who takes calls. Whoever was at work, is."""
    theirs = (presence_change.c.account_id == account_id, presence_change.c.state.not_in(BUSY))
    query = select(presence_change.c.state, presence_change.c.reason).where(*theirs)
    row = tx.execute(query.order_by(presence_change.c.id.desc()).limit(1)).first()
    if row is None:
        return Presence.FUERA, None  # they opened the desk, and never said that they are there
    was = Presence(row.state)
    return (was, row.reason) if was in (Presence.DESCANSO, Presence.FUERA) else (Presence.DISPONIBLE, None)


def of(tx: Connection, account_id: int, *, lock: bool = False) -> Row | None:
    """The operator's row; locked by whoever is about to give them a call."""
    query = select(operator).where(operator.c.account_id == account_id)
    return tx.execute(query.with_for_update() if lock else query).first()


def everyone(tx: Connection) -> list[Row]:
    """Every operator of the desk, by name."""
    return list(tx.execute(select(operator).order_by(operator.c.name, operator.c.account_id)))


def _set(tx: Connection, now: datetime, account_id: int, state: Presence, reason: str | None) -> None:
    values = {"state": state, "reason": reason, "since": now}
    tx.execute(update(operator).where(operator.c.account_id == account_id).values(**values))
    tx.execute(insert(presence_change).values(account_id=account_id, at=now, state=state, reason=reason))
