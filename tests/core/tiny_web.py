"""The smallest web there can be: it says which process answers, or how long a turn takes beside a long page.

With a file's name after the address, it writes its pid there and is long in starting: until its parent is gone.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from core.processes.server import run_web


def create() -> Callable:
    def app(environ: dict, start_response: Callable) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        if environ["PATH_INFO"] == "/beside-a-long-page":
            return [str(turn_beside_a_long_page()).encode()]
        return [str(os.getpid()).encode()]

    return app


def turn_beside_a_long_page() -> float:
    """Seconds of twenty waits for a database that answers at once, while another thread does nothing but compute."""
    over = threading.Event()

    def compute() -> None:
        while not over.is_set():
            sum(range(200))

    page = threading.Thread(target=compute)
    page.start()
    began = time.perf_counter()
    for _ in range(20):
        time.sleep(0)
    took = time.perf_counter() - began
    over.set()
    page.join()
    return took


def create_slowly() -> Callable:
    main = os.getppid()
    Path(sys.argv[2]).write_text(str(os.getpid()))
    while os.getppid() == main:
        time.sleep(0.01)
    return create()


if __name__ == "__main__":
    slow = len(sys.argv) > 2
    run_web(f"tests.core.tiny_web:{'create_slowly' if slow else 'create'}", sys.argv[1], workers=1 if slow else 2)
