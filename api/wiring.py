"""Puts the API together: its parts, its door, its errors, its description."""

from http import HTTPStatus

from flask import Flask, Response, abort
from flask_smorest import Api
from flask_smorest.utils import prepare_response

from api import campaigns, decisions, door, exclusions, problems, results, schemas
from api.part import Part
from api.system import System
from api.tokens import Scope

VERSION = "1.0.0"
_PARTS = (campaigns.part, decisions.part, results.part, exclusions.part)
_ABOUT = """Los verbos de la línea para quien tiene un sistema propio: radicar una campaña, aprobarla o devolverla, ver
cómo va, pausarla, seguir, cancelarla, descargar sus resultados, y decir a quién no se llama.

Cada petición lleva «Authorization: Bearer pregonero_…», el acceso que la línea le dio en Ajustes › Accesos de
sistemas: sirve para las campañas de un área y para los permisos que dice cada verbo. Los errores son RFC 9457."""
_HEADERS = {
    "RateLimit-Policy": {
        "description": "Cuántas peticiones (q) en cuántos segundos (w).",
        "schema": {"type": "string"},
    },
    "RateLimit": {"description": "Cuántas quedan (r) y por cuántos segundos (t).", "schema": {"type": "string"}},
}


class Description(Api):
    """flask-smorest's, with errors as RFC 9457 and without its own handling of the whole application's."""

    ERROR_SCHEMA = schemas.Problem
    DEFAULT_ERROR_RESPONSE_NAME = None  # each verb says which errors it may answer (part.py)

    def _register_error_handlers(self) -> None:
        """Ours are the room's (problems.py): a citizen's call is answered by this application too."""

    def _register_responses(self) -> None:
        for status, kind in problems.BY_STATUS.items():
            response = {"description": kind.title, "schema": self.ERROR_SCHEMA}
            prepare_response(response, self.spec, problems.MIMETYPE)
            self.spec.components.response(HTTPStatus(status).name, response, lazy=True)


def wire(app: Flask, given: System) -> None:
    """Adds everything under ``/api`` to the app."""
    app.extensions["api.system"] = given
    app.config["OPENAPI_URL_PREFIX"] = problems.ROOT
    description = Description(
        app,
        spec_kwargs={
            "title": "Pregonero",
            "version": VERSION,
            "openapi_version": "3.1.0",
            "info": {"description": _ABOUT, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
            "servers": [{"url": given.public_url or "/"}],
            "tags": [{"name": campaigns.TAG[0]}, {"name": exclusions.TAG[0]}],
        },
    )
    scopes = "\n".join(f"- `{scope}`: {scope.label}" for scope in Scope)
    told = f"Un acceso de Ajustes › Accesos de sistemas, con permisos:\n\n{scopes}"
    bearer = {"type": "http", "scheme": "bearer", "bearerFormat": "pregonero_…", "description": told}
    description.spec.components.security_scheme("token", bearer)
    for name, header in _HEADERS.items():
        description.spec.components.header(name, header)
    description.register_blueprint(_room())
    problems.handle_unknown_addresses(app)
    app.add_url_rule(f"{problems.ROOT}/problems/<slug>", "api_problem", _explain)


def _room() -> Part:
    room = Part("api", __name__, url_prefix=f"{problems.ROOT}/v1")
    room.before_request(door.guard)
    room.after_request(campaigns.revalidated)
    room.after_request(door.add_headers)
    problems.handle(room)
    for part in _PARTS:
        room.register_blueprint(part)
    return room


def _explain(slug: str) -> Response:
    """What a problem's ``type`` leads to, for whoever follows it."""
    kind = next((kind for kind in problems.KINDS if kind.slug == slug), None)
    if kind is None:
        abort(404)
    return Response(f"{kind.status} {kind.title}\n\n{kind.detail}\n", mimetype="text/plain")
