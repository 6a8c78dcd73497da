"""What the padrón knows beside the PIN: the linked bill, the last redemption."""

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    pass
