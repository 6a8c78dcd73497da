"""The command: what it prints, where, and with which status. Others script against it."""

import getpass
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

import cli
from beneficiaries.tables import beneficiary
from campaigns.states import CampaignState
from campaigns.tables import campaign, recipient
from console.tables import account
from core import postgres
from core.audit import history
from core.privacy import Vault
from demo.invent import citizen, formato
from tests.beneficiaries.builders import ANA_ROW, LUIS_ROW, csv
from tests.ivr.test_line import SMALL

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


@pytest.fixture
def submitted(pregonero, upload) -> int:
    assert pregonero("campaign", "submit", upload())[0] == 0
    return 1


def state(db, campaign_id=1) -> str:
    with db.begin() as tx:
        return tx.execute(select(campaign.c.state).where(campaign.c.id == campaign_id)).scalar_one()


def test_a_good_list(pregonero, upload):
    assert pregonero("campaign", "submit", upload()) == (0, "campaign 1 under_review\n", "")


def test_a_list_that_is_returned_has_its_id_and_its_observations(pregonero, upload, db):
    status, out, err = pregonero("campaign", "submit", upload(cantidad_registros="9"))
    assert (status, out) == (2, "campaign 1 returned\n")
    assert "E05 error" in err
    assert state(db) == "returned"


@pytest.mark.parametrize("data", [b"", b"hola", b"PK\x03\x04xx", b"%PDF-1.4", b"\x00" * 100])
def test_what_cannot_be_read_is_one_sentence_and_nothing_is_stored(pregonero, tmp_path, db, data):
    path = tmp_path / "lista.csv"
    path.write_bytes(data)
    status, out, err = pregonero("campaign", "submit", path)
    assert (status, out) == (1, "")
    assert err.count("\n") == 1
    with db.begin() as tx:
        assert tx.execute(select(campaign)).first() is None


def test_submit_as_json(pregonero, upload):
    status, out, _ = pregonero("campaign", "submit", upload(formato_version="V2"), "--json")
    told = json.loads(out)
    assert status == 2
    assert set(told) == {"id", "state", "sha256", "recipients", "observations"}
    assert (told["id"], told["state"], told["recipients"]) == (1, "returned", 3)
    (found,) = told["observations"]
    assert set(found) == {"code", "level", "sheet", "row", "column", "cell", "value", "message", "suggestion"}
    assert (found["code"], found["level"], found["sheet"], found["column"]) == (
        *("E01", "error", "Solicitud", "formato_version"),
    )


def test_a_correction_replaces_what_was_returned(pregonero, upload, db):
    pregonero("campaign", "submit", upload(formato_version="V2"))
    assert pregonero("campaign", "submit", upload(), "--replaces", 1)[:2] == (0, "campaign 2 under_review\n")
    assert state(db, 1) == "cancelled"
    assert pregonero("campaign", "submit", upload(nombre_campana="Otra"), "--replaces", 2)[0] == 3
    assert pregonero("campaign", "submit", upload(nombre_campana="Otra"), "--replaces", 77)[0] == 4


def test_the_same_file_twice_on_a_day(pregonero, upload):
    assert pregonero("campaign", "submit", upload())[0] == 0
    status, _, err = pregonero("campaign", "submit", upload())
    assert status == 2
    assert "E15" in err


def test_approve(pregonero, submitted, db):
    assert pregonero("campaign", "approve", submitted) == (0, "campaign 1 scheduled\n", "")
    with db.begin() as tx:
        approved = next(line for line in history(tx, "campaign", 1) if line["action"] == "campaign.approved")
    assert approved["actor"] == f"cli:{getpass.getuser()}"
    status, out, err = pregonero("campaign", "approve", submitted)
    told = f"La campaña está programada: ya no se puede aprobar. Ya la aprobó cli:{getpass.getuser()}.\n"
    assert (status, out, err) == (3, "", told)


def test_approve_at_once_needs_a_reason(pregonero, submitted, db):
    status, out, err = pregonero("campaign", "approve", submitted, "--now")
    assert (status, out) == (3, "")
    assert "necesita un motivo" in err
    assert state(db) == "under_review"
    assert pregonero("campaign", "approve", submitted, "--now", "--reason", "lo pide la jefatura")[0] == 0
    with db.begin() as tx:
        assert history(tx, "campaign", 1)[2]["reason"] == "lo pide la jefatura"


def test_status(pregonero, submitted):
    status, out, _ = pregonero("campaign", "status", submitted)
    assert status == 0
    assert out.splitlines()[:2] == [
        "campaign 1 under_review",
        "personas 3, pendientes 3, en línea 0, llamadas 0",
    ]
    assert "Espera que alguien la apruebe." in out


