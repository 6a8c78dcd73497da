"""How soon, and in how much memory, a long list becomes a campaign: beside a plain script, and beside the floor.

In one run and on the same invented file: ours (received, checked, stored, compared); a plain script (csv or openpyxl,
phonenumbers on every telephone, rows added by the ORM; nothing encrypted), on a tenth of the rows, its time taken ten
times; and the floor (read, encrypt, hash and COPY the same columns, in one process, with no check at all). Each in
processes of its own, whose memory is looked at together. The three are run one after the other, several times: what
counts is the median of the ratios.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import click

from drill.contenders import CONTENDERS, empty
from drill.long_list import write
from drill.memory import memory_of

PLACE = Path("var/drill-uploads")
PLAIN_GOAL, FLOOR_GOAL = 5.0, 2.5  # times as fast as the plain script, at least; times the floor's time, at most
PLAIN_PART = 10  # the plain script does one row in so many
_LOOK_EVERY_S = 0.2


@dataclass(frozen=True)
class Ran:
    """One run: seconds of the work itself, those of processor that its processes took (the database's not counted),
    and the most memory of them together, in MB."""

    seconds: float
    cpu: float
    peak_mb: float


def main() -> int:
    """Measures, prints a table, and returns 1 when a goal is missed."""
    told = argparse.ArgumentParser(prog="python -m drill.uploads", description=__doc__.splitlines()[0])
    told.add_argument("--rows", type=int, default=200_000)
    told.add_argument("--runs", type=int, default=3)
    told.add_argument("--kind", choices=("csv", "xlsx"), default="csv")
    told.add_argument("--only", choices=tuple(CONTENDERS), help=argparse.SUPPRESS)  # one contender, in this process
    told.add_argument("--database", help=argparse.SUPPRESS)
    asked = told.parse_args()
    path = PLACE / f"lista-{asked.rows}.{asked.kind}"
    if asked.only:
        seconds = CONTENDERS[asked.only](asked.database, path)
        taken = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        cpu = sum(each.ru_utime + each.ru_stime for each in taken)
        click.echo(json.dumps({"seconds": seconds, "cpu": cpu}))
        return 0
    return _compare(path, asked.rows, asked.runs, asked.kind)


def _compare(path: Path, rows: int, runs: int, kind: str) -> int:
    from core import migrate, postgres

    PLACE.mkdir(parents=True, exist_ok=True)
    tenth = PLACE / f"lista-{max(rows // PLAIN_PART, 1)}.{kind}"
    for each, count in ((path, rows), (tenth, max(rows // PLAIN_PART, 1))):
        if not each.exists():
            each.write_bytes(b"")
            write(each, count, kind)
    server = postgres.ensure_running(PLACE)
    url = postgres.create_database(server, f"uploads_{int(time.time())}")
    try:
        migrate.upgrade(url)
        found = [_round(url, path, tenth, kind) for _ in range(runs)]
    finally:
        postgres.stop(PLACE)
    return _tell(found, rows, path.stat().st_size)


def _round(url: str, path: Path, tenth: Path, kind: str) -> dict[str, Ran]:
    """The three, one right after the other, so that whatever else the machine does is alike for all."""
    ran = {}
    for name in CONTENDERS:
        file = tenth if name == "plain" else path
        empty(url)
        ran[name] = _run(name, url, file, kind)
        told = f"{ran[name].seconds:7.2f} s, {ran[name].cpu:7.2f} s de CPU, {ran[name].peak_mb:6.0f} MB"
        click.echo(f"{name:6} {file.name} {told}", err=True)
    return ran


def _tell(found: list[dict[str, Ran]], rows: int, size: int) -> int:
    plain = median(PLAIN_PART * ran["plain"].seconds / ran["ours"].seconds for ran in found)
    floor = median(ran["ours"].seconds / ran["floor"].seconds for ran in found)
    click.echo(f"\n{rows:,} filas, {size / 1e6:.0f} MB, mediana de {len(found)} rondas")
    for name, label in (
        ("ours", "Pregonero"),
        ("plain", "guion simple (1/10, por 10)"),
        ("floor", "piso, sin revisar"),
    ):
        seconds = median(ran[name].seconds for ran in found) * (PLAIN_PART if name == "plain" else 1)
        peak = max(ran[name].peak_mb for ran in found)
        click.echo(f"  {label:28} {seconds:8.1f} s {rows / seconds:10,.0f} filas/s {peak:6.0f} MB")
    click.echo(f"  {plain:.1f} veces el guion simple (meta: {PLAIN_GOAL:g} o más)")
    click.echo(f"  {floor:.2f} veces el tiempo del piso (meta: {FLOOR_GOAL:g} o menos)")
    return 0 if plain >= PLAIN_GOAL and floor <= FLOOR_GOAL else 1


def _run(name: str, url: str, path: Path, kind: str) -> Ran:
    rows = path.stem.rpartition("-")[2]
    command = [sys.executable, "-m", "drill.uploads", "--only", name, "--database", url, "--rows", rows, "--kind", kind]
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    peak = 0.0
    while child.poll() is None:
        peak = max(peak, memory_of(child.pid))
        time.sleep(_LOOK_EVERY_S)
    assert child.stdout
    told = child.stdout.read()
    if child.returncode:
        raise SystemExit(f"{name}: {child.returncode}")
    return Ran(peak_mb=peak, **json.loads(told))


if __name__ == "__main__":
    raise SystemExit(main())
