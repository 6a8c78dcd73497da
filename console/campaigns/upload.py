"""Subir formato: a file comes in; while its rows are checked the page says how far; then its review."""

from flask import Blueprint, abort, jsonify, render_template, request, send_file, url_for
from flask import redirect as redirect_to
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from sqlalchemy import Row
from werkzeug.wrappers import Response
from wtforms import SubmitField

from campaigns import template
from campaigns.life import NotAllowed
from campaigns.receiving import receive as take_in
from campaigns.scripts.dgs import scripts_of
from campaigns.states import CampaignState
from campaigns.upload.kinds import MAX_WORKBOOK
from campaigns.upload.progress import Progress, progress_of
from campaigns.upload.reading import MAX_BYTES
from console.access import UPLOADERS, page_after, requires
from console.addresses import asked_number
from console.campaigns import mapping
from console.campaigns.found import campaign_or_404
from console.downloads import XLSX, in_memory
from console.office import office
from core.countries import COUNTRIES
from core.spreadsheets import Unreadable
from prompts.speech import phone_figures

screen = Blueprint("upload", __name__)


class UploadForm(FlaskForm):
    file = FileField("Formato Campañas OutBound V1", validators=[FileRequired("Elija el archivo.")])
    submit = SubmitField("Subir y revisar")


@screen.get("/campanas/nueva")
@requires(*UPLOADERS)
def page() -> str:
    return _page(UploadForm())


@screen.post("/campanas/nueva")
@requires(*UPLOADERS)
def receive() -> Response | str | tuple[Response | str, int]:
    """Opens and keeps it. A script of ours, which draws the progress, gets JSON; a plain form its next page."""
    form = UploadForm()
    if not form.validate():
        return _refused(form, " ".join(form.file.errors) or "Elija el archivo.")
    here, given = office(), form.file.data
    replaces = _replaced()
    try:
        name = (given.filename or "formato")[-200:]
        data = given.read()
        if where := mapping.hold(data, name, replaces):
            return (jsonify(url=where), 201) if _is_script() else redirect_to(where)
        campaign_id = take_in(here.db, here.vault, here.clock, here.lines, current_user.email, name, data, replaces)
    except (Unreadable, NotAllowed) as problem:
        return _refused(form, str(problem))
    url = url_for("console.upload.checking", campaign_id=campaign_id)
    return (jsonify(url=url), 201) if _is_script() else redirect_to(url)


@screen.get("/campanas/<id:campaign_id>/importacion")
@requires(*UPLOADERS)
def checking(campaign_id: int) -> Response | str:
    """How far its import has come, for whoever handed it in and nobody else; once it has ended, its review."""
    with office().db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        if row.submitted_by != current_user.email:
            abort(404, "campaign")
        progress = progress_of(tx, campaign_id)
    review = url_for(page_after(current_user.role), campaign_id=campaign_id)
    if row.state != CampaignState.SUBMITTED or progress is None:
        return jsonify(url=review) if _is_script() else redirect_to(review)
    told = {"label": progress.stage.label, "percent": progress.percent, "rows": _rows(progress)}
    return jsonify(told) if _is_script() else render_template("console/checking.html", campaign=row, **told)


@screen.get("/formato/<script_id>.xlsx")
@requires(*UPLOADERS)
def ready(script_id: str) -> Response:
    """A ready request of one of the lines, to be filled with people; it says already who asks."""
    here = office()
    script = next((each for each in scripts_of(_lines()) if each.id == script_id), None)
    line = next((line for line in here.lines if script and line.known.id == script.line), None)
    if script is None or line is None:
        abort(404)
    given = {
        "entidad": line.known.entity,
        "numero_devolucion_llamada": phone_figures(line.number, line.known.country),
        "nombre_solicitante": current_user.name,
        "correo_solicitante": current_user.email,
        "correo_reporte": current_user.email,
    }
    data = in_memory(lambda target: script.write(target, given))
    return send_file(data, XLSX, as_attachment=True, download_name=script.filename)


@screen.get("/formato.xlsx")
@requires(*UPLOADERS)
def blank() -> Response:
    """The empty Formato, to fill in."""
    data = in_memory(template.template)
    return send_file(data, XLSX, as_attachment=True, download_name="formato_campanas_outbound_v1_vacio.xlsx")


@screen.get("/formato-mensajes.xlsx")
@requires(*UPLOADERS)
def blank_texts() -> Response:
    """The empty Formato de solicitud mensajes de texto."""
    data = in_memory(lambda target: template.template(target, template.TEXTS))
    return send_file(data, XLSX, as_attachment=True, download_name="formato_mensajes_de_texto_vacio.xlsx")


@screen.get("/formato-mensajes-ejemplo.xlsx")
@requires(*UPLOADERS)
def filled_texts() -> Response:
    """The same as it is handed in, of people who do not exist."""
    today = office().clock.now().astimezone(COUNTRIES[template.TEXTS.example["pais"]].zone).date()
    data = in_memory(lambda target: template.example(target, template.TEXTS, today))
    return send_file(data, XLSX, as_attachment=True, download_name="formato_mensajes_de_texto_ejemplo.xlsx")


def _lines() -> list[str]:
    return [line.known.id for line in office().lines]


def _rows(progress: Progress) -> str:
    """«12,000 de 40,000 filas»; nothing before the first."""
    if not progress.done:
        return ""
    return f"{progress.done:,} de {progress.total:,} filas" if progress.total else f"{progress.done:,} filas"


def _replaced() -> int | None:
    """The returned campaign that this file corrects."""
    row = _corrected()
    if row is not None and row.state != CampaignState.RETURNED:
        raise NotAllowed("Solo se corrige una campaña devuelta.")
    return row.id if row is not None else None


def _page(form: UploadForm, problem: str = "") -> str:
    told = {"problem": problem, "corrects": _corrected(), "scripts": scripts_of(_lines())}
    most = {"most": MAX_BYTES, "most_of_a_book": MAX_WORKBOOK}
    return render_template("console/upload.html", form=form, **told, **most)


def _corrected() -> Row | None:
    """The campaign that the file is to correct, where the address names one that the visitor may see."""
    number = asked_number("corrige")
    if number is None:
        return None
    with office().db.begin() as tx:
        return campaign_or_404(tx, number)


def _refused(form: UploadForm, problem: str) -> tuple[Response | str, int]:
    told = f"{problem} No se guardó nada."
    return (jsonify(error=told), 422) if _is_script() else (_page(form, told), 422)


def _is_script() -> bool:
    return request.headers.get("Accept", "").startswith("application/json")
