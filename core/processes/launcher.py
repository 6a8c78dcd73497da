"""Begins a child of ours that ends when its parent does.

Run as a script before the child's own command, so it imports nothing but the standard library.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

_SET_PARENT_DEATH_SIGNAL = 1  # prctl(2)


def die_with_parent(expected_parent: int, send: signal.Signals = signal.SIGTERM) -> None:
    """Asks the kernel to signal this process when its parent dies; leaves at once if it already has. (stack.md §5)

    ``expected_parent``: the parent's pid. The flag outlives exec, and is not inherited by children.
    """
    if ctypes.CDLL(None, use_errno=True).prctl(_SET_PARENT_DEATH_SIGNAL, int(send), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != expected_parent:  # it died before the flag was set
        sys.exit("the parent process is gone")


def launched(argv: Sequence[str]) -> list[str]:
    """The command that begins ``argv`` as a child of this process. Spawn it from the main thread: the kernel ties a
    child to the thread that forked."""
    return [sys.executable, "-I", "-S", os.path.abspath(__file__), str(os.getpid()), *argv]


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