def test_status_as_json(pregonero, submitted, db):
    pregonero("campaign", "approve", submitted)
    with db.begin() as tx:
        one = update(recipient).where(recipient.c.id == 1)
        tx.execute(one.values(is_final=True, outcome="no_marcable.excluido"))
    status, out, err = pregonero("campaign", "status", submitted, "--json")
    assert (status, err) == (0, "")
    assert json.loads(out) == {
        "id": 1,
        "name": "Aviso a nuevos beneficiarios",
        "state": "scheduled",
        "recipients": 3,
        "pending": 2,
        "attempts": 0,
        "texts": 0,
        "live": 0,
        "outcomes": {"no_marcable.excluido": 1},
        "observations": {"error": 0, "aviso": 0},
        "waiting_because": [
            {
                "code": "not_started",
                "sentence": "Empieza el lunes 30/11 08:00.",
                "until": "2026-11-30T14:00:00+00:00",
                "do": "No hay que hacer nada; si no debe empezar, cancélela.",
            }
        ],
    }


@pytest.mark.parametrize("ending", ["csv", "xlsx", "CSV"])
def test_results(pregonero, submitted, tmp_path, ending):
    path = tmp_path / f"r.{ending}"
    assert pregonero("campaign", "results", submitted, "--output", path) == (0, f"{path} 3\n", "")
    assert path.stat().st_size > 100


def test_results_of_another_kind_or_to_nowhere(pregonero, submitted, tmp_path):
    nowhere = tmp_path / "none"
    for path in (tmp_path / "r.ods", tmp_path / "r", nowhere / "r.csv", nowhere / "r.xlsx"):
        status, out, err = pregonero("campaign", "results", submitted, "--output", path)
        assert (status, out) == (64, ""), path
        assert err


def test_everything_is_paused_at_once(pregonero, submitted):
    assert pregonero("campaign", "pause-all")[:2] == (0, "")
    pregonero("campaign", "approve", submitted)
    assert pregonero("campaign", "pause-all")[:2] == (0, "campaign 1 paused\n")
    assert pregonero("campaign", "pause-all")[:2] == (0, "")


def test_pause_resume_cancel(pregonero, submitted, db):
    assert pregonero("campaign", "pause", submitted)[0] == 3
    pregonero("campaign", "approve", submitted)
    assert pregonero("campaign", "pause", submitted)[:2] == (0, "campaign 1 paused\n")
    assert pregonero("campaign", "pause", submitted)[0] == 3
    assert pregonero("campaign", "resume", submitted)[:2] == (0, "campaign 1 running\n")
    assert pregonero("campaign", "resume", submitted)[0] == 3
    assert pregonero("campaign", "cancel", submitted)[:2] == (0, "campaign 1 cancelled\n")
    assert pregonero("campaign", "cancel", submitted)[0] == 3
    assert state(db) == CampaignState.CANCELLED


@pytest.mark.parametrize("command", ["approve", "status", "pause", "resume", "cancel", "results"])
@pytest.mark.parametrize("number", [7, 0, 2**62])
def test_there_is_no_such_campaign(pregonero, tmp_path, command, number):
    more = ["--output", tmp_path / "r.csv"] if command == "results" else []
    status, out, err = pregonero("campaign", command, number, *more)
    assert (status, out, err) == (4, "", "No hay ninguna campaña con ese número.\n")


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


def test_user_add(pregonero, monkeypatch, db):
    monkeypatch.setattr("sys.stdin", io.StringIO("una frase que nadie sabe\n"))
    status, out, err = pregonero("user", "add", "ana@subsidios.example", "--role", "COORDINADOR")
    assert (status, out, err) == (0, "user 1 COORDINADOR\n", "")
    with db.begin() as tx:
        row = tx.execute(select(account)).one()
        (added,) = history(tx, "account", 1)
    assert (row.email, row.role) == ("ana@subsidios.example", "COORDINADOR")
    assert added["actor"] == f"cli:{getpass.getuser()}"
    assert "frase" not in row.password_hash


@pytest.mark.parametrize(
    ("email", "role", "password"),
    [
        ("ana", "ADMIN", "una frase que nadie sabe"),
        ("ana@subsidios.example", "JEFA", "una frase que nadie sabe"),
        ("ana@subsidios.example", "ADMIN", "corta"),
        ("ana@subsidios.example", "ADMIN", ""),
    ],
)
def test_user_add_refuses(pregonero, monkeypatch, db, email, role, password):
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    status, out, err = pregonero("user", "add", email, "--role", role)
    assert (status, out) == (64, "")
    assert not password or password not in err
    with db.begin() as tx:
        assert tx.execute(select(account)).first() is None


