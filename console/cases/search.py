"""Casos › Buscar: a consultation by its number, or those of a person by their whole document or telephone (R16, R50).

What is looked for is sent by POST, never in the address; what is found is shown masked.
"""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField

from cases.consultations import finding
from cases.consultations.consultations import PendingCase
from console.access import CASES, requires
from console.cases.seen import seen
from console.office import office
from core import audit

screen = Blueprint("case_search", __name__)

MOST = 50  # cases on a page


class SearchForm(FlaskForm):
    who = StringField("Número de caso, documento o teléfono")


@screen.get("/casos/buscar")
@requires(*CASES)
def page() -> str:
    return _page(SearchForm(formdata=None))


@screen.post("/casos/buscar")
@requires(*CASES)
def search() -> str | Response | tuple[str, int]:
    """Closed ones too, of the lines and trays that the visitor sees. That somebody searched is written down, and not
    what.

    422: what cannot be read. The only one that there is opens by itself.
    """
    here, form = office(), SearchForm()
    try:
        sought = finding.read(here.vault, form.who.data or "", {line.known.country for line in here.lines})
    except finding.CannotFind as problem:
        form.who.errors = [str(problem)]
        return _page(form), 422
    with here.db.begin() as tx:
        found = finding.find(tx, here.vault, sought, **seen(), limit=MOST + 1)
        audit.record(tx, here.clock.now(), current_user.email, "case.searched", "case", "", found=len(found))
    if len(found) == 1:
        return redirect(url_for("console.tray.history", case_id=found[0].id))
    return _page(form, found)


def _page(form: SearchForm, found: list[PendingCase] | None = None) -> str:
    """``found``: one more than a page, where there are more; None: nothing was looked for yet."""
    told: dict[str, Any] = {"form": form, "is_search": found is not None, "most": MOST}
    return render_template("console/case_search.html", **told, cases=(found or [])[:MOST], more=len(found or []) > MOST)
