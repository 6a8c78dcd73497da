"""Regalías: the register of offers and gifts, with its form and its CSV (R13)."""

import csv
from datetime import date, timedelta
from io import BytesIO, TextIOWrapper
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, send_file, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from sqlalchemy import Connection
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response
from wtforms import DateField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from campaigns.workbooks import csv_text
from cases.attentions import gifts
from cases.attentions.attentions import LONGEST, Problem, Typed
from cases.attentions.gifts import Gift, Given, NoSuchGift
from console import problems
from console.access import requires
from console.addresses import asked_number
from console.cases.form import ATTEND
from console.cases.seen import case_or_404
from console.hidden import hidden_lines, visible_lines
from console.office import office
from core import audit, files
from core.roles import Role

screen = Blueprint("gifts", __name__)

READ = frozenset({Role.SUPERVISOR, Role.COORDINADOR, Role.DIRECTOR, Role.ADMIN})
MOST_BYTES = 5_000_000  # of the form, scanned
_KINDS = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpg", b"\x89PNG": "png"}
_NOT_A_SCAN = "Adjunte el formulario en PDF, JPG o PNG."
_TOO_HEAVY = problems.ErrorPage(
    "El formulario escaneado pesa más de 5 MB.",
    "No se registró nada.",
    "Escanéelo con menos detalle o solo sus páginas con datos, y envíelo otra vez.",
)
_TYPED = ("gift_offer", "gift_item", "gift_value", "gift_basis", "gift_form")
_HEADINGS = (
    *("numero", "fecha", "linea", "caso", "ofrecimiento", "regalo", "valor_estimado", "aceptado"),
    *("base_legal", "formulario", "registro"),
)


class GiftForm(FlaskForm):
    line = SelectField("Línea", validate_choice=False)
    offered_on = DateField("Fecha", validators=[InputRequired("Escriba la fecha en que lo ofrecieron.")])
    gift_offer = TextAreaField("Quién lo ofreció y cómo", validators=[Length(max=LONGEST["gift_offer"])])
    gift_item = StringField("Qué ofrecieron", validators=[Length(max=LONGEST["gift_item"])])
    gift_value = StringField("Valor estimado", validators=[Length(max=LONGEST["gift_value"])])
    gift_is_accepted = RadioField(
        "¿Se aceptó?", choices=[SelectChoice("si", "Sí"), SelectChoice("no", "No")], validate_choice=False
    )
    gift_basis = StringField("Norma que lo permite", validators=[Length(max=LONGEST["gift_basis"])])
    gift_form = StringField(
        "Número del formulario de control de regalos", validators=[Length(max=LONGEST["gift_form"])]
    )
    scan = FileField("Formulario escaneado (PDF, JPG o PNG; opcional)")


@screen.get("/regalias")
@requires(*READ)
def page() -> str:
    return render_template("console/gifts.html", gifts=_seen())


