"""The 24 hours after a person's last message: within them anything may be written, after them only a template."""

from datetime import datetime, timedelta

OPEN_FOR = timedelta(hours=24)
WINDOW_IS_CLOSED = 63016  #: the carrier's code for it


def closes_at(wrote_at: datetime) -> datetime:
    """Until when free text may be sent to whoever wrote at that moment."""
    return wrote_at + OPEN_FOR


def is_open(wrote_at: datetime, now: datetime) -> bool:
    return now < closes_at(wrote_at)
