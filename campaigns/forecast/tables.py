"""Test calls: to whoever decides over a campaign, and to nobody of its list."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Integer, LargeBinary, Table, Text

from core.database import Moment, metadata

test_call = Table(
    "test_call",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("campaign_id", BigInteger, ForeignKey("campaign.id"), nullable=False),
    Column("row", Integer, nullable=False),  # of the upload: the shape of its person's data is taken, nothing else
    Column("account_id", BigInteger, nullable=False),
    Column("state", Text, nullable=False),  # campaigns.forecast.trial.TrialState
    Column("to_sealed", LargeBinary),  # gone once the carrier was asked
    Column("wanted_at", Moment, nullable=False),
    Column("remote_sid", Text, unique=True),
    Column("remote_status", Text),
    Column("refused_code", Integer),
    Column("ended_at", Moment),
    Column("duration_s", Integer),
    Index("ix_test_call_account", "account_id", "wanted_at"),
)

#: Where somebody wants to be rung for a test, so as not to type it each time.
own_telephone = Table(
    "own_telephone",
    metadata,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("phone_sealed", LargeBinary, nullable=False),
    Column("kept_at", Moment, nullable=False),
)
