"""The date of this network: the real one, or a rehearsal's, which runs ahead and never goes back."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime


class CarrierClock:
    """Gives every date of calls and messages. Waiting and time-outs do not ask it."""

    def __init__(self) -> None:
        self._date, self._since, self._pace = datetime.now(UTC), time.monotonic(), 1.0
        self._is_told = False

    def now(self) -> datetime:
        """Aware, in UTC."""
        if not self._is_told:
            return max(datetime.now(UTC), self._date)
        return self._date + timedelta(seconds=(time.monotonic() - self._since) * self._pace)

    def advance_to(self, moment: datetime, pace: float = 1.0) -> datetime:
        """Goes forward to an aware moment; one that is past changes nothing, but the first: a rehearsal's day may be
        before today. Answers what it is now.

        ``pace``: seconds of this clock for each real one, from here on.
        """
        moment = moment.astimezone(UTC)
        now = self.now() if self._is_told else moment
        if not self._is_told or moment > now or pace != self._pace:
            self._date, self._since, self._pace = max(moment, now), time.monotonic(), pace
            self._is_told = True
        return self.now()


def rfc2822(moment: datetime | None) -> str | None:
    """As Twilio writes dates: ``Mon, 23 Nov 2026 16:00:00 +0000``."""
    return format_datetime(moment.astimezone(UTC)) if moment else None
