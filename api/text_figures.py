"""What is measured of texts: those that should have left and did not, and those that came to nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from sqlalchemy import Connection

from campaigns import watching
from campaigns.outcomes import Outcome
from core import post_book
from core.post import DELIVERED, FAILED, REFUSED, SENT, UNDELIVERED, Channel
from desk.chats import unsent
from desk.chats.states import MessageState

RECENT = timedelta(hours=1)
_ARRIVED, _LEFT, _LOST, _WAITS = "arrived", "left", "lost", "waits"
_OF_CAMPAIGNS: dict[str, str] = {
    Outcome.TEXT_DELIVERED: _ARRIVED,
    Outcome.TEXT_UNCONFIRMED: _LEFT,
    Outcome.TEXT_UNDELIVERED: _LOST,
    Outcome.TECHNICAL: _LOST,
}
_OF_POST = {DELIVERED: _ARRIVED, SENT: _LEFT, UNDELIVERED: _LOST, REFUSED: _LOST, FAILED: _LOST}
_OF_CHATS: dict[str, str] = {
    MessageState.DELIVERED: _ARRIVED,
    MessageState.READ: _ARRIVED,
    MessageState.SENT: _LEFT,
    MessageState.FAILED: _LOST,
}


def texts(tx: Connection, now: datetime, trunks: list[str]) -> Iterator[Metric]:
    """``trunks``: those whose texts are told of, though there be none."""
    due, of_campaigns = watching.texts(tx, now, now - RECENT)
    waits = GaugeMetricFamily("pregonero_texts_due_legal", "Texts of campaigns whose hour has come.", labels=["trunk"])
    for trunk in sorted({*due, *trunks}):
        waits.add_metric([trunk], due.get(trunk, 0))
    yield waits
    yield _oldest(tx, now)
    recent = GaugeMetricFamily(
        "pregonero_texts_recent", "Texts of the last hour, by what became of them.", labels=["of", "became"]
    )
    for of, found in (
        ("campaigns", _became(of_campaigns, _OF_CAMPAIGNS)),
        ("post", _became(post_book.recent_texts(tx, now - RECENT), _OF_POST)),
        ("chats", _became(unsent.recent(tx, now - RECENT), _OF_CHATS)),
    ):
        for became in (_ARRIVED, _LEFT, _LOST, _WAITS):
            recent.add_metric([of, became], found[became])
    yield recent


def _oldest(tx: Connection, now: datetime) -> Metric:
    since: dict[str, datetime | None] = {"chat": unsent.oldest(tx)}
    found = post_book.oldest_waiting(tx, now)
    since |= {channel.lower(): found.get(channel) for channel in Channel if channel is not Channel.MAIL}
    told = GaugeMetricFamily(
        "pregonero_texts_waiting_oldest_seconds", "Since when the oldest text waits to be sent.", labels=["channel"]
    )
    for channel, at in since.items():
        told.add_metric([channel], max((now - at).total_seconds(), 0.0) if at else 0.0)
    return told


def _became(found: Mapping[str | None, int] | Mapping[str, int], means: Mapping[str, str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for state, count in found.items():
        counts[means.get(state or "", _WAITS)] += count
    return counts
