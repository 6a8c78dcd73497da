"""Processes of one host that measure together: nothing is counted twice, nor lost with whoever ended."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from core import metrics_files

PROJECT = Path(__file__).resolve().parents[2]
_MEASURES = """
import sys
from core import metrics_files
metrics_files.share(__import__("pathlib").Path(sys.argv[1]))
metrics_files.begin("worker")
from core.metrics import POOL_IN_USE, RELEASED, WEBHOOK_SECONDS
RELEASED.labels("default").inc(3)
WEBHOOK_SECONDS.labels("voice.turn").observe(0.02)
POOL_IN_USE.labels("worker").set(2)
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "metrics"


def measuring(folder: Path) -> subprocess.Popen:
    command = [sys.executable, "-W", "error", "-c", _MEASURES, str(folder)]
    process = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def ended(process: subprocess.Popen, *, killed: bool = False) -> None:
    if killed:
        process.kill()
    process.communicate()


def told(folder: Path) -> list[str]:
    registry = CollectorRegistry()
    with metrics_files.settled(folder):
        MultiProcessCollector(registry, str(folder))
        return generate_latest(registry).decode().splitlines()


def test_what_two_processes_counted_is_one_figure(folder: Path):
    processes = [measuring(folder), measuring(folder)]
    assert 'pregonero_calls_released_total{trunk="default"} 6.0' in told(folder)
    assert 'pregonero_database_pool_in_use{role="worker"} 4.0' in told(folder)
    with metrics_files.settled(folder) as running:
        assert [each.role for each in running] == ["worker", "worker"]
        assert all(1e6 < each.memory < 1e9 for each in running)
    for process in processes:
        ended(process)


@pytest.mark.parametrize("killed", [False, True])
def test_who_ended_is_remembered_and_their_files_do_not_pile_up(folder: Path, killed: bool):
    for _ in range(3):
        ended(measuring(folder), killed=killed)
    page = told(folder)
    assert 'pregonero_calls_released_total{trunk="default"} 9.0' in page
    assert 'pregonero_webhook_seconds_count{route="voice.turn"} 3.0' in page
    assert 'pregonero_webhook_seconds_bucket{le="0.025",route="voice.turn"} 3.0' in page
    assert 'pregonero_webhook_seconds_bucket{le="0.01",route="voice.turn"} 0.0' in page
    assert not [line for line in page if line.startswith("pregonero_database_pool_in_use{")], "nobody uses any now"
    assert sorted(file.name for file in folder.glob("*.db")) == ["counter_0.db", "gauge_livesum_0.db", "histogram_0.db"]
    assert told(folder) == page, "asked twice it says the same"


def test_a_number_that_another_program_was_given_is_no_process_of_ours(folder: Path):
    folder.mkdir()
    (folder / "1.role").write_text("web")

    os.utime(folder / "1.role", (1, 1))  # written long before the process of this number began
    with metrics_files.settled(folder) as running:
        assert running == []
    assert not (folder / "1.role").exists()


def test_without_room_a_process_does_its_work_and_measures_alone(tmp_path: Path):
    (tmp_path / "file").write_text("no folder can be made in it")
    process = measuring(tmp_path / "file" / "metrics")
    ended(process)
    assert process.returncode == 0
