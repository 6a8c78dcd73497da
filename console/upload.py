"""Subir formato: a file comes in, and its review comes back."""

from flask import Blueprint, jsonify, render_template, request, send_file, url_for
from flask import redirect as redirect_to
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response
from wtforms import SubmitField

from campaigns.life import NotAllowed
from campaigns.states import CampaignState
from campaigns.submission import submit
from campaigns.template import template
from campaigns.upload.reading import MAX_BYTES
from console.access import UPLOADERS, requires
from console.downloads import XLSX, in_memory
from console.found import campaign_or_404
from console.office import office
from core.spreadsheets import Unreadable

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
    """Stores and checks. A script of ours, which draws the progress, gets JSON; a plain form its next page."""
    form = UploadForm()
    if not form.validate():
        return _refused(form, " ".join(form.file.errors) or "Elija el archivo.")
    here, given = office(), form.file.data
    replaces = _replaced()
    try:
        name = (given.filename or "formato")[-200:]
        told = submit(here.db, here.vault, here.clock, here.lines, current_user.email, name, given.read(), replaces)
    except (Unreadable, NotAllowed) as problem:
        return _refused(form, str(problem))
    url = url_for("console.review.page", campaign_id=told.id)
    return (jsonify(url=url), 201) if _is_script() else redirect_to(url)


@screen.get("/formato.xlsx")
@requires(*UPLOADERS)
def blank() -> Response:
    """The empty Formato, to fill in."""
    data = in_memory(template)
    return send_file(data, XLSX, as_attachment=True, download_name="formato_campanas_outbound_v1.xlsx")


def _replaced() -> int | None:
    """The returned campaign that this file corrects."""
    number = request.args.get("corrige", type=int)
    if number is None:
        return None
    with office().db.begin() as tx:
        row = campaign_or_404(tx, number)
    if row.state != CampaignState.RETURNED:
        raise NotAllowed("Solo se corrige una campaña devuelta.")
    return number


def _page(form: UploadForm, problem: str = "") -> str:
    corrects = request.args.get("corrige", type=int)
    return render_template("console/upload.html", form=form, problem=problem, corrects=corrects, most=MAX_BYTES)


def _refused(form: UploadForm, problem: str) -> tuple[Response | str, int]:
    told = f"{problem} No se guardó nada."
    return (jsonify(error=told), 422) if _is_script() else (_page(form, told), 422)


def _is_script() -> bool:
    return request.headers.get("Accept", "").startswith("application/json")
