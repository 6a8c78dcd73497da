"""``pregonero person``: what it reads, writes and says, and with which status it ends."""

import io
import json
import re
import stat
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import func, select, update

import cli
from assembly import Parts
from cases.tables import attention
from core.audit import audit
from core.clock import FixedClock
from tests.rights.life import LUIS, ROSA, SOUND, lived
from tests.rights.test_waiting import a_case

KEY = "a key for tests alone, of no use elsewhere"
REQUEST = ("--requested-on", "2026-11-20", "--request-number", "DP-2026-014")
TYPED = f"{ROSA.citizen.document}\n{ROSA.phone}\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def pregonero(db, monkeypatch, capsys, tmp_path):
    """Runs the command with something typed; answers (status, standard output, standard error)."""
    env = {"DATABASE_URL": db.url, "DATA_DIR": str(tmp_path / "var"), "SECRET_KEY": KEY, "DATA_KEY": KEY}
    for name, value in (env | {"CLOCK_START": "2026-11-23T10:00:00-06:00"}).items():
        monkeypatch.setenv(name, value)

    def run(*arguments: object, typed: str | None = TYPED) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", Terminal() if typed is None else io.StringIO(typed))
        capsys.readouterr()
        status = cli.run(["person", *map(str, arguments)])
        told = capsys.readouterr()
        assert not [word for word in (*ROSA.all, *LUIS.all) if word in told.out + told.err]
        return status, told.out, told.err

    return run


@pytest.fixture
def both(parts: Parts, clock: FixedClock) -> Parts:
    lived(parts, clock, ROSA, LUIS)
    return parts


def test_the_file_is_to_be_read_and_to_be_taken_elsewhere(pregonero, both: Parts, tmp_path: Path) -> None:
    path = tmp_path / "rosa.zip"
    status, out, err = pregonero("export", *REQUEST, "--output", path)

    assert (status, out.startswith(f"{path}: ")) == (0, True)
    assert "20 días hábiles desde el 20/11/2026, hasta el 18/12/2026." in err
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with ZipFile(path) as archive:
        names = archive.namelist()
        text, data = archive.read("datos.txt").decode(), json.loads(archive.read("datos.json"))
        (sound,) = [archive.read(name) for name in names if name.endswith(".wav")]
    assert sound == SOUND + ROSA.words.encode()
    assert data["request"] == {"number": "DP-2026-014", "on": "2026-11-20"}
    assert f": {len(data['kept'])} datos." in out
    for each in data["kept"]:
        assert each["what"] in text and each["where"] not in text
    assert f"Documento: {ROSA.document}" in text and f"Pregunta {ROSA.words}" in text
    assert not [word for word in LUIS.all if word in text or word in json.dumps(data, ensure_ascii=False)]


def test_what_a_person_reads_has_no_code_and_no_name_of_a_table(pregonero, both: Parts, tmp_path: Path) -> None:
    pregonero("export", *REQUEST, "--output", tmp_path / "rosa.zip")
    with ZipFile(tmp_path / "rosa.zip") as archive:
        text = archive.read("datos.txt").decode()
    values = [line.partition(": ")[2] for line in text.splitlines()]
    assert "dgs" not in values and any("Dirección General" in value for value in values)
    codes = re.compile(r"[a-z]+_[a-z_]+|[a-z]+\.[a-z]+_[a-z]+|[A-Z]{2,}_[A-Z_]+|\*")
    own = {ROSA.words, ROSA.document}
    assert [line for line in text.splitlines() if codes.search(line) and not any(word in line for word in own)] == []


def test_a_file_that_is_there_is_not_written_over(pregonero, both: Parts, tmp_path: Path) -> None:
    path = tmp_path / "rosa.zip"
    path.write_text("de otra persona")
    status, out, err = pregonero("export", *REQUEST, "--output", path)
    assert (status, out, err) == (1, "", f"{path} ya existe: no se escribe encima.\n")
    assert path.read_text() == "de otra persona"
    assert exports(both) == 0


def test_where_it_cannot_be_written_nothing_is_said_to_have_been_handed_over(
    pregonero, both: Parts, tmp_path: Path
) -> None:
    assert pregonero("export", *REQUEST, "--output", tmp_path / "no" / "rosa.zip")[0] == 1
    assert exports(both) == 0


def exports(parts: Parts) -> int:
    with parts.db.begin() as tx:
        return tx.execute(select(func.count()).where(audit.c.action == "person.exported")).scalar_one()


