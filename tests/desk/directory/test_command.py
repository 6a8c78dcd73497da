"""``pregonero directory import``: all of a file, or nothing and why."""

import pytest

import cli
from desk.directory import queries
from desk.directory.queries import Filter

KEYS = {name: "a key for tests alone, of no use elsewhere" for name in ("SECRET_KEY", "DATA_KEY")}
HEADING = "nombre;extension\n"


@pytest.fixture
def bring(db, monkeypatch, capsys, tmp_path):
    """Runs the command; answers (status, standard output, standard error)."""
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_URL", "BIND", "PUBLIC_URL", "LINES_DIR"):
        monkeypatch.delenv(name, raising=False)
    env = {"DATABASE_URL": db.url, "DATA_DIR": str(tmp_path / "var"), "CLOCK_START": "2026-11-23T10:00:00-06:00"}
    for name, value in {**env, **KEYS}.items():
        monkeypatch.setenv(name, value)

    def run(text: str, *options: str, line: str = "dgs") -> tuple[int, str, str]:
        path = tmp_path / "directorio.csv"
        path.write_text(text, "utf-8")
        capsys.readouterr()
        status = cli.run(["directory", "import", str(path), "--line", line, *options])
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


def test_a_good_file(bring, db):
    assert bring(HEADING + "Ana;1410\nEva;1420\n") == (0, "added 2 changed 0 unchanged 0 removed 0\n", "")
    done = bring(HEADING + "Ana;1499\n", "--whole", "--verified")
    assert done == (0, "added 0 changed 1 unchanged 0 removed 1\n", "")
    with db.begin() as tx:
        (ana,) = queries.found(tx, Filter("dgs"))
    assert (ana.extension, f"{ana.verified_on}") == ("1499", "2026-11-23")


def test_a_bad_row(bring, db):
    status, out, err = bring(HEADING + "Ana;1410\nEva;1\n")
    assert (status, out) == (1, "")
    assert err.splitlines()[0].startswith("fila 3, columna extension: ")
    assert err.splitlines()[-1] == "No se guardó nada."
    with db.begin() as tx:
        assert queries.count(tx, Filter()) == 0


def test_a_bad_file(bring):
    status, _, err = bring("apellido;extension\n")
    assert status == 1
    assert "nombre" in err


def test_an_unknown_line(bring):
    status, _, err = bring(HEADING + "Ana;1410\n", line="nadie")
    assert status == 64
    assert "dgs" in err
