"""Ajustes › Exclusiones: who is not to be called; looked for, added, taken back, brought in and out as a file.

A document or telephone that is looked for is sent by POST, never in the address; the list shows it masked.
"""

import io
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import ColumnElement, Connection, select
from werkzeug.wrappers import Response

from campaigns.approval import APPROVERS, SUPERVISORS
from campaigns.rules import exclusion_files, exclusions
from campaigns.rules.exclusion_country import country_of
from campaigns.rules.exclusion_files import Imported
from campaigns.rules.exclusions import GIVEN, CannotExclude, Kind, ListedExclusion, Scope, place_told
from campaigns.states import CampaignState
from campaigns.tables import campaign
from console.access import requires
from console.addresses import asked_number, read_number
from console.campaigns.found import campaign_or_404, seen, seen_ids
from console.office import office
from console.words import number
from core.roles import Role
from core.spreadsheets import Unreadable

screen = Blueprint("exclusions", __name__)

EXCLUSION_KEEPERS = APPROVERS | {Role.PROFESIONAL_LINEA}
MOST_BYTES = exclusion_files.MAX_BYTES
A_PAGE = 50
SHOWN = 100  # faults on a page
_OVER = (CampaignState.CANCELLED, CampaignState.CLOSED, CampaignState.FINISHED)


@screen.get("/ajustes/exclusiones")
@requires(*EXCLUSION_KEEPERS)
def page() -> str:
    return _page()


@screen.post("/ajustes/exclusiones/buscar")
@requires(*EXCLUSION_KEEPERS)
def find() -> str | tuple[str, int]:
    """What stands of a document or telephone, whatever it was taken for."""
    here, written = office(), request.form.get("valor", "")
    about = [each for country in _countries() for each in exclusions.prints_of(here.vault, written, country)]
    if not about:
        return _page("Escriba un documento o un teléfono completo."), 422
    with here.db.begin() as tx:
        found = exclusions.listed(tx, here.vault, about=about, among=_known())
    return _page(found=found)


@screen.post("/ajustes/exclusiones")
@requires(*EXCLUSION_KEEPERS)
def add() -> Response | tuple[str, int]:
    here = office()
    try:
        kind = Kind.PHONE if request.form.get("tipo") == Kind.PHONE else Kind.PERSON
        with here.db.begin() as tx:
            scope = _scope(tx)
            value = exclusions.value_of(kind, request.form.get("valor", ""), _country(tx, scope))
            cause = request.form.get("motivo", "")
            new = exclusions.add(tx, here.vault, here.clock.now(), current_user.email, kind, value, scope, cause)
    except CannotExclude as problem:
        return _page(f"{problem} No se guardó nada."), 422
    flash("Desde este momento no se le llama." if new else "Ya estaba en la lista.", "success")
    return redirect(url_for(".page"))


@screen.post("/ajustes/exclusiones/<id:exclusion_id>/quitar")
@requires(*SUPERVISORS)
def remove(exclusion_id: int) -> Response | tuple[str, int]:
    here, reason = office(), request.form.get("text", "")
    try:
        with here.db.begin() as tx:
            whose = (here.clock.now(), current_user.email, exclusion_id)
            done = exclusions.remove(tx, here.vault, *whose, reason, among=_known())
    except CannotExclude as problem:
        return _page(str(problem)), 422
    flash("Se le puede volver a llamar." if done else "Esa exclusión ya no estaba.", "success")
    return redirect(url_for(".page"))


@screen.post("/ajustes/exclusiones/<id:exclusion_id>/ampliar")
@requires(*SUPERVISORS)
def widen(exclusion_id: int) -> Response | tuple[str, int]:
    """From one campaign to all of them (formato-v1 §7)."""
    here, reason = office(), request.form.get("text", "")
    try:
        with here.db.begin() as tx:
            whose = (here.vault, here.clock.now(), current_user.email, exclusion_id)
            done = exclusions.widen(tx, *whose, Scope(), reason, among=_known())
    except CannotExclude as problem:
        return _page(str(problem)), 422
    flash("Ahora vale para todas las campañas." if done else "Esa exclusión ya no estaba.", "success")
    return redirect(url_for(".page"))


