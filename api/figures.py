"""What the service measures when it is asked: of the trunks, the queue, the jobs, the database and the disk."""

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from sqlalchemy import Connection, text

from api.text_figures import texts
from campaigns import watching
from core import job_book, post_book
from core.clock import Clock
from core.database import Database
from core.logs import where
from core.remembered import Remembered
from core.trunks_file import TrunksInUse

log = logging.getLogger(__name__)

KEPT_S = 5.0  # several monitors, and an impatient one, cost the database no more than one
_AT_MOST = text("set local statement_timeout = '2s'")  # of each question: a slow answer is none
_SERVER = text("""
    select clock_timestamp() as now, current_setting('max_connections')::int as most,
        (select count(*) from pg_stat_activity where backend_type = 'client backend') as used
""")


@dataclass(frozen=True, eq=False)
class Figures:
    """What is looked at. ``disk``: a folder of the disk whose room is told."""

    db: Database
    clock: Clock
    trunks: TrunksInUse
    disk: Path
    watch: Callable[[], float] = time.monotonic
    real: Callable[[], datetime] = lambda: datetime.now(UTC)
    keeps_for: float = KEPT_S
    _kept: Remembered[list[Metric]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_kept", Remembered(self.keeps_for, self.watch, quick_s=0.0))

    def collect(self) -> Iterator[Metric]:
        """As a collector of prometheus_client."""
        yield from self._kept.of("database", lambda: list(_database(self)))
        yield from _settings(self)

    def describe(self) -> list[Metric]:
        return []  # else it would be asked as soon as it is registered


def _database(figures: Figures) -> Iterator[Metric]:
    """Each question on its own: what one of them fails at keeps the others from nothing."""
    parts = (_server, _dialling, _lines, _holders, _jobs, _post, _texts)
    failed = gauge("pregonero_question_failed", "Whether a part of these figures could not be had.", "part")
    up = gauge("pregonero_database_up", "Whether the database answers.")
    is_up = figures.db.answers()
    up.add_metric([], is_up)
    yield up
    for part in parts if is_up else ():
        found, name = list[Metric](), part.__name__.removeprefix("_")
        try:
            with figures.db.begin() as tx:
                tx.execute(_AT_MOST)
                found = list(part(tx, figures))
        except Exception as error:
            log.warning("not measured, %s: %s", name, where(error))
        failed.add_metric([name], not found)
        yield from found
    yield failed


def _server(tx: Connection, figures: Figures) -> Iterator[Metric]:
    row = tx.execute(_SERVER).one()
    offset = abs((figures.real() - row.now).total_seconds())
    yield _one("pregonero_clock_offset_seconds", "This host's clock against the database's.", offset)
    yield _one("pregonero_database_connections", "Connections that the server has.", row.used)
    yield _one("pregonero_database_connections_limit", "Connections that the server takes.", row.most)


def _dialling(tx: Connection, figures: Figures) -> Iterator[Metric]:
    now = figures.clock.now()
    seen = watching.picture(tx, now)
    due = gauge("pregonero_due", "Calls whose moment has come (10,000 a campaign are counted).", "trunk")
    legal = gauge("pregonero_due_legal", "Those of them that the hour allows.", "trunk")
    oldest = gauge("pregonero_due_oldest_seconds", "Since when the oldest of those waits.", "trunk")
    for trunk in sorted({*seen.due, *(each.name for each in figures.trunks.now().each)}):
        here = seen.due.get(trunk, watching.Due())
        due.add_metric([trunk], here.people)
        legal.add_metric([trunk], here.open)
        oldest.add_metric([trunk], (now - here.oldest).total_seconds() if here.oldest else 0)
    recent = gauge("pregonero_calls_recent", "Calls begun in the last five minutes.", "outcome")
    for outcome, calls in sorted(seen.recent.items()):
        recent.add_metric([outcome], calls)
    yield from (due, legal, oldest, recent)


def _lines(tx: Connection, figures: Figures) -> Iterator[Metric]:
    seen = watching.lines(tx)
    live = gauge("pregonero_calls_live", "Calls that are, or may be, on the lines.", "trunk")
    unknown = gauge("pregonero_calls_unknown", "Calls of which nobody knows whether they were made.", "trunk")
    oldest = gauge("pregonero_calls_unknown_oldest_seconds", "Since when the oldest of those is in doubt.", "trunk")
    for trunk in sorted({*seen, *(each.name for each in figures.trunks.now().each)}):
        here = seen.get(trunk, watching.Lines())
        live.add_metric([trunk], here.live)
        unknown.add_metric([trunk], here.unknown)
        age = (figures.real() - here.oldest_unknown).total_seconds() if here.oldest_unknown else 0.0
        oldest.add_metric([trunk], max(age, 0.0))
    yield from (live, unknown, oldest)


def _holders(tx: Connection, figures: Figures) -> Iterator[Metric]:
    """Trunks that nobody ever held are not held either; those that left the file are told of no more."""
    seen = {each.trunk: each for each in watching.holders(tx)}
    held = gauge("pregonero_trunk_held", "Whether a dialer has the trunk.", "trunk")
    owner = gauge("pregonero_trunk_owner", "The machine that dials for a trunk.", "trunk", "host")
    epoch = gauge("pregonero_trunk_epoch", "How often the trunk changed hands.", "trunk")
    resting = gauge("pregonero_trunk_resting", "Whether the trunk rests because of its carrier.", "trunk")
    for name in (each.name for each in figures.trunks.now().each):
        here = seen.get(name, watching.Holder(name, None, 0, None))
        held.add_metric([name], here.host is not None)
        if here.host is not None:
            owner.add_metric([name, here.host], 1)
        epoch.add_metric([name], here.epoch)
        resting.add_metric([name], here.trouble is not None)
    yield from (held, owner, epoch, resting)


def _jobs(tx: Connection, _figures: Figures) -> Iterator[Metric]:
    jobs = gauge("pregonero_jobs", "Background jobs.", "queue", "state")
    again = gauge("pregonero_jobs_retried", "Those that wait or run, tried before.", "queue")
    counts = job_book.counts(tx)
    for queue in sorted({"default", *(each.queue for each in counts)}):
        mine = {each.state: each for each in counts if each.queue == queue}
        for state in ("todo", "doing", "failed"):
            jobs.add_metric([queue, state], mine[state].jobs if state in mine else 0)
        again.add_metric([queue], sum(each.again for each in mine.values() if each.state != "failed"))
    yield from (jobs, again)
    yield _one("pregonero_jobs_oldest_seconds", "Since when the oldest job waits.", job_book.oldest_waiting_s(tx))
    yield _one("pregonero_worker_up", "Whether a worker gave a sign of life.", job_book.is_worker_alive(tx))


def _post(tx: Connection, figures: Figures) -> Iterator[Metric]:
    waiting = gauge("pregonero_post_waiting", "Letters and texts that wait to be sent.", "channel")
    for channel, count in post_book.waiting(tx, figures.clock.now()).items():
        waiting.add_metric([channel.lower()], count)
    yield waiting


def _texts(tx: Connection, figures: Figures) -> Iterator[Metric]:
    yield from texts(tx, figures.clock.now(), [each.name for each in figures.trunks.now().each])


def _settings(figures: Figures) -> Iterator[Metric]:
    """What this process knows without asking anybody."""
    asked = gauge("pregonero_pace_asked", "Calls a second that the trunk may make.", "trunk")
    cap = gauge("pregonero_calls_live_limit", "Calls at once that the trunk may have.", "trunk")
    for trunk in figures.trunks.now().each:
        asked.add_metric([trunk.name], trunk.calls_per_second if trunk.is_active else 0)
        cap.add_metric([trunk.name], trunk.max_live_calls)
    yield from (asked, cap)
    yield _one(
        "pregonero_trunks_file_fault", "Whether the trunks' file is wrong now.", figures.trunks.fault is not None
    )
    room = shutil.disk_usage(figures.disk if figures.disk.exists() else "/")
    yield _one("pregonero_disk_free_ratio", "Room on the disk of DATA_DIR.", room.free / room.total)


def gauge(name: str, told: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, told, labels=labels)


def _one(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, told, value=value)
