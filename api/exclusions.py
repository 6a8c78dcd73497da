"""The verbs over exclusions: list, add, import, remove, export. A token of an area reaches those of its campaigns."""

import io
from typing import Any

from flask import Response
from sqlalchemy import ColumnElement, Connection, select

from api import schemas
from api.campaigns import page
from api.door import here, needs, takes_files
from api.fields import printable
from api.part import Part
from api.problems import NO_SCOPE, NOT_FOUND, Refusal, invalid
from api.seen import campaign_or_404, seen_by
from api.system import System, system
from api.tokens import Scope, Token
from campaigns.rules import exclusion_files, exclusions
from campaigns.rules.exclusion_country import country_of
from campaigns.rules.exclusions import CannotExclude, Kind, ListedExclusion
from campaigns.rules.exclusions import Scope as Place
from campaigns.tables import campaign, exclusion

part = Part("exclusions", __name__)

TAG = ["Exclusiones"]
_ID = "<int(min=1, max=9223372036854775807):exclusion_id>"
_CSV = "text/csv"
_MOST_TOLD = 1000  # faults


@part.route("/exclusions", tags=TAG)
@part.arguments(schemas.PageIn, location="query")
@part.response(200, schemas.Exclusions)
@needs(Scope.EXCLUSIONS_READ)
def index(asked: dict[str, Any]) -> dict[str, Any]:
    """Las vigentes, enmascaradas, la más nueva primero"""
    world = system()
    with world.db.begin() as tx:
        among, limit = _among(tx, here()), asked["limit"]
        found = exclusions.listed(tx, world.vault, limit=limit + 1, before=asked.get("cursor"), among=among)
    return page([_told(each) for each in found], limit)


@part.route("/exclusions", methods=["POST"], tags=TAG)
@part.arguments(schemas.ExclusionIn)
@part.response(200, schemas.Added)
@needs(Scope.EXCLUSIONS_WRITE)
def add(asked: dict[str, Any]) -> dict[str, bool]:
    """Excluye un documento o un teléfono, desde ya"""
    world, token = system(), here()
    kind = Kind.PHONE if asked["kind"] == "phone" else Kind.PERSON
    if not asked["cause"].strip():
        raise invalid("cause", "Escriba por qué no se le debe llamar.")
    with world.db.begin() as tx:
        place, country = _place(tx, world, token, asked)
        try:
            value = exclusions.value_of(kind, asked["value"], country)
        except CannotExclude as problem:
            raise invalid("value", str(problem)) from None
        now = world.clock.now()
        return {"added": exclusions.add(tx, world.vault, now, token.actor, kind, value, place, asked["cause"])}


@part.route("/exclusions/import", methods=["POST"], tags=TAG)
@part.arguments(schemas.ImportIn, location="query")
@part.arguments(schemas.ExclusionsFile, location="files")
@part.response(200, schemas.Imported)
@takes_files(exclusion_files.MAX_BYTES)
@needs(Scope.EXCLUSIONS_WRITE)
def import_file(asked: dict[str, Any], files: dict[str, Any]) -> dict[str, Any]:
    """Excluye a todos los de una lista

    Lo que se puede leer queda excluido desde ya; lo demás se dice en «faults», sin su valor.
    """
    world, token, given = system(), here(), files["file"]
    data, name, now = given.read(), printable(given.filename), world.clock.now()
    with world.db.begin() as tx:
        place, country = _place(tx, world, token, asked)
        done = exclusion_files.import_exclusions(
            tx, world.vault, now, token.actor, data, name, place, country, asked["cause"].strip() or "lista"
        )
    faults = [{"row": each.row, "column": each.column, "detail": each.sentence} for each in done.faults[:_MOST_TOLD]]
    return {"added": done.added, "known": done.known, "faults": faults, "faults_in_all": len(done.faults)}


@part.route(f"/exclusions/{_ID}/remove", methods=["POST"], tags=TAG)
@part.arguments(schemas.RemoveIn)
@part.response(200, schemas.Removed)
@needs(Scope.EXCLUSIONS_WRITE)
def remove(asked: dict[str, Any], exclusion_id: int) -> dict[str, int]:
    """Quita una exclusión; queda escrito qué acceso la quitó y por qué"""
    world, token = system(), here()
    if not asked["reason"].strip():
        raise invalid("reason", "Escriba por qué se le puede volver a llamar.")
    with world.db.begin() as tx:
        theirs = select(exclusion.c.id).where(exclusion.c.id == exclusion_id, _among(tx, token))
        is_theirs = tx.execute(theirs).first() is not None
        done = is_theirs and exclusions.remove(
            tx, world.vault, world.clock.now(), token.actor, exclusion_id, asked["reason"]
        )
    if not done:
        raise Refusal(NOT_FOUND, "No hay ninguna exclusión vigente con ese número.")
    return {"id": exclusion_id}


@part.route("/exclusions/export", tags=TAG)
@part.arguments(schemas.ExportIn, location="query")
@part.response(200, {"type": "string"}, content_type=_CSV)
@needs(Scope.EXCLUSIONS_READ)
def export(asked: dict[str, Any]) -> Response:
    """Las vigentes como CSV, enmascaradas o a la vista"""
    world, token = system(), here()
    if asked["in_clear"] and Scope.EXCLUSIONS_CLEAR not in token.scopes:
        raise Refusal(NO_SCOPE, f"Le falta «{Scope.EXCLUSIONS_CLEAR}».")
    written, now = io.StringIO(newline=""), world.clock.now()
    with world.db.begin() as tx:
        told = {"zone": world.zone, "in_clear": asked["in_clear"], "among": _among(tx, token)}
        exclusion_files.export(tx, world.vault, now, token.actor, written, **told)
    disposition = {"Content-Disposition": "attachment; filename=exclusiones.csv"}
    return Response(written.getvalue().encode("utf-8-sig"), mimetype=_CSV, headers=disposition)


def _among(tx: Connection, token: Token) -> ColumnElement[bool]:
    """Those that the token reaches: an area's, the ones of its own campaigns; of every area, all but the reserved."""
    seen = exclusion.c.campaign_id.in_(select(campaign.c.id).where(seen_by(tx, token)).correlate(None))
    return seen if token.area is not None else exclusion.c.campaign_id.is_(None) | seen


def _place(tx: Connection, world: System, token: Token, asked: dict[str, Any]) -> tuple[Place, str]:
    """Where it holds, and the country in which its telephones are read. Raises Refusal."""
    campaign_id, line = asked.get("campaign"), asked.get("line")
    if campaign_id is not None and line is not None:
        raise invalid("line", "campaign o line, no los dos.")
    if campaign_id is not None:
        campaign_or_404(tx, token, campaign_id)
    elif token.area is not None:
        raise Refusal(NO_SCOPE, "Este acceso es de un área: diga en «campaign» para cuál de sus campañas vale.")
    known = {each.known.id: each.known.country for each in world.lines}
    if line is not None and line not in known:
        raise invalid("line", f"No hay ninguna línea con ese nombre; hay: {', '.join(known)}.")
    place = Place(campaign_id, line)
    return place, country_of(tx, place, known, asked.get("country") or world.country)


def _told(each: ListedExclusion) -> dict[str, Any]:
    return {
        "id": each.id,
        "kind": "document" if each.kind is Kind.PERSON else each.kind.value,
        "masked": each.masked,
        "campaign": each.scope.campaign_id,
        "line": each.scope.line,
        "campaign_kind": each.scope.campaign_kind,
        "since": each.since,
        "cause": each.cause,
    }
