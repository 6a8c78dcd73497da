"""The menu of whoever is signed in: the places that there are for their role."""

from flask_login import current_user

from console.access import CAMPAIGNS, CASES, REGISTERS, REPORTERS, TASKS
from console.desk.call_tabs import first_tab
from console.office import office
from console.settings.tabs import settings_tabs
from core.roles import Role


def places() -> list[tuple[str, str]]:
    """(what it says, endpoint), in the menu's order."""
    if not current_user.is_authenticated:
        return []
    role = current_user.role
    found = []
    if role in CAMPAIGNS:
        # A requesting area looks at its requests, everybody else at the campaigns that came of them.
        is_area = role is Role.MISIONAL
        found.append(("Campañas", "console.requests.page" if is_area else "console.campaign_list.page"))
    calls = first_tab()
    if calls is not None:
        found.append(("Llamadas", calls))
    if office().is_local_carrier:
        found.append(("Teléfono", "console.telephone.page"))
    if role in CASES:
        found.append(("Casos", "console.tray.page"))
    elif role in TASKS:
        found.append(("Tareas", "console.tasks.page"))
    if role in REGISTERS:
        found.append(("Registros", "console.registers.index"))
    if role in REPORTERS:
        found.append(("Informes", "console.reports.page"))
    settings = settings_tabs()
    if settings:
        found.append(("Ajustes", settings[0][1]))
    return found
