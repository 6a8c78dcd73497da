"""Files that leave: results, the upload with its observations, and the original for who brought it. Each is audited."""

from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from typing import Any, BinaryIO

from flask import Blueprint, abort, send_file
from flask_login import current_user
from sqlalchemy import Connection, Row
from werkzeug.wrappers import Response

from campaigns import annotating, downloads, results
from campaigns.intake.reception import number_of
from campaigns.life import NotAllowed
from campaigns.upload.kinds import BOOKS
from campaigns.upload.reading import read_upload
from console import queries
from console.access import CAMPAIGNS, requires
from console.campaigns.found import campaign_or_404
from console.office import office
from console.words import moment
from core import audit, files
from core.privacy import Vault
from core.spreadsheets import Opener

screen = Blueprint("downloads", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}


@screen.get("/campanas/<id:campaign_id>/resultados.<any(csv, xlsx):kind>")
@requires(*CAMPAIGNS)
def results_file(campaign_id: int, kind: str) -> Response:
    with office().db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        _note(tx, "results_downloaded", campaign_id, kind=kind)
    return in_pieces(results.csv_pieces, results.write, row, "resultados", kind)


@screen.get("/campanas/<id:campaign_id>/observaciones")
@requires(*CAMPAIGNS)
def annotated(campaign_id: int) -> Response:
    """The upload with two more columns; answers and dates hidden (formato-v1.md §1, §5)."""
    with office().db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        kept = _kept(tx, row)
        _note(tx, "annotated_downloaded", campaign_id)
    with kept() as file:
        kind = "xlsx" if file.read(8).startswith(BOOKS) else "csv"

    def lines(tx: Connection, vault: Vault, of: int) -> Iterator[bytes]:
        upload = read_upload(kept, row.filename, row.headings)
        return annotating.annotated_csv(upload, queries.every_observation(tx, of))

    def book(tx: Connection, vault: Vault, of: int, target: BinaryIO, as_kind: str) -> None:
        upload = read_upload(kept, row.filename, row.headings)
        annotating.write_annotated(target, upload, queries.every_observation(tx, of))

    return in_pieces(lines, book, row, "observaciones", kind)


@screen.get("/campanas/<id:campaign_id>/original")
@requires(*CAMPAIGNS)
def original(campaign_id: int) -> Response:
    """Byte by byte, only for who uploaded it (formato-v1.md §1)."""
    here = office()
    with here.db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        if row.submitted_by != current_user.email:
            abort(403)
        file = _kept(tx, row)()
        _note(tx, "original_downloaded", campaign_id)
    return send_file(file, "application/octet-stream", as_attachment=True, download_name=row.filename)


def in_pieces(
    lines: Callable[[Connection, Vault, int], Iterator[bytes]],
    write: Callable[[Connection, Vault, int, BinaryIO, str], Any],
    row: Row,
    name: str,
    kind: str,
) -> Response:
    """A file of a campaign (its row) as it is made: by ``lines`` a CSV, by ``write`` a workbook. Raises Busy, and what
    making its first piece raises."""
    here, campaign_id = office(), row.id
    if kind == "csv":
        pieces = downloads.lines(here.db, lambda tx: lines(tx, here.vault, campaign_id))
    else:
        pieces = downloads.workbook(here.db, lambda tx, target: write(tx, here.vault, campaign_id, target, kind))
    response = Response(downloads.begun(pieces), content_type=TYPES[kind])
    response.headers["Content-Disposition"] = f"attachment; filename={name}-{number_of(row).replace(' ', '-')}.{kind}"
    return response


def _kept(tx: Connection, row: Row) -> Opener:
    """What opens the upload. Raises NotAllowed once its time is over (reports/retention.py), and NotWhole: once a
    download has begun its reader can only be cut off."""
    if row.file_removed_at is not None:
        raise NotAllowed(
            f"El archivo que se recibió se borró el {moment(row.file_removed_at)}: ya no se puede descargar."
        )
    files.check(tx, row.file_id)
    return partial(files.opened, office().db, office().vault, row.file_id)


def in_memory(write: Callable[[BytesIO], Any]) -> BytesIO:
    """What ``write`` writes, without a file on the disk: it holds citizens' data."""
    stream = BytesIO()
    write(stream)
    stream.seek(0)
    return stream


def _note(tx: Connection, what: str, campaign_id: int, **facts: str) -> None:
    audit.record(tx, office().clock.now(), current_user.email, f"campaign.{what}", "campaign", campaign_id, **facts)
