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
    Column("phone_print", LargeBinary),  # null beside a telephone: of before it was kept (beneficiaries/upkeep.py)
    Column("bill_sealed", LargeBinary),
    Column("bill_print", LargeBinary),
    Column("redemption_sealed", LargeBinary),  # "2026-11 " and the shop
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index("uq_beneficiary_bill", "bill_print", unique=True, postgresql_where=text("bill_print is not null")),
    Index("ix_beneficiary_phone", "phone_print", postgresql_where=text("phone_print is not null")),
    Index(
        "ix_beneficiary_phone_to_find",
        "id",
        postgresql_where=text("phone_sealed is not null and phone_print is null"),
    ),
)

padron_act = Table(
    "padron_act",
    metadata,
    Column("print", LargeBinary, primary_key=True),  # of what was done, to whom, and by which act
    Column("at", Moment, nullable=False, index=True),
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
