"""GET /metrics for Prometheus: what the processes of this host counted, and what the database says for all hosts."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask, Response, abort
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector

from api.figures import Figures, gauge
from api.insiders import Insiders
from core import metrics_files
from core.metrics import OURS


def add_metrics(app: Flask, figures: Figures, insiders: Insiders) -> None:
    @app.get("/metrics")
    def metrics() -> Response:
        if not insiders.may_look():
            abort(403)
        return Response(written(figures), content_type=CONTENT_TYPE_LATEST)


def written(figures: Figures) -> bytes:
    """All figures, as Prometheus reads them."""
    registry = CollectorRegistry()
    registry.register(figures)
    told = generate_latest(registry)  # first: nobody who wants to measure waits for the database
    shared = metrics_files.folder()
    if shared is None:
        return told + generate_latest(OURS)
    counted = CollectorRegistry()
    with metrics_files.settled(shared) as running:
        MultiProcessCollector(counted, str(shared))
        counted.register(_Processes(running))
        return told + generate_latest(counted)


@dataclass(frozen=True, eq=False)
class _Processes:
    running: list[metrics_files.Running]

    def collect(self) -> Iterator[Metric]:
        count = gauge("pregonero_processes", "Processes of this host.", "role")
        memory = gauge("pregonero_process_memory_bytes", "Memory of the largest process of a role.", "role")
        for role in sorted({each.role for each in self.running}):
            sizes = [each.memory for each in self.running if each.role == role]
            count.add_metric([role], len(sizes))
            memory.add_metric([role], max(sizes))
        yield from (count, memory)

    def describe(self) -> list[Metric]:
        return []
