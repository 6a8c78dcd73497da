"""What was reported: which report, of when, its two files, the letter that told of it."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Identity, Index, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from core.database import Moment, metadata

#: A report that was made. Of one campaign and one last day there is one of a kind: to make it again changes nothing.
report = Table(
    "report",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("campaign_id", BigInteger, ForeignKey("campaign.id", ondelete="CASCADE")),  # null: of the calls of all lines
    Column("kind", Text, nullable=False),  # FINAL · DIARIA · SEMANAL; of the calls: diario · semanal · mensual
    Column("until", Date, nullable=False),  # its last day, where the campaign or the institution is
    Column("name", Text, nullable=False),  # of its files, without their ending
    Column("made_at", Moment, nullable=False),
    Column("xlsx_file_id", BigInteger),  # null: in the folder of REPORTS_DIR, or removed
    Column("pdf_file_id", BigInteger),
    Column("to_print", LargeBinary),  # fingerprint "email" of whom it was written to: their account may read it
    Column("mail_id", BigInteger),  # the letter; null: to nobody
    Column("figures", JSONB),  # what it counted (indicators.Counts), for the reports of a period
    Column("removed_at", Moment),  # since when its files are gone
    Column("waits_since", Moment),  # its files are not in the folder of REPORTS_DIR yet; null: they are
    Column("problem", Text),  # why the last try to write them there came to nothing: a sentence
    Index("uq_report_campaign", "campaign_id", "kind", "until", unique=True),
    Index("uq_report_calls", "kind", "until", unique=True, postgresql_where=text("campaign_id is null")),
)
