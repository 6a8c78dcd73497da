"""The order of the tests: the longest are begun first, and not all of them by the same process."""

from collections.abc import Sequence
from itertools import groupby

import pytest

_A_MINUTE = 60.0


def begin_with_the_slow(items: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """``-n workers --dist worksteal`` cuts the list into equal runs, one a worker: each run begins with its share.

    Those marked ``slow`` stay together file by file, since they share what they start. ``slow(100)``: about how many
    seconds, a minute where nothing is said.
    """
    files = [list(each) for _, each in groupby((item for item in items if _seconds(item)), lambda item: item.path)]
    shares: list[list[pytest.Item]] = [[] for _ in range(max(workers, 1))]
    for file in sorted(files, key=lambda each: -sum(map(_seconds, each))):
        min(shares, key=lambda share: sum(map(_seconds, share))).extend(file)
    quick = [item for item in items if not _seconds(item)]
    ordered: list[pytest.Item] = []
    for number, share in enumerate(shares):
        length = (len(items) - len(ordered)) // (len(shares) - number)
        taken = max(0, length - len(share))
        ordered += [*share, *quick[:taken]]
        del quick[:taken]
    return ordered + quick


def _seconds(item: pytest.Item) -> float:
    marker = item.get_closest_marker("slow")
    return 0.0 if marker is None else float(marker.args[0]) if marker.args else _A_MINUTE
