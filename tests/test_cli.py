"""The command: what it prints, where, and with which status. Others script against it."""

import pytest
from sqlalchemy import select

from beneficiaries.tables import beneficiary
from campaigns.tables import campaign
from core import postgres
from core.privacy import Vault
from tests.beneficiaries.builders import ANA_ROW, LUIS_ROW, csv
from tests.command import KEYS, pregonero, upload
from tests.ivr.test_line import SMALL

__all__ = ["pregonero", "upload"]  # fixtures


@pytest.fixture
def lines_dir(tmp_path, monkeypatch):
    """A directory of lines of an institution's own, with one file."""
    (tmp_path / "lines").mkdir()
    monkeypatch.setenv("LINES_DIR", str(tmp_path / "lines"))

    def made(text: str) -> None:
        (tmp_path / "lines" / "agua.toml").write_text(text, "utf-8")

    return made


def test_lines_check_finds_nothing_in_those_that_ship(pregonero) -> None:
    status, out, err = pregonero("lines", "check", "issemym")

    assert (status, err) == (0, "")
    assert "Trámites" in out and "grupo linea_atencion" in out and "Línea 131" not in out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SMALL, ""),
        (SMALL.replace("root.menu", "agua.nada"), "agua.toml: agua.nada: no está en el catálogo"),
        (SMALL.replace('"persona"', '"nada"'), "agua.toml, línea 12: en el menú root, la tecla 1 no lleva a nada"),
        (SMALL.replace("9 =", "9 = 9"), "agua.toml, línea 12: no es TOML válido"),
    ],
)
def test_lines_check_tells_what_is_wrong_in_a_file_of_ones_own(pregonero, lines_dir, text: str, told: str) -> None:
    lines_dir(text.replace("1 =", '2 = "pin.choose", 0 = "persona", 1 ='))

    status, _, err = pregonero("lines", "check", "agua")

    assert (status, told in err) == (1 if told else 0, True)


def test_lines_check_asks_the_desk_for_the_skills(pregonero) -> None:
    status, _, err = pregonero("lines", "check", "ciudadana", "--operators")

    assert status == 1
    assert "ciudadana.toml: cola juridica: ningún operador tiene JURIDICA" in err


def test_there_is_no_such_line(pregonero) -> None:
    status, _, err = pregonero("lines", "check", "nada")

    assert (status, "Hay: dgs," in err) == (4, True)


def test_a_padron(pregonero, tmp_path, db):
    path = tmp_path / "padron.csv"
    path.write_bytes(csv(ANA_ROW, LUIS_ROW))
    assert pregonero("beneficiaries", "import", path) == (0, "inserted 2 updated 0 rejected 0\n", "")
    path.write_bytes(csv(ANA_ROW, "1;X;Y;Z;"))
    status, out, err = pregonero("beneficiaries", "import", path)
    assert (status, out) == (2, "inserted 0 updated 1 rejected 1\n")
    assert err.startswith("fila 3: ")
    assert err.count("\n") == 1
    with db.begin() as tx:
        sealed = tx.execute(select(beneficiary.c.name_sealed)).scalars().all()
    assert {Vault(KEYS["DATA_KEY"]).open(each) for each in sealed} == {"Ana María Rivas", "Luis Peña"}


def test_a_padron_that_cannot_be_read(pregonero, tmp_path):
    path = tmp_path / "padron.csv"
    path.write_bytes(b"")
    status, out, err = pregonero("beneficiaries", "import", path)
    assert (status, out, err.count("\n")) == (1, "", 1)


def test_migrate_says_nothing_when_all_is_well(pregonero):
    assert pregonero("migrate") == (0, "", "")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["campaign"],
        ["campaign", "submit"],
        ["campaign", "submit", "/no/such/file.csv"],
        ["campaign", "submit", "/tmp"],
        ["campaign", "status"],
        ["campaign", "status", "uno"],
        ["campaign", "status", str(10**20)],
        ["campaign", "approve", "1", "--soon"],
        ["campaign", "results", "1"],
        ["beneficiaries", "import"],
        ["serve", "--role", "king"],
        ["demo", "--contacts", "0"],
        ["user", "add", "ana@subsidios.example"],
        ["user", "disable"],
    ],
)
def test_wrong_usage(pregonero, arguments):
    status, out, err = pregonero(*arguments)
    assert (status, out) == (64, "")
    assert err


@pytest.mark.parametrize("arguments", [["--help"], ["campaign", "--help"], ["campaign", "submit", "-h"]])
def test_help_is_no_fault(pregonero, arguments):
    status, out, err = pregonero(*arguments)
    assert (status, err) == (0, "")
    assert "Usage" in out


@pytest.mark.parametrize(
    "command", [["migrate"], ["campaign", "status", "1"], ["campaign", "cancel", "1"], ["campaign", "approve", "1"]]
)
def test_a_database_that_cannot_be_reached(pregonero, monkeypatch, command):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:secreto@127.0.0.1:1/none")
    status, out, err = pregonero(*command)
    assert (status, out, err) == (69, "", "No se puede llegar a la base de datos.\n")


def test_a_wrong_setting_is_one_sentence(pregonero, monkeypatch, upload):
    monkeypatch.setenv("CALLS_PER_SECOND", "many")
    status, out, err = pregonero("campaign", "submit", upload())
    assert (status, out, err) == (78, "", "CALLS_PER_SECOND debe ser un número.\n")


def test_a_command_beside_a_rehearsal_lives_in_its_time(pregonero, upload, monkeypatch, db) -> None:
    monkeypatch.setenv("CLOCK_START", "2027-03-01T10:00:00-06:00")
    pregonero("campaign", "submit", upload(name="una.csv"))
    monkeypatch.delenv("CLOCK_START")
    pregonero("campaign", "submit", upload(name="otra.csv"))
    with db.begin() as tx:
        received = tx.execute(select(campaign.c.submitted_at)).scalars().all()
    assert [f"{each:%Y-%m-%d}" for each in received] == ["2027-03-01", "2027-03-01"]


class TestAnEmbeddedDatabase:
    def test_who_only_looks_makes_none(self, pregonero, monkeypatch, tmp_path) -> None:
        monkeypatch.delenv("DATABASE_URL")
        status, out, err = pregonero("campaign", "status", 1)
        assert (status, out) == (69, "")
        assert f"En {tmp_path / 'var'} (DATA_DIR) no hay ninguna base de datos." in err
        assert not (tmp_path / "var" / "postgres").exists()

    def test_who_only_looks_names_it_and_leaves_it_as_it_was(self, pregonero, monkeypatch, server_dir) -> None:
        monkeypatch.delenv("DATABASE_URL")
        monkeypatch.setenv("DATA_DIR", str(server_dir))
        postgres.ensure_running(server_dir)
        told = f"No hay ninguna campaña con ese número en la base de {server_dir} (DATA_DIR).\n"
        assert pregonero("campaign", "status", 1) == (4, "", told)
        assert postgres.is_running(server_dir)
        postgres.stop(server_dir)
        assert pregonero("campaign", "status", 1) == (4, "", told)
        assert not postgres.is_running(server_dir)
