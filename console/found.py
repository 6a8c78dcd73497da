"""The campaign that an address speaks of, for whoever may see it."""

from flask import abort
from flask_login import current_user
from sqlalchemy import Connection, Row

from campaigns.operated.claiming import is_restricted
from console import queries
from core.roles import Role

SEE_RESTRICTED = frozenset({Role.SUPERVISOR, Role.COORDINADOR})  #: R43: and whoever handed the list in


def owner() -> str | None:
    """Whose campaigns the visitor sees; None: everyone's."""
    return None if current_user.sees_all_campaigns else current_user.email


def campaign_or_404(tx: Connection, campaign_id: int) -> Row:
    """Its row. Of another area's it is not even told that it exists."""
    row = queries.campaign_row(tx, campaign_id)
    if row is None or owner() not in (None, row.submitted_by) or _is_hidden(row):
        abort(404, "campaign")
    return row


def stranger() -> str | None:
    """Of a visitor who may not see restricted lists but their own, the e-mail; None: they see every kind."""
    return None if current_user.role in SEE_RESTRICTED else current_user.email


def _is_hidden(row: Row) -> bool:
    return is_restricted(row) and stranger() not in (None, row.submitted_by)
