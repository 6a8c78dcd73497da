"""Mis solicitudes: what a requesting area handed in, where it is, and what they may do now (R59–R61, R82)."""

import json
from datetime import date
from io import BytesIO

from flask import Blueprint, render_template, send_file
from flask_login import current_user
from sqlalchemy import Connection, Row, select
from werkzeug.wrappers import Response

from campaigns import readers, status
from campaigns.clearing import OVER
from campaigns.counting import tally
from campaigns.intake import reception
from campaigns.intake.comparing import Comparison
from campaigns.intake.tables import intake
from campaigns.states import CampaignState
from campaigns.tables import campaign
from campaigns.template import blank_csv
from campaigns.upload.observations import CODES
from console import queries
from console.access import CAMPAIGNS, UPLOADERS, requires
from console.campaigns.found import campaign_or_404, seen
from console.campaigns.review_count import count_of, is_lost
from console.office import office
from core import audit

screen = Blueprint("requests", __name__)

MOST = 200
FIRST_ROWS = 10

#: What each state means to whoever asked for it.
IN_WORDS = {
    CampaignState.SUBMITTED: "La recibimos y la estamos leyendo.",
    CampaignState.UNDER_REVIEW: "La estamos verificando. Le escribiremos cuando se apruebe o si hay algo que corregir.",
    CampaignState.RETURNED: "Hay algo que corregir. Así no se [llamará|escribirá] a nadie.",
    CampaignState.APPROVED: "Está aprobada.",
    CampaignState.SCHEDULED: "Está aprobada y espera su primer día[ de llamadas|].",
    CampaignState.RUNNING: "Se está [llamando|escribiendo] a las personas de su lista.",
    CampaignState.PAUSED: "[Las llamadas|Los mensajes] están en pausa.",
    CampaignState.FINISHED: "Ya se [llamó|escribió] a todos los que se podía. Los resultados están listos.",
    CampaignState.CLOSED: "Terminó y está cerrada. Los resultados están listos.",
    CampaignState.CANCELLED: "Está cancelada: ya no se [llama|escribe] a nadie.",
}
#: What of the trail an area is told; the rest is the line's own business.
_TOLD = {
    "submitted",
    "verified",
    "returned",
    "reminded",
    "return_refused",
    "cancelled",
    "approved",
    "finished",
    "closed",
}


@screen.get("/campanas/solicitudes")
@requires(*UPLOADERS)
def page() -> str:
    """Those that the visitor handed in or asked for, and those that name them as who may read them."""
    with office().db.begin() as tx:
        rows = _mine(tx)
    return render_template("console/requests.html", rows=rows, in_words=IN_WORDS)


@screen.get("/campanas/<id:campaign_id>/solicitud")
@requires(*CAMPAIGNS)
def one(campaign_id: int) -> str:
    """One request, as whoever asked for it looks at it."""
    here = office()
    with here.db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        trail = audit.history(tx, "campaign", campaign_id)
        state = CampaignState(row.state)
        found = {
            "correct_by": correct_by(tx, row, trail),
            "groups": queries.observation_groups(tx, campaign_id),
            "notes": queries.observations_of_request(tx, campaign_id),
            "rows": queries.observations_of_rows(tx, campaign_id, None, None, FIRST_ROWS),
            "corrected_by": queries.replaced_by(tx, campaign_id, seen()),
            "comparison": comparison_of(tx, row),
            "called": status.reached(tally.people(tx, campaign_id)).called,
            "history": [each for each in trail if each["action"].removeprefix("campaign.") in _TOLD],
        }
    is_over = state in OVER
    count = None if is_over or state == CampaignState.SUBMITTED else count_of(here, row)
    has_results = any(each["action"] in ("campaign.finished", "campaign.running") for each in trail)
    return render_template(
        "console/request.html",
        campaign=row,
        in_words=IN_WORDS[state],
        codes=CODES,
        may_correct=state == CampaignState.RETURNED and current_user.role in UPLOADERS,
        reason=next((each for each in trail if each["action"] == "campaign.returned" and each["reason"]), None),
        has_results=has_results and is_over,
        is_over=is_over,
        count=count,
        is_lost=count is None and is_lost(here, row),
        is_called=state in (CampaignState.RUNNING, CampaignState.PAUSED),
        **found,
    )


@screen.get("/formato.csv")
@requires(*UPLOADERS)
def blank() -> Response:
    """The empty Formato as a CSV, for a system that writes it."""
    name = "formato_campanas_outbound_v1_vacio.csv"
    return send_file(BytesIO(blank_csv()), "text/csv; charset=utf-8", as_attachment=True, download_name=name)


def correct_by(tx: Connection, row: Row, trail: list[dict]) -> date | None:
    """The last day of its term, while it is returned; counted here when the job that writes it down has not run yet."""
    if row.state != CampaignState.RETURNED:
        return None
    kept = reception.kept_of(tx, row.id)
    if kept is not None and kept.correct_by is not None:
        return kept.correct_by
    at = next((each["at"] for each in trail if each["action"] == "campaign.returned"), None)
    return reception.term(at, office().zone, office().days_to_correct) if at else None


def comparison_of(tx: Connection, row: Row) -> Comparison | None:
    """What changed since the file that it corrects, once that was looked at."""
    kept = reception.kept_of(tx, row.id) if row.replaces else None
    if kept is None or kept.comparison_sealed is None:
        return None
    return Comparison.from_json(json.loads(office().vault.open(kept.comparison_sealed)))


def _mine(tx: Connection) -> list[Row]:
    query = (
        select(campaign, intake.c.correct_by)
        .outerjoin(intake, intake.c.campaign_id == campaign.c.id)
        .where(readers.own_of(office().vault, current_user.email))
        .order_by(campaign.c.id.desc())
        .limit(MOST)
    )
    return list(tx.execute(query))
