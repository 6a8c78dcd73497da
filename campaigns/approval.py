"""A professional verifies, a person approves what the checks let through, or returns it; then it is the dialer's
(R60–R62)."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, select, update

from campaigns import attempts, life
from campaigns.life import NoSuchCampaign, NotAllowed
from campaigns.rules.calendar import has_days_left
from campaigns.states import CampaignState
from campaigns.tables import campaign
from core import audit
from core.countries import COUNTRIES
from core.roles import Role

NOTICE = timedelta(days=7)  # calendar days (R54)

#: Who may approve; what is urgent or sensitive needs a supervisor.
APPROVERS = frozenset({Role.COORDINADOR, Role.SUPERVISOR, Role.DIRECTOR, Role.ADMIN})
SUPERVISORS = frozenset({Role.SUPERVISOR, Role.DIRECTOR, Role.ADMIN})
#: Who says that a request meets the criteria (R60, the procedure's point of control).
VERIFIERS = frozenset({Role.PROFESIONAL_LINEA, Role.ADMIN})
LONGEST_NOTE = 1000  # characters
PLANNER = "dialer"
#: What is asked of a campaign that was approved long ago, by its verb: that it is so already is all there is to say.
_LEADS_TO = {"pausar": CampaignState.PAUSED, "reanudar": CampaignState.RUNNING}
_OVER = (CampaignState.FINISHED, CampaignState.CLOSED)  # of which nobody asks who let it begin
_WHO = {"checks": "la revisión automática", "system": "el sistema"}  # in a trail, who is nobody


def verify(tx: Connection, now: datetime, campaign_id: int, actor: str, role: Role, note: str) -> None:
    """Writes down that a professional looked at the request and what they say of it; once, and before it is approved.

    Raises NoSuchCampaign, NotAllowed: the role, the state, no note, verified before.
    """
    if role not in VERIFIERS:
        raise NotAllowed("La verificación la hace un profesional de la línea.")
    if life.state_of(tx, campaign_id, lock=True) != CampaignState.UNDER_REVIEW:
        raise NotAllowed(not_any_longer(tx, campaign_id, "verificar"))
    if not note.strip():
        raise NotAllowed("Escriba qué revisó.")
    if before := last(tx, campaign_id, "campaign.verified"):
        raise NotAllowed(f"Ya la verificó {before['actor']}.")
    audit.record(tx, now, actor, "campaign.verified", "campaign", campaign_id, note.strip()[:LONGEST_NOTE])


def approve(
    tx: Connection, now: datetime, campaign_id: int, actor: str, role: Role, *, at_once: bool = False, reason: str = ""
) -> None:
    """Approves the good rows: due on their first day or, ``at_once``, now — inside legal hours all the same.

    Of a list longer than one transaction is enough for a first part is planned here; ``plan_more`` does the rest, and
    until then it is approved and not scheduled.

    Of two people at once, one does it and the other is told who did. Raises NoSuchCampaign, NotAllowed: the state, the
    role, its period, no reason where there has to be one, nobody to call.
    """
    row = _locked(tx, campaign_id)
    if row is None:
        raise NoSuchCampaign
    if row.state != CampaignState.UNDER_REVIEW:
        raise NotAllowed(not_any_longer(tx, campaign_id, "aprobar"))
    if role not in APPROVERS:
        raise NotAllowed("Su rol no puede aprobar campañas.")
    if told := too_late(tx, row, now):
        raise NotAllowed(told)
    if needs_supervisor(row, now, at_once) and role not in SUPERVISORS:
        raise NotAllowed(f"{why_supervisor(row, now, at_once)}: la aprueba un supervisor.")
    if needs_supervisor(row, now, at_once) and not reason.strip():
        raise NotAllowed(f"{why_supervisor(row, now, at_once)}: la aprobación necesita un motivo.")
    starts_at = _start(row, now, at_once)
    life.move(tx, now, campaign_id, CampaignState.APPROVED, actor, reason.strip() or None)
    tx.execute(update(campaign).where(campaign.c.id == campaign_id).values(starts_at=starts_at))
    if _plan_some(tx, now, campaign_id, starts_at, actor) == 0:
        raise NotAllowed("No hay ninguna persona a quien llamar: devuélvala con sus observaciones.")


def plan_more(tx: Connection, now: datetime, campaign_id: int) -> None:
    """The next part of an approved list; of one that is not approved, or was planned to its end, nothing."""
    row = _locked(tx, campaign_id)
    if row is not None and row.state == CampaignState.APPROVED:
        _plan_some(tx, now, campaign_id, row.starts_at, PLANNER)


def _locked(tx: Connection, campaign_id: int) -> Row | None:
    """Nobody else decides of it in this transaction. Its key stays: who only names it waits for nobody (life.py)."""
    query = select(campaign).where(campaign.c.id == campaign_id)
    return tx.execute(query.with_for_update(key_share=True)).first()


def _plan_some(tx: Connection, now: datetime, campaign_id: int, starts_at: datetime, actor: str) -> int:
    """How many were planned: none where nobody is left. With the last of them it is scheduled."""
    planned = attempts.plan(tx, campaign_id, starts_at)
    if planned < attempts.PLANNED_AT_ONCE:
        life.move(tx, now, campaign_id, CampaignState.SCHEDULED, actor)
        audit.record(tx, now, actor, "campaign.planned", "campaign", campaign_id, starts_at=starts_at.isoformat())
    return planned


def give_back(tx: Connection, now: datetime, campaign_id: int, actor: str, role: Role, reason: str) -> None:
    """Returns a request to whoever made it, with what has to be corrected (R61); its term begins (intake/reception.py).

    Raises NoSuchCampaign, NotAllowed: the role, the state, no reason.
    """
    if role not in APPROVERS:
        raise NotAllowed("Su rol no puede devolver campañas.")
    if life.state_of(tx, campaign_id, lock=True) != CampaignState.UNDER_REVIEW:
        raise NotAllowed(not_any_longer(tx, campaign_id, "devolver"))
    if not reason.strip():
        raise NotAllowed("Escriba el motivo: es lo que lee quien la pidió.")
    life.move(tx, now, campaign_id, CampaignState.RETURNED, actor, reason.strip()[:LONGEST_NOTE])


def too_late(tx: Connection, row: Row, now: datetime) -> str | None:
    """Why a request can no longer be approved: no legal moment is left in its period. None where there is one."""
    if has_days_left(tx, row, now):
        return None
    if now.astimezone(COUNTRIES[row.country].zone).date() > row.ends_on:
        return "Su período ya terminó: devuélvala para que le pongan otras fechas."
    return "En su período no queda ninguna hora en que se pueda llamar: devuélvala para que le pongan otras fechas."


def is_short_notice(row: Row, now: datetime, at_once: bool) -> bool:
    """Whether fewer than 7 days lie between the day it came and the first of calls: approving then needs a reason.

    Whole days of the country's calendar: what came on a Monday afternoon may begin at next Monday's first hour (R54).
    """
    zone = COUNTRIES[row.country].zone
    first_day = _start(row, now, at_once).astimezone(zone).date()
    return first_day - row.submitted_at.astimezone(zone).date() < NOTICE


def needs_supervisor(row: Row, now: datetime, at_once: bool) -> bool:
    """Whether it takes a supervisor, who then says why: sensitive data, declared urgent, or fewer than 7 days (R54)."""
    return row.is_urgent or row.is_sensitive or is_short_notice(row, now, at_once)


def why_supervisor(row: Row, now: datetime, at_once: bool) -> str:
    """What of that it is, without a full stop; empty where it takes no supervisor."""
    told = {
        "es urgente": row.is_urgent,
        "tiene datos sensibles": row.is_sensitive,
        "faltan menos de 7 días para que empiece": is_short_notice(row, now, at_once),
    }
    found = [why for why, is_so in told.items() if is_so]
    sentence = " y ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)
    return sentence[:1].upper() + sentence[1:]


def last(tx: Connection, campaign_id: int, action: str) -> dict | None:
    """The newest line of a campaign's trail that tells of this."""
    return next((each for each in audit.history(tx, "campaign", campaign_id) if each["action"] == action), None)


def _start(row: Row, now: datetime, at_once: bool) -> datetime:
    return now if at_once else max(row.starts_at, now)


def not_any_longer(tx: Connection, campaign_id: int, verb: str) -> str:
    """Why it cannot be done, and who was there before."""
    state = life.state_of(tx, campaign_id)
    if _LEADS_TO.get(verb) is state:
        return f"La campaña ya está {state.label.lower()}."
    still = "todavía no" if state is CampaignState.SUBMITTED else "ya no"
    told = f"La campaña está {state.label.lower()}: {still} se puede {verb}."
    before = last(tx, campaign_id, f"campaign.{CampaignState.APPROVED}")
    if before and verb not in _LEADS_TO and state not in _OVER:
        return f"{told} Ya la aprobó {before['actor']}."
    ended = {CampaignState.RETURNED: "devolvió", CampaignState.CANCELLED: "canceló"}.get(state)
    before = last(tx, campaign_id, f"campaign.{state}") if ended else None
    return f"{told} La {ended} {_WHO.get(before['actor'], before['actor'])}." if before else told
