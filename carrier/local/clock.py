"""The date of this network: the real one, or a rehearsal's, which runs ahead and never goes back."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime


class CarrierClock:
    """Gives every date of calls and messages. Waiting and time-outs do not ask it."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._not_before = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """Aware, in UTC."""
        return max(datetime.now(UTC) + self._ahead, self._not_before)

    def advance_to(self, moment: datetime) -> datetime:
        """Goes forward to an aware moment; one that is past changes nothing. Answers what it is now."""
        if moment > self.now():
            self._ahead = moment - datetime.now(UTC)
            self._not_before = moment
        return self.now()


def rfc2822(moment: datetime | None) -> str | None:
    """As Twilio writes dates: ``Mon, 23 Nov 2026 16:00:00 +0000``."""
    return format_datetime(moment.astimezone(UTC)) if moment else None
