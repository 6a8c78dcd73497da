"""The verb that hands out what came of each person: row by row, so that a list of a million needs no more memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import BoundedSemaphore
from typing import Any

from flask import Response

from api import schemas
from api.campaigns import ID, TAG
from api.door import here, needs
from api.part import Part
from api.problems import NO_DATABASE, NOT_NOW, Refusal
from api.seen import campaign_or_404
from api.system import System, system
from api.tokens import Scope
from campaigns import results
from campaigns.states import CampaignState
from core import audit

part = Part("results", __name__)

_TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_PIECE = 256 * 1024  # bytes
#: Of one process: each holds a connection for as long as its reader reads, or a whole workbook.
_DOWNLOADS = BoundedSemaphore(2)


@part.route(f"/campaigns/{ID}/results", tags=TAG)
@part.arguments(schemas.ResultsIn, location="query")
@part.response(200, {"type": "string"}, content_type=_TYPES["csv"])
@part.alt_response(200, schema={"type": "string", "format": "binary"}, content_type=_TYPES["xlsx"])
@needs(Scope.RESULTS_READ)
def read(asked: dict[str, Any], campaign_id: int) -> Response:
    """Los resultados: las filas del archivo con lo que pasó con cada persona (formato-v1, archivo de resultados)"""
    world, token, kind = system(), here(), asked["format"]
    with world.db.begin() as tx:
        row = campaign_or_404(tx, token, campaign_id)
        if row.state == CampaignState.SUBMITTED:
            raise Refusal(NOT_NOW, "Todavía se revisa el archivo de esta campaña: pregunte otra vez cuando termine.")
        now, subject = world.clock.now(), ("campaign", campaign_id)
        audit.record(tx, now, token.actor, "campaign.results_downloaded", *subject, kind=kind)
    pieces = _lines(world, campaign_id) if kind == "csv" else _workbook(world, campaign_id)
    response = Response(_begun(pieces), mimetype=_TYPES[kind])
    response.headers["Content-Disposition"] = f"attachment; filename=resultados-campana-{campaign_id}.{kind}"
    return response


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """What can fail before the first byte fails now; and only what has begun tidies up when it is closed."""
    next(pieces)
    return pieces


@contextmanager
def _turn() -> Iterator[None]:
    if not _DOWNLOADS.acquire(blocking=False):
        raise Refusal(NO_DATABASE, "Hay otras descargas en curso: inténtelo otra vez.", headers={"Retry-After": "15"})
    try:
        yield
    finally:
        _DOWNLOADS.release()


def _lines(world: System, campaign_id: int) -> Iterator[bytes]:
    with _turn(), world.db.begin() as tx:
        pieces = results.csv_pieces(tx, world.vault, campaign_id)
        yield b""
        yield from pieces


def _workbook(world: System, campaign_id: int) -> Iterator[bytes]:
    """A workbook is a ZIP, which is whole only at its end. In memory: it holds citizens' data."""
    stream = BytesIO()
    with _turn():
        with world.db.begin() as tx:
            results.write(tx, world.vault, campaign_id, stream, "xlsx")
        stream.seek(0)
        yield b""
        yield from iter(lambda: stream.read(_PIECE), b"")
