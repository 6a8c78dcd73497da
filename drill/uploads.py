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
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import click
import psutil

from demo.invent import REQUEST, citizen

if TYPE_CHECKING:
    from core.privacy import Vault

PLACE = Path("var/drill-uploads")
PLAIN_GOAL, FLOOR_GOAL = 5.0, 2.5  # times as fast as the plain script, at least; times the floor's time, at most
PLAIN_PART = 10  # the plain script does one row in so many
_LOOK_EVERY_S = 0.2
_AT_ONCE = 2_000  # rows
_COLUMNS = (
    *("id_registro", "tipo_documento", "numero_documento", "primer_nombre", "primer_apellido"),
    *("fecha_nacimiento", "telefono_1", "telefono_2"),
)


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
    told.add_argument("--only", choices=tuple(_CONTENDERS), help=argparse.SUPPRESS)  # one contender, in this process
    told.add_argument("--database", help=argparse.SUPPRESS)
    asked = told.parse_args()
    path = PLACE / f"lista-{asked.rows}.{asked.kind}"
    if asked.only:
        seconds = _CONTENDERS[asked.only](asked.database, path)
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
            _write(each, count, kind)
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
    for name in _CONTENDERS:
        file = tenth if name == "plain" else path
        _empty(url)
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
        peak = max(peak, _memory_of(child.pid))
        time.sleep(_LOOK_EVERY_S)
    assert child.stdout
    told = child.stdout.read()
    if child.returncode:
        raise SystemExit(f"{name}: {child.returncode}")
    return Ran(peak_mb=peak, **json.loads(told))


