"""The tabs of the place «Llamadas», each for the roles that its screen is for."""

from flask import current_app, request
from flask_login import current_user

from console.office import office

_TABS = (
    ("Puesto", "console.desk.page"),
    ("Supervisión", "console.supervision.page"),
    ("Registro", "console.call_list.page"),
    ("Buzón", "console.messages.page"),
    ("Directorio", "console.directory.page"),
)
_OF_THE_DESK = ("console.desk.page", "console.supervision.page", "console.call_list.page")
_OVERSEES_FIRST = ("SUPERVISOR", "COORDINADOR", "DIRECTOR")


def call_tabs() -> list[tuple[str, str]]:
    """(what it says, endpoint), of the visitor's role."""
    hidden = () if office().desk else _OF_THE_DESK
    return [(label, endpoint) for label, endpoint in _TABS if endpoint not in hidden and _is_mine(endpoint)]


def _is_mine(endpoint: str) -> bool:
    view = current_app.view_functions.get(endpoint)
    return current_user.role in (getattr(view, "roles", None) or ())


def first_tab() -> str | None:
    """Where «Llamadas» leads: operators to their desk, supervisors to the floor."""
    mine = dict(call_tabs())
    if "Supervisión" in mine and current_user.role in _OVERSEES_FIRST:
        return mine["Supervisión"]
    return next(iter(mine.values()), None)


def is_in_calls() -> bool:
    """Whether the page that is shown belongs to this place."""
    rooms = {endpoint.rpartition(".")[0] for _, endpoint in _TABS} | {"console.emergency", "console.desk_targets"}
    return (request.endpoint or "").rpartition(".")[0] in rooms
