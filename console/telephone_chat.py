"""Teléfono › WhatsApp: a person's side of a written conversation, on the local carrier."""

from flask import Blueprint, abort, render_template

from console.access import EVERYONE, requires
from console.office import office
from console.telephone import NOBODYS
from core.phones import CALLING_CODE

screen = Blueprint("telephone_chat", __name__)

SENDS = (
    ("photo", "Foto de un documento"),
    ("bill", "Foto de un recibo"),
    ("voice", "Nota de voz"),
    ("document", "Archivo"),
    ("place", "Ubicación"),
)


@screen.get("/telefono/whatsapp")
@requires(*EVERYONE)
def page() -> str:
    here = office()
    if not here.is_local_carrier or not here.carrier_ws_url:
        abort(404)
    lines = [(line.entidad, line.chat.number) for line in here.desk_lines.values() if line.chat is not None]
    return render_template(
        "console/telephone_chat.html",
        lines=lines,
        own=NOBODYS[here.country],
        prefix="+" + CALLING_CODE[here.country],
        carrier=here.carrier_ws_url,
        sends=SENDS,
        zone=here.zone.key,
    )