def _memory_of(pid: int) -> float:
    """MB that a process and its children take; what several share is counted once."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    return sum(_share(each.pid) for each in family) / 1e3


def _share(pid: int) -> float:
    """KB, as the kernel divides shared pages among those that share them (Linux)."""
    try:
        rolled = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) for line in rolled.splitlines() if line.startswith("Pss:")), 0.0)


def _empty(url: str) -> None:
    import psycopg

    from core.database import libpq_url

    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        connection.execute("drop table if exists plain_person")
        connection.execute("truncate campaign, stored_file restart identity cascade")
        connection.execute("checkpoint")


def _write(path: Path, rows: int, kind: str) -> None:
    """An invented list: of each hundred rows one with a telephone that cannot be, of each five hundred one person named
    a second time."""
    if kind == "csv":
        with path.open("w", encoding="utf-8", newline="") as out:
            out.writelines(f"#{name};{value}\r\n" for name, value in _request(rows).items())
            out.write("\r\n" + ";".join(_COLUMNS) + "\r\n")
            out.writelines(";".join(cells) + "\r\n" for cells in _people(rows))
        return
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": False})
    request, people = book.add_worksheet("Solicitud"), book.add_worksheet("Contactos")
    request.write_row(0, 0, ["Campo", "Valor"])
    for number, pair in enumerate(_request(rows).items(), start=1):
        request.write_row(number, 0, pair)
    people.write_row(0, 0, _COLUMNS)
    for number, cells in enumerate(_people(rows), start=1):
        for column, cell in enumerate(cells):
            people.write_string(number, column, cell)
    book.close()


def _request(rows: int) -> dict[str, str]:
    return {**REQUEST, "cantidad_registros": str(rows)}


def _people(rows: int) -> Iterator[list[str]]:
    for number in range(rows):
        each = citizen(number - 1 if number % 500 == 499 else number)
        first = each.phones[0][:-1] if number % 100 == 50 else each.phones[0]
        second = each.phones[1] if len(each.phones) > 1 else ""
        born = f"{each.born:%d/%m/%Y}"
        yield [f"R-{number:07}", "DUI", each.document, each.name, each.surname, born, first, second]


def _ours(url: str, path: Path) -> float:
    """Received and imported, as the web and the worker do."""
    from datetime import datetime

    import app  # noqa: F401 - a worker has it all in memory
    from campaigns.campaign_line import CampaignLine
    from campaigns.importing import import_campaign
    from campaigns.receiving import receive
    from campaigns.states import CampaignState
    from campaigns.upload.lines_known import LineKnown
    from core.clock import FixedClock
    from core.database import Database
    from core.privacy import Vault

    db, vault = Database(url), Vault(_KEY)
    clock = FixedClock(datetime.fromisoformat("2026-11-23T10:00:00-06:00"))
    known = LineKnown("dgs", "SV", REQUEST["entidad"], frozenset({"+50322373333"}))
    lines = [CampaignLine(known, "+50322373333", "Gracias.", "Solo para este aviso.")]
    begun = time.perf_counter()
    number = receive(db, vault, clock, lines, "drill", path.name, path.read_bytes(), by_job=False)
    received = time.perf_counter()
    state = import_campaign(db, vault, clock, lines, number)
    ended = time.perf_counter()
    click.echo(f"       recibir {received - begun:.2f} s, importar {ended - received:.2f} s", err=True)
    if state != CampaignState.UNDER_REVIEW:
        raise SystemExit(f"the list was to be good: {state}")
    return ended - begun


def _floor(url: str, path: Path) -> float:
    """Read, encrypt, hash and COPY the columns that ours fills, with no check: by the quickest means that ours has."""
    import psycopg

    from campaigns.upload import packing
    from campaigns.upload.packed_people import PEOPLE
    from core.database import libpq_url
    from core.privacy import Vault

    vault = Vault(_KEY)
    with psycopg.connect(libpq_url(url)) as connection:
        connection.execute("set session_replication_role = replica")
        campaign_id = connection.execute(_A_CAMPAIGN).fetchone()[0]  # type: ignore[index]
        begun = time.perf_counter()
        rows, number = _rows(path), 1
        with connection.cursor().copy(PEOPLE) as copy:
            copy.write(packing.HEADER)
            while some := list(islice(rows, _AT_ONCE)):
                copy.write(b"".join(_unchecked(vault, campaign_id, number, some)))
                number += len(some)
            copy.write(packing.TRAILER)
        connection.commit()
        return time.perf_counter() - begun


def _unchecked(vault: "Vault", campaign_id: int, first: int, rows: list[list[str]]) -> list[bytes]:
    from json.encoder import encode_basestring as quoted

    from campaigns.upload import packing
    from campaigns.upload.packed_people import PHONES, TO_BE_DIALLED, packed_person

    numbers = range(first, first + len(rows))
    kept = vault.seal_each([f'{{"cells":[{",".join(map(quoted, cells))}]}}' for cells in rows])
    prints = vault.fingerprint_each("document", [cells[2] for cells in rows])
    answers = packing.print_arrays(
        [
            vault.fingerprint_each(
                "answer", [f"{number}:{cells[n]}" for number, cells in zip(numbers, rows, strict=True)]
            )
            for n in (2, 5)
        ]
    )
    last = (PHONES[1], TO_BE_DIALLED, packing.NULL + packing.NULL)  # phones, outcome and is_final, zone and preferred
    return [
        packed_person(campaign_id, number, print_, sealed, last[0], prints_, *last[1:])
        for number, print_, sealed, prints_ in zip(numbers, prints, kept, answers, strict=True)
    ]


def _plain(url: str, path: Path) -> float:
    """As most would write it."""
    import phonenumbers
    from sqlalchemy import create_engine
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

    from core.database import sqlalchemy_url

    class Base(DeclarativeBase):
        pass

    class Person(Base):
        __tablename__ = "plain_person"
        id: Mapped[int] = mapped_column(primary_key=True)
        record: Mapped[str]
        kind: Mapped[str]
        document: Mapped[str] = mapped_column(index=True)
        name: Mapped[str]
        surname: Mapped[str]
        born: Mapped[str]
        phone_1: Mapped[str | None]
        phone_2: Mapped[str | None]

    def phone(written: str) -> str | None:
        if not written:
            return None
        number = phonenumbers.parse(written, "SV")
        if not phonenumbers.is_valid_number(number):
            return None
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    engine = create_engine(sqlalchemy_url(url))
    Base.metadata.create_all(engine)
    begun = time.perf_counter()
    with Session(engine) as session:
        for number, cells in enumerate(_rows_plainly(path), start=1):
            record, kind, document, name, surname, born, first, second = cells
            told = {"record": record, "kind": kind, "document": document, "name": name, "surname": surname}
            session.add(Person(**told, born=born, phone_1=phone(first), phone_2=phone(second)))
            if number % 1_000 == 0:
                session.commit()
        session.commit()
    return time.perf_counter() - begun


def _rows(path: Path) -> Iterator[list[str]]:
    """The people of the list, as fast as they can be read."""
    import csv

    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file, delimiter=";")
            next(row for row in rows if row and row[0] == _COLUMNS[0])
            yield from rows
        return
    from python_calamine import CalamineWorkbook

    people = CalamineWorkbook.from_path(path).get_sheet_by_name("Contactos").iter_rows()
    next(people)
    yield from ([str(cell) for cell in cells] for cells in people)


def _rows_plainly(path: Path) -> Iterator[list[str]]:
    import csv

    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            lines = (line for line in file if not line.startswith("#") and line.strip())
            for row in csv.DictReader(lines, delimiter=";"):
                yield [row[name] for name in _COLUMNS]
        return
    import openpyxl

    sheet = openpyxl.load_workbook(path, read_only=True)["Contactos"]
    for cells in sheet.iter_rows(min_row=2, values_only=True):
        yield [str(cell or "") for cell in cells]


_KEY = "the drill's own key, of no use elsewhere"
_A_CAMPAIGN = """
insert into campaign (state, name, area, kind, mode, line, country, caller_id, request_sealed, headings, delimiter,
  filename, file_id, sha256, starts_at, ends_on, max_attempts, priority, is_sensitive, is_urgent, recipients,
  submitted_at, submitted_by)
values ('submitted', '', '', '', '', '', '', '', '', '[]', ';', '', 0, '', now(), now(), 1, 1, false, false, 0,
  now(), '') returning id
"""
_CONTENDERS = {"ours": _ours, "floor": _floor, "plain": _plain}


if __name__ == "__main__":
    raise SystemExit(main())
