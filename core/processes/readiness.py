"""How a process says that it can do its work: to the supervisor that started it, or to systemd (sd_notify(3))."""

import contextlib
import os
import socket

READY_ON = "PREGONERO_READY"  # in a child's environment: the descriptor to write to when it is ready
IS_UNDER_SYSTEMD = "NOTIFY_SOCKET"  # in the environment of a unit of Type=notify


def tell_ready() -> None:
    """Call it once, when nothing but work is missing. With nobody to tell it does nothing."""
    told = os.environ.pop(READY_ON, "")
    if not told:
        tell_systemd("READY=1")
        return
    with contextlib.suppress(OSError, ValueError):  # the supervisor is gone: then so are we, soon
        os.write(int(told), b"1")


def tell_systemd(state: str) -> None:
    """One message to systemd, as ``READY=1``; nothing where it did not start us."""
    address = os.environ.get(IS_UNDER_SYSTEMD, "")
    if not address:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        told.sendall(state.encode())
