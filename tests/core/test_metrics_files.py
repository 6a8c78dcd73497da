"""Processes of one host that measure together: nothing is counted twice, nor lost with whoever ended."""

import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from core import metrics_files

PROJECT = Path(__file__).resolve().parents[2]
#: As much as a file may become is what the disk has room for.
_LITTLE_ROOM = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))\n"
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


def measuring(folder: Path, room: int | None = None) -> subprocess.Popen:
    """``room``: the bytes that a file of it may have."""
    code = _MEASURES if room is None else _LITTLE_ROOM.format(room) + _MEASURES
    command = [sys.executable, "-W", "error", "-c", code, str(folder)]
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


_NEVER_RAN = 1 << 30  # the kernel gives no such number
_SUMS_HAVE_NONE = 300_000  # the process's own files fit


@pytest.mark.parametrize("room", [1000, 100_000, _SUMS_HAVE_NONE])
def test_what_was_not_given_its_room_is_not_left_behind(folder: Path, room: int):
    alone = measuring(folder, room)
    try:
        assert not list(folder.glob(f"*_{alone.pid}.db")) + list(folder.glob("*.role"))
    finally:
        ended(alone)
    assert alone.returncode == 0
    ended(measuring(folder))
    assert 'pregonero_calls_released_total{trunk="default"} 3.0' in told(folder)


def test_whose_sums_have_no_room_keep_what_was_summed(folder: Path):
    folder.mkdir()
    ended(measuring(folder))
    before = told(folder)
    for sums in folder.glob("*_0.db"):  # of another version, that took less
        os.truncate(sums, sums.stat().st_size // 2)
    ended(measuring(folder, _SUMS_HAVE_NONE))
    assert told(folder) == before


def entry(key: str) -> bytes:
    """A file in which the library counted 1 by this key (prometheus_client.mmap_dict)."""
    padded = key.encode() + b" " * (8 - (len(key) + 4) % 8)
    counted = struct.pack(f"i{len(padded)}sdd", len(key), padded, 1.0, 0.0)
    return struct.pack("ii", 8 + len(counted), 0) + counted


BROKEN = {
    "empty": b"",
    "cut off": b"\x10",
    "shorter than it says": struct.pack("ii", 64, 0),
    "longer than it says": struct.pack("iii", 16, 0, 500) + b" " * 100,
    "never written by the disk": struct.pack("ii", 64, 0) + bytes(100),
    "without end": struct.pack("iii", 64, 0, -28) + bytes(100),
    "not text": entry("aaaa").replace(b"aaaa", b"\xff\xfe\xfd\xfc"),
    "of another program": entry('{"a": 1}'),
}


def test_what_makes_no_sense_of_those_that_are_gone_is_dropped(folder: Path, caplog: pytest.LogCaptureFixture):
    ended(measuring(folder))
    for number, content in enumerate(BROKEN.values()):
        (folder / f"counter_{_NEVER_RAN + number}.db").write_bytes(content)
    page = told(folder)
    assert 'pregonero_calls_released_total{trunk="default"} 3.0' in page
    assert caplog.text.count("cannot be read and is dropped") == len(BROKEN)
    assert told(folder) == page
    assert len(list(folder.glob("*.db"))) == 3


@pytest.mark.parametrize(("whose", "counted"), [("one that is gone", 9.0), ("one that runs", 6.0), ("the sums", 6.0)])
def test_whoever_begins_beside_an_empty_file_measures_and_is_told(folder: Path, whose: str, counted: float):
    ended(measuring(folder))
    first = measuring(folder)
    number = {"one that is gone": _NEVER_RAN, "one that runs": first.pid, "the sums": 0}[whose]
    (folder / f"counter_{number}.db").unlink(missing_ok=True)  # whoever runs keeps what it holds of it
    (folder / f"counter_{number}.db").touch()
    second = measuring(folder)
    page = told(folder)
    for process in (first, second):
        ended(process)
        assert process.returncode == 0
    assert f'pregonero_calls_released_total{{trunk="default"}} {counted}' in page
    assert 'pregonero_webhook_seconds_count{route="voice.turn"} 3.0' in page
    assert {*told(folder)} >= {line for line in page if "pregonero_database_pool" not in line}
    assert len(list(folder.glob("*.db"))) == 3


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]).returncode:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def fill(disk: Path) -> Path:
    """The file that takes up all the room."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 4096):
                pass
        except OSError:
            return filler
    raise AssertionError("the disk never filled")


def test_who_begins_on_a_full_disk_measures_alone_until_there_is_room(small_disk: Path):
    folder = small_disk / "metrics"
    running = measuring(folder)
    filler = fill(small_disk)
    for _ in range(2):
        alone = measuring(folder)
        ended(alone)
        assert alone.returncode == 0
        assert 'pregonero_calls_released_total{trunk="default"} 3.0' in told(folder)
    filler.unlink()
    ended(measuring(folder))
    ended(running)
    assert 'pregonero_calls_released_total{trunk="default"} 6.0' in told(folder)
    assert len(list(folder.glob("*.db"))) == 3


def test_without_room_for_sums_whoever_is_gone_is_told_and_added_up_later(small_disk: Path):
    folder = small_disk / "metrics"
    ended(measuring(folder))
    for file in {*folder.glob("*_0.db"), *folder.glob("gauge_*.db")}:
        file.unlink()
    filler = fill(small_disk)
    for _ in range(2):
        alone = measuring(folder)
        ended(alone)
        assert alone.returncode == 0
        assert 'pregonero_calls_released_total{trunk="default"} 3.0' in told(folder)
    filler.unlink()
    ended(measuring(folder))
    assert 'pregonero_calls_released_total{trunk="default"} 6.0' in told(folder)
    assert len(list(folder.glob("*.db"))) == 3
