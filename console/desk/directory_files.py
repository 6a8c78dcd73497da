"""The directory as a file: brought in whole or not at all, and taken out."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from campaigns.upload.lines_known import LineKnown
from console.access import DESK, DIRECTORY_KEEPERS, requires
from console.desk.directory import known_lines
from console.downloads import in_memory
from console.hidden import hidden_lines
from console.office import office
from console.words import number
from core import audit
from core.countries import COUNTRIES
from core.spreadsheets import Unreadable
from desk.directory import queries, sheet
from desk.directory.facts import Category
from desk.directory.imports import Imported, import_directory
from desk.directory.queries import Filter
from desk.directory.sheet import FaultyRows, RowFault, write_sheet

screen = Blueprint("directory_files", __name__)

MOST_BYTES = sheet.MAX_BYTES
SHOWN = 100  # faults on a page: whoever has more has another file in mind
_CSV = "text/csv; charset=utf-8"


@screen.get("/directorio/archivo")
@requires(*DIRECTORY_KEEPERS)
def page() -> str:
    return _page()


@screen.post("/directorio/archivo")
@requires(*DIRECTORY_KEEPERS)
def receive() -> Response | tuple[str, int]:
    """All of the file or, with a list of what is wrong, nothing of it."""
    line, given = known_lines().get(request.form.get("linea", "")), request.files.get("file")
    if line is None or given is None or not given.filename:
        return _page("Elija la línea y el archivo. No se guardó nada."), 422
    try:
        done = _imported(line, given.read())
    except Unreadable as problem:
        return _page(f"{problem} No se guardó nada."), 422
    except FaultyRows as wrong:
        told = (
            f"El archivo tiene {number(len(wrong.faults))} errores y no se guardó nada. Corríjalos y súbalo de nuevo."
        )
        if len(wrong.faults) == 1:
            told = "El archivo tiene un error y no se guardó nada. Corríjalo y súbalo otra vez."
        return _page(told, wrong.faults), 422
    told = f"{number(done.added)} nuevas, {number(done.changed)} cambiadas, {number(done.unchanged)} sin cambios"
    flash(f"El directorio quedó al día: {told}, {number(done.removed)} retiradas.", "success")
    return redirect(url_for("console.directory.page", linea=line.id))


@screen.get("/directorio/plantilla.csv")
@requires(*DIRECTORY_KEEPERS)
def template() -> Response:
    """The columns and nothing else, to fill in."""
    data = in_memory(lambda target: write_sheet(target, []))
    return send_file(data, _CSV, as_attachment=True, download_name="directorio.csv")


@screen.get("/directorio/directorio.csv")
@requires(*DESK)
def export() -> Response:
    """A line's directory, or all; that it was taken out goes on the trail."""
    here, line = office(), request.args.get("linea") or None
    with here.db.begin() as tx:
        entries = queries.found(tx, Filter(line, without=hidden_lines()), limit=None)
        told = {"entries": len(entries)}
        audit.record(
            tx, here.clock.now(), current_user.email, "directory.downloaded", "line", line or "todas", None, **told
        )
    data = in_memory(lambda target: write_sheet(target, entries))
    return send_file(data, _CSV, as_attachment=True, download_name="directorio.csv")


def _imported(line: LineKnown, data: bytes) -> Imported:
    here = office()
    now = here.clock.now()
    with here.db.begin() as tx:
        return import_directory(
            tx,
            now,
            current_user.email,
            line.id,
            line.country,
            data,
            today=now.astimezone(COUNTRIES[line.country].zone).date(),
            is_verified=bool(request.form.get("verificado")),
            is_whole=bool(request.form.get("completo")),
        )


def _page(problem: str = "", faults: list[RowFault] | None = None) -> str:
    known: dict[str, Any] = {"lines": known_lines(), "chosen": request.values.get("linea", ""), "most": MOST_BYTES}
    return render_template(
        "console/directory_file.html",
        form=FlaskForm(),
        problem=problem,
        faults=(faults or [])[:SHOWN],
        more=max(len(faults or []) - SHOWN, 0),
        categories=list(Category),
        **known,
    )
