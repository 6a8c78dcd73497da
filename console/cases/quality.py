"""Calidad: what a supervisor who listened thought of a call, and each operator's average (R74)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import Connection, Select, select
from sqlalchemy.dialects.postgresql import distinct_on
from werkzeug.wrappers import Response
from wtforms import BooleanField, RadioField, SelectChoice, TextAreaField
from wtforms.validators import InputRequired, Length

from cases import quality
from cases.quality import HIGHEST, ITEMS, LOWEST, AlreadyJudged
from console.access import requires
from console.hidden import hidden_lines
from console.office import office
from core.roles import Role
from desk.states import LegRole
from desk.tables import leg, operator, room

screen = Blueprint("quality", __name__)

JUDGES = frozenset({Role.SUPERVISOR, Role.COORDINADOR, Role.DIRECTOR})
_SEEN = timedelta(days=30)
_MARKS = [SelectChoice(str(mark)) for mark in range(LOWEST, HIGHEST + 1)]


@dataclass(frozen=True)
class Listened:
    """A call that the visitor listened to, and who attended it."""

    room_id: int
    line: str
    at: datetime
    email: str
    name: str


class QualityForm(FlaskForm):
    """One field for each of ITEMS, by its name."""

    greeting, listening, clarity, warmth, script, closing = (
        RadioField(label, choices=_MARKS, validators=[InputRequired(f"Valore de {LOWEST} a {HIGHEST}.")])
        for label in ITEMS.values()
    )
    comment = TextAreaField("Comentario", validators=[Length(max=2000)])
    would_escalate = BooleanField("Conviene que Coordinación lo vea")


@screen.get("/calidad")
@requires(*JUDGES)
def page() -> str:
    here, now, hidden = office(), office().clock.now(), hidden_lines()
    with here.db.begin() as tx:
        heard = listened(tx, current_user.account.id, now - _SEEN)
        judged = quality.judged_by(tx, current_user.email, [each.room_id for each in heard])
        means = quality.averages(tx, now - _SEEN, now + timedelta(seconds=1), hidden_lines=hidden)
        last = quality.qualities_of(tx, here.vault, hidden_lines=hidden, limit=50)
    left = [each for each in heard if each.room_id not in judged and each.line not in hidden]
    return render_template("console/quality.html", left=left, means=means, last=last, items=ITEMS)


@screen.get("/calidad/<id:room_id>")
@requires(*JUDGES)
def form(room_id: int) -> str:
    with office().db.begin() as tx:
        heard = _heard(tx, room_id)
    return render_template("console/quality_form.html", form=QualityForm(formdata=None), heard=heard, items=ITEMS)


@screen.post("/calidad/<id:room_id>")
@requires(*JUDGES)
def record(room_id: int) -> Response | tuple[str, int]:
    filled, here = QualityForm(), office()
    with here.db.begin() as tx:
        heard = _heard(tx, room_id)
        if not filled.validate():
            return render_template("console/quality_form.html", form=filled, heard=heard, items=ITEMS), 422
        try:
            quality.record_quality(
                tx,
                here.vault,
                here.clock.now(),
                supervisor=current_user.email,
                room_id=room_id,
                operator=heard.email,
                line=heard.line,
                marks={item: int(filled[item].data) for item in ITEMS},
                comment=filled.comment.data or "",
                would_escalate=bool(filled.would_escalate.data),
            )
        except AlreadyJudged as error:
            flash(str(error), "info")
        else:
            flash("La valoración quedó guardada.", "success")
    return redirect(url_for(".page"))


def listened(tx: Connection, account_id: int, since: datetime) -> list[Listened]:
    """Calls that this account listened to from ``since`` on, newest first, each with who attended it last."""
    rows = tx.execute(_listened(account_id).where(room.c.entered_at >= since).limit(200))
    return [Listened(*row) for row in rows]


def _heard(tx: Connection, room_id: int) -> Listened:
    row = tx.execute(_listened(current_user.account.id).where(room.c.id == room_id)).first()
    if row is None or row.line in hidden_lines():
        abort(404)
    return Listened(*row)


def _listened(account_id: int) -> Select:
    ear, voice = leg.alias("ear"), leg.alias("voice")
    mine = (ear.c.role == LegRole.SUPERVISOR, ear.c.account_id == account_id, ear.c.joined_at.is_not(None))
    theirs = (voice.c.role == LegRole.OPERATOR, voice.c.account_id != account_id, voice.c.joined_at.is_not(None))
    heard = select(ear.c.id).where(ear.c.room_id == room.c.id, *mine).exists()
    asked = select(room.c.id, room.c.line, room.c.entered_at.label("at"), operator.c.email, operator.c.name)
    joined = asked.join(voice, voice.c.room_id == room.c.id).join(operator, operator.c.account_id == voice.c.account_id)
    newest = joined.where(heard, *theirs).order_by(room.c.id.desc(), voice.c.id.desc())
    return newest.ext(distinct_on(room.c.id))
