"""The demo as a newcomer runs it: to its end, twice, and with nothing personal left where it does not belong."""

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from core import postgres
from demo.run import PADRON
from tests.service import free_port

pytestmark = pytest.mark.timeout(420)


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
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "TWILIO_ACCOUNT_SID")}
    command = [sys.executable, "-m", "cli", "demo", "--exit", "--port", str(free_port() % 20_000 + 20_000), *arguments]
    done = subprocess.run(command, env={**env, "DATA_DIR": str(folder)}, capture_output=True, text=True, timeout=400)
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
    assert "487 de 500 personas se llamarán" in " ".join(first.err.split())
    assert "contacto_titular.dato_recolectado" in first.out
    assert re.search(r"Registro con error\W+no_marcable.registro_con_error\W+13\b", first.out)
    assert first.calls > 700

    with (first.folder / "resultados_campana_1.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert len(rows) == 500
    assert all(row["tipificacion"] for row in rows)
    assert sum(int(row["intentos"]) for row in rows) == first.calls


def test_run_again_it_dials_nobody(first: Run) -> None:
    before = first.calls

    again = run_demo(first.folder)

    assert again.status == 0, again.err[-2000:]
    assert "no se marca a nadie" in again.err
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
    """What is at rest is sealed or hashed, the audit trail included."""
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

    assert found(secrets, told) == []


def test_the_leak_test_can_fail() -> None:
    document = next(iter(personal_values()))

    assert found(personal_values(), f"algo {document} algo") == [document]


def personal_values() -> set[str]:
    """Everything of the sample's people that must never be seen: in each form in which it might be written."""
    values: set[str] = set()
    with PADRON.open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file, delimiter=";"):
            day, month, year = row["fecha_nacimiento"].split("/")
            digits = row["documento"].replace("-", "")
            phone = re.sub(r"\D", "", row["telefono"])[-8:]
            values |= {row["documento"], digits, f"{day}{month}{year}", phone, f"{phone[:4]}-{phone[4:]}"}
            values |= {row["fecha_nacimiento"], row["nombre"]} if row["nombre"] else set()
    return {value for value in values if len(value) >= 6}


def found(values: set[str], text: str) -> list[str]:
    """Which of them are in a text, as whole words."""
    words = set(re.findall(r"[\w/-]+", text)) | set(re.findall(r"\d{6,}", text))
    tokens = words | {part for word in words for part in word.split("/")}
    names = [value for value in values if " " in value and value in text]
    return sorted([*(value for value in values if " " not in value and value in tokens), *names])