@screen.post("/ajustes/exclusiones/archivo")
@requires(*EXCLUSION_KEEPERS)
def receive() -> Response | str | tuple[str, int]:
    here, given = office(), request.files.get("archivo")
    if given is None or not given.filename:
        return _page("Elija el archivo. No se guardó nada."), 422
    try:
        with here.db.begin() as tx:
            scope = _scope(tx)
            done = exclusion_files.import_exclusions(
                tx,
                here.vault,
                here.clock.now(),
                current_user.email,
                given.read(),
                given.filename,
                scope,
                _country(tx, scope),
                request.form.get("motivo", "").strip() or "lista",
            )
    except (Unreadable, CannotExclude) as problem:
        return _page(f"{problem} No se guardó nada."), 422
    flash(f"{number(done.added)} nuevas, {number(done.known)} que ya estaban. Valen desde ya.", "success")
    return _page(imported=done) if done.faults else redirect(url_for(".page"))


@screen.get("/ajustes/exclusiones.csv")
@requires(*EXCLUSION_KEEPERS)
def export() -> Response:
    """Those that stand; with documents and telephones in clear only for a supervisor who asks for it."""
    here, in_clear = office(), bool(request.args.get("claro"))
    if in_clear and current_user.role not in SUPERVISORS:
        abort(403)
    written = io.StringIO(newline="")
    with here.db.begin() as tx:
        now, me, among = here.clock.now(), current_user.email, _known()
        exclusion_files.export(tx, here.vault, now, me, written, zone=here.zone, in_clear=in_clear, among=among)
    data = io.BytesIO(written.getvalue().encode("utf-8-sig"))
    return send_file(data, "text/csv; charset=utf-8", as_attachment=True, download_name="exclusiones.csv")


def _page(problem: str = "", found: list[ListedExclusion] | None = None, imported: Imported | None = None) -> str:
    here, before = office(), asked_number("antes")
    with here.db.begin() as tx:
        standing = exclusions.count(tx, _known())
        if found is None:
            rows = exclusions.listed(tx, here.vault, limit=A_PAGE + 1, before=before, among=_known())
        else:
            rows = found
        campaigns = _campaigns(tx)
    return render_template(
        "console/exclusions.html",
        rows=rows[:A_PAGE],
        next_before=rows[A_PAGE - 1].id if found is None and len(rows) > A_PAGE else None,
        is_search=found is not None,
        is_later=before is not None,
        standing=standing,
        problem=problem,
        faults=imported.faults[:SHOWN] if imported else [],
        more=max(len(imported.faults) - SHOWN, 0) if imported else 0,
        kinds=GIVEN,
        lines={line.known.id: line.known.entity for line in here.lines},
        campaigns=campaigns,
        countries=countries if len(countries := _countries()) > 1 else [],
        values={name: request.form.get(name, "") for name in ("tipo", "alcance", "motivo", "pais")},
        is_supervisor=current_user.role in SUPERVISORS,
        most=MOST_BYTES,
        form=FlaskForm(),
    )


def _campaigns(tx: Connection) -> list[tuple[int, str]]:
    """Those for which somebody may still be excluded, the newest first."""
    columns = (campaign.c.id, campaign.c.filing_number, campaign.c.name)
    query = select(*columns).where(campaign.c.state.not_in(_OVER), seen())
    return [(row.id, place_told(*row)) for row in tx.execute(query.order_by(campaign.c.id.desc()).limit(200))]


def _known() -> ColumnElement[bool]:
    """Those that the visitor may know of (R43)."""
    return exclusions.known_to(seen_ids())


def _scope(tx: Connection) -> Scope:
    """``todo``, ``linea:dgs`` or ``campana:12``. Raises CannotExclude."""
    what, _, which = request.form.get("alcance", "todo").partition(":")
    if what == "campana" and (number := read_number(which)) is not None:
        return Scope(campaign_id=campaign_or_404(tx, number).id)
    if what == "linea" and which in {line.known.id for line in office().lines}:
        return Scope(line=which)
    if what == "todo":
        return Scope()
    raise CannotExclude("Elija dónde vale: en todo, en una entidad o en una campaña.")


def _countries() -> list[str]:
    return sorted(set(_by_line().values()))


def _by_line() -> dict[str, str]:
    return {line.known.id: line.known.country for line in office().lines}


def _country(tx: Connection, scope: Scope) -> str:
    """Raises CannotExclude where it has to be chosen."""
    return country_of(tx, scope, _by_line(), request.form.get("pais", ""))


def told(scope: Scope, campaign: str | None, lines: dict[str, Any]) -> str:
    """Where an exclusion holds, in words; ``campaign``: as ``ListedExclusion`` has it."""
    if scope.campaign_id is not None:
        return str(campaign)
    of_kind = f": campañas de tipo {scope.campaign_kind}" if scope.campaign_kind else ""
    return f"{lines.get(scope.line, scope.line)}{of_kind}" if scope.line else "Todas las campañas"


screen.add_app_template_global(told, "scope_told")
