"""A test call to whoever decides over a campaign: the real call, about somebody who does not exist (decision 18)."""

from datetime import datetime, timedelta

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import Connection, Row
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import Length
from wtforms.widgets import TelInput

from campaigns.approval import APPROVERS, VERIFIERS
from campaigns.forecast import trial
from campaigns.forecast.trial import CannotTest, TrialState
from campaigns.states import CampaignState
from console import words
from console.access import requires
from console.campaigns.found import campaign_or_404
from console.campaigns.samples import samples_of
from console.office import office
from core.phones import Phone, parse_phone
from core.privacy import mask_phone

screen = Blueprint("trial", __name__)

_SILENT_FOR = timedelta(minutes=2)  # an answer of the carrier comes in seconds, or is lost
_NOT_ANSWERED = {"busy": "estaba ocupado", "no-answer": "nadie contestó", "failed": "no se pudo comunicar"}
_QUESTIONS = {
    "NACIMIENTO_DDMM": "Día y mes de nacimiento",
    "NACIMIENTO_AAAA": "Año de nacimiento",
    "DOCUMENTO_ULTIMOS4": "Últimos cuatro números del documento",
    "EXPEDICION_MMAA": "Mes y año del documento",
    "HOGAR_INTEGRANTES": "Cuántas personas viven en el hogar",
    "RECIBO_ULTIMOS4": "Últimos cuatro números del recibo",
}


class TestCallForm(FlaskForm):
    """``like``: the row of the person whose data are imitated."""

    phone = StringField("Su teléfono", validators=[Length(max=40)], widget=TelInput())
    keep = BooleanField("Guardarlo, cifrado, para la próxima vez")
    like = RadioField("Como si llamara a alguien", coerce=int, validate_choice=False)


@screen.get("/campanas/<id:campaign_id>/llamada-de-prueba")
@requires(*(APPROVERS | VERIFIERS))
def page(campaign_id: int) -> str | Response:
    with office().db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        if request.headers.get("Accept", "").startswith("application/json"):
            return jsonify(_told(tx, row))
        return _page(tx, row, TestCallForm(formdata=None))


@screen.post("/campanas/<id:campaign_id>/llamada-de-prueba")
@requires(*(APPROVERS | VERIFIERS))
def ask(campaign_id: int) -> AnyResponse | tuple[str, int]:
    here, form, account_id = office(), TestCallForm(), current_user.account.id
    now = here.clock.now()
    with here.db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        if not form.validate():
            return _page(tx, row, form), 422
        written = (form.phone.data or "").strip() or trial.kept_telephone(tx, here.vault, account_id) or ""
        try:
            trial.want(tx, here.vault, now, row, form.like.data or 0, account_id, current_user.email, written)
        except CannotTest as problem:
            form.phone.errors = [str(problem) if written else "Escriba el número al que le llamamos."]
            return _page(tx, row, form), 422
        phone = parse_phone(written, row.country)
        if form.keep.data and isinstance(phone, Phone):
            trial.keep_telephone(tx, here.vault, now, account_id, phone.e164)
    return redirect(url_for(".page", campaign_id=campaign_id))


@screen.post("/campanas/<id:campaign_id>/llamada-de-prueba/olvidar")
@requires(*(APPROVERS | VERIFIERS))
def forget(campaign_id: int) -> AnyResponse:
    here = office()
    with here.db.begin() as tx:
        campaign_or_404(tx, campaign_id)
        trial.keep_telephone(tx, here.vault, here.clock.now(), current_user.account.id, None)
    flash("Su número ya no está guardado.", "success")
    return redirect(url_for(".page", campaign_id=campaign_id))


def _page(tx: Connection, row: Row, form: TestCallForm) -> str:
    here = office()
    samples = samples_of(here, tx, row)
    form.like.choices = [(sample.row, sample.chosen) for sample in samples]
    if form.like.data is None and samples:
        form.like.data = samples[0].row
    kept = trial.kept_telephone(tx, here.vault, current_user.account.id)
    is_planned = bool(row.country) and row.state not in (CampaignState.SUBMITTED, CampaignState.RETURNED)
    answers = trial.answers_of(tx, here.vault, here.clock.now(), row) if is_planned else []
    return render_template(
        "console/test_call.html",
        campaign=row,
        form=form,
        kept=mask_phone(kept) if kept else None,
        answers=[(_QUESTIONS.get(asked, asked), " ".join(keys)) for asked, keys in answers],
        last=_told(tx, row),
        most=trial.MOST_A_DAY,
    )


def _told(tx: Connection, row: Row) -> dict[str, object]:
    """How the visitor's last test call of this campaign stands: a sentence, and whether there is more to come."""
    last = trial.last_of(tx, row.id, current_user.account.id)
    if last is None:
        return {"told": "", "is_open": False}
    return {"told": _sentence(last, office().clock.now()), "is_open": TrialState(last.state).is_open}


def _sentence(last: Row, now: datetime) -> str:
    match TrialState(last.state):
        case TrialState.WANTED:
            return "Comprobamos que su número no sea el de nadie de la lista…"
        case TrialState.IN_THE_LIST:
            return "Ese número está en la lista de esta campaña: no se le llama para probar. Use otro, que sea suyo."
        case TrialState.ASKING if now - last.wanted_at > _SILENT_FOR:
            return "No se supo si la llamada salió: la red telefónica no contestó. Puede pedir otra."
        case TrialState.ASKING:
            return "Pedimos la llamada a la red telefónica…"
        case TrialState.PLACED:
            return "Le estamos llamando: conteste y oiga la campaña."
        case TrialState.REFUSED:
            code = f" (código {last.refused_code})" if last.refused_code else ""
            return f"La red telefónica no hizo la llamada{code}. Revise el número, o pruebe en unos minutos."
        case TrialState.ENDED if last.remote_status in _NOT_ANSWERED:
            return f"La llamada terminó: {_NOT_ANSWERED[last.remote_status]}."
    return f"La llamada terminó: duró {words.seconds(last.duration_s or 0)}."
