"""The verb that hands out what came of each person: row by row, so that a list of a million needs no more memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from flask import Response
from sqlalchemy import Connection

from api import schemas
from api.campaigns import ID, TAG
from api.door import here, needs
from api.part import Part
from api.problems import NOT_NOW, Refusal
from api.seen import campaign_or_404
from api.system import system
from api.tokens import Scope
from campaigns import downloads, results
from campaigns.states import CampaignState
from campaigns.validation import export
from core import audit
from core.privacy import Vault

part = Part("results", __name__)

_TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@dataclass(frozen=True)
class _Which:
    """One of the files: ``name`` of the download, ``trail``: how the audit trail calls it."""

    name: str
    trail: str
    csv_pieces: Callable[[Connection, Vault, int], Iterator[bytes]]
    write: Callable[[Connection, Vault, int, BinaryIO, str], int]


_RESULTS = _Which("resultados", "results_downloaded", results.csv_pieces, results.write)
_UPDATES = _Which("datos", "updates_downloaded", export.csv_pieces, export.write_updates)


@part.route(f"/campaigns/{ID}/results", tags=TAG)
@part.arguments(schemas.ResultsIn, location="query")
@part.response(200, {"type": "string"}, content_type=_TYPES["csv"])
@part.alt_response(200, schema={"type": "string", "format": "binary"}, content_type=_TYPES["xlsx"])
@needs(Scope.RESULTS_READ)
def read(asked: dict[str, Any], campaign_id: int) -> Response:
    """Los resultados: las filas del archivo con lo que pasó con cada persona (formato-v1, archivo de resultados)

    Con «only_updates», los datos recogidos para actualizar sistemas: una fila por respuesta aceptada o corregida.
    """
    world, token, kind = system(), here(), asked["format"]
    which = _UPDATES if asked["only_updates"] else _RESULTS
    with world.db.begin() as tx:
        row = campaign_or_404(tx, token, campaign_id)
        if row.state == CampaignState.SUBMITTED:
            raise Refusal(NOT_NOW, "Todavía se revisa el archivo de esta campaña: pregunte otra vez cuando termine.")
        now, subject = world.clock.now(), ("campaign", campaign_id)
        audit.record(tx, now, token.actor, f"campaign.{which.trail}", *subject, kind=kind)
    if kind == "csv":
        pieces = downloads.lines(world.db, lambda tx: which.csv_pieces(tx, world.vault, campaign_id))
    else:
        pieces = downloads.workbook(world.db, lambda tx, to: which.write(tx, world.vault, campaign_id, to, kind))
    response = Response(downloads.begun(pieces), mimetype=_TYPES[kind])
    response.headers["Content-Disposition"] = f"attachment; filename={which.name}-campana-{campaign_id}.{kind}"
    return response
