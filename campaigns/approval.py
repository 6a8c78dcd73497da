"""A person approves what the checks let through; from then on it is the dialer's (R60, R62)."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, select, update

from campaigns import attempts, life
from campaigns.life import NoSuchCampaign, NotAllowed
from campaigns.rules.hours import COUNTRIES
from campaigns.states import CampaignState
from campaigns.tables import campaign
from core import audit
from core.roles import Role

NOTICE = timedelta(days=7)  # calendar days (R54)

#: Who may approve; what is urgent or sensitive needs a supervisor.
APPROVERS = frozenset({Role.COORDINADOR, Role.SUPERVISOR, Role.DIRECTOR, Role.ADMIN})
SUPERVISORS = frozenset({Role.SUPERVISOR, Role.DIRECTOR, Role.ADMIN})


def approve(
    tx: Connection, now: datetime, campaign_id: int, actor: str, role: Role, *, at_once: bool = False, reason: str = ""
) -> None:
    """Approves the good rows: due on their first day or, ``at_once``, now — inside legal hours all the same.

    Raises NoSuchCampaign, NotAllowed: the state, the role, a short notice without a reason, nobody to call.
    """
    row = tx.execute(select(campaign).where(campaign.c.id == campaign_id).with_for_update()).first()
    if row is None:
        raise NoSuchCampaign
    _check_state(row)
    _check_role(row, role)
    starts_at = _start(row, now, at_once)
    if is_short_notice(row, now, at_once) and not reason.strip():
        raise NotAllowed("Faltan menos de 7 días: la aprobación necesita un motivo.")
    life.move(tx, now, campaign_id, CampaignState.APPROVED, actor, reason.strip() or None)
    tx.execute(update(campaign).where(campaign.c.id == campaign_id).values(starts_at=starts_at))
    if attempts.plan(tx, campaign_id, starts_at) == 0:
        raise NotAllowed("No hay ninguna persona a quien llamar: devuélvala con sus observaciones.")
    life.move(tx, now, campaign_id, CampaignState.SCHEDULED, actor)
    audit.record(tx, now, actor, "campaign.planned", "campaign", campaign_id, at_once=at_once)


def is_short_notice(row: Row, now: datetime, at_once: bool) -> bool:
    """Whether fewer than 7 days lie between the day it came and the first of calls: approving then needs a reason.

    Whole days of the country's calendar: what came on a Monday afternoon may begin at next Monday's first hour (R54).
    """
    zone = COUNTRIES[row.country].zone
    first_day = _start(row, now, at_once).astimezone(zone).date()
    return first_day - row.submitted_at.astimezone(zone).date() < NOTICE


def _start(row: Row, now: datetime, at_once: bool) -> datetime:
    return now if at_once else max(row.starts_at, now)


def _check_state(row: Row) -> None:
    if row.state != CampaignState.UNDER_REVIEW:
        raise NotAllowed(f"La campaña está {CampaignState(row.state).label.lower()}: no se puede aprobar.")


def _check_role(row: Row, role: Role) -> None:
    if role not in APPROVERS:
        raise NotAllowed("Su rol no puede aprobar campañas.")
    if (row.is_urgent or row.is_sensitive) and role not in SUPERVISORS:
        raise NotAllowed("Es urgente o tiene datos sensibles: la aprueba un supervisor.")
