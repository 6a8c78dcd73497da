"""Asking for a rehearsal, how far it has come, how it ended. One at a time: it takes the whole machine."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from campaigns.life import NoSuchCampaign, NotAllowed
from campaigns.rehearsals.report import Report
from campaigns.rehearsals.tables import rehearsal
from campaigns.rules.calendar import window_for
from campaigns.states import TEXTS, CampaignState
from campaigns.tables import campaign, recipient
from core import audit, jobs

REHEARSE = "rehearsal.run"
MOST_TRIES = 3  # one whose process dies this often is given up
_BEFORE = (CampaignState.UNDER_REVIEW, CampaignState.APPROVED, CampaignState.SCHEDULED)
_NOW = func.clock_timestamp()


class State(StrEnum):
    """Of a rehearsal."""

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    STOPPED = "STOPPED"
    FAILED = "FAILED"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    State.WAITING: "En espera",
    State.RUNNING: "Ensayando",
    State.DONE: "Terminado",
    State.STOPPED: "Detenido",
    State.FAILED: "No se pudo",
}


def ask(
    tx: Connection, now: datetime, campaign_id: int, actor: str, people: int | None = None, *, by_job: bool = True
) -> int:
    """Asks for the rehearsal of a campaign that has not begun; returns its number. ``people``: only so many, by chance.

    ``by_job`` leaves it to the worker. Raises NoSuchCampaign, NotAllowed: the state, operators' campaigns, nobody to
    call, no day left, another one going.
    """
    row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).first()
    if row is None:
        raise NoSuchCampaign
    if why := why_not(tx, now, row):
        raise NotAllowed(why)
    values = {"campaign_id": campaign_id, "state": State.WAITING, "people": people, "asked_at": now, "asked_by": actor}
    made = insert(rehearsal).values(**values, told_at=_NOW).on_conflict_do_nothing().returning(rehearsal.c.id)
    number = tx.execute(made).scalar()
    if number is None:
        raise NotAllowed("Ya hay un ensayo en marcha: espere a que termine, o deténgalo.")
    audit.record(tx, now, actor, "campaign.rehearsed", "campaign", campaign_id, people=people)
    if by_job:
        jobs.defer(tx, REHEARSE, rehearsal_id=number)
    return number


def why_not(tx: Connection, now: datetime, row: Row) -> str:
    """Why a campaign (its row) cannot be rehearsed, as a sentence; nothing where it can."""
    if row.state not in _BEFORE:
        return "Solo se ensaya una campaña revisada que todavía no ha empezado."
    if row.mode == TEXTS:
        return "Una campaña de mensajes de texto no se ensaya: en su revisión está lo que leerá cada persona."
    if row.mode != "AUTOMATICA":
        return "Solo se ensayan las campañas automáticas: aquí no hay operadores inventados."
    if window_for(tx, row).next_open(max(row.starts_at, now)) is None:
        return "A su período no le queda ninguna hora para llamar: no hay qué ensayar."
    if not tx.execute(_callable(row.id).limit(1)).first():
        return "No hay ninguna persona a quien llamar."
    return ""


def _callable(campaign_id: int):  # type: ignore[no-untyped-def]
    return select(recipient.c.id).where(recipient.c.campaign_id == campaign_id, ~recipient.c.is_final)


def begin(tx: Connection, rehearsal_id: int) -> Row | None:
    """Takes one up, or takes it up again; its row, or None where it is over or was tried too often."""
    row = tx.execute(select(rehearsal).where(rehearsal.c.id == rehearsal_id).with_for_update()).first()
    if row is None or not row.is_going:
        return None
    if row.is_unwanted:
        _end(tx, rehearsal_id, State.STOPPED)
        return None
    if row.tries >= MOST_TRIES:
        fail(tx, rehearsal_id, "Se interrumpió varias veces. Vuelva a intentarlo más tarde.")
        return None
    fresh = {"state": State.RUNNING, "tries": row.tries + 1, "done": 0, "calls": 0, "reached_at": None}
    tx.execute(update(rehearsal).where(rehearsal.c.id == rehearsal_id).values(**fresh, told_at=_NOW))
    return row


def tell(tx: Connection, rehearsal_id: int, done: int, total: int, calls: int, reached_at: datetime | None) -> bool:
    """Writes how far it has come; False where nobody wants it any more."""
    mine = (rehearsal.c.id == rehearsal_id, rehearsal.c.is_going)
    values = {"done": done, "total": total, "calls": calls, "reached_at": reached_at, "told_at": _NOW}
    wanted = tx.execute(update(rehearsal).where(*mine).values(**values).returning(rehearsal.c.is_unwanted)).scalar()
    return wanted is False


def finish(tx: Connection, rehearsal_id: int, report: Report) -> None:
    """It came to its end."""
    _end(tx, rehearsal_id, State.DONE, report=report.as_json())


def fail(tx: Connection, rehearsal_id: int, problem: str) -> None:
    """It came to nothing. ``problem``: a sentence that holds nothing of anybody."""
    _end(tx, rehearsal_id, State.FAILED, problem=problem)


def stopped(tx: Connection, rehearsal_id: int) -> None:
    """It was ended because somebody asked for it."""
    _end(tx, rehearsal_id, State.STOPPED)


def _end(tx: Connection, rehearsal_id: int, state: State, **facts: object) -> None:
    mine = (rehearsal.c.id == rehearsal_id, rehearsal.c.is_going)
    values = {"state": state, "is_going": False, "ended_at": _NOW, **facts}
    tx.execute(update(rehearsal).where(*mine).values(**values))


def stop(tx: Connection, now: datetime, rehearsal_id: int, campaign_id: int, actor: str) -> bool:
    """Asks one of this campaign to stop; at once where nobody has begun with it. False where it was over already."""
    mine = (rehearsal.c.id == rehearsal_id, rehearsal.c.campaign_id == campaign_id, rehearsal.c.is_going)
    state = tx.execute(update(rehearsal).where(*mine).values(is_unwanted=True).returning(rehearsal.c.state)).scalar()
    if state is None:
        return False
    if state == State.WAITING:
        _end(tx, rehearsal_id, State.STOPPED)
    audit.record(tx, now, actor, "campaign.rehearsal_stopped", "campaign", campaign_id)
    return True


def latest(tx: Connection, campaign_id: int) -> Row | None:
    """The newest rehearsal of a campaign."""
    query = select(rehearsal).where(rehearsal.c.campaign_id == campaign_id).order_by(rehearsal.c.id.desc())
    return tx.execute(query.limit(1)).first()


def going(tx: Connection) -> Row | None:
    """The one that waits or runs, of whatever campaign."""
    return tx.execute(select(rehearsal).where(rehearsal.c.is_going)).first()
