"""What consultations and work orders leave in the database."""

from sqlalchemy import BigInteger, Column, Date, Identity, Index, LargeBinary, Table, Text, text

from cases.catalog import ONCE_A_DAY
from core.database import Moment, metadata

case_ = Table(
    "case_",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("subject", Text, nullable=False),  # a code of cases/catalog.py
    Column("state", Text, nullable=False),
    Column("document_print", LargeBinary, index=True),
    Column("document_sealed", LargeBinary),
    Column("phone_sealed", LargeBinary),  # where the citizen can be called back
    Column("line", Text, nullable=False),
    Column("call_sid", Text, index=True),
    Column("detail_sealed", LargeBinary, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("opened_on", Date, nullable=False),  # the country's day
    Column("due_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("closed_by", Text),
    Column("resolution_sealed", LargeBinary),
    Index(
        "uq_case__once_a_day",
        "subject",
        "document_print",
        "opened_on",
        unique=True,
        postgresql_where=text("subject in ({})".format(", ".join(f"'{code}'" for code in ONCE_A_DAY))),
    ),
    Index("ix_case__pending", "due_at", postgresql_where=text("state = 'PENDIENTE'")),
)

work_order = Table(
    "work_order",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("document_print", LargeBinary, nullable=False),
    Column("document_sealed", LargeBinary, nullable=False),
    Column("detail_sealed", LargeBinary, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("closed_at", Moment),
    Column("closed_by", Text),
    Index("uq_work_order_open", "kind", "document_print", unique=True, postgresql_where=text("state = 'ABIERTA'")),
)
