"""Which reports there are of a campaign, and when each is due."""

from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns.upload.vocabulary import ReportPeriod
from reports.periods import Period, Span, last_of, period_of

FINAL, DAILY, WEEKLY = (each.value for each in (ReportPeriod.FINAL, ReportPeriod.DIARIA, ReportPeriod.SEMANAL))

LABELS = {FINAL: "informe final", DAILY: "informe diario", WEEKLY: "informe semanal"}
_SPANS = {DAILY: Span.DAY, WEEKLY: Span.WEEK}


def period_due(kind: str, now: datetime, zone: ZoneInfo) -> Period | None:
    """The newest whole day, or week, that is over; None where a campaign wants its final report only."""
    if kind not in _SPANS:
        return None
    span = _SPANS[kind]
    return period_of(span, last_of(span, now.astimezone(zone).date()), zone)
