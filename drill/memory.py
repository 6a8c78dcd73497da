"""How much memory a process and those that it started take together."""

from pathlib import Path

import psutil


def memory_of(pid: int) -> float:
    """MB that a process and its children take; what several share is counted once."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    return sum(_share(each.pid) for each in family) / 1e3


def _share(pid: int) -> float:
    """KB, as the kernel divides shared pages among those that share them (Linux)."""
    try:
        rolled = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) for line in rolled.splitlines() if line.startswith("Pss:")), 0.0)
