"""On a case: a reference of the directory, given by voice, or by SMS to whoever allows it (R75)."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cases.consultations.consultations import PendingCase
from cases.events import events_of
from console.access import CASES, requires
from console.cases.seen import case_or_404
from console.office import office
from core.roles import Role
from desk.directory import queries
from desk.directory.facts import Category
from desk.directory.queries import DirectoryEntry, Filter
from desk.lines import DeskLine
from procedures import referring
from procedures.referring import CannotRefer
from prompts.speech import phone_figures

screen = Blueprint("references", __name__)

REFER = CASES - {Role.TECNICO, Role.DIRECTOR}
_MOST = 30


@screen.get("/casos/<id:case_id>/referencias")
@requires(*REFER)
def page(case_id: int) -> str:
    """The directory of the case's line, and which of it was given already."""
    here, words, category = office(), request.args.get("buscar", "")[:200], request.args.get("categoria", "")
    wanted = Category(category) if category in list(Category) else None
    with here.db.begin() as tx:
        case = case_or_404(tx, case_id)
        found = queries.found(tx, Filter(case.line, words, wanted), limit=_MOST + 1)
        given = {event.facts.get("reference"): event for event in events_of(tx, here.vault, case_id)}
        why = referring.why_no_text(tx, here.vault, _line(case), case)
    told = {"case": case, "entries": found[:_MOST], "is_cut": len(found) > _MOST, "given": given, "no_text": why}
    told |= {"words": words, "category": wanted, "categories": list(Category), "form": FlaskForm()}
    return render_template("console/references.html", **told, figures=_figures, today=here.clock.now().date())


@screen.post("/casos/<id:case_id>/referencias/<id:entry_id>")
@requires(*REFER)
def give(case_id: int, entry_id: int) -> Response:
    """``como``: voz or sms; ``acepta``: they agreed to receive it."""
    here, how = office(), request.form.get("como", "")
    if how not in ("voz", "sms"):
        abort(400)
    try:
        with here.db.begin() as tx:
            case, entry = case_or_404(tx, case_id), _entry(tx, entry_id)
            now, who = here.clock.now(), current_user.email
            if how == "sms":
                has_leave = bool(request.form.get("acepta"))
                referring.text(tx, here.vault, now, _line(case), case, entry, who, has_leave=has_leave)
            else:
                referring.say(tx, here.vault, now, case, entry, who)
    except CannotRefer as why:
        flash(str(why), "warning")
        return redirect(url_for(".page", case_id=case_id))
    sent = "se le envía por mensaje de texto" if how == "sms" else "quedó anotada en el caso"
    flash(f"La referencia de {entry.name} {sent}.", "success")
    return redirect(url_for(".page", case_id=case_id))


def _entry(tx: Connection, entry_id: int) -> DirectoryEntry:
    found = queries.entry(tx, entry_id)
    if found is None:
        abort(404)
    return found


def _line(case: PendingCase) -> DeskLine | None:
    """None where this installation does not know it any more: then nothing is sent."""
    return office().desk_lines.get(case.line)


def _figures(entry: DirectoryEntry) -> str:
    """Its telephone as people write it there."""
    line = office().desk_lines.get(entry.line)
    try:
        return phone_figures(entry.telephone, line.country if line else office().country)
    except ValueError:
        return entry.telephone or ""
