"""The command on the test's database, and a file for it."""

from pathlib import Path

import pytest

import cli
from demo.invent import citizen, formato

KEYS = {
    "SECRET_KEY": "a key for tests alone, of no use elsewhere",
    "DATA_KEY": "a key for tests alone, of no use elsewhere",
}
START = "2026-11-23T10:00:00-06:00"


@pytest.fixture
def pregonero(db, monkeypatch, capsys, tmp_path):
    """Runs the command on the test's database; answers (status, standard output, standard error)."""
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_URL", "BIND", "PUBLIC_URL", "LINES_DIR"):
        monkeypatch.delenv(name, raising=False)
    env = {"DATABASE_URL": db.url, "DATA_DIR": str(tmp_path / "var"), "CLOCK_START": START, **KEYS}
    for name, value in env.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        status = cli.run([str(each) for each in arguments])
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return status, told.out, told.err

    return run


@pytest.fixture
def upload(tmp_path):
    """A file with a Formato of invented people."""

    def made(people: int = 3, name: str = "lista.csv", **fields: str) -> Path:
        path = tmp_path / name
        path.write_bytes(formato([citizen(n) for n in range(people)], **fields))
        return path

    return made
