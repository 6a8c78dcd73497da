"""How the processes of one host measure together: each writes into files of its own, and whoever is asked adds them up.

Call ``share`` before anything imports prometheus_client: it looks for the folder once, when it is imported.
"""

import contextlib
import fcntl
import json
import logging
import os
import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from core.logs import where as place

log = logging.getLogger(__name__)

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the library's own name for it
#: Bytes of each file, taken from the disk at once: to write into one that has no room left would end the process.
_FILES = {"counter": 1 << 16, "histogram": 1 << 18, "gauge_livesum": 1 << 16}
_MOST = max(_FILES.values())
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
    room, or whatever else goes wrong, it measures alone: what it does for people goes on."""
    where = folder()
    if where is None:
        return
    try:
        where.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(where):
            _fold(where)
            try:
                for kind in _FILES:
                    _make_room(where, kind, os.getpid())
                    _make_room(where, kind, _GONE)
                (where / f"{os.getpid()}.role").write_text(role)
            except OSError:
                _leave(where)
                raise
    except Exception as error:
        log.error("measured by this process alone: %s", place(error))
        _measure_alone()


def _make_room(where: Path, kind: str, pid: int) -> Path:
    """The file, with all the room that it will need. Raises OSError where there is none, and leaves no empty file."""
    path = where / f"{kind}_{pid}.db"
    room = _FILES.get(kind, _MOST) * (2 if pid == _GONE else 1)  # other versions may have had other figures
    with open(path, "a+b") as file:
        was_empty = os.fstat(file.fileno()).st_size == 0
        try:
            os.posix_fallocate(file.fileno(), 0, room)
        except OSError:
            if was_empty:
                path.unlink()
            raise
    return path


def _leave(where: Path) -> None:
    """Nothing of this process stays: nobody would know whose it is."""
    for path in (*where.glob(f"*_{os.getpid()}.db"), where / f"{os.getpid()}.role"):
        path.unlink(missing_ok=True)


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
        running = _fold(where)
        for file in where.glob("*.db"):
            _counted(file)  # none stays that whoever is asked could not read
        yield running


def _fold(where: Path) -> list[Running]:
    """What ended processes counted is added to one file, so that nothing is lost and the files do not become more."""
    running: list[Running] = []
    gone: list[Path] = []
    for file in where.glob("*.role"):
        process = _alive(file)
        if process is None:
            gone.append(file)
        else:
            with contextlib.suppress(psutil.Error, UnicodeDecodeError):
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
    """A gauge of a process that ended says nothing any more. Where the sums have no room the file stays, and is told
    and added up another time."""
    from prometheus_client.mmap_dict import MmapedDict

    counted = {} if kind.startswith("gauge") else _counted(file)
    if counted:
        _counted(where / f"{kind}_{_GONE}.db")  # sums that cannot be read begin anew
        try:
            sums = _make_room(where, kind, _GONE)
        except OSError as error:
            log.warning("%s is not added up yet: %s", file.name, place(error))
            return
        with contextlib.closing(MmapedDict(str(sums))) as total:
            for key, value in counted.items():
                total.write_value(key, total.read_value(key)[0] + value, 0.0)
    file.unlink(missing_ok=True)


def _counted(file: Path) -> dict[str, float]:
    """What it holds, by the library's keys. One that makes no sense (its disk was full, or lost its power) is dropped:
    nobody could tell any figure as long as it is there. Raises OSError where it is this process that cannot read."""
    try:
        return _read(file)
    except FileNotFoundError:
        return {}
    except (struct.error, ValueError, RuntimeError) as error:
        log.warning("%s cannot be read and is dropped: %s", file.name, type(error).__name__)
        file.unlink(missing_ok=True)
        return {}


def _read(file: Path) -> dict[str, float]:
    """Raises struct.error, ValueError or RuntimeError where it is not as the library writes it."""
    from prometheus_client.mmap_dict import MmapedDict

    counted: dict[str, float] = defaultdict(float)
    reached = 0
    for key, value, _, at in MmapedDict.read_all_values_from_file(str(file)):
        match json.loads(key):
            case [str(), str(), dict(), str()] if at > reached:  # a length below zero would lead back, without end
                counted[key] += value
                reached = at
            case _:
                raise ValueError("not a figure")
    return counted


def _alive(marker: Path) -> psutil.Process | None:
    """The process that wrote it; a later one may have been given its number. Raises OSError where nobody can be asked
    (no descriptor left): who runs must not be taken for gone."""
    with contextlib.suppress(psutil.Error, FileNotFoundError, ValueError):
        process = psutil.Process(int(marker.stem))
        if process.create_time() <= marker.stat().st_mtime + 1 and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None


@contextlib.contextmanager
def _locked(where: Path) -> Iterator[None]:
    with open(where / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
