"""Respuestas: what people answered after the message, and, where the request asks for it, the list to validate."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import Connection, Row
from werkzeug.wrappers import Response

from campaigns.life import NotAllowed
from campaigns.upload.request import Collected
from campaigns.validation import calls_wanted, deciding, export, queries
from campaigns.validation.deciding import VALIDATORS, Which, collected_of
from campaigns.validation.keeping import DECIDED, Verdict
from campaigns.validation.queries import QuestionCount
from console.access import CAMPAIGNS, requires
from console.addresses import read_number
from console.campaigns.answers_chart import answers_chart
from console.campaigns.found import campaign_or_404
from console.downloads import in_pieces
from console.office import office
from core import audit

screen = Blueprint("validation", __name__)

A_PAGE = 25
_MOST_QUESTIONS = 2**15 - 1  # PostgreSQL's smallint
_SHOWN = (Verdict.WAITING, *DECIDED)
_DONE = {
    Verdict.ACCEPTED: "Dato aceptado.",
    Verdict.CORRECTED: "Dato corregido.",
    Verdict.REJECTED: "Dato rechazado: no sale en los datos validados.",
}


@dataclass(frozen=True)
class Drawn:
    """One question with its chart."""

    counted: QuestionCount
    chart: Markup


@screen.get("/campanas/<id:campaign_id>/respuestas")
@requires(*CAMPAIGNS)
def page(campaign_id: int) -> str:
    """How each question was answered: counts alone, nobody in particular."""
    here = office()
    with here.db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        found = queries.counted(tx, here.vault, campaign_id, _asked(row))
        states = queries.by_state(tx, campaign_id)
        wanted = calls_wanted.people(tx, here.vault, row)
    drawn = [Drawn(each, answers_chart(each.asked.sentence, each.answers)) for each in found]
    may_validate = row.must_validate and current_user.role in VALIDATORS
    return render_template(
        "console/answers.html",
        campaign=row,
        drawn=drawn,
        calls_wanted=wanted,
        states=states,
        may_validate=may_validate,
        waiting=states.get(Verdict.WAITING, 0),
    )


@screen.get("/campanas/<id:campaign_id>/validacion")
@requires(*VALIDATORS)
def waiting(campaign_id: int) -> str:
    """A page of answers to look at; that they were shown is written down."""
    return _list(campaign_id)


@screen.post("/campanas/<id:campaign_id>/validacion/<id:recipient_id>/<int(max=32767):number>")
@requires(*VALIDATORS)
def decide(campaign_id: int, recipient_id: int, number: int) -> Response | tuple[str, int]:
    form, here = request.form, office()
    to, was = _verdict(form.get("decision")), _verdict(form.get("estaba"))
    try:
        which = Which(recipient_id, number, form.get("visto", ""), was or Verdict.WAITING)
        if to is None:
            raise NotAllowed("Elija qué hacer: aceptar, corregir o rechazar.")
        with here.db.begin() as tx:
            campaign_or_404(tx, campaign_id)
            value = form.get("valor", "")[:40]
            now, role = here.clock.now(), current_user.role
            deciding.decide(tx, here.vault, now, current_user.email, role, campaign_id, which, to, value)
    except NotAllowed as problem:
        return _list(campaign_id, str(problem)), 409
    flash(_DONE[to], "success")
    return _back(campaign_id)


@screen.post("/campanas/<id:campaign_id>/validacion/pagina")
@requires(*VALIDATORS)
def accept_page(campaign_id: int) -> Response | tuple[str, int]:
    """Every answer of the page, as it was shown."""
    here = office()
    shown = [which for which in map(_which, request.form.getlist("mostrado")[:A_PAGE]) if which]
    try:
        with here.db.begin() as tx:
            campaign_or_404(tx, campaign_id)
            now, role = here.clock.now(), current_user.role
            done = deciding.accept_all(tx, now, current_user.email, role, campaign_id, shown)
    except NotAllowed as problem:
        return _list(campaign_id, str(problem)), 409
    left = len(shown) - done
    told = f"{done} datos aceptados." if done != 1 else "1 dato aceptado."
    flash(f"{told} {left} ya los había decidido alguien más, o cambiaron." if left else told, "success")
    return _back(campaign_id)


@screen.get("/campanas/<id:campaign_id>/datos.<any(csv, xlsx):kind>")
@requires(*CAMPAIGNS)
def updates(campaign_id: int, kind: str) -> Response:
    """The data to update systems with (R58): accepted and corrected."""
    with office().db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        _note(tx, "campaign.updates_downloaded", campaign_id, kind=kind)
    return in_pieces(export.csv_pieces, export.write_updates, row, "datos", kind)


@screen.get("/campanas/<id:campaign_id>/piden-llamada.<any(csv, xlsx):kind>")
@requires(*CAMPAIGNS)
def asked_to_be_called(campaign_id: int, kind: str) -> Response:
    """Who said yes to being called: their rows, for whoever is to call them."""
    with office().db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        _note(tx, "campaign.calls_wanted_downloaded", campaign_id, kind=kind)
    return in_pieces(calls_wanted.csv_pieces, calls_wanted.write, row, "piden-llamada", kind)


def _list(campaign_id: int, problem: str = "") -> str:
    here, state = office(), _verdict(request.args.get("estado"))
    state = state if state in _SHOWN else Verdict.WAITING
    with here.db.begin() as tx:
        row = campaign_or_404(tx, campaign_id)
        after = _place(request.args.get("despues", ""))
        found = queries.answers_listed(tx, here.vault, row, _asked(row), state, after=after or (0, 0), limit=A_PAGE + 1)
        states = queries.by_state(tx, campaign_id)
        if found:
            _note(tx, "campaign.answers_shown", campaign_id, answers=len(found[:A_PAGE]))
    return render_template(
        "console/validation.html",
        campaign=row,
        answers=found[:A_PAGE],
        has_more=len(found) > A_PAGE,
        is_later=after is not None,
        states=states,
        state=state,
        shown=_SHOWN,
        problem=problem,
        asked=_asked_of_the_page(),
    )


def _asked(row: Row) -> tuple[Collected, ...]:
    return collected_of(office().vault, row)


def _back(campaign_id: int) -> Response:
    return redirect(url_for(".waiting", campaign_id=campaign_id, **_asked_of_the_page()))


def _asked_of_the_page() -> dict[str, Any]:
    """Which answers the visitor looks at, to come back to them."""
    return {name: request.args[name] for name in ("estado", "despues") if name in request.args}


def _verdict(written: str | None) -> Verdict | None:
    return Verdict(written) if written in set(Verdict) else None


def _place(written: str) -> tuple[int, int] | None:
    """``12.1``: after that person's first answer."""
    person, _, number = written.partition(".")
    found = read_number(person), read_number(number, _MOST_QUESTIONS)
    return (found[0], found[1]) if found[0] is not None and found[1] is not None else None


def _which(written: str) -> Which | None:
    """``12.1.0a1b…``: an answer and what it was."""
    place, _, token = written.rpartition(".")
    found = _place(place)
    return Which(*found, token) if found else None


def _note(tx: Connection, what: str, campaign_id: int, **facts: Any) -> None:
    audit.record(tx, office().clock.now(), current_user.email, what, "campaign", campaign_id, **facts)
