"""Ports of loopback for the processes that a test starts."""

import secrets
import socket
from contextlib import suppress

_BELOW_THOSE_GIVEN_AWAY = range(15_000, 32_000)  # the system hands out higher ones, to whoever connects


def free_port() -> int:
    """One that nobody has, and that nobody is given by chance before it is used."""
    while True:
        port = secrets.choice(_BELOW_THOSE_GIVEN_AWAY)
        with socket.socket() as found, suppress(OSError):
            found.bind(("127.0.0.1", port))
            return port
