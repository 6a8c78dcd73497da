"""Every error of the API as RFC 9457 wants it: what happened, in Spanish, and never a word of what failed inside."""

import logging
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, json, request
from werkzeug.exceptions import HTTPException

from api.system import system
from campaigns.downloads import Busy
from campaigns.life import NoSuchCampaign, NotAllowed
from campaigns.rules.exclusions import CannotExclude
from core.logs import where
from core.spreadsheets import Unreadable
from core.troubles import DATABASE_ERRORS

log = logging.getLogger(__name__)

MIMETYPE = "application/problem+json"
ROOT = "/api"
_KEPT = "No se cambió nada."


@dataclass(frozen=True)
class Kind:
    """One kind of problem. ``slug``: the end of its ``type``, which is an address that explains it."""

    slug: str
    status: int
    title: str
    detail: str


BAD_REQUEST = Kind("peticion", 400, "La petición no se entiende", f"El cuerpo no llegó completo o no es JSON. {_KEPT}")
NO_TOKEN = Kind(
    "sin-acceso",
    401,
    "Falta un acceso válido",
    "Envíe «Authorization: Bearer pregonero_…» con un acceso vigente; el que llegó no existe, venció o fue retirado.",
)
NO_SCOPE = Kind("sin-permiso", 403, "El acceso no tiene este permiso", "Pida a la línea un acceso que lo tenga.")
NOT_FOUND = Kind("no-existe", 404, "No existe", "Aquí no hay nada, o no es de su área.")
NO_METHOD = Kind("metodo", 405, "Esta dirección no se usa así", "La cabecera Allow dice cómo.")
NOT_NOW = Kind("estado", 409, "El estado no lo permite", _KEPT)
TOO_LARGE = Kind("muy-grande", 413, "Lo enviado pesa demasiado", f"Divídalo y envíelo por partes. {_KEPT}")
NO_TYPE = Kind("tipo-de-contenido", 415, "Este tipo de contenido no se lee", "La descripción dice cuál se espera.")
INVALID = Kind("datos", 422, "Los datos no son válidos", f"Vea «errors»: dice qué corregir, campo por campo. {_KEPT}")
UNREADABLE = Kind("archivo", 422, "El archivo no se puede leer", _KEPT)
KEY_REUSED = Kind(
    "clave-repetida",
    422,
    "Esa Idempotency-Key ya se usó con otra petición",
    f"Cada petición distinta lleva su propia clave. {_KEPT}",
)
TOO_MANY = Kind("demasiadas", 429, "Demasiadas peticiones", "Espere los segundos que dice Retry-After.")
BROKEN = Kind(
    "falla",
    500,
    "Algo falló de nuestro lado",
    "Lo que ya estaba guardado sigue guardado. Inténtelo en un minuto; al radicar, con la misma Idempotency-Key.",
)
NO_DATABASE = Kind("sin-servicio", 503, "Ahora no podemos atender", "Inténtelo otra vez en un minuto.")

KINDS = (
    *(BAD_REQUEST, NO_TOKEN, NO_SCOPE, NOT_FOUND, NO_METHOD, NOT_NOW, TOO_LARGE, NO_TYPE, INVALID, UNREADABLE),
    *(KEY_REUSED, TOO_MANY, BROKEN, NO_DATABASE),
)
_SOON = {"Retry-After": "15"}
BY_STATUS = {kind.status: kind for kind in reversed(KINDS)}


@dataclass(eq=False)
class Refusal(Exception):
    """What a verb answers instead of doing it. ``errors``: (field, sentence) of each thing to correct."""

    kind: Kind
    detail: str = ""
    errors: list[tuple[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


def invalid(where: str, sentence: str) -> Refusal:
    """One field that has to be corrected."""
    return Refusal(INVALID, errors=[(where, sentence)])


def answer(
    kind: Kind, detail: str = "", errors: list[tuple[str, str]] | None = None, status: int | None = None
) -> Response:
    """The problem as a response."""
    return _fill(Response(), kind, detail, errors, status)


def handle(room: Any) -> None:
    """What the verbs of this room raise."""
    room.register_error_handler(Refusal, _refused)
    room.register_error_handler(NoSuchCampaign, lambda error: answer(NOT_FOUND))
    room.register_error_handler(NotAllowed, lambda error: answer(NOT_NOW, str(error)))
    room.register_error_handler(Unreadable, lambda error: answer(UNREADABLE, f"{error} {_KEPT}"))
    room.register_error_handler(CannotExclude, lambda error: answer(INVALID, str(error)))
    room.register_error_handler(Busy, lambda error: _refused(Refusal(NO_DATABASE, str(error), headers=_SOON)))
    for error in DATABASE_ERRORS:
        room.register_error_handler(error, _no_database)
    room.register_error_handler(HTTPException, _http)
    room.register_error_handler(500, lambda error: answer(BROKEN))


def handle_unknown_addresses(app: Flask) -> None:
    """What the router itself answers under ``/api``: no such address, no such method."""
    app.after_request(_as_problem)


def _refused(error: Refusal) -> Response:
    response = answer(error.kind, error.detail, error.errors)
    response.headers.update(error.headers)
    return response


def _no_database(error: Exception) -> Response:
    log.error("request not answered: %s", where(error))
    response = answer(NO_DATABASE)
    response.headers["Retry-After"] = "60"
    return response


def _http(error: HTTPException) -> Response:
    """What webargs and werkzeug raise: a body that cannot be read, fields that are not as they are described."""
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    kind = BY_STATUS.get(error.code or 500, BAD_REQUEST)
    messages = getattr(error, "data", {}).get("messages", {})
    response = answer(kind, errors=list(_flat(messages)) if kind is INVALID else None)
    response.headers.extend({name: value for name, value in error.get_headers() if name == "Allow"})
    return response


def _flat(messages: Any, where: str = "") -> list[tuple[str, str]]:
    """webargs's messages, ``{location: {field: [sentence]}}``, as (field, sentence) each."""
    if isinstance(messages, dict):
        # The first level is the location (json, query, files, headers), which the field's name makes plain.
        return [
            found
            for name, inner in messages.items()
            for found in _flat(inner, f"{where}.{name}" if where and where not in _PLACES else str(name))
        ]
    told = messages if isinstance(messages, list) else [messages]
    return [("" if where in _PLACES else where, str(each)) for each in told]


_PLACES = ("json", "query", "files", "headers", "form", "_schema")


def _as_problem(response: Response) -> Response:
    is_ours = request.path == ROOT or request.path.startswith(f"{ROOT}/")
    if is_ours and response.status_code >= 400 and response.mimetype != MIMETYPE:
        status = response.status_code
        _fill(response, BY_STATUS.get(status, BAD_REQUEST if status < 500 else BROKEN), status=status)
    return response


def _fill(
    response: Response,
    kind: Kind,
    detail: str = "",
    errors: list[tuple[str, str]] | None = None,
    status: int | None = None,
) -> Response:
    told: dict[str, Any] = {
        "type": f"{system().public_url}{ROOT}/problems/{kind.slug}",
        "title": kind.title,
        "status": status or kind.status,
        "detail": detail or kind.detail,
        "instance": request.path if request.url_rule else ROOT,  # never back what somebody wrote into an address
    }
    if errors:
        told["errors"] = [{"field": where, "detail": sentence} for where, sentence in errors]
    response.status_code = status or kind.status
    response.data = json.dumps(told, ensure_ascii=False)
    response.mimetype = MIMETYPE
    return response
