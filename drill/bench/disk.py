"""How long the disk takes to keep a page: each answer of ours waits for one, and so does whatever stands beside it."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PAGE = b"\0" * 8192
_EVERY = 0.02  # seconds: little beside what the database writes


@contextmanager
def watched(folder: Path) -> Iterator[list[float]]:
    """Seconds of each page that was kept meanwhile, in the file system of ``folder``."""
    waits: list[float] = []
    is_over = threading.Event()
    path = folder / f"page-{os.getpid()}"

    def watch() -> None:
        file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            while not is_over.wait(_EVERY):
                os.pwrite(file, _PAGE, 0)
                began = time.perf_counter()
                os.fdatasync(file)
                waits.append(time.perf_counter() - began)
        finally:
            os.close(file)
            path.unlink()

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield waits
    finally:
        is_over.set()
        watching.join()
