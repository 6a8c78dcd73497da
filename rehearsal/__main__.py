"""``python -m rehearsal NUMBER``: the process of one rehearsal. ``rehearsal.starting`` starts it, not people."""

import os
import signal
import sys
from types import FrameType

from core.logs import configure
from rehearsal.running import Rehearsal
from settings import SettingsError

_LAST = 10  # of 19: real calls come first, and whatever else the machine does


def _end(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)  # so that everything that is open is closed and taken away


def main() -> int:
    configure("rehearsal")
    os.nice(_LAST)  # for the processes that it starts, too
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    try:
        return Rehearsal(os.environ, int(sys.argv[1])).run()
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - for whoever started it by hand
        return 78


if __name__ == "__main__":
    sys.exit(main())
