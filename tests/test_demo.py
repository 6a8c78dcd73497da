"""The demo as a newcomer runs it: to its end, twice, and with nothing personal left where it does not belong.

In the suite with a hundred people, each of whom has a fate; the shipped sample's five hundred with ``make whole``.
"""

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import psycopg
import pytest

from core import postgres
from demo.invent import citizen
from demo.run import PADRON, SAMPLE
from tests.ports import free_port
from tests.slow import IS_WHOLE

pytestmark = [pytest.mark.slow(15), pytest.mark.timeout(420)]

PEOPLE, GOOD = (500, 487) if IS_WHOLE else (100, 100)


@dataclass(frozen=True)
class Run:
    """What one run left behind."""

    folder: Path
    status: int
    out: str
    err: str

    @property
    def ledger(self) -> list[dict]:
        return [json.loads(line) for line in (self.folder / "carrier.jsonl").read_text("utf-8").splitlines()]

    @property
    def calls(self) -> int:
        return sum(entry["kind"] == "call" for entry in self.ledger)


def run_demo(folder: Path, *arguments: str) -> Run:
    shorter = () if IS_WHOLE else ("--contacts", str(PEOPLE))
    return pregonero(folder, "demo", "--exit", "--port", str(free_port() % 20_000 + 20_000), *shorter, *arguments)


