"""What somebody must do by a time: one table."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    pass
