"""The service's doors: sockets that outlive whoever answers at them, so that nobody is refused during a restart."""

import os
import socket

LISTENS_ON = "PREGONERO_SOCKET"  # in a child's environment: the descriptor of the socket that was opened for it
BACKLOG = 1024  # connections that wait in the kernel while nobody takes them
_FIRST_OF_SYSTEMD = 3  # sd_listen_fds(3)


def listening(bind: str) -> socket.socket:
    """A socket that listens on ``address:port``. Raises OSError where somebody has it already."""
    address, _, port = bind.rpartition(":")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address.strip("[]"), int(port)), family=family, backlog=BACKLOG)


def handed_over() -> socket.socket | None:
    """The socket that systemd opened for this process and keeps open (``pregonero-web.socket``); None without one.

    It is taken once: a child must not take it for its own.
    """
    given = {name: os.environ.pop(f"LISTEN_{name}", "") for name in ("PID", "FDS", "FDNAMES")}
    if given["PID"] != str(os.getpid()) or given["FDS"] != "1":
        return None
    os.set_inheritable(_FIRST_OF_SYSTEMD, False)
    return socket.socket(fileno=_FIRST_OF_SYSTEMD)
