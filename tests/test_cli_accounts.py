"""The command, about who may come in: accounts made, disabled, listed."""

import getpass
import io
import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from console.tables import account
from core.audit import history
from tests.command import pregonero

__all__ = ["pregonero"]  # fixture


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
