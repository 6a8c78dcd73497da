"""The settings: what each combination gives, and the one sentence that a wrong one stops with."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from core.addresses import is_loopback
from core.toml_file import FaultyFile
from core.trunks import TWILIO
from settings import LOCAL_ACCOUNT, LOCAL_TOKEN, Settings, SettingsError

ACCOUNT = {"TWILIO_ACCOUNT_SID": "AC" + "1" * 32, "TWILIO_AUTH_TOKEN": "a secret token"}
KEYS = {"SECRET_KEY": "s" * 32, "DATA_KEY": "d" * 32}
OUTSIDE = {"BIND": "0.0.0.0:8000"}
START = "2026-11-23T10:00:00-06:00"


@pytest.fixture
def read(tmp_path):
    return lambda **env: Settings.from_environment({"DATA_DIR": str(tmp_path / "var"), **env})


def test_with_nothing_given_it_all_runs_on_this_machine(read):
    found = read()
    assert (found.database_url, found.bind, found.public_url) == (None, "127.0.0.1:8000", "http://127.0.0.1:8000")
    assert (found.trunks.first.account_sid, found.trunks.first.auth_token) == (LOCAL_ACCOUNT, LOCAL_TOKEN)
    assert (found.trunks.first.api_url, found.is_local_carrier) == ("http://127.0.0.1:8100", True)
    assert (found.trunks.first.calls_per_second, found.trunks.first.max_live_calls, found.clock_start) == (1, 20, None)


@pytest.mark.parametrize(
    ("env", "api_url", "is_local"),
    [
        ({}, "http://127.0.0.1:8100", True),
        ({"CARRIER_BIND": "127.0.0.1:9100"}, "http://127.0.0.1:9100", True),
        ({"TWILIO_API_URL": "http://localhost:9100/"}, "http://localhost:9100", False),
        (ACCOUNT, TWILIO, False),
        ({**ACCOUNT, "TWILIO_API_URL": "https://twilio.example/"}, "https://twilio.example", False),
        ({**ACCOUNT, "TWILIO_API_URL": "http://127.0.0.1:8100"}, "http://127.0.0.1:8100", True),
    ],
)
def test_who_is_at_the_other_end(read, env, api_url, is_local):
    found = read(**env)
    assert (found.trunks.first.api_url, found.is_local_carrier) == (api_url, is_local)


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"TWILIO_ACCOUNT_SID": "AC1"}, "Falta TWILIO_AUTH_TOKEN"),
        ({"TWILIO_AUTH_TOKEN": "x"}, "Falta TWILIO_ACCOUNT_SID"),
        ({"TWILIO_API_URL": "https://api.twilio.com"}, "ponga también TWILIO_ACCOUNT_SID"),
        ({**ACCOUNT, "TWILIO_API_URL": "api.twilio.com"}, "TWILIO_API_URL debe ser una dirección http"),
        ({"TWILIO_API_URL": "http://[::1"}, "TWILIO_API_URL debe ser una dirección http"),
        ({**ACCOUNT, "CLOCK_START": START}, "CLOCK_START solo vale"),
        ({"CLOCK_START": "mañana"}, "CLOCK_START debe ser una fecha ISO"),
        ({"SMTP_URL": "correo.example:587", "MAIL_FROM": "a@b.example"}, "SMTP_URL debe ser como smtp://"),
        ({"SMTP_URL": "smtp://u:secreta@:99999", "MAIL_FROM": "a@b.example"}, "SMTP_URL debe ser como smtp://"),
        ({"SMTP_URL": "smtp://correo.example"}, "falta MAIL_FROM"),
        ({"MAIL_FROM": "Línea <a@b.example>"}, "MAIL_FROM debe ser una dirección"),
        ({"DIAS_PARA_CORREGIR": "0"}, "DIAS_PARA_CORREGIR debe estar entre 1 y 60"),
        ({"CLOCK_START": "2026-11-23T10:00:00"}, "CLOCK_START necesita la zona"),
        ({**OUTSIDE, **ACCOUNT}, "Falta SECRET_KEY"),
        ({**OUTSIDE, **ACCOUNT, "SECRET_KEY": "s" * 32}, "Falta DATA_KEY"),
        ({**OUTSIDE, **KEYS}, "Faltan TWILIO_ACCOUNT_SID y TWILIO_AUTH_TOKEN"),
        ({"CARRIER_BIND": "0.0.0.0:8100", **KEYS}, "Faltan TWILIO_ACCOUNT_SID y TWILIO_AUTH_TOKEN"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY debe tener 32"),
        ({"DATA_KEY": "d" * 31}, "DATA_KEY debe tener 32"),
        ({"BIND": "8000"}, "BIND debe ser dirección:puerto"),
        ({"BIND": "127.0.0.1:"}, "BIND debe ser dirección:puerto"),
        ({"BIND": "127.0.0.1:65536"}, "BIND debe ser dirección:puerto"),
        ({"CARRIER_BIND": "localhost"}, "CARRIER_BIND debe ser dirección:puerto"),
        ({"PUBLIC_URL": "voz.example"}, "PUBLIC_URL debe ser"),
        ({"PUBLIC_URL": "ftp://voz.example"}, "PUBLIC_URL debe ser"),
        ({"REGISTRY_URL": "https://padron.example"}, "falta REGISTRY_TOKEN"),
        ({"REGISTRY_URL": "http://padron.example", "REGISTRY_TOKEN": "x"}, "REGISTRY_URL debe empezar por https"),
        ({"REGISTRY_URL": "padron.example", "REGISTRY_TOKEN": "x"}, "REGISTRY_URL debe empezar por https"),
        ({"REGISTRY_URL": "https://[::1", "REGISTRY_TOKEN": "x"}, "REGISTRY_URL debe empezar por https"),
        ({"DATABASE_URL": "mysql://u:hunter2@db/pregonero"}, "DATABASE_URL debe ser una dirección de PostgreSQL"),
        ({"DATABASE_URL": "db/pregonero"}, "DATABASE_URL debe ser una dirección de PostgreSQL"),
        ({"DATABASE_URL": "postgresql://u:hunter2@[::1/x"}, "DATABASE_URL debe ser una dirección de PostgreSQL"),
        ({"DATABASE_URL": "postgresql://u:hunter2@db:port/x"}, "DATABASE_URL debe ser una dirección de PostgreSQL"),
        ({"DATABASE_URL": "postgresql://u:hunter2@db/x?no=1"}, "DATABASE_URL debe ser una dirección de PostgreSQL"),
        ({"CALLS_PER_SECOND": "rápido"}, "CALLS_PER_SECOND debe ser un número"),
        ({"CALLS_PER_SECOND": "0"}, "CALLS_PER_SECOND debe estar entre"),
        ({"TARIFF": "0.085"}, "TARIFF debe ser como «USD 0.085/60»"),
        ({"CALLS_PER_SECOND": "nan"}, "CALLS_PER_SECOND debe estar entre"),
        ({"MAX_LIVE_CALLS": "0"}, "MAX_LIVE_CALLS debe estar entre"),
        ({"RING_SECONDS": "5"}, "RING_SECONDS debe estar entre"),
        ({"PIN_DIGITS": "3"}, "PIN_DIGITS debe estar entre"),
    ],
)
def test_what_is_missing_or_contradictory_is_one_sentence(read, env, sentence):
    with pytest.raises(SettingsError) as caught:
        read(**env)
    told = str(caught.value)
    assert sentence in told
    assert "\n" not in told
    assert told.endswith(".")
    assert "hunter2" not in told


def test_a_sentence_never_repeats_a_secret(read):
    with pytest.raises(SettingsError) as caught:
        read(SECRET_KEY="hunter2")
    assert "hunter2" not in str(caught.value)


def test_everything_given_is_taken(read):
    found = read(
        **OUTSIDE,
        **KEYS,
        **ACCOUNT,
        PUBLIC_URL="https://voz.example/",
        CALLS_PER_SECOND="0.5",
        MAX_LIVE_CALLS="300",
        DATABASE_URL="postgresql://db/pregonero",
    )
    assert (found.public_url, found.trunks.first.calls_per_second, found.trunks.first.max_live_calls) == (
        "https://voz.example",
        0.5,
        300,
    )
    assert (found.secret_key, found.data_key, found.trunks.first.auth_token) == ("s" * 32, "d" * 32, "a secret token")
    assert found.database_url == "postgresql://db/pregonero"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p%40ss@db:5433/pregonero?sslmode=require",
        "postgres://db",
        "postgresql:///pregonero?host=/run/postgresql",
        "postgresql://u@[::1]:5432/x",
    ],
)
def test_an_address_of_postgresql_is_kept_as_it_was_given(read, url):
    assert read(DATABASE_URL=url).database_url == url


@pytest.mark.parametrize("url", ["https://padron.example/api", "http://127.0.0.1:9000", "http://localhost:9000"])
def test_an_address_of_a_registry(read, url):
    assert read(REGISTRY_URL=url, REGISTRY_TOKEN="x").registry_url == url


def test_a_rehearsal_clock_beside_the_local_carrier(read):
    assert read(CLOCK_START=START).clock_start == datetime.fromisoformat(START)


def test_keys_are_made_once_and_only_their_owner_reads_them(read, tmp_path):
    first, second = read(), read()
    assert (first.secret_key, first.data_key) == (second.secret_key, second.data_key)
    assert first.secret_key != first.data_key
    assert len(first.data_key) >= 32
    kept = sorted((tmp_path / "var").iterdir())
    assert [path.name for path in kept] == ["data_key.txt", "secret_key.txt"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_processes_that_start_together_have_the_same_keys(read):
    with ThreadPoolExecutor(8) as pool:
        assert len({found.data_key for found in pool.map(lambda _: read(), range(16))}) == 1


def test_keys_that_are_given_are_written_nowhere(read, tmp_path):
    read(**KEYS)
    assert not (tmp_path / "var").exists()


def test_a_data_dir_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="DATA_DIR"):
        Settings.from_environment({"DATA_DIR": str(tmp_path / "file")})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "::1", "[::1]"])
def test_this_machine_alone(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "", "10.0.0.1", "::", "example.com", "localhost.example.com"])
def test_reached_from_elsewhere(host):
    assert not is_loopback(host)


class TestTrunksFile:
    TRUNK = f'[[troncal]]\nnombre = "claro"\ncuenta = "{ACCOUNT["TWILIO_ACCOUNT_SID"]}"\nclave = "a secret token"\n'

    @pytest.fixture
    def file(self, tmp_path):
        path = tmp_path / "troncales.toml"
        path.write_text(self.TRUNK)
        return str(path)

    def test_it_takes_the_place_of_the_settings_of_one(self, read, file):
        found = read(TRUNKS_FILE=file, RING_SECONDS="25")
        assert (found.trunks.first.name, found.trunks.first.api_url, found.trunks.first.ring_seconds) == (
            "claro",
            TWILIO,
            25,
        )
        assert not found.is_local_carrier

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            *ACCOUNT.items(),
            ("TWILIO_API_URL", TWILIO),
            ("CALLS_PER_SECOND", "1"),
            ("MAX_LIVE_CALLS", "5"),
            ("TARIFF", "USD 0.1/60"),
        ],
    )
    def test_with_it_those_must_be_absent(self, read, file, name, value):
        with pytest.raises(SettingsError, match=f"TRUNKS_FILE está puesto: quite {name}"):
            read(TRUNKS_FILE=file, **{name: value})

    def test_with_a_last_good_one_a_fault_does_not(self, read, file):
        read(TRUNKS_FILE=file)
        with open(file, "a") as more:
            more.write("llamadas_por_segundo = 0\n")
        found = read(TRUNKS_FILE=file)
        assert (found.trunks.first.calls_per_second, "línea 5" in (found.trunks_fault or "")) == (1.0, True)

    def test_a_fault_stops_the_start_with_its_line(self, read, file):
        with open(file, "a") as more:
            more.write("llamadas_por_segundo = 0\n")
        with pytest.raises(SettingsError, match=r"TRUNKS_FILE: troncales\.toml, línea 5: llamadas_por_segundo"):
            read(TRUNKS_FILE=file)

    def test_a_rehearsal_reaches_no_trunk_elsewhere(self, read, file):
        with pytest.raises(SettingsError, match="CLOCK_START"):
            read(TRUNKS_FILE=file, CLOCK_START=START)

    def test_the_local_carriers_secret_is_worth_nothing_outside(self, read, file):
        with open(file, "w") as other:
            other.write(self.TRUNK.replace("a secret token", LOCAL_TOKEN))
        with pytest.raises(SettingsError, match="fuera de loopback"):
            read(TRUNKS_FILE=file, **OUTSIDE, **KEYS)

    def test_nor_is_it_taken_from_a_file_that_is_read_again(self, read, file):
        running = read(TRUNKS_FILE=file, **OUTSIDE, **KEYS)
        with open(file, "w") as other:
            other.write(self.TRUNK.replace("a secret token", LOCAL_TOKEN))
        with pytest.raises(FaultyFile, match="fuera de loopback"):
            running.read_trunks(running.trunks_file)
