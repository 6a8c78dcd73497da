"""What this process counts and measures for Prometheus; where several processes add it up: core/metrics_files.py.

No label holds anything of a person, nor a value without bound: routes are the application's, trunks the institution's.
Each has a label, so that nothing is written before a process says what it is.
"""

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from sqlalchemy import event

from core.database import Database

OURS = CollectorRegistry()

#: Seconds. Twilio hangs up after 15; a caller hears a second of silence.
_BUCKETS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)

WEBHOOK_SECONDS = Histogram(
    "pregonero_webhook_seconds",
    "How long the carrier waited for an answer.",
    ["route"],
    buckets=_BUCKETS,
    registry=OURS,
)
ANSWERS = Counter("pregonero_http_answers", "Answers to requests.", ["part", "status"], registry=OURS)
TURNS_FAILED = Counter("pregonero_turns_failed", "Turns of which the caller heard an apology.", ["kind"], registry=OURS)
RELEASED = Counter("pregonero_calls_released", "Calls handed to the carrier.", ["trunk"], registry=OURS)
TEXTS_RELEASED = Counter(
    "pregonero_texts_released", "Texts of campaigns handed to the carrier.", ["trunk"], registry=OURS
)
CARRIER_ANSWERS = Counter(
    "pregonero_carrier_answers",
    "What came of asking the carrier for a call or a text.",
    ["trunk", "answer"],
    registry=OURS,
)
RECONCILED = Counter(
    "pregonero_reconciled", "Calls settled by asking the carrier about them.", ["trunk"], registry=OURS
)
JOBS_FAILED = Counter("pregonero_jobs_failures", "Background jobs that failed, each time.", ["task"], registry=OURS)
POOL_IN_USE = Gauge(
    "pregonero_database_pool_in_use",
    "Connections that somebody uses at this moment.",
    ["role"],
    registry=OURS,
    multiprocess_mode="livesum",
)
POOL_SIZE = Gauge(
    "pregonero_database_pool_size",
    "Connections that the processes of a role may have.",
    ["role"],
    registry=OURS,
    multiprocess_mode="livesum",
)


def watch_pool(db: Database, role: str) -> None:
    """From now on the process tells how many of its connections are in use."""
    pool: Any = db.engine.pool
    in_use = POOL_IN_USE.labels(role)
    POOL_SIZE.labels(role).set(pool.size())
    in_use.set(0)
    event.listen(db.engine, "checkout", lambda *_: in_use.set(pool.checkedout()))
    # The one that comes back is still counted; what was lost meanwhile is put right by the next.
    event.listen(db.engine, "checkin", lambda *_: in_use.set(max(pool.checkedout() - 1, 0)))