def pregonero(folder: Path, *arguments: str, typed: str = "") -> Run:
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "TWILIO_ACCOUNT_SID")}
    env |= {"DATA_DIR": str(folder)} | ({} if IS_WHOLE else {"WEB_WORKERS": "1"})
    command = [sys.executable, "-m", "cli", *arguments]
    done = subprocess.run(command, env=env, input=typed, capture_output=True, text=True, timeout=400)
    return Run(folder, done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = Path("/tmp") / f"pregonero-demo-{os.getpid()}"
    try:
        yield run_demo(folder)
    finally:
        postgres.stop(folder)
        subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_it_does_the_main_job(first: Run) -> None:
    assert first.status == 0, first.err[-2000:]
    assert f"{GOOD} de {PEOPLE} personas se llamarán" in " ".join(first.err.split())
    assert "contacto_titular.dato_recolectado" in first.out
    if IS_WHOLE:
        assert re.search(r"Registro con error\W+no_marcable.registro_con_error\W+13\b", first.out)
    assert first.calls > PEOPLE * 7 // 5

    with (first.folder / "resultados_campana_1.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert len(rows) == PEOPLE
    assert all(row["tipificacion"] for row in rows)
    assert sum(int(row["intentos"]) for row in rows) == first.calls


def test_run_again_it_dials_nobody(first: Run) -> None:
    before = first.calls

    again = run_demo(first.folder)

    assert again.status == 0, again.err[-2000:]
    assert "no se marca a nadie" in again.err
    assert "abra tres ventanas" not in again.err  # with --exit nothing stays up to be looked at
    assert "contacto_titular.dato_recolectado" in again.out
    assert again.calls == before


def test_nothing_personal_is_in_the_log_or_an_address(first: Run) -> None:
    """Documents, dates of birth and whole telephones; what has under six digits only as a value or as spoken words."""
    secrets = personal_values()
    assert len(secrets) > 3000
    log = (first.folder / "service.log").read_text("utf-8", errors="replace")
    urls = "\n".join(entry["url"] for entry in first.ledger if entry["kind"] == "request")

    assert found(secrets, log) == []
    assert found(secrets, urls) == []
    assert not re.search(r"Digits|\"digits\"", log)
    assert "Traceback" not in log


def test_the_database_keeps_nothing_in_clear(first: Run) -> None:
    """What is at rest is sealed or hashed, the audit trail and what bytes say included."""
    secrets = personal_values()
    url = postgres.ensure_running(first.folder)
    with psycopg.connect(url) as connection:
        tables = [
            name
            for (name,) in connection.execute(
                "select tablename from pg_tables where schemaname = 'public' and tablename not in ('alembic_version')"
            )
        ]
        told = "\n".join(
            row[0] or "" for table in tables for row in connection.execute(f'select t::text from "{table}" t')
        )

    bytes_told = "\n".join(bytes_in(told))
    assert len(bytes_told) > (1_000_000 if IS_WHOLE else 500_000)
    assert found(secrets, told) == []
    assert found(secrets, bytes_told) == []


def test_starting_over_stops_before_what_somebody_else_brought(first: Run) -> None:
    """Last of all: from here on the database is not only the demo's."""
    before = first.calls
    user = ("user", "add", "ana@subsidios.example", "--role", "COORDINADOR")
    assert pregonero(first.folder, *user, typed="una frase que nadie sabe\n").status == 0

    postgres.stop(first.folder)

    refused = run_demo(first.folder, "--fresh")

    assert not postgres.is_running(first.folder)  # it started it, so it ended it

    assert (refused.status, refused.err.count("\n")) == (3, 1)
    assert "no son de la demostración" in refused.err
    assert pregonero(first.folder, "campaign", "status", "1").status == 0
    assert refused.calls == before


def test_the_leak_test_can_fail() -> None:
    document = min(value for value in personal_values() if re.fullmatch(r"\d{8}-\d", value))

    assert found(personal_values(), f"algo {document} algo") == [document]
    assert found(personal_values(), f'{{"algo":"x{re.sub("[^0-9A-Z]", "", document)}"}}') != []
    for encoding in ("utf-8", "utf-16-le"):
        row = f"(1,\\\\x{f'algo {document} algo'.encode(encoding).hex()},t)"
        assert found(personal_values(), "\n".join(bytes_in(row))) == [document]


def personal_values() -> set[str]:
    """Everything of the sample's people that must never be seen: in each form in which it might be written."""
    values: set[str] = set()
    with PADRON.open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file, delimiter=";"):
            values |= {row["documento"], row["documento"].replace("-", ""), row["nombre"], row["recibo"]}
            values |= forms_of_date(row["fecha_nacimiento"]) | forms_of_phone(row["telefono"])
    for number, born, phones in contacts() if IS_WHOLE else invented():
        values |= {number, re.sub(r"\W", "", number)} | forms_of_date(born)
        for phone in phones:
            values |= forms_of_phone(phone)
    return {value for value in values if len(value) >= 6}


def contacts() -> Iterator[tuple[str, str, list[str]]]:
    """The people of the sample Formato, as written: document, date of birth, telephones."""
    workbook = openpyxl.load_workbook(SAMPLE, read_only=True)
    headings, *rows = workbook["Contactos"].iter_rows(values_only=True)
    for row in rows:
        cells = {str(name).rstrip("*"): str(cell or "") for name, cell in zip(headings, row, strict=True)}
        yield cells["numero_documento"], cells["fecha_nacimiento"], [cells[f"telefono_{n}"] for n in (1, 2, 3)]
    workbook.close()


def invented() -> Iterator[tuple[str, str, list[str]]]:
    """The same of those who are called in the suite."""
    for each in map(citizen, range(PEOPLE)):
        yield each.document, f"{each.born:%d/%m/%Y}", list(each.phones)


def forms_of_date(written: str) -> set[str]:
    return {written, re.sub(r"\W", "", written)} if written else set()


def forms_of_phone(written: str) -> set[str]:
    digits = re.sub(r"\D", "", written)[-8:]
    return {digits, f"{digits[:4]}-{digits[4:]}"} if len(digits) == 8 else set()


def bytes_in(rows: str) -> Iterator[str]:
    """What the bytea values of rows cast to text say, by each encoding in which they might."""
    for run in re.findall(r"\\x((?:[0-9a-f]{2})+)", rows):
        raw = bytes.fromhex(run)
        yield raw.decode("latin-1")
        yield raw.decode("utf-8", errors="replace")
        yield raw.decode("utf-16-le", errors="replace")


def found(values: set[str], text: str) -> list[str]:
    """Which of them are in a text, as whole words.

    Digits between hexadecimal letters are no number: among the million digits of seals and call names chance alone
    writes somebody's telephone once in twenty runs. What bytes say is read by `bytes_in`.
    """
    words = set(re.findall(r"[\w/-]+", text)) | set(re.findall(r"(?<![0-9a-f])\d{6,}(?![0-9a-f])", text))
    tokens = words | {part for word in words for part in word.split("/")}
    names = [value for value in values if " " in value and value in text]
    return sorted([*(value for value in values if " " not in value and value in tokens), *names])
