"""The tabs of the place «Llamadas», each for the roles that its screen is for."""

from flask import current_app, request
from flask_login import current_user

from console.office import office
from desk.chats.board import is_anybody_written_to

_TABS = (
    ("Puesto", "console.desk.page"),
    ("WhatsApp", "console.chat_list.page"),
    ("Supervisión", "console.supervision.page"),
    ("Historial", "console.call_list.page"),
    ("Buzón", "console.mailbox.page"),
    ("Directorio", "console.directory.page"),
)
_OF_THE_DESK = ("console.desk.page", "console.chat_list.page", "console.supervision.page", "console.call_list.page")
_OVERSEES_FIRST = ("SUPERVISOR", "COORDINADOR", "DIRECTOR")


def call_tabs() -> list[tuple[str, str]]:
    """(what it says, endpoint), of the visitor's role."""
    hidden = _hidden()
    return [(label, endpoint) for label, endpoint in _TABS if endpoint not in hidden and _is_mine(endpoint)]


def _hidden() -> tuple[str, ...]:
    """What is nowhere without a desk; written conversations, also where nobody writes to any line."""
    here = office().desk
    if here is None:
        return _OF_THE_DESK
    return () if is_anybody_written_to(here) else ("console.chat_list.page",)


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
    rooms = {endpoint.rpartition(".")[0] for _, endpoint in _TABS} | {
        "console.emergency",
        "console.desk_targets",
        "console.chat",
        "console.call_reason",
    }
    return (request.endpoint or "").rpartition(".")[0] in rooms
