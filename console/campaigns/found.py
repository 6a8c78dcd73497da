"""The campaign that an address speaks of, for whoever may see it."""

from flask import abort, request
from flask_login import current_user
from sqlalchemy import ColumnElement, Connection, Row, Select

from campaigns import readers
from campaigns.intake.reception import is_requester
from campaigns.life import NotAllowed
from campaigns.states import CampaignState
from console import queries
from console.office import office

#: Screens that show who is in a list: of one that is being imported, nobody is shown half of it.
_SHOW_PEOPLE = frozenset(
    f"console.{screen}" for screen in ("review", "contacts", "downloads", "live", "preflight", "trial")
)


def seen() -> ColumnElement[bool]:
    """The condition on ``campaign`` under which the visitor may know of it (campaigns/readers.py)."""
    return readers.visible_to(office().vault, current_user.email, current_user.role)


def seen_ids() -> Select:
    """The same as ids, for what points at a campaign."""
    return readers.ids_visible_to(office().vault, current_user.email, current_user.role)


def campaign_or_404(tx: Connection, campaign_id: int) -> Row:
    """Its row. Of another area's, or of one of named readers, it is not even told that it exists."""
    row = queries.campaign_row(tx, campaign_id)
    if row is None or not readers.may_read(tx, office().vault, campaign_id, current_user.email, current_user.role):
        abort(404, "campaign")
    if row.state == CampaignState.SUBMITTED and request.blueprint in _SHOW_PEOPLE:
        raise NotAllowed("Todavía estamos revisando el archivo de esta campaña: espere a que termine.")
    return row


def is_own(tx: Connection, row: Row) -> bool:
    """Whether the visitor handed it in, or is who the request says that asks."""
    me = current_user.email
    return bool(row.submitted_by == me) or is_requester(tx, office().vault, row.id, me)
