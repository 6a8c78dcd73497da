"""Which campaigns a token knows of: its area's, and what it brought itself; of the others not even that they exist."""

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from api.problems import NOT_FOUND, Refusal
from api.tokens import Token
from campaigns.readers import is_open
from campaigns.tables import campaign
from campaigns.upload.vocabulary import key_of


def seen_by(tx: Connection, token: Token) -> ColumnElement[bool]:
    """The condition on ``campaign``. A token is nobody's: of reserved ones it sees those that it handed in (R43)."""
    own = campaign.c.submitted_by == token.actor
    if token.area is None:
        return or_(is_open(), own)
    # People write their area now with an accent and now without; there are few areas, however many campaigns.
    written = tx.execute(select(campaign.c.area).distinct()).scalars()
    return or_(and_(is_open(), campaign.c.area.in_([each for each in written if is_of(token, each)])), own)


def is_of(token: Token, area: str) -> bool:
    """Whether this is the token's area, however it is written."""
    return token.area is None or key_of(area) == key_of(token.area)


def campaign_or_404(tx: Connection, token: Token, campaign_id: int) -> Row:
    """Its row. Raises Refusal."""
    row = tx.execute(select(campaign).where(campaign.c.id == campaign_id, seen_by(tx, token))).first()
    if row is None:
        raise Refusal(NOT_FOUND)
    return row
