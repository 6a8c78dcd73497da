"""The case of somebody who was attended apart from the calls and the conversations of the desk: in the field (R84), or
by whatever else a line's list of channels has (R1)."""

from flask import Blueprint, abort, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from cases.attentions import attentions
from cases.catalogue.catalogue import channels_apart
from console.access import requires
from console.cases.form import ATTEND
from console.hidden import visible_lines
from console.office import office
from core.countries import COUNTRIES

screen = Blueprint("apart", __name__)


def offered() -> list[tuple[str, str, str, str]]:
    """(line, its name, channel, its name) of all that the visitor may open a case of."""
    lines = sorted(visible_lines().items(), key=lambda each: each[1])
    known = [(line, name) for line, name in lines if line in office().desk_lines]
    return [(line, name, code, told) for line, name in known for code, told in channels_apart(line).items()]


@screen.post("/casos/nuevo")
@requires(*ATTEND)
def begin() -> Response:
    """Its draft, which is then written as that of a call."""
    here, (line_id, _, channel) = office(), request.form.get("where", "").partition("/")
    if (line_id, channel) not in [(line, code) for line, _, code, _ in offered()]:
        abort(400)
    line = here.desk_lines[line_id]
    with here.db.begin() as tx:
        draft_id = attentions.open_apart(
            tx,
            here.vault,
            here.clock.now(),
            line=line_id,
            channel=channel,
            operator=current_user.email,
            zone=COUNTRIES[line.country].zone,
            is_sensitive=line.is_sensitive,
        )
    return redirect(url_for("console.case_form.page", draft_id=draft_id))
