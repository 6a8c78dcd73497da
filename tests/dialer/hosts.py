"""Two hosts on one machine: each a network namespace with a wire to the database and one to the carrier.

Where namespaces are not to be had (no root, no ``ip``), processes on loopback addresses of their own.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from core.database import libpq_url
from tests.ports import free_port
from tests.service import wait_for


class Relay:
    """A way to the database by TCP, wherever it listens."""

    def __init__(self, database_url: str, address: str) -> None:
        told = conninfo_to_dict(libpq_url(database_url))
        to = (str(told.get("host") or "127.0.0.1"), str(told.get("port") or 5432))
        port = free_port()
        argv = [sys.executable, "-m", "tests.dialer.relay", address, str(port), *to]
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
        who = f"{told['user']}:{told['password']}" if told.get("password") else str(told["user"])
        self.url = f"postgresql://{who}@{{host}}:{port}/{told['dbname']}"
        near = "127.0.0.1" if address == "0.0.0.0" else address  # noqa: S104
        wait_for(lambda: _answers(near, port), 30, "the way to the database")

    def close(self) -> None:
        self.process.kill()
        self.process.wait(10)


def _answers(address: str, port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex((address, port)) == 0


class Host:
    """Where a dialer runs. ``to_database``, ``to_carrier``: the addresses at which it finds them."""

    def __init__(self, number: int, database_url: str, namespace: str | None) -> None:
        self.number, self._namespace = number, namespace
        here = "0.0.0.0" if namespace else f"127.0.0.{10 + number}"  # noqa: S104  on wires of this machine alone
        self._relay = Relay(database_url, here)
        at = f"10.213.{number}.1" if namespace else here
        self.to_database = self._relay.url.format(host=at)
        self.to_carrier = f"10.214.{number}.1" if namespace else "127.0.0.1"

    def start(self, log: Path, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        inside = ["ip", "netns", "exec", self._namespace] if self._namespace else []
        with log.open("ab") as file:
            argv = [*inside, sys.executable, "-m", module, *arguments]
            return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=file, stderr=file)

    def cut_off_from_the_database(self) -> None:
        if self._namespace:
            _ip("link", "set", f"{self._namespace}d", "down")
        else:
            self._relay.process.send_signal(signal.SIGSTOP)

    def close(self) -> None:
        self._relay.close()


@contextmanager
def two_hosts(database_url: str) -> Iterator[tuple[Host, Host, str]]:
    """Both, and what they are, for whoever reads the test's output."""
    with ExitStack() as to_be_undone:
        spaces = [_namespace(number, to_be_undone) for number in (1, 2)] if _can_have_namespaces() else [None, None]
        one, other = (Host(number, database_url, space) for number, space in enumerate(spaces, 1))
        to_be_undone.callback(one.close)
        to_be_undone.callback(other.close)
        yield one, other, "two network namespaces" if spaces[0] else "two processes on loopback addresses"


def _can_have_namespaces() -> bool:
    if os.geteuid() != 0 or not shutil.which("ip"):
        return False
    name = f"pg{secrets.token_hex(3)}"
    made = _tried("netns", "add", name) and _tried("link", "add", name, "type", "veth", "peer", "name", f"{name}p")
    _tried("link", "del", name)
    _tried("netns", "del", name)
    return made


def _namespace(number: int, to_be_undone: ExitStack) -> str:
    """A wire ``…d`` to the database, 10.213.N, and one ``…c`` to the carrier, 10.214.N: ours end in .1."""
    name = f"pg{secrets.token_hex(3)}"
    _ip("netns", "add", name)
    to_be_undone.callback(_tried, "netns", "del", name)
    for wire, net in (("d", 213), ("c", 214)):
        _ip("link", "add", name + wire, "type", "veth", "peer", "name", wire + "0", "netns", name)
        to_be_undone.callback(_tried, "link", "del", name + wire)
        _ip("addr", "add", f"10.{net}.{number}.1/24", "dev", name + wire)
        _ip("link", "set", name + wire, "up")
        _ip("-n", name, "addr", "add", f"10.{net}.{number}.2/24", "dev", wire + "0")
        _ip("-n", name, "link", "set", wire + "0", "up")
    return name


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def _tried(*arguments: str) -> bool:
    return subprocess.run(["ip", *arguments], check=False, capture_output=True).returncode == 0
