"""Campaigns for tests: invented citizens, a line, and each step of a campaign's life on the way to the lines."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from campaigns import attempts, life
from campaigns.approval import approve
from campaigns.campaign_line import CampaignLine
from campaigns.states import AttemptState, CampaignState
from campaigns.submission import Submitted, submit
from campaigns.tables import attempt, campaign, recipient
from campaigns.upload.lines_known import LineKnown
from core.clock import Clock
from core.database import Database
from core.privacy import Vault
from core.roles import Role
from demo.invent import citizen, formato

NUMBER = "+50322373333"
LINES = [
    CampaignLine(
        LineKnown("dgs", "SV", "Dirección General de Subsidios", frozenset({NUMBER})),
        NUMBER,
        "Gracias por su atención.",
        "Usamos sus datos solo para este aviso.",
    )
]
COORDINATOR = "ana@subsidios.example"


def moment(told: str) -> datetime:
    """``2026-11-23 10:00`` in El Salvador."""
    return datetime.fromisoformat(f"{told}-06:00")


def submitted(db: Database, vault: Vault, clock: Clock, people: int = 3, first: int = 0, /, **fields: str) -> Submitted:
    """A list of invented citizens from the number ``first`` on, handed in. ``fields`` change the request's."""
    data = formato([citizen(number) for number in range(first, first + people)], **fields)
    return submit(db, vault, clock, LINES, COORDINATOR, "lista.csv", data)


def scheduled(db: Database, vault: Vault, clock: Clock, people: int = 3, first: int = 0, /, **fields: str) -> int:
    """The same, approved: due at once."""
    campaign_id = submitted(db, vault, clock, people, first, **fields).id
    with db.begin() as tx:
        approve(tx, clock.now(), campaign_id, COORDINATOR, Role.SUPERVISOR, at_once=True, reason="prueba")
    return campaign_id


def running(db: Database, vault: Vault, clock: Clock, people: int = 3, first: int = 0, /, **fields: str) -> int:
    """The same, begun."""
    campaign_id = scheduled(db, vault, clock, people, first, **fields)
    with db.begin() as tx:
        life.move(tx, clock.now(), campaign_id, CampaignState.RUNNING, "dialer")
    return campaign_id


def attempts_of(db: Database, campaign_id: int) -> list[Row]:
    """Every attempt, the oldest first."""
    with db.begin() as tx:
        return list(tx.execute(select(attempt).where(attempt.c.campaign_id == campaign_id).order_by(attempt.c.id)))


def campaign_row(tx: Connection, campaign_id: int) -> Row:
    """The campaign, which there is."""
    return tx.execute(select(campaign).where(campaign.c.id == campaign_id)).one()


def people_of(db: Database, campaign_id: int) -> list[Row]:
    """Every row of the upload, in its order."""
    with db.begin() as tx:
        query = select(recipient).where(recipient.c.campaign_id == campaign_id).order_by(recipient.c.row)
        return list(tx.execute(query))


def set_attempt(db: Database, attempt_id: int, **values: Any) -> None:
    """Puts an attempt where a test needs it."""
    with db.begin() as tx:
        tx.execute(update(attempt).where(attempt.c.id == attempt_id).values(**values))


def set_campaign(db: Database, campaign_id: int, **values: Any) -> None:
    with db.begin() as tx:
        tx.execute(update(campaign).where(campaign.c.id == campaign_id).values(**values))


def put_on_the_line(db: Database, attempt_id: int, sid: str, at: datetime) -> None:
    """The carrier has the call, which began at ``at``."""
    set_attempt(db, attempt_id, state=AttemptState.PLACED, remote_sid=sid, started_at=at, asked_at=at)


def end(db: Database, vault: Vault, at: datetime, attempt_id: int, status: str, **facts: Any) -> bool:
    """The carrier's final word on a call. ``facts``: progress, answered_by and duration_s."""
    with db.begin() as tx:
        if progress := facts.get("progress"):
            tx.execute(update(attempt).where(attempt.c.id == attempt_id).values(progress=progress))
        return attempts.end_call(tx, at, attempt_id, status, facts.get("duration_s"), facts.get("answered_by"))
