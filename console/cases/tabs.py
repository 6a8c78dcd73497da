"""The tabs above everything about cases, each for the roles that its screen is for."""

from flask import current_app
from flask_login import current_user

from core.roles import Role

_TABS = (
    ("Consultas", "console.tray.page"),
    ("Buscar", "console.case_search.page"),
    ("Tareas", "console.tasks.page"),
    ("Correcciones", "console.corrections.page"),
    ("Por guardar", "console.drafts.page"),
    ("Órdenes", "console.orders.page"),
    ("Bloqueos", "console.tray.locks_page"),
    ("Regalías", "console.gifts.page"),
    ("Calidad", "console.quality.page"),
)


def case_tabs() -> list[tuple[str, str]]:
    """(what it says, endpoint), of the visitor's role."""
    return [(label, endpoint) for label, endpoint in _TABS if current_user.role in _roles(endpoint)]


def _roles(endpoint: str) -> frozenset[Role]:
    return getattr(current_app.view_functions[endpoint], "roles", frozenset())
