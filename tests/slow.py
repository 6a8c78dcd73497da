"""The order of the tests: the longest are begun first, and not all of them by the same process.

Some have a short form for every day, and a long one for ``make whole``.
"""

import os
from collections.abc import Sequence
from itertools import groupby

import pytest

IS_WHOLE = bool(os.environ.get("WHOLE"))  #: whether each test is asked for in its long form


def begin_with_the_slow(items: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """``-n workers --dist worksteal`` cuts the list into equal runs, one a worker: each run begins with its share.

    Those marked ``slow`` stay together file by file, since they share what they start. ``slow(100)``: about how many
    seconds. ``slow(40, timed=True)``: it watches a clock, so it comes when those that fill the cores are over.
    """
    files = [list(each) for _, each in groupby((item for item in items if _seconds(item)), lambda item: item.path)]
    shares: list[list[pytest.Item]] = [[] for _ in range(max(workers, 1))]
    for file in sorted(files, key=_together, reverse=True):
        if not any(map(_is_timed, file)):
            min(shares, key=_together).extend(file)
    max(shares, key=_together).extend(item for file in files if any(map(_is_timed, file)) for item in file)
    quick = [item for item in items if not _seconds(item)]
    ordered: list[pytest.Item] = []
    for number, share in enumerate(shares):
        length = (len(items) - len(ordered)) // (len(shares) - number)
        taken = max(0, length - len(share))
        ordered += [*share, *quick[:taken]]
        del quick[:taken]
    return ordered + quick


def _together(items: Sequence[pytest.Item]) -> float:
    return sum(map(_seconds, items))


def _seconds(item: pytest.Item) -> float:
    marker = item.get_closest_marker("slow")
    return float(marker.args[0]) if marker else 0.0


def _is_timed(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("slow")
    return marker is not None and bool(marker.kwargs.get("timed"))
