"""A contact's call, as the desk places it and tells of it: asked at most once, believed only when it is known.

The desk rings the operator first, so that an attempt is *being asked* from then on; whoever was never dialled is due
again, and what is not known is never dialled a second time on a guess (architecture, decision 5).
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Row, func, select, update

from campaigns import attempts
from campaigns.attempts import phones_of
from campaigns.columns import document_of
from campaigns.due_again import due_again
from campaigns.operated import taking
from campaigns.operated.card import row_of
from campaigns.operated.taking import TAKEN_FOR, CannotCall, Ended, NotYours
from campaigns.outcomes import Outcome
from campaigns.readers import is_reserved
from campaigns.rules.candidates import candidate_for
from campaigns.rules.deciding import Dial, Never, NotNow, OtherPhone, Reason
from campaigns.rules.facts import OnTheLine, decision_of, nobody
from campaigns.states import AttemptState, CampaignState, Progress
from campaigns.tables import attempt, operated_contact
from core.privacy import Vault


@dataclass(frozen=True)
class ToCall:
    """Whom to call. ``room_id``: the conversation there is already, where the key was pressed twice."""

    attempt_id: int
    campaign_id: int
    line: str
    to: str = field(repr=False)  #: E.164
    document: str | None = field(repr=False)
    campaign: str  #: its name; «reservada» where others who look at calls may not know it
    room_id: int | None


@dataclass(frozen=True)
class Told:
    """What the desk knows of the citizen's telephone. ``was_asked``: False only where no carrier can have had it."""

    was_asked: bool
    sid: str | None = None
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    status: str | None = None  #: final
    is_over: bool = False  #: nothing more will come of this conversation


def to_call(
    tx: Connection,
    vault: Vault,
    now: datetime,
    account_id: int,
    attempt_id: int,
    on_the_line: OnTheLine = nobody,
) -> ToCall:
    """The operator's contact, locked, if a call may be placed at this moment. Raises NotYours, CannotCall."""
    mine = taking.in_hand(tx, account_id, lock=True)
    if mine is None or mine.attempt_id != attempt_id:
        raise NotYours
    tx.execute(select(attempt.c.id).where(attempt.c.id == attempt_id).with_for_update())
    row = row_of(tx, mine.id)
    to = phones_of(vault, row.data_sealed)[row.phone]
    name = "reservada" if is_reserved(row) else row.name
    asked = ToCall(attempt_id, row.campaign_id, row.line, to, document_of(vault, row), name, row.room_id)
    if row.room_id is not None:
        return asked
    if row.campaign_state != CampaignState.RUNNING or row.state != AttemptState.DUE:
        raise CannotCall("La campaña ya no está en curso: devuelva el contacto.")
    _check_rules(tx, vault, now, attempt_id, on_the_line)
    return asked


def _check_rules(tx: Connection, vault: Vault, now: datetime, attempt_id: int, on_the_line: OnTheLine) -> None:
    """What the dialer would ask (campaigns/rules/deciding.py), at this moment. Raises CannotCall."""
    to_print, decision = decision_of(tx, vault, now, candidate_for(tx, vault, attempt_id), on_the_line)
    match decision:
        case Dial():
            tx.execute(update(attempt).where(attempt.c.id == attempt_id).values(to_print=to_print))
        case NotNow(reason):
            raise CannotCall(_REFUSED.get(reason, _TOO_OFTEN))
        case Never(Outcome.EXCLUDED) | OtherPhone():
            raise CannotCall("A este teléfono no se le llama, o no es de la persona: devuelva el contacto.")
        case Never():
            raise CannotCall("A esta persona ya no se la llama en esta campaña: devuelva el contacto.")


_TOO_OFTEN = "Ya se la llamó lo que se permite: devuelva el contacto y se le llamará después."
_REFUSED = {
    Reason.HOURS: "Fuera del horario legal: a esta hora no se puede llamar.",
    Reason.CLOSED_DAY: "Hoy es feriado: no se puede llamar.",
    Reason.ALL_CLOSED: "Los días que quedan son feriado: no se puede llamar.",
    Reason.ON_THE_LINE: "Esa persona está ahora en otra llamada con la institución: espere a que termine.",
    Reason.PREFERENCE: "La persona prefiere que se le llame a otra hora: devuelva el contacto.",
}


def dialled(tx: Connection, now: datetime, attempt_id: int, room_id: int) -> None:
    """Its operator's telephone is about to ring, in this conversation: from here on nobody else may call."""
    asking = {"state": AttemptState.ASKING, "asked_at": func.clock_timestamp(), "started_at": now}
    tx.execute(update(attempt).where(attempt.c.id == attempt_id).values(**asking))
    mine = (operated_contact.c.attempt_id == attempt_id, operated_contact.c.ended_at.is_(None))
    values = {"room_id": room_id, "taken_until": now + TAKEN_FOR}
    tx.execute(update(operated_contact).where(*mine).values(**values))


def in_a_call(tx: Connection, account_id: int | None = None) -> list[Row]:
    """Those whose conversation has begun and of whose end nothing is known yet."""
    query = select(operated_contact).where(
        operated_contact.c.ended_at.is_(None),
        operated_contact.c.room_id.is_not(None),
        operated_contact.c.remote_status.is_(None),
    )
    if account_id is not None:
        query = query.where(operated_contact.c.account_id == account_id)
    return list(tx.execute(query.order_by(operated_contact.c.id)))


def hear(tx: Connection, now: datetime, taken_id: int, told: Told) -> None:
    """Keeps what is known by now of a contact's call. It may be told again, late, and more than once."""
    mine = tx.execute(select(operated_contact).where(operated_contact.c.id == taken_id).with_for_update()).one()
    if mine.ended_at is not None or mine.remote_status is not None or mine.room_id is None:
        return
    if not told.was_asked:
        if told.is_over:
            _never_dialled(tx, now, mine)
        return
    if told.asked_at is not None:
        tx.execute(update(attempt).where(attempt.c.id == mine.attempt_id).values(started_at=told.asked_at))
    if told.sid is not None:
        attempts.prove(tx, now, mine.attempt_id, told.sid)
    if told.answered_at is not None and mine.answered_at is None:
        _answered(tx, mine, told.answered_at)
    if told.status is not None:
        _over(tx, now, mine, told)


def _answered(tx: Connection, mine: Row, at: datetime) -> None:
    taking.change(tx, mine.id, answered_at=at)
    silent = (attempt.c.id == mine.attempt_id, attempt.c.progress.is_(None))
    tx.execute(update(attempt).where(*silent).values(progress=Progress.ANSWERED))


def _over(tx: Connection, now: datetime, mine: Row, told: Told) -> None:
    """Off the line: the operator has a while from now to say what came of it."""
    began = told.answered_at or mine.answered_at
    seconds = int((told.ended_at - began).total_seconds()) if told.ended_at and began else 0
    facts = {"remote_status": told.status, "duration_s": max(seconds, 0)}
    taking.change(tx, mine.id, **facts, taken_until=now + TAKEN_FOR)


def _never_dialled(tx: Connection, now: datetime, mine: Row) -> None:
    """The operator's own telephone was not answered: the contact is still theirs, and as due as before; nobody's where
    its campaign ended meanwhile."""
    asking = (attempt.c.id == mine.attempt_id, attempt.c.state == AttemptState.ASKING)
    is_still_called = due_again(tx, now, *asking) == 1
    taking.change(tx, mine.id, room_id=None, taken_until=now + TAKEN_FOR)
    if not is_still_called:
        taking.finish(tx, now, mine.id, Ended.EXPIRED)