def test_of_whom_nothing_is_kept_that_is_the_answer(pregonero, parts: Parts, tmp_path: Path) -> None:
    path = tmp_path / "nadie.zip"
    status, out, err = pregonero("export", *REQUEST, "--output", path)
    assert (status, out) == (0, f"{path}: 0 datos.\n")
    assert "No se encontró nada de esa persona: revise lo que escribió antes de contestarle.\n" in err
    with ZipFile(path) as archive:
        assert "Se guardan 0 datos" in archive.read("datos.txt").decode()


def test_erasing_is_first_told_and_then_done(pregonero, both: Parts) -> None:
    status, told, _ = pregonero("erase", *REQUEST)
    again, same, _ = pregonero("erase", *REQUEST)
    assert (status, again) == (0, 0)
    assert told == same  # nothing was erased
    assert "se borrarían" in told

    status, done, err = pregonero("erase", *REQUEST, "--confirm")
    assert (status, done) == (0, told.replace("se borrarían", "se borraron"))
    assert "Órdenes de trabajo: se queda 1. La ley obliga a conservar" in done
    assert "copias de seguridad" in err

    status, nothing, _ = pregonero("erase", *REQUEST, "--confirm")
    assert (status, nothing.splitlines()[-1]) == (0, "En total se borraron 0 datos.")


def test_what_is_open_is_said_with_its_term(pregonero, parts: Parts) -> None:
    with parts.db.begin() as tx:
        a_case(tx, parts, ROSA)
    status, out, err = pregonero("erase", *REQUEST, "--confirm")
    assert (status, out) == (3, "")
    assert "La consulta 1 está pendiente: ciérrela antes.\nNo se borró nada.\nPlazo: " in err


@pytest.mark.parametrize(
    ("arguments", "typed", "status", "told"),
    [
        (REQUEST, "00016297-4", 1, "dígito verificador"),
        (REQUEST, "", 1, "Falta el documento"),
        (REQUEST, f"{ROSA.citizen.document}\n2200-0001", 1, "Teléfono: escríbalo con +503 delante."),
        (("--requested-on", "2026-11-24", "--request-number", "1"), TYPED, 1, "no puede ser después de hoy"),
        (("--requested-on", "2026-11-20", "--request-number", ROSA.citizen.document), TYPED, 1, "nunca el documento"),
        (("--requested-on", "ayer", "--request-number", "1"), TYPED, 64, "requested-on"),
        (("--request-number", "1"), TYPED, 64, "--requested-on"),
        (("--requested-on", "2026-11-20"), TYPED, 64, "--request-number"),
    ],
)
def test_what_is_wrong_is_one_sentence(pregonero, parts: Parts, arguments, typed, status, told) -> None:
    found, out, err = pregonero("erase", *arguments, typed=typed)
    assert (found, out) == (status, "")
    assert told in err


def test_a_term_that_is_over_says_so(pregonero, parts: Parts) -> None:
    _, _, err = pregonero("erase", "--requested-on", "2026-10-01", "--request-number", "1")
    assert "Ya pasó." in err


def test_a_term_that_nobody_confirmed_says_so(pregonero, parts: Parts) -> None:
    status, _, err = pregonero("erase", *REQUEST, "--country", "MX", typed="G12345678")
    assert status == 0
    assert "LGPDPPSO" in err and "Este plazo está por confirmar" in err


def test_with_another_key_nothing_is_answered(pregonero, both: Parts, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_KEY", "another key for tests, and of no use either")
    with both.db.begin() as tx:
        tx.execute(update(attention).values(prints=None))
    status, out, err = pregonero("export", *REQUEST, "--output", tmp_path / "rosa.zip")
    assert (status, out) == (1, "")
    assert err == "Hay datos que se cerraron con otra DATA_KEY: con esta no se sabe de quién son.\n"
    assert not (tmp_path / "rosa.zip").exists()


def test_a_terminal_is_asked_and_shows_nothing_of_it(pregonero, both: Parts, monkeypatch) -> None:
    answers = iter([ROSA.citizen.document, ROSA.phone, ""])
    hidden: list[bool] = []

    def prompt(_question: str, *, hide_input: bool, err: bool, **_named: object) -> str:
        hidden.append(hide_input and err)
        return next(answers)

    monkeypatch.setattr("click.prompt", prompt)
    status, out, _ = pregonero("erase", *REQUEST, typed=None)
    assert (status, "se borrarían" in out.splitlines()[-1]) == (0, True)
    assert hidden == [True, True, True]
