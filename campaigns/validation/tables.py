"""Each answer that was collected, and what a person decided of it; what was said is in ``recipient``."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, SmallInteger, Table, Text, text

from core.database import Moment, metadata

collected_answer = Table(
    "collected_answer",
    metadata,
    Column(
        "recipient_id",
        BigInteger,
        ForeignKey("recipient.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("number", SmallInteger, primary_key=True, autoincrement=False),  # of recolectar_N
    Column("campaign_id", BigInteger, ForeignKey("campaign.id"), nullable=False),
    Column("given_print", LargeBinary, nullable=False),  # of what was said (keeping.print_of); empty once purged
    Column("stands_print", LargeBinary, nullable=False),  # of what holds, where it is counted (keeping.counted_print)
    Column("corrected_sealed", LargeBinary),
    Column("state", Text, nullable=False),  # keeping.Verdict
    Column("decided_by", Text),
    Column("decided_at", Moment),
    Index("ix_collected_counted", "campaign_id", "number", "state", "stands_print"),
    Index("ix_collected_state", "campaign_id", "state", "recipient_id", "number"),
    Index("ix_collected_waiting", "campaign_id", postgresql_where=text("state = 'waiting'")),
)
