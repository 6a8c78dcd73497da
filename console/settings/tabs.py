"""The tabs of the place «Ajustes», each for the roles that its screen is for."""

from flask import current_app, request
from flask_login import current_user

_TABS = (
    ("Exclusiones", "console.exclusions.page"),
    ("Feriados", "console.holidays.page"),
    ("Turnos", "console.turns.page"),
    ("Correos", "console.mail.page"),
    ("Accesos de sistemas", "console.tokens.page"),
    ("Tareas", "console.jobs.page"),
)


def settings_tabs() -> list[tuple[str, str]]:
    """(what it says, endpoint), of the visitor's role."""
    views = current_app.view_functions
    return [(label, where) for label, where in _TABS if current_user.role in getattr(views.get(where), "roles", ())]


def is_in_settings() -> bool:
    """Whether the page that is shown belongs to this place."""
    return request.path.startswith("/ajustes")
