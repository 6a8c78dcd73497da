"""The registers of a day's work: log, field, events, steps before an authority."""

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    pass
