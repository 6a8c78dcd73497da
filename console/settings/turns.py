"""Ajustes › Turnos: which campaign goes first on the lines, and how those of one priority share them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from campaigns.approval import APPROVERS
from campaigns.life import NotAllowed
from campaigns.rules import standing, turns
from campaigns.rules.telling import limits_told
from console.access import requires
from console.campaigns.found import campaign_or_404, seen
from console.office import office
from core.trunks import DEFAULT

screen = Blueprint("turns", __name__)


@screen.get("/ajustes/turnos")
@requires(*APPROVERS)
def page() -> str:
    here = office()
    trunks = here.trunks.now()
    with here.db.begin() as tx:
        rows, standings = turns.under_way(tx, seen()), standing.standings(tx, trunks)
    countries = sorted({line.known.country for line in here.lines})
    limits = [(country, limits_told(country)) for country in countries]
    told = {"rows": rows, "limits": limits, "standings": standings, "fault": here.trunks.fault}
    return render_template("console/turns.html", **told, meant={row.id: here.trunk_of(row).name for row in rows})


@screen.post("/ajustes/turnos/<id:campaign_id>")
@requires(*APPROVERS)
def change(campaign_id: int) -> Response:
    here = office()
    priority, share = (request.form.get(name, 0, type=int) for name in ("prioridad", "parte"))
    asked = request.form.get("troncal", "")
    trunk = DEFAULT if asked == DEFAULT else here.trunks.now().named(asked)
    try:
        with here.db.begin() as tx:
            row = campaign_or_404(tx, campaign_id)
            turns.set_turn(tx, here.clock.now(), current_user.email, campaign_id, priority, share, trunk)
        flash(f"{row.name}: prioridad {priority}, parte {share}.", "success")
    except NotAllowed as problem:
        flash(str(problem), "warning")
    return redirect(url_for(".page"))
