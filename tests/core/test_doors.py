"""A socket that somebody else keeps open: taken once, by whom it was given to."""

import json
import subprocess
import sys
from pathlib import Path

from core.processes.doors import listening
from tests.ports import free_port

PROJECT = Path(__file__).resolve().parent.parent.parent
TELL = """
import json, os
from core.processes.doors import handed_over
door = handed_over()
print(json.dumps([door and door.getsockname()[1], handed_over() is None, "LISTEN_FDS" in os.environ]))
"""


def told(port: int, listen_pid: str) -> list:
    """What a process makes of the socket on its descriptor 3."""
    with listening(f"127.0.0.1:{port}") as door:
        fd = door.fileno()
        given = f'export LISTEN_PID={listen_pid} LISTEN_FDS=1; exec 3<&{fd}; exec "$0" -c "$1"'
        command = ["bash", "-c", given, sys.executable, TELL]
        done = subprocess.run(
            command, pass_fds=[fd], cwd=PROJECT, capture_output=True, text=True, timeout=60, check=True
        )
        return json.loads(done.stdout)


def test_systemds_socket_is_taken_once_and_no_child_hears_of_it() -> None:
    port = free_port()
    assert told(port, "$$") == [port, True, False]


def test_one_that_was_given_to_another_process_is_left_alone() -> None:
    assert told(free_port(), "1") == [None, True, False]
