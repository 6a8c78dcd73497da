"""The lines whose calls and cases a visitor may not see (R75, R81)."""

from flask_login import current_user

from console.office import office


def hidden_lines() -> frozenset[str]:
    """Ids of the lines that are for other roles than the visitor's."""
    return frozenset(
        line.id
        for line in office().desk_lines.values()
        if line.restricted_roles and current_user.role not in line.restricted_roles
    )
