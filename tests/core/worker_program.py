"""A worker with tasks of the tests' own, as its process runs it: DATABASE_URL, then the file to write to."""

import sys
import threading
import time
from pathlib import Path

from core.database import Database
from core.jobs import app, defer
from core.processes.worker import run_worker

TOGETHER = 6
_meeting = threading.Barrier(TOGETHER, timeout=5)


def register() -> None:
    @app.task(name="test.note")
    def note(text: str) -> None:
        with open(sys.argv[2], "a") as notes:
            print(text, file=notes)

    @app.task(name="test.meet")
    def meet(text: str) -> None:
        _meeting.wait()  # fails unless all of them run at once
        note(text=text)

    @app.task(name="test.lead")
    def lead(text: str) -> None:
        database = Database(sys.argv[1], 1)
        with database.begin() as tx:
            defer(tx, "test.note", text=text)
        database.close()

    @app.task(name="test.slow")
    def slow(text: str) -> None:
        note(text="started")
        time.sleep(0.5)
        note(text=text)


if __name__ == "__main__":
    Path(sys.argv[2]).touch()
    sys.exit(run_worker(sys.argv[1], register, concurrency=TOGETHER))