@pytest.fixture
def typed(monkeypatch):
    """Somebody at a terminal, who types these unseen, one after the other; what they were asked."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def types(*passwords: str) -> list[str]:
        asked: list[str] = []
        rest = iter(passwords)

        def answer(prompt: str) -> str:
            asked.append(prompt)
            return next(rest)

        monkeypatch.setattr("sys.stdin", Terminal())
        monkeypatch.setattr("getpass.getpass", answer)
        return asked

    return types


class TestAPasswordTyped:
    WELL = "una frase que nadie sabe"

    def test_the_rule_is_told_and_it_is_typed_twice(self, pregonero, typed) -> None:
        asked = typed(self.WELL, self.WELL)
        status, out, err = pregonero("user", "add", "ana@subsidios.example", "--role", "ADMIN")
        assert (status, out) == (0, "user 1 ADMIN\n")
        assert "entre 10 y 200 caracteres" in err
        assert asked == ["Contraseña: ", "La misma, otra vez: "]

    def test_two_that_differ_make_no_account(self, pregonero, typed, db) -> None:
        typed(self.WELL, "una frase que nadie save")
        status, out, err = pregonero("user", "add", "ana@subsidios.example", "--role", "ADMIN")
        assert (status, out) == (64, "")
        assert err.endswith("Las dos contraseñas no son iguales. No se guardó nada.\n")
        assert "frase que nadie" not in err
        with db.begin() as tx:
            assert tx.execute(select(account)).first() is None

    @pytest.mark.parametrize("password", ["corta", "aaaaaaaaaaaa", "aaaabbbbcccd", "ana@subsidios.example", "x" * 201])
    def test_what_the_rule_says_is_what_is_refused(self, pregonero, typed, password: str) -> None:
        typed(password, password)
        assert pregonero("user", "add", "ana@subsidios.example", "--role", "ADMIN")[0] == 64

    @pytest.mark.parametrize("password", ["abcdeabcde", "abcde" * 40])
    def test_what_the_rule_allows_is_taken(self, pregonero, typed, password: str) -> None:
        typed(password, password)
        assert pregonero("user", "add", "ana@subsidios.example", "--role", "ADMIN")[0] == 0


class TestWhoLeft:
    @pytest.fixture
    def ana(self, pregonero, monkeypatch) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO("una frase que nadie sabe\n" * 2))
        email = "ana@subsidios.example"
        assert pregonero("user", "add", email, "--role", "OPERADOR", "--name", "Ana Pérez")[0] == 0
        return email

    def listed(self, pregonero) -> dict[str, object]:
        status, out, err = pregonero("user", "list", "--json")
        assert (status, err) == (0, "")
        return json.loads(out)

    def test_is_disabled_by_email_and_may_be_let_in_again(self, pregonero, ana, db) -> None:
        assert pregonero("user", "disable", ana) == (0, "user 1 disabled\n", "")
        assert self.listed(pregonero)["is_active"] is False
        assert pregonero("user", "enable", ana) == (0, "user 1 enabled\n", "")
        assert self.listed(pregonero)["is_active"] is True
        with db.begin() as tx:
            lines = history(tx, "account", 1)
        assert [line["action"] for line in lines] == ["account.enabled", "account.disabled", "account.added"]
        assert {line["actor"] for line in lines} == {f"cli:{getpass.getuser()}"}

    def test_a_new_password_does_not_let_them_in_and_that_is_told(self, pregonero, ana) -> None:
        pregonero("user", "disable", ana)
        status, out, err = pregonero("user", "add", ana, "--role", "ADMIN")
        assert (status, out) == (0, "user 1 ADMIN\n")
        assert "sigue cerrada" in err
        assert self.listed(pregonero)["is_active"] is False

    def test_the_list_says_who_they_are_and_when_they_came_in(self, pregonero, ana, db) -> None:
        told = pregonero("user", "list")[1]
        assert [part for part in told.split("  ") if part] == [
            *("     1".strip(), ana, "OPERADOR", "abierta", "nunca entró", "Ana Pérez\n")
        ] or told.split() == ["1", ana, "OPERADOR", "abierta", "nunca", "entró", "Ana", "Pérez"]
        with db.begin() as tx:
            tx.execute(update(account).values(last_sign_in_at=datetime(2026, 11, 24, 3, 5, tzinfo=UTC)))
        pregonero("user", "disable", ana)
        at_nine = ["1", ana, "OPERADOR", "cerrada", "23/11/2026", "21:05", "Ana", "Pérez"]
        assert pregonero("user", "list")[1].split() == at_nine
        assert self.listed(pregonero) == {
            **{"id": 1, "email": ana, "name": "Ana Pérez", "role": "OPERADOR"},
            **{"is_active": False, "last_sign_in": "2026-11-23T21:05:00-06:00"},
        }

    @pytest.mark.parametrize("command", ["disable", "enable"])
    def test_there_is_no_such_account(self, pregonero, command: str) -> None:
        told = (4, "", "No hay ninguna cuenta con ese correo.\n")
        assert pregonero("user", command, "nadie@subsidios.example") == told


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
