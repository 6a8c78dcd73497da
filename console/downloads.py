"""Files that leave: results, the upload with its observations, and the original for who brought it. Each is audited."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import Blueprint, abort, send_file
from flask_login import current_user
from sqlalchemy import Connection, Row
from werkzeug.wrappers import Response

from campaigns import results, workbooks
from campaigns.life import NotAllowed
from campaigns.upload.reading import read_upload
from console import queries
from console.access import CAMPAIGNS, requires
from console.found import campaign_or_404
from console.office import office
from console.words import moment
from core import audit, files

screen = Blueprint("downloads", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}


@screen.get("/campanas/<int:campaign_id>/resultados.<any(csv, xlsx):kind>")
@requires(*CAMPAIGNS)
def results_file(campaign_id: int, kind: str) -> Response:
    here = office()
    with here.db.begin() as tx:
        campaign_or_404(tx, campaign_id)
        data = in_memory(lambda target: results.write(tx, here.vault, campaign_id, target, kind))
        _note(tx, "results_downloaded", campaign_id, kind=kind)
    name = f"resultados-campana-{campaign_id}.{kind}"
    return send_file(data, TYPES[kind], as_attachment=True, download_name=name)


@screen.get("/campanas/<int:campaign_id>/observaciones")
@requires(*CAMPAIGNS)
def annotated(campaign_id: int) -> Response:
    """The upload with two more columns; answers and dates hidden (formato-v1.md §1, §5)."""
    here = office()
    with here.db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        upload = read_upload(_kept(tx, row), row.filename, row.headings)
        observations = queries.every_observation(tx, campaign_id)
        _note(tx, "annotated_downloaded", campaign_id)
    kind = workbooks.annotated_kind(upload)
    data = in_memory(lambda target: workbooks.annotated(target, upload, observations))
    name = f"observaciones-campana-{campaign_id}.{kind}"
    return send_file(data, TYPES[kind], as_attachment=True, download_name=name)


@screen.get("/campanas/<int:campaign_id>/original")
@requires(*CAMPAIGNS)
def original(campaign_id: int) -> Response:
    """Byte by byte, only for who uploaded it (formato-v1.md §1)."""
    here = office()
    with here.db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        if row.submitted_by != current_user.email:
            abort(403)
        data = _kept(tx, row)
        _note(tx, "original_downloaded", campaign_id)
    return send_file(BytesIO(data), "application/octet-stream", as_attachment=True, download_name=row.filename)


def _kept(tx: Connection, row: Row) -> bytes:
    """The upload. Raises NotAllowed once its time is over (reports/retention.py)."""
    if row.file_removed_at is not None:
        raise NotAllowed(
            f"El archivo que se recibió se borró el {moment(row.file_removed_at)}: ya no se puede descargar."
        )
    return files.fetch(tx, office().vault, row.file_id)


def in_memory(write: Callable[[BytesIO], Any]) -> BytesIO:
    """What ``write`` writes, without a file on the disk: it holds citizens' data."""
    stream = BytesIO()
    write(stream)
    stream.seek(0)
    return stream


def _note(tx: Connection, what: str, campaign_id: int, **facts: str) -> None:
    audit.record(tx, office().clock.now(), current_user.email, f"campaign.{what}", "campaign", campaign_id, **facts)