@screen.get("/regalias.csv")
@requires(*READ)
def export() -> Response:
    """Every gift that the visitor may see; no cell of it can run."""
    here, stream = office(), BytesIO()
    with here.db.begin() as tx:
        found = gifts.list_gifts(tx, here.vault, hidden_lines=hidden_lines(), limit=None)
        audit.record(tx, here.clock.now(), current_user.email, "gift.exported", "gift", "all", rows=len(found))
    text = TextIOWrapper(stream, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(_HEADINGS)
    writer.writerows([csv_text(cell) for cell in _cells(gift)] for gift in found)
    text.detach()
    stream.seek(0)
    return send_file(stream, "text/csv; charset=utf-8", as_attachment=True, download_name="regalias.csv")


@screen.get("/regalias/nueva")
@requires(*(ATTEND | READ))
def new() -> str:
    form = GiftForm(formdata=None, offered_on=_today())
    return _form_page(form, asked_number("caso"))


@screen.post("/regalias/nueva")
@requires(*(ATTEND | READ))
def register() -> Response | tuple[str, int]:
    """From a case (``?caso=``) or on its own."""
    form, case_id, here = GiftForm(), asked_number("caso"), office()
    is_filled = form.validate()
    given, scan = _given(form), form.scan.data.read() if form.scan.data else b""
    if not (is_filled and given and _is_fine(form, scan)):
        return _form_page(form, case_id), 422
    now, who = here.clock.now(), current_user.email
    with here.db.begin() as tx:
        line = _line_of(tx, case_id) if case_id is not None else form.line.data
        name = f"formulario-de-regalos.{_kind(scan)}"
        file_id = files.keep(tx, here.vault, now, who, name, scan) if scan else None
        told = {"line": line, "offered_on": form.offered_on.data, "agent": who}
        number = gifts.register(tx, here.vault, now, given, **told, case_id=case_id, file_id=file_id)
    flash(f"La regalía quedó registrada con el número {number}.", "success")
    return redirect(url_for(".page") if current_user.role in READ else url_for("console.drafts.page"))


@screen.get("/regalias/<id:number>/formulario")
@requires(*READ)
def scan(number: int) -> Response:
    """The form as it was scanned."""
    here = office()
    with here.db.begin() as tx:
        try:
            gift = gifts.one_gift(tx, here.vault, number)
        except NoSuchGift:
            abort(404)
        if gift.file_id is None or gift.line in hidden_lines():
            abort(404)
        data = files.fetch(tx, here.vault, gift.file_id)
        audit.record(tx, here.clock.now(), current_user.email, "gift.form_downloaded", "gift", number)
    name = f"regalia-{number}.{_kind(data)}"
    return send_file(BytesIO(data), "application/octet-stream", as_attachment=True, download_name=name)


@screen.errorhandler(413)
def too_heavy(_error: HTTPException) -> tuple[str, int]:
    page = render_template("console/problem.html", code=413, happened=_TOO_HEAVY.happened, problem=_TOO_HEAVY)
    return page, 413


def _form_page(form: GiftForm, case_id: int | None) -> str:
    form.line.choices = [SelectChoice(*line) for line in _lines()]
    if case_id is not None:
        with office().db.begin() as tx:
            _line_of(tx, case_id)
    return render_template("console/gift.html", form=form, case_id=case_id)


def _given(form: GiftForm) -> Given | None:
    """What is to be registered; or None, with what lacks said beside its field."""
    texts: dict[str, Any] = {name: form[name].data or "" for name in _TYPED}
    accepted = {"si": True, "no": False}.get(form.gift_is_accepted.data or "")
    read = gifts.read(Typed(**texts, gift_is_accepted=accepted))
    if isinstance(read, Given):
        return read
    for problem in read:
        _say(form, problem)
    return None


def _is_fine(form: GiftForm, scan: bytes) -> bool:
    """What the register itself does not know: the line, the day, the scan."""
    is_known = form.line.data and form.line.data in dict(_lines())
    if asked_number("caso") is None and not is_known:
        _say(form, Problem("line", "Elija la línea."))
    if form.offered_on.data and not _today() - timedelta(days=366) <= form.offered_on.data <= _today():
        _say(form, Problem("offered_on", "Escriba una fecha del último año."))
    if scan and _kind(scan) == "bin":
        _say(form, Problem("scan", _NOT_A_SCAN))
    return not any(field.errors for field in form)


def _say(form: GiftForm, problem: Problem) -> None:
    form[problem.field].errors = [*form[problem.field].errors, problem.sentence]


def _line_of(tx: Connection, case_id: int) -> str:
    return case_or_404(tx, case_id).line


def _lines() -> list[tuple[str, str]]:
    return [("", "Elija…"), *visible_lines().items()]


def _seen() -> list[Gift]:
    here = office()
    with here.db.begin() as tx:
        return gifts.list_gifts(tx, here.vault, hidden_lines=hidden_lines())


def _cells(gift: Gift) -> list[str | int | float | None]:
    accepted = "SI" if gift.is_accepted else "NO"
    value = f"{gift.value:.2f}" if gift.value is not None else ""
    told = (gift.id, gift.offered_on.isoformat(), gift.line, gift.case_id, gift.offer, gift.item, value, accepted)
    return [*told, gift.legal_basis, gift.form_number, gift.agent]


def _kind(data: bytes) -> str:
    return next((kind for mark, kind in _KINDS.items() if data.startswith(mark)), "bin")


def _today() -> date:
    return office().clock.now().astimezone(office().zone).date()
