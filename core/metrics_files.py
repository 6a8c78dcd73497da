"""How the processes of one host measure together: each writes into files of its own, and whoever is asked adds them up.

Call ``share`` before anything imports prometheus_client: it looks for the folder once, when it is imported.
"""

import contextlib
import fcntl
import logging
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

log = logging.getLogger(__name__)

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the library's own name for it
#: Bytes of each file, taken from the disk at once: to write into one that has no room left would end the process.
_FILES = {"counter": 1 << 16, "histogram": 1 << 18, "gauge_livesum": 1 << 16}
_GONE = 0  # in the place of a pid: the sum of the processes that ended


@dataclass(frozen=True)
class Running:
    """A process of this host that measures: what it is, and its memory in bytes."""

    role: str
    memory: int


def share(where: Path) -> None:
    """From now on this process, and those that it forks or starts, measure in the folder ``where``."""
    os.environ[_FOLDER] = str(where)


def begin(role: str) -> None:
    """Room for what this process is going to measure, and its name beside it; after any fork. Where the disk has no
    room, it measures alone: what it does for people goes on."""
    where = folder()
    if where is None:
        return
    try:
        where.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(where):
            _fold(where)
            _make_room(where, os.getpid(), 1)
            _make_room(where, _GONE, 2)  # other versions may have had other figures
            (where / f"{os.getpid()}.role").write_text(role)
    except OSError as error:
        log.error("measured by this process alone: %s", type(error).__name__)
        _measure_alone()


def _make_room(where: Path, pid: int, times: int) -> None:
    for kind, size in _FILES.items():
        with open(where / f"{kind}_{pid}.db", "a+b") as file:
            os.posix_fallocate(file.fileno(), 0, size * times)


def _measure_alone() -> None:
    from prometheus_client import values

    os.environ.pop(_FOLDER, None)
    values.ValueClass = values.MutexValue


def folder() -> Path | None:
    """Where this process measures; None: alone."""
    shared = os.environ.get(_FOLDER)
    return Path(shared) if shared else None


@contextlib.contextmanager
def settled(where: Path) -> Iterator[list[Running]]:
    """While nobody moves a figure from one file to another: the processes that run."""
    with _locked(where):
        yield _fold(where)


def _fold(where: Path) -> list[Running]:
    """What ended processes counted is added to one file, so that nothing is lost and the files do not become more."""
    running: list[Running] = []
    gone: list[Path] = []
    for file in where.glob("*.role"):
        process = _alive(file)
        if process is None:
            gone.append(file)
        else:
            with contextlib.suppress(psutil.Error):
                running.append(Running(file.read_text(), process.memory_info().rss))
    alive = {int(file.stem) for file in where.glob("*.role") if file not in gone}
    for file in where.glob("*.db"):
        kind, _, pid = file.stem.rpartition("_")
        if pid.isdigit() and int(pid) not in alive | {_GONE}:
            _add_to_the_gone(where, kind, file)
    for file in gone:
        file.unlink(missing_ok=True)
    return running


def _add_to_the_gone(where: Path, kind: str, file: Path) -> None:
    """A gauge of a process that ended says nothing any more."""
    from prometheus_client.mmap_dict import MmapedDict

    if not kind.startswith("gauge"):
        total = MmapedDict(str(where / f"{kind}_{_GONE}.db"))
        added: dict[str, float] = defaultdict(float)
        for key, value, _, _ in MmapedDict.read_all_values_from_file(str(file)):
            added[key] += value
        for key, value in added.items():
            total.write_value(key, total.read_value(key)[0] + value, 0.0)
        total.close()
    file.unlink(missing_ok=True)


def _alive(marker: Path) -> psutil.Process | None:
    """The process that wrote it; a later one may have been given its number."""
    with contextlib.suppress(psutil.Error, OSError, ValueError):
        process = psutil.Process(int(marker.stem))
        if process.create_time() <= marker.stat().st_mtime + 1 and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None


@contextlib.contextmanager
def _locked(where: Path) -> Iterator[None]:
    with open(where / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
