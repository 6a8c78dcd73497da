"""The campaign that an address speaks of, for whoever may see it."""

from flask import abort, request
from flask_login import current_user
from sqlalchemy import Connection, Row

from campaigns.intake.reception import is_requester
from campaigns.life import NotAllowed
from campaigns.operated.claiming import is_restricted
from campaigns.states import CampaignState
from console import queries
from console.office import office
from core.roles import Role

#: Screens that show who is in a list: of one that is being imported, nobody is shown half of it.
_SHOW_PEOPLE = frozenset({"console.review", "console.contacts", "console.downloads", "console.live"})
SEE_RESTRICTED = frozenset({Role.SUPERVISOR, Role.COORDINADOR})  #: R43: and whoever handed the list in


def owner() -> str | None:
    """Whose campaigns the visitor sees; None: everyone's."""
    return None if current_user.sees_all_campaigns else current_user.email


def campaign_or_404(tx: Connection, campaign_id: int) -> Row:
    """Its row. Of another area's it is not even told that it exists."""
    row = queries.campaign_row(tx, campaign_id)
    if row is None or not (is_own(tx, row) or (owner() is None and not _is_hidden(row))):
        abort(404, "campaign")
    if row.state == CampaignState.SUBMITTED and request.blueprint in _SHOW_PEOPLE:
        raise NotAllowed("Todavía estamos revisando el archivo de esta campaña: espere a que termine.")
    return row


def is_own(tx: Connection, row: Row) -> bool:
    """Whether the visitor handed it in, or is who the request says that asks."""
    me = current_user.email
    return bool(row.submitted_by == me) or is_requester(tx, office().vault, row.id, me)


def stranger() -> str | None:
    """Of a visitor who may not see restricted lists but their own, the e-mail; None: they see every kind."""
    return None if current_user.role in SEE_RESTRICTED else current_user.email


def _is_hidden(row: Row) -> bool:
    return is_restricted(row) and stranger() not in (None, row.submitted_by)
