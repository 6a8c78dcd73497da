"""``pregonero backup`` and ``restore``: what they say, and with which status."""

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

import cli
from core import postgres
from core.database import Database

KEY = "a key for tests alone, of no use elsewhere"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def elsewhere(server_url: str) -> Iterator[str]:
    name = f"elsewhere_{os.getpid()}_{secrets.token_hex(3)}"
    yield postgres.create_database(server_url, name)
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def pregonero(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs the command on a database, with a key; answers (status, standard output, standard error)."""
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_URL", "BIND", "PUBLIC_URL", "LINES_DIR"):
        monkeypatch.delenv(name, raising=False)

    def run(url: str, *arguments: object, key: str = KEY) -> tuple[int, str, str]:
        for name, value in {"DATABASE_URL": url, "DATA_DIR": str(tmp_path / "var"), "DATA_KEY": key}.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        status = cli.run([str(each) for each in arguments])
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


def test_there_and_back(pregonero: Run, db: Database, elsewhere: str, tmp_path: Path) -> None:
    status, out, _ = pregonero(db.url, "backup", tmp_path / "copy")
    assert (status, "Sin DATA_KEY no se puede leer" in out) == (0, True)
    status, out, _ = pregonero(elsewhere, "restore", tmp_path / "copy")
    assert (status, "0 campañas en pausa" in out) == (0, True)


def test_a_mistake_is_one_sentence(pregonero: Run, db: Database, elsewhere: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    pregonero(db.url, "backup", copy)
    assert pregonero(db.url, "backup", copy) == (1, "", f"{copy} ya existe: elija otro nombre.\n")
    status, out, err = pregonero(elsewhere, "restore", copy, key="another key, with which nothing can be read")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert "otra DATA_KEY" in err
