"""Which reports there are of a campaign, and when each is due."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.upload.vocabulary import ReportPeriod

FINAL, DAILY, WEEKLY = (each.value for each in (ReportPeriod.FINAL, ReportPeriod.DIARIA, ReportPeriod.SEMANAL))

LABELS = {FINAL: "informe final", DAILY: "informe diario", WEEKLY: "informe semanal"}


def span_due(period: str, now: datetime, zone: ZoneInfo) -> tuple[date, date] | None:
    """(first day, last day) of the newest whole day, or whole week from Monday to Sunday, that is over; None where a
    campaign wants its final report only."""
    today = now.astimezone(zone).date()
    if period == DAILY:
        return today - timedelta(days=1), today - timedelta(days=1)
    if period == WEEKLY:
        sunday = today - timedelta(days=today.weekday() + 1)
        return sunday - timedelta(days=6), sunday
    return None
