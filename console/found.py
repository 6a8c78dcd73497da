"""The campaign that an address speaks of, for whoever may see it."""

from flask import abort
from flask_login import current_user
from sqlalchemy import Connection, Row

from console import queries


def owner() -> str | None:
    """Whose campaigns the visitor sees; None: everyone's."""
    return None if current_user.sees_all_campaigns else current_user.email


def campaign_or_404(tx: Connection, campaign_id: int) -> Row:
    """Its row. Of another area's it is not even told that it exists."""
    row = queries.campaign_row(tx, campaign_id)
    if row is None or owner() not in (None, row.submitted_by):
        abort(404, "campaign")
    return row
