"""The verbs over campaigns that change nothing but their number: list, submit, status, observations."""

from typing import Any

from flask import Response, request, url_for
from sqlalchemy import Connection, Row, select

from api import schemas
from api.door import here, needs, takes_files
from api.fields import printable
from api.part import Part
from api.problems import UNREADABLE, Refusal
from api.seen import campaign_or_404, seen_by
from api.submissions import submit as take_in
from api.system import system
from api.tokens import Scope
from campaigns.states import CampaignState
from campaigns.status import status_of
from campaigns.tables import campaign, observation
from campaigns.upload.progress import progress_of
from campaigns.upload.reading import MAX_BYTES

part = Part("campaigns", __name__)

ID = "<int(min=1, max=9223372036854775807):campaign_id>"
TAG = ["Campañas"]
_COLUMNS = tuple(schemas.Campaign().fields)


@part.route("/campaigns", tags=TAG)
@part.arguments(schemas.CampaignsIn, location="query")
@part.response(200, schemas.Campaigns)
@needs(Scope.CAMPAIGNS_READ)
def index(asked: dict[str, Any]) -> dict[str, Any]:
    """Las campañas de su área, la más nueva primero"""
    columns = [campaign.c[name] for name in _COLUMNS]
    query = select(*columns).order_by(campaign.c.id.desc()).limit(asked["limit"] + 1)
    if asked.get("state"):
        query = query.where(campaign.c.state == asked.get("state"))
    if asked.get("cursor"):
        query = query.where(campaign.c.id < asked.get("cursor"))
    with system().db.begin() as tx:
        rows = tx.execute(query.where(seen_by(tx, here()))).all()
    return page([row._mapping for row in rows], asked["limit"])


@part.route("/campaigns", methods=["POST"], tags=TAG)
@part.arguments(schemas.SubmitIn, location="query")
@part.arguments(schemas.IdempotencyIn, location="headers")
@part.arguments(schemas.FormatoFile, location="files")
@part.response(
    202,
    schemas.Status,
    headers={
        "Location": {"description": "Dónde preguntar cómo va.", "schema": {"type": "string"}},
        "Idempotent-Replayed": {"description": "«true»: ya se había radicado.", "schema": {"type": "string"}},
    },
)
@takes_files(MAX_BYTES)
@needs(Scope.CAMPAIGNS_SUBMIT)
def submit(asked: dict[str, Any], named: dict[str, Any], files: dict[str, Any]) -> tuple[dict[str, Any], int, dict]:
    """Radica un Formato Campañas OutBound

    Se recibe y se contesta enseguida; sus filas se revisan después: pregunte cómo va hasta que el estado deje de ser
    «submitted». Termina en «under_review», o en «returned» con sus observaciones.
    """
    world, token, given, replaces = system(), here(), files["file"], asked.get("replaces")
    if replaces is not None:
        with world.db.begin() as tx:
            campaign_or_404(tx, token, replaces)
    data, name = given.read(), printable(given.filename)
    if not data:
        raise Refusal(UNREADABLE, "El archivo está vacío. No se guardó nada.")
    campaign_id, is_repeated = take_in(world, token, name, data, replaces, named.get("key"))
    with world.db.begin() as tx:
        told = told_status(tx, campaign_or_404(tx, token, campaign_id))
    headers = {"Location": url_for("api.campaigns.status", campaign_id=campaign_id)}
    return told, 202, headers | ({"Idempotent-Replayed": "true"} if is_repeated else {})


@part.route(f"/campaigns/{ID}", tags=TAG)
@part.response(200, schemas.Status, headers={"ETag": {"schema": {"type": "string"}}})
@part.doc(parameters=[{"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}])
@part.alt_response(304, description="Sigue como en el ETag que usted tiene.")
@needs(Scope.CAMPAIGNS_READ)
def status(campaign_id: int) -> dict[str, Any]:
    """Cómo va una campaña"""
    with system().db.begin() as tx:
        return told_status(tx, campaign_or_404(tx, here(), campaign_id))


@part.route(f"/campaigns/{ID}/observations", tags=TAG)
@part.arguments(schemas.PageIn, location="query")
@part.response(200, schemas.Observations)
@needs(Scope.CAMPAIGNS_READ)
def observations(asked: dict[str, Any], campaign_id: int) -> dict[str, Any]:
    """Lo que se observó en el archivo, celda por celda"""
    mine = (observation.c.campaign_id == campaign_id, observation.c.id > (asked.get("cursor") or 0))
    query = select(observation).where(*mine).order_by(observation.c.id).limit(asked["limit"] + 1)
    with system().db.begin() as tx:
        row = campaign_or_404(tx, here(), campaign_id)
        rows = [] if row.state == CampaignState.SUBMITTED else tx.execute(query).all()
    return page([row._mapping for row in rows], asked["limit"])


def page(rows: list[Any], limit: int) -> dict[str, Any]:
    """So many rows, and the cursor of those that follow. ``rows``: one more than the limit, if there are more."""
    return {"items": rows[:limit], "next": rows[limit - 1]["id"] if len(rows) > limit else None}


def told_status(tx: Connection, row: Row) -> dict[str, Any]:
    """What is told of one campaign. Of one whose rows are being checked nothing is counted yet."""
    world = system()
    found = status_of(tx, world.clock.now(), row.id, world.trunks.now())
    told = {name: row._mapping[name] for name in _COLUMNS}
    told |= {
        name: getattr(found, name) for name in ("pending", "live", "attempts", "texts", "outcomes", "observations")
    }
    told |= {"waiting_because": found.waiting_because, "checked_percent": None, "not_closed_because": None}
    if row.state == CampaignState.FINISHED:
        told["not_closed_because"] = world.why_not_closed(tx, row.id)
    if row.state == CampaignState.SUBMITTED:
        progress = progress_of(tx, row.id)
        told |= {"pending": 0, "outcomes": {}, "observations": {"error": 0, "aviso": 0}}
        told["checked_percent"] = (progress.percent or 0) if progress else 0
    return told


def revalidated(response: Response) -> Response:
    """A status is told with its ETag, and not told again to whoever has it (RFC 9110, §13.1.2)."""
    if request.endpoint == "api.campaigns.status" and response.status_code == 200:
        response.headers["Cache-Control"] = "private, no-cache"
        response.add_etag()
        response.make_conditional(request)
    return response
