"""Una campaña, en vivo: how it goes, why it waits, and how to stop it."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template
from sqlalchemy import Connection, Row

from campaigns import attempts, status
from campaigns.outcomes import Outcome
from campaigns.states import CampaignState
from console import queries
from console.access import CAMPAIGNS, requires
from console.campaign_list import estimated_end
from console.chart import calls_chart
from console.decisions import possible
from console.found import campaign_or_404
from console.office import Office, office
from core.privacy import Vault, mask_phone

screen = Blueprint("live", __name__)

_NEWEST = 8  # lines of the trail
_QUIET = {"campaign.sample_shown"}  # of no use to who watches the calls
_FAMILIES = ("done", "spoke", "no_contact", "not_called", "technical")
_OVER = (CampaignState.FINISHED, CampaignState.CLOSED, CampaignState.CANCELLED)


@dataclass(frozen=True)
class Part:
    """One outcome of the bar and the table; ``family`` gives its colour; ``x`` and ``width`` in percent."""

    code: str
    family: str
    count: int
    x: float
    width: float


@dataclass(frozen=True)
class Event:
    """A call of the last ones, masked."""

    recipient_id: int
    at: Any
    row: int
    phone: str
    outcome: str | None
    state: str


@screen.get("/campanas/<int:campaign_id>/en-vivo")
@requires(*CAMPAIGNS)
def page(campaign_id: int) -> str:
    return render_template("console/live.html", **_seen(campaign_id))


@screen.get("/campanas/<int:campaign_id>/vivo")
@requires(*CAMPAIGNS)
def parts(campaign_id: int) -> str:
    """The parts of the page that change."""
    return render_template("console/live_parts.html", **_seen(campaign_id))


def _seen(campaign_id: int) -> dict[str, Any]:
    here = office()
    now = here.clock.now()
    with here.db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        told = status.status_of(tx, now, campaign_id, here.max_live_calls)
        minutes = status.calls_a_minute(tx, campaign_id)
        return {
            "campaign": row,
            "status": told,
            "reached": status.reached(tx, campaign_id),
            "minutes": minutes,
            "chart": calls_chart(minutes, here.calls_per_second * 60),
            "pace": here.calls_per_second * 60,
            "outcomes": outcome_parts(told.outcomes, told.recipients),
            "events": _events(here, tx, campaign_id),
            "history": queries.trail(tx, campaign_id, _QUIET, _NEWEST),
            "ends": estimated_end(tx, now, row) if row.country else None,
            "decisions": possible(row),
            "is_over": row.state in _OVER,
        }


def outcome_parts(outcomes: dict[str, int], recipients: int) -> list[Part]:
    """Final outcomes, side by side, as parts of everyone."""
    found, x = [], 0.0
    for code, count in sorted(outcomes.items(), key=lambda item: _FAMILIES.index(family_of(item[0]))):
        width = 100 * count / recipients if recipients else 0.0
        found.append(Part(code, family_of(code), count, round(x, 3), round(width, 3)))
        x += width
    return found


def family_of(code: str) -> str:
    """Which of five families an outcome belongs to: what was wanted, and four ways of not getting there."""
    if code in queries.DONE:
        return "done"
    if code.startswith("contacto_"):
        return "spoke"
    if code == Outcome.TECHNICAL:
        return "technical"
    return "not_called" if code.startswith("no_marcable") else "no_contact"


def _events(here: Office, tx: Connection, campaign_id: int) -> list[Event]:
    rows = queries.last_attempts(tx, campaign_id)
    return [
        Event(row.recipient_id, row.moment, row.row, masked_phone(here.vault, row), row.outcome, row.state)
        for row in rows
    ]


def masked_phone(vault: Vault, row: Row) -> str:
    """The telephone of an attempt whose row has its person's ``data_sealed``."""
    phones = attempts.phones_of(vault, row.data_sealed)
    return mask_phone(phones[row.phone]) if row.phone < len(phones) else "—"
