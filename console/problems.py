"""Error pages: what happened, what was kept, what to do. Nothing of a citizen is ever on one."""

import logging
from dataclasses import dataclass

from flask import Blueprint, Flask, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from campaigns.downloads import Busy
from campaigns.life import NoSuchCampaign, NotAllowed
from campaigns.upload.reading import TOO_HEAVY
from console.addresses import asked_number
from core.files import NotWhole
from core.logs import where
from core.spreadsheets import Unreadable
from core.troubles import DATABASE_ERRORS, Trouble, trouble_of

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ErrorPage:
    happened: str
    kept: str
    do: str


ERROR_PAGES = {
    400: ErrorPage(
        "La página no llegó completa o estuvo abierta demasiado tiempo.",
        "No se cambió nada.",
        "Vuelva a la página anterior, actualícela e inténtelo otra vez.",
    ),
    403: ErrorPage(
        "Su rol no puede ver esta página ni hacer esto.",
        "No se cambió nada.",
        "Si lo necesita para su trabajo, pídalo a quien administra el sistema.",
    ),
    404: ErrorPage(
        "No encontramos esta página.",
        "No se cambió nada.",
        "Revise la dirección o empiece desde el menú.",
    ),
    405: ErrorPage(
        "Esta dirección no se abre de esta manera.",
        "No se cambió nada.",
        "Empiece desde el menú.",
    ),
    409: ErrorPage(
        "El estado cambió mientras usted miraba esta página.",
        "No se cambió nada.",
        "Ábrala otra vez para ver cómo está ahora.",
    ),
    410: ErrorPage(
        "El archivo ya no está, o no está completo.",
        "No se cambió nada.",
        "Avise a quien administra el sistema: puede estar en una copia de seguridad.",
    ),
    413: ErrorPage(
        TOO_HEAVY,
        "No se guardó nada del archivo.",
        "Divídalo en varias campañas y súbalas una por una.",
    ),
    422: ErrorPage(
        "El archivo no se puede leer.",
        "No se cambió nada.",
        "Ábralo en su programa, guárdelo otra vez y súbalo de nuevo.",
    ),
    503: ErrorPage(
        "Ahora no podemos hacerlo.",
        "No se cambió nada.",
        "Espere unos segundos e inténtelo otra vez.",
    ),
    500: ErrorPage(
        "Algo falló de nuestro lado.",
        "Lo que ya estaba guardado sigue guardado; lo último que envió pudo no guardarse.",
        "Espere un minuto e inténtelo otra vez. Si sigue fallando, avise a quien administra el sistema.",
    ),
}


_HAPPENED = {
    Trouble.DISK_FULL: "No queda espacio en el disco de la base de datos: avise a quien administra el sistema.",
    Trouble.CROWDED: "La base de datos atiende ya a todos los que puede.",
    Trouble.GONE: "La base de datos no contesta.",
    Trouble.CROSSED: "Otra persona guardaba lo mismo en ese momento.",
}


def handle(room: Blueprint) -> None:
    """Every mistake and failure inside this room gets a page of its own."""
    room.register_error_handler(CSRFError, lambda error: show(400))
    room.register_error_handler(NoSuchCampaign, lambda error: show(404, "No hay ninguna campaña con ese número."))
    room.register_error_handler(NotWhole, lambda error: show(410, str(error)))
    room.register_error_handler(Unreadable, lambda error: show(422, str(error)))
    room.register_error_handler(NotAllowed, lambda error: show(409, str(error)))
    room.register_error_handler(Busy, lambda error: show(503, "Hay otras descargas en curso."))
    for error in DATABASE_ERRORS:
        room.register_error_handler(error, _database)
    for code in ERROR_PAGES:
        if code != 500:
            room.register_error_handler(code, _http)
    room.register_error_handler(500, lambda error: show(500))


def handle_unknown_addresses(app: Flask) -> None:
    """An address that belongs to no room; the carrier's are left alone, machines read those."""
    app.register_error_handler(404, _unknown)


def show(code: int, happened: str | None = None) -> tuple[str | Response, int]:
    """The page of an error; JSON for a script of ours."""
    problem = ERROR_PAGES.get(code, ERROR_PAGES[500])
    told = happened or problem.happened
    if request.headers.get("Accept", "").startswith("application/json"):
        return jsonify(error=f"{told} {problem.kept} {problem.do}"), code
    campaign_id = _campaign() if code == 409 else None
    page = render_template("console/problem.html", code=code, happened=told, problem=problem, campaign_id=campaign_id)
    return page, code


def _database(error: Exception) -> tuple[str | Response, int]:
    """It has no room, or is not there: that ends by itself. A fault of a statement of ours is one like any other."""
    log.error("page not shown: %s", where(error))
    trouble = trouble_of(error)
    return show(503, _HAPPENED[trouble]) if trouble else show(500)


def _campaign() -> int | None:
    """The campaign of which the address speaks."""
    return (request.view_args or {}).get("campaign_id") or asked_number("corrige")


def _http(error: HTTPException) -> tuple[str | Response, int]:
    return show(error.code or 500)


def _unknown(error: HTTPException) -> HTTPException | tuple[str | Response, int]:
    is_for_a_machine = request.path.startswith(("/voice/", "/messaging/", "/api/", "/audio/"))
    return error if is_for_a_machine else show(404)
