"""The door of every verb: a token that stands, often enough and no more, with the permission that the verb asks for."""

from collections.abc import Callable
from typing import Any

from flask import Response, current_app, g, request

from api import pace, tokens
from api.problems import NO_SCOPE, NO_TOKEN, TOO_MANY, Refusal
from api.system import System, system
from api.tokens import Scope, Token

View = Callable[..., Any]
_CHALLENGE = 'Bearer realm="pregonero"'
_SMALL = 200_000  # bytes of a request without a file


def needs(scope: Scope) -> Callable[[View], View]:
    """The permission without which a verb answers 403. A verb that says none is closed to everybody."""

    def marked(view: View) -> View:
        view.scope = scope  # type: ignore[attr-defined]
        name = f"{view.__module__.rpartition('.')[2]}_{view.__name__}"
        told = {"operationId": name, "security": [{"token": [scope.value]}]}
        view._apidoc = {"manual_doc": told}  # type: ignore[attr-defined]
        return view

    return marked


def takes_files(most: int) -> Callable[[View], View]:
    """The bytes that a request with a file may have."""

    def marked(view: View) -> View:
        view.most_bytes = most  # type: ignore[attr-defined]
        return view

    return marked


def here() -> Token:
    """Who asks."""
    return g.api_token


def guard() -> None:
    """Runs before every verb. Raises Refusal."""
    view = current_app.view_functions.get(request.endpoint or "")
    request.max_content_length = getattr(view, "most_bytes", 0) + _SMALL
    g.api_token = _let_in(system())
    scope: Scope | None = getattr(view, "scope", None)
    if scope is None or scope not in g.api_token.scopes:
        wanted = f' scope="{scope}"' if scope else ""
        challenge = {"WWW-Authenticate": f'{_CHALLENGE}, error="insufficient_scope"{wanted}'}
        told = f"Le falta «{scope}» ({scope.label.lower()})." if scope else ""
        raise Refusal(NO_SCOPE, told, headers=challenge)


def add_headers(response: Response) -> Response:
    """On every answer of this room."""
    if (found := g.get("api_pace")) is not None:
        response.headers.update(found.headers())
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _let_in(world: System) -> Token:
    """Strangers are counted by their address, so that nobody's guessing closes the door to whoever has a good token."""
    now, written = world.clock.now(), _bearer()
    address = world.vault.fingerprint("api address", request.remote_addr or "")
    with world.db.begin() as tx:
        token = tokens.find(tx, world.vault, now, world.zone, written) if written else None
        key = world.vault.fingerprint("api token id", str(token.id)) if token else address
        most = pace.MOST_OF_A_TOKEN if token else pace.MOST_OF_STRANGERS
        g.api_pace = pace.count(tx, now, key, most)
    if g.api_pace.is_over:
        raise Refusal(TOO_MANY, headers={"Retry-After": str(g.api_pace.seconds)})
    if token is None:
        error = ', error="invalid_token"' if written else ""
        raise Refusal(NO_TOKEN, headers={"WWW-Authenticate": _CHALLENGE + error})
    return token


def _bearer() -> str | None:
    """What the Authorization header carries; never from the address, which logs keep (RFC 6750, §2.3)."""
    kind, _, written = request.headers.get("Authorization", "").partition(" ")
    return written.strip() if kind.lower() == "bearer" and written.strip().startswith(tokens.PREFIX) else None
