"""Teléfono: a handset in the browser, on the local carrier's lines."""

from flask import Blueprint, abort, render_template

from console.access import EVERYONE, requires
from console.office import office
from core.phones import CALLING_CODE

screen = Blueprint("telephone", __name__)

#: Of nobody: whose telephone it is until another is chosen.
NOBODYS = {"SV": "+50378880000", "CO": "+573008880000", "MX": "+525588880000"}


@screen.get("/telefono")
@requires(*EVERYONE)
def page() -> str:
    here = office()
    if not here.is_local_carrier or not here.carrier_ws_url:
        abort(404)
    return render_template(
        "console/telephone.html",
        lines=here.carrier_numbers,
        own=NOBODYS[here.country],
        prefix="+" + CALLING_CODE[here.country],
        carrier=here.carrier_ws_url,
    )
