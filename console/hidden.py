"""The lines whose calls and cases a visitor may see (R75, R81), and the calls of reserved campaigns (R43)."""

from flask_login import current_user
from sqlalchemy import Connection, Select

from campaigns import readers
from campaigns.tables import attempt
from console.office import office


def hidden_lines() -> frozenset[str]:
    """Ids of the lines that are for other roles than the visitor's."""
    return frozenset(
        line.id
        for line in office().desk_lines.values()
        if line.restricted_roles and current_user.role not in line.restricted_roles
    )


def visible_lines() -> dict[str, str]:
    """All the others: id, and what people read."""
    hidden = hidden_lines()
    return {line: told for line, told in office().line_names.items() if line not in hidden}


def hidden_attempts() -> Select:
    """Ids of the calls of campaigns that the visitor may not know of."""
    return readers.attempts_hidden_from(office().vault, current_user.email, current_user.role)


def is_hidden_attempt(tx: Connection, attempt_id: int) -> bool:
    """Whether it is one of those."""
    return tx.execute(hidden_attempts().where(attempt.c.id == attempt_id)).first() is not None
