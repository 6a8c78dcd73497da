"""A dialer that dies, hangs or is cut off from the database: another host has its trunk within five seconds.

Two hosts in network namespaces where they can be had; the carrier's ledger is the judge.
"""

import json
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from campaigns.tables import attempt, lease
from core.database import Database
from tests.campaigns.builders import running
from tests.dialer.hosts import Host, two_hosts
from tests.ports import free_port
from tests.service import wait_for

KEY = "a key for tests alone, of no use elsewhere"
WITHIN = 5.0  # seconds


@dataclass(frozen=True)
class Asked:
    """A call in the carrier's ledger."""

    attempt: int
    at: datetime


class Pair:
    """Two hosts with a dialer each, and the carrier that both ask."""

    def __init__(self, db: Database, folder: Path, hosts: tuple[Host, Host], ledger: Path, port: int) -> None:
        self.db, self._folder, self._hosts, self._ledger, self._port = db, folder, hosts, ledger, port
        self.dialers: list[subprocess.Popen] = []

    def start(self, now: datetime) -> None:
        """The first one has the trunk before the second one begins."""
        for host in self._hosts:
            carrier = f"http://{host.to_carrier}:{self._port}"
            where = (host.to_database, carrier, KEY, now.isoformat())
            self.dialers.append(host.start(self.log(host.number), "tests.dialer.standby_host", *where))
            wait_for(lambda: self.asked(), 60, f"the first call\n{self.log(host.number).read_text()}")
        wait_for(lambda: "dialer stands by" in self.log(2).read_text(), 60, "the standby")

    def log(self, number: int) -> Path:
        return self._folder / f"dialer{number}.log"

    def asked(self) -> list[Asked]:
        found = []
        for line in self._ledger.read_text().splitlines():
            entry = json.loads(line)
            if entry["kind"] == "call":
                (told,) = re.findall(r"attempt=(\d+)", entry["plan"]["url"])
                found.append(Asked(int(told), datetime.fromisoformat(entry["created_at"])))
        return found

    def epoch(self) -> int:
        with self.db.begin() as tx:
            return tx.execute(select(lease.c.epoch)).scalar_one()

    def epochs(self) -> dict[int, int]:
        """Of each attempt that was asked for."""
        with self.db.begin() as tx:
            rows = tx.execute(select(attempt.c.id, attempt.c.epoch).where(attempt.c.epoch.is_not(None)))
            return {row.id: row.epoch for row in rows}


@contextmanager
def a_carrier(folder: Path, address: str, port: int) -> Iterator[Path]:
    """The local carrier as a process; its ledger."""
    ledger = folder / "carrier.jsonl"
    told = f"CarrierConfig(bind='{address}:{port}', ledger_path=Path('{ledger}'))"
    code = "from pathlib import Path; from carrier.local.config import CarrierConfig; "
    code += f"from carrier.local.server import run_carrier; run_carrier({told})"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(ledger.exists, 60, "the carrier")
        yield ledger
    finally:
        process.kill()
        process.wait(10)


@pytest.fixture
def pair(db: Database, database_url: str, tmp_path: Path) -> Iterator[Pair]:
    port = free_port()
    with two_hosts(database_url) as (one, other, what):
        sys.stdout.write(f"\n{what}\n")
        address = "0.0.0.0" if "namespaces" in what else "127.0.0.1"  # noqa: S104  on wires of this machine alone
        with a_carrier(tmp_path, address, port) as ledger:
            made = Pair(db, tmp_path, (one, other), ledger, port)
            try:
                yield made
            finally:
                for process in made.dialers:
                    process.kill()
                    process.wait(10)


def kill(pair: Pair, _: Host) -> None:
    pair.dialers[0].kill()


def freeze(pair: Pair, _: Host) -> None:
    pair.dialers[0].send_signal(signal.SIGSTOP)


def cut_off(_: Pair, host: Host) -> None:
    host.cut_off_from_the_database()


@pytest.mark.slow(30, timed=True)
@pytest.mark.timeout(240)
@pytest.mark.parametrize("fault", [kill, freeze, cut_off])
def test_another_host_goes_on_within_five_seconds(db, vault, clock, pair, fault: Callable[[Pair, Host], None]):
    running(db, vault, clock, 600)
    pair.start(clock.now())
    wait_for(lambda: len(pair.asked()) > 20, 60, "calls one after another")
    first_epoch, before = pair.epoch(), len(pair.asked())
    broke = datetime.now(UTC)
    fault(pair, pair._hosts[0])
    wait_for(lambda: pair.epoch() > first_epoch, 20, "another holder")
    wait_for(lambda: len(pair.asked()) > before + 20, 20, "more calls")

    if fault is freeze:  # it wakes up, and finds that the trunk is another's
        pair.dialers[0].send_signal(signal.SIGCONT)
    if fault is not kill:
        time.sleep(3)  # in which it would ask, as it did before several times a second
    asked, epochs = pair.asked(), pair.epochs()
    of_the_second = [each for each in asked if epochs[each.attempt] > first_epoch]
    waited = (of_the_second[0].at - broke).total_seconds()
    sys.stdout.write(f"{fault.__name__}: the first call of the other host {waited:.1f} s after\n")
    assert waited <= WITHIN
    assert [each for each, times in Counter(each.attempt for each in asked).items() if times > 1] == []
    late = [each for each in asked if each.at > of_the_second[0].at and epochs[each.attempt] == first_epoch]
    assert late == [], "whoever lost the trunk asks for nothing more"
    assert pair.epoch() == first_epoch + 1, "and does not take it back"
