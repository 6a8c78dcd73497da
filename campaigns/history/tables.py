"""What a rule decided of a call that was due and was not placed then."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Identity, Index, SmallInteger, Table, Text

from core.database import Moment, metadata

rule_decision = Table(
    "rule_decision",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("attempt_id", BigInteger, ForeignKey("attempt.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("phone", SmallInteger, nullable=False),  # which of the person's it was about
    Column("reason", Text, nullable=False),  # campaigns.rules.deciding.Reason, or other_phone
    Column("until", Moment),  # null: that telephone, never
    Column("is_the_phones", Boolean, nullable=False, server_default="false"),  # the limit is the telephone's
    Index(None, "attempt_id"),
)
