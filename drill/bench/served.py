"""Serves an app as the product serves its own: ``python -m drill.bench.served module:factory host:port workers``."""

import sys

from core.server import run_web

if __name__ == "__main__":
    run_web(sys.argv[1], sys.argv[2], int(sys.argv[3]))
