"""What the reports that leave the house are made from."""

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    pass
