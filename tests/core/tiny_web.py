"""The smallest web there can be: it says which process answers."""

import os
import sys
from collections.abc import Callable, Iterable

from core.server import run_web


def create() -> Callable:
    def app(environ: dict, start_response: Callable) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(os.getpid()).encode()]

    return app


if __name__ == "__main__":
    run_web("tests.core.tiny_web:create", sys.argv[1], workers=2)
