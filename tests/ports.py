"""Ports of loopback for the processes that a test starts."""

import os
import secrets
import socket
from contextlib import suppress

_BELOW_THOSE_GIVEN_AWAY = range(15_000, 32_000)  # the system hands out higher ones, to whoever connects
_WORKERS = 16  #: each worker of a run has its own part: what one has stopped for a moment, another must not take

_given: set[int] = set()


def free_port() -> int:
    """One that nobody has, that nobody is given by chance before it is used, and that this run gives once."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
    while True:
        port = secrets.choice(_BELOW_THOSE_GIVEN_AWAY[worker::_WORKERS])
        if port in _given:
            continue
        with socket.socket() as found, suppress(OSError):
            found.bind(("127.0.0.1", port))
            _given.add(port)
            return port
