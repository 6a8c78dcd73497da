"""What the padrón, its PINs and its locks leave in the database."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, LargeBinary, Table, Text, text

from core.database import Moment, metadata

beneficiary = Table(
    "beneficiary",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("document_print", LargeBinary, nullable=False, unique=True),
    Column("document_sealed", LargeBinary, nullable=False),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("birth_date_sealed", LargeBinary, nullable=False),  # ISO
    Column("standing", Text, nullable=False),
    Column("phone_sealed", LargeBinary),  # E.164
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

pin = Table(
    "pin",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("beneficiary_id", BigInteger, ForeignKey("beneficiary.id"), nullable=False, index=True),
    Column("hash", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment),  # null: in force
    Column("reason", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Index("uq_pin_in_force", "beneficiary_id", unique=True, postgresql_where=text("until is null")),
)

failed_try = Table(
    "failed_try",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("scope", Text, nullable=False),
    Column("value_print", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "scope", "value_print", "at"),
)

lock = Table(
    "lock",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("scope", Text, nullable=False),
    Column("value_print", LargeBinary, nullable=False),
    Column("masked", Text, nullable=False),  # all that a list ever shows of it
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("lifted_at", Moment),
    Column("lifted_by", Text),
    Column("reason_sealed", LargeBinary),  # why it was lifted, in somebody's words
    Index(None, "scope", "value_print", "until"),
)
