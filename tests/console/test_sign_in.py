"""Who comes in, who does not, and that nobody learns which of the two it was for."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from console.accounts import FAILURES_OF_ONE_ADDRESS, FAILURES_OF_ONE_EMAIL, AccountProblem, add_account, check_sign_in
from console.sign_in import REFUSED
from core import audit
from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from core.roles import Role
from tests.console.builders import PASSWORD, account, come_in

ANA = "ana@ejemplo.gob.sv"


def enter(client: FlaskClient, email: str, password: str):
    return client.post("/entrar", data={"email": email, "password": password})


def test_the_right_password_comes_in_whatever_the_case_of_the_email(client, db, clock):
    account(db, clock, Role.COORDINADOR, ANA)

    answer = enter(client, " Ana@Ejemplo.GOB.sv ", PASSWORD)

    assert (answer.status_code, answer.location) == (302, "/")
    assert client.get("/campanas").status_code == 200


@pytest.mark.parametrize(("email", "password"), [(ANA, "otra frase larga"), ("nadie@ejemplo.gob.sv", PASSWORD)])
def test_a_wrong_password_and_an_unknown_email_sound_the_same(client, db, clock, email, password):
    account(db, clock, Role.COORDINADOR, ANA)

    answer = enter(client, email, password)

    assert answer.status_code == 401
    assert REFUSED in answer.text
    assert client.get("/campanas").status_code == 302


def test_after_five_failures_even_the_right_password_waits_fifteen_minutes(
    client: FlaskClient, db: Database, clock: FixedClock
):
    account(db, clock, Role.COORDINADOR, ANA)
    for _ in range(FAILURES_OF_ONE_EMAIL):
        enter(client, ANA, "no es esta frase")

    told = enter(client, ANA, PASSWORD)
    assert told.status_code == 401
    assert "Por varios intentos fallidos, espere 15 minutos y pruebe otra vez." in told.text
    assert REFUSED not in told.text

    clock.advance(timedelta(minutes=14, seconds=1))
    assert "espere 1 minuto y" in enter(client, ANA, PASSWORD).text
    clock.advance(timedelta(seconds=59))
    assert enter(client, ANA, PASSWORD).status_code == 302


def test_an_unknown_email_is_made_to_wait_in_the_same_words(client: FlaskClient, db: Database, clock: FixedClock):
    account(db, clock, Role.COORDINADOR, ANA)
    told = {}
    for email in (ANA, "nadie@ejemplo.gob.sv"):
        said = [enter(client, email, "no es esta frase").text for _ in range(FAILURES_OF_ONE_EMAIL + 1)]
        told[email] = [("espere 15 minutos" in each, REFUSED in each) for each in said]
    assert told[ANA] == told["nadie@ejemplo.gob.sv"]
    assert told[ANA][-1] == (True, False)


def test_a_right_password_forgets_the_failures_before_it(client, db, clock):
    account(db, clock, Role.COORDINADOR, ANA)
    for _ in range(2):
        for _ in range(FAILURES_OF_ONE_EMAIL - 1):
            enter(client, ANA, "no es esta frase")
        assert enter(client, ANA, PASSWORD).status_code == 302
        client.post("/salir")


def fail_with_many_emails(db: Database, vault: Vault, clock: FixedClock, address: str) -> None:
    """Accounts that there are, since their passwords are cheap to try (builders); one there is not counts the same."""
    for n in range(FAILURES_OF_ONE_ADDRESS):
        email = account(db, clock, Role.OPERADOR, f"alguien{n}@ejemplo.gob.sv") if n else "nadie@ejemplo.gob.sv"
        assert check_sign_in(db, vault, clock.now(), email, "x", address) is None


def test_one_address_cannot_try_many_emails(db: Database, vault: Vault, clock: FixedClock):
    account(db, clock, Role.COORDINADOR, ANA)
    fail_with_many_emails(db, vault, clock, "192.0.2.1")

    assert check_sign_in(db, vault, clock.now(), ANA, PASSWORD, "192.0.2.1") is None
    assert check_sign_in(db, vault, clock.now(), ANA, PASSWORD, "192.0.2.2") is not None


@pytest.mark.parametrize("proxy", ["127.0.0.1", "::1", "10.1.2.3", "172.20.0.9", "::ffff:192.168.1.1", "fd00::7", ""])
def test_a_proxy_in_front_is_not_taken_for_one_visitor(db: Database, vault: Vault, clock: FixedClock, proxy: str):
    account(db, clock, Role.COORDINADOR, ANA)
    fail_with_many_emails(db, vault, clock, proxy)

    assert check_sign_in(db, vault, clock.now(), ANA, PASSWORD, proxy) is not None


def test_leaving_closes_the_door(client, db, clock):
    come_in(client, account(db, clock, Role.COORDINADOR))

    client.post("/salir")

    assert client.get("/campanas").status_code == 302


def test_a_new_password_ends_the_sessions_of_the_old_one(client, db, clock):
    come_in(client, account(db, clock, Role.COORDINADOR, ANA))

    with db.begin() as tx:
        add_account(tx, clock.now(), ANA, Role.COORDINADOR, "otra frase larga y nueva", actor="cli:eva")

    assert client.get("/campanas").status_code == 302


def test_a_page_that_was_asked_for_is_come_back_to(client, db, clock):
    account(db, clock, Role.COORDINADOR, ANA)
    door = client.get("/campanas?estado=running").location

    answer = client.post(door, data={"email": ANA, "password": PASSWORD})

    assert answer.location == "/campanas?estado=running"


@pytest.mark.parametrize("elsewhere", ["https://malo.example", "//malo.example", "/\\malo.example", "javascript:x"])
def test_nobody_is_sent_to_another_site(client, db, clock, elsewhere):
    account(db, clock, Role.COORDINADOR, ANA)

    answer = client.post("/entrar", query_string={"sigue": elsewhere}, data={"email": ANA, "password": PASSWORD})

    assert answer.location == "/"


def test_coming_in_is_written_down(client, db, clock):
    come_in(client, account(db, clock, Role.COORDINADOR, ANA))

    with db.begin() as tx:
        assert [line["action"] for line in audit.history(tx, "account", 1)] == ["account.signed_in"]


class TestAddingAccounts:
    def add(self, db: Database, clock: FixedClock, email: str, role: str, password: str) -> int:
        with db.begin() as tx:
            return add_account(tx, clock.now(), email, role, password, actor="cli:eva")

    @pytest.mark.parametrize(
        ("email", "role", "password", "sentence"),
        [
            ("no es un correo", "ADMIN", PASSWORD, "El correo no es válido."),
            (ANA, "JEFE", PASSWORD, "El rol debe ser uno de"),
            (ANA, "ADMIN", "corta", "entre 10 y 200 caracteres"),
            (ANA, "ADMIN", "aaaaaaaaaaaa", "demasiado fácil"),
            (ANA, "ADMIN", ANA, "demasiado fácil"),
        ],
    )
    def test_what_cannot_be_an_account_is_said_in_a_sentence(self, db, clock, email, role, password, sentence):
        with pytest.raises(AccountProblem, match=sentence):
            self.add(db, clock, email, role, password)

    def test_the_same_email_again_changes_role_and_password(self, db, vault, clock):
        first = self.add(db, clock, ANA, "OPERADOR", PASSWORD)
        second = self.add(db, clock, ANA.upper(), "ADMIN", "otra frase larga y nueva")

        assert first == second
        assert check_sign_in(db, vault, clock.now(), ANA, PASSWORD, "192.0.2.1") is None
        found = check_sign_in(db, vault, clock.now(), ANA, "otra frase larga y nueva", "192.0.2.1")
        assert found is not None
        assert found.role is Role.ADMIN

    def test_who_made_it_is_written_down(self, db, clock):
        number = self.add(db, clock, ANA, "OPERADOR", PASSWORD)
        self.add(db, clock, ANA, "ADMIN", PASSWORD)
        with db.begin() as tx:
            trail = [(line["action"], line["actor"]) for line in audit.history(tx, "account", number)]
        assert trail == [("account.changed", "cli:eva"), ("account.added", "cli:eva")]

    def test_the_password_is_kept_only_as_argon2(self, db, clock):
        self.add(db, clock, ANA, "ADMIN", PASSWORD)
        with db.begin() as tx:
            kept = tx.exec_driver_sql("select password_hash from account").scalar_one()
        assert kept.startswith("$argon2id$")
        assert PASSWORD not in kept

    def test_it_is_slow_to_try(self, slow_hasher):
        """As the OWASP cheat sheet asks of argon2id: 46 MiB and one pass, or more."""
        assert slow_hasher.memory_cost >= 46 * 1024 and slow_hasher.time_cost >= 1
