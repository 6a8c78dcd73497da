"""The smallest web there can be: it says which process answers.

With a file's name after the address, it writes its pid there and is long in starting: until its parent is gone.
"""

import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from core.server import run_web


def create() -> Callable:
    def app(environ: dict, start_response: Callable) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(os.getpid()).encode()]

    return app


def create_slowly() -> Callable:
    main = os.getppid()
    Path(sys.argv[2]).write_text(str(os.getpid()))
    while os.getppid() == main:
        time.sleep(0.01)
    return create()


if __name__ == "__main__":
    slow = len(sys.argv) > 2
    run_web(f"tests.core.tiny_web:{'create_slowly' if slow else 'create'}", sys.argv[1], workers=1 if slow else 2)
