"""Which programs may come in, what they sent in the last day, and how often they ask."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Identity, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from core.database import Moment, metadata

api_token = Table(
    "api_token",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False, unique=True),  # never given again: the audit trail says «api:name»
    Column("area", Text),  # the requesting area whose campaigns it sees; null: every area's
    Column("scopes", ARRAY(Text), nullable=False),  # api.tokens.Scope
    Column("print", LargeBinary, nullable=False, unique=True),  # keyed hash; the token itself is nowhere
    Column("made_at", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("last_used_on", Date),  # a day of the institution's calendar: enough to find those that nobody uses
    Column("revoked_at", Moment),
    Column("revoked_by", Text),
)

#: What was submitted with an ``Idempotency-Key``, kept for a day.
api_submission = Table(
    "api_submission",
    metadata,
    Column("token_id", BigInteger, ForeignKey("api_token.id", ondelete="CASCADE"), primary_key=True),
    Column("key_print", LargeBinary, primary_key=True),
    Column("request_print", LargeBinary, nullable=False),  # of all that was sent: the same key is for the same request
    Column("campaign_id", BigInteger, ForeignKey("campaign.id", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False, index=True),
)

#: Requests in the minute that runs, by fingerprint of a token or of a network address.
api_pace = Table(
    "api_pace",
    metadata,
    Column("key_print", LargeBinary, primary_key=True),
    Column("minute", Moment, nullable=False, index=True),
    Column("requests", Integer, nullable=False),
)
