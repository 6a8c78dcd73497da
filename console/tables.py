"""Who may come in, and the failed tries at the door."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Identity, Index, Integer, LargeBinary, Table, Text

from core.database import Moment, metadata

account = Table(
    "account",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),  # core.roles.Role
    Column("password_hash", Text, nullable=False),  # argon2id
    Column("is_active", Boolean, nullable=False, server_default="true"),
    Column("times_enabled", Integer, nullable=False, server_default="0"),  # again: no session of before is good
    Column("created_at", Moment, nullable=False),
    Column("last_sign_in_at", Moment),
    CheckConstraint("email = lower(email)", name="email_lower"),
)

sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("key_print", LargeBinary, nullable=False),  # fingerprint of an e-mail or of a network address
    Column("at", Moment, nullable=False),
    Index(None, "key_print", "at"),
)
