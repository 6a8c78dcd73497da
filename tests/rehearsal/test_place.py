"""Nothing of the real world comes along, and a rehearsal that finds any of it does not start."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import insert

from campaigns.rehearsals.tables import rehearsal
from core.tariffs import Tariff
from core.trunks import Trunks
from rehearsal import place
from rehearsal.place import Tempo
from rehearsal.running import Rehearsal
from rehearsal.starting import trunk_of
from settings import Settings, SettingsError
from tests.campaigns.builders import running
from tests.trunks import a_trunk

TARIFF = Tariff("USD", Decimal("0.085"), 60)
REAL = "postgresql://real/pregonero"
START = datetime.fromisoformat("2026-11-30T08:00:00-06:00")
TEMPO = Tempo(60.0, 1.0, 20, 10)
PRODUCTION = {
    **{"TWILIO_ACCOUNT_SID": "AC" + "1" * 32, "TWILIO_AUTH_TOKEN": "x" * 32, "TWILIO_API_KEY": "SK1"},
    **{"TWILIO_API_SECRET": "y", "TWILIO_API_URL": "https://api.twilio.com", "SMTP_URL": "smtps://a:b@mail.example"},
    **{"MAIL_FROM": "voz@ejemplo.gob.sv", "REGISTRY_URL": "https://padron.example", "REGISTRY_TOKEN": "t"},
    **{"PUBLIC_URL": "https://voz.ejemplo.gob.sv", "BIND": "0.0.0.0:80", "DATABASE_URL": REAL},
    **{"SECRET_KEY": "s" * 40, "DATA_KEY": "d" * 40, "PATH": "/bin", "SOMETHING_NEW_WITH_A_PASSWORD": "p"},
    **{"CALLS_PER_SECOND": "1", "MAX_LIVE_CALLS": "20", "RING_SECONDS": "25"},
}


@pytest.fixture
def production(tmp_path: Path) -> Settings:
    return Settings.from_environment(PRODUCTION | {"DATA_DIR": str(tmp_path)})


def test_of_an_installation_with_twilio_nothing_reaches_the_processes_that_dial(production, tmp_path):
    runner = place.runner_environment(PRODUCTION, production, REAL, production.trunks.first, None)
    place.refuse_real_accounts(runner)
    watching = Settings.from_environment(runner)
    dialling = place.service_environment(runner, watching, "postgresql://real/copy", tmp_path, START, TEMPO)
    place.refuse_real_accounts(dialling)
    settings = Settings.from_environment(dialling)
    place.refuse_the_real_world(settings, REAL)

    assert settings.is_local_carrier
    assert settings.database_url == "postgresql://real/copy"
    assert settings.smtp_url is settings.registry_url is settings.trunks.first.api_key is None
    assert settings.data_key == production.data_key, "the copy is as sealed as the original"
    assert settings.secret_key != production.secret_key, "a session of the copy is worth nothing elsewhere"
    assert (settings.clock_start, settings.clock_speed) == (START, 60)
    assert (settings.trunks.first.calls_per_second, settings.trunks.first.max_live_calls, settings.ring_seconds) == (
        60,
        20 + 10,
        25,
    )
    assert not {name for name in dialling if name not in _KNOWN}


_KNOWN = {
    *("PATH", "RING_SECONDS", "DATABASE_URL", "DATA_DIR", "DATA_KEY", "SECRET_KEY", "BIND", "PUBLIC_URL"),
    *("TARIFF", "TEXTS_PER_SECOND"),
    *("CARRIER_BIND", "CARRIER_PERSONAS", "CLOCK_START", "CLOCK_SPEED", "CALLS_PER_SECOND", "MAX_LIVE_CALLS"),
}


@pytest.mark.parametrize(
    "name", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TRUNKS_FILE", "SMTP_URL", "REGISTRY_TOKEN"]
)
def test_it_does_not_start_with_an_account_in_its_environment(tmp_path, name):
    with pytest.raises(SettingsError, match=name):
        Rehearsal({"DATA_DIR": str(tmp_path), name: "anything"}, 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", REAL),
        ("CLOCK_START", ""),
        ("SMTP_URL", "smtp://mail.example"),
        ("REGISTRY_URL", "https://padron.example"),
    ],
)
def test_processes_that_could_reach_anybody_are_not_started(tmp_path, name, value):
    env = place.service_environment(
        {}, Settings.from_environment({"DATA_DIR": str(tmp_path)}), "x", tmp_path, START, TEMPO
    )
    more = {
        "DATABASE_URL": "postgresql://real/copy",
        "MAIL_FROM": "a@b.gob.sv",
        "REGISTRY_TOKEN": "t",
        "CLOCK_SPEED": "",
    }
    place.refuse_the_real_world(Settings.from_environment(env | more), REAL)
    with pytest.raises(SettingsError, match="no quedó encerrado"):
        place.refuse_the_real_world(Settings.from_environment(env | more | {name: value}), REAL)


def test_a_copy_tells_whose_it_is():
    assert place.copy_name("pregonero", 7) != place.copy_name("pregonero_dos", 7)
    assert place.copy_name("x" * 63, 10**18).isidentifier()
    assert len(place.copy_name("x" * 63, 10**18)) <= 63


def test_a_rehearsal_goes_at_the_pace_of_the_trunk_that_would_carry_it(db, vault, clock, production):
    campaign_id = running(db, vault, clock)
    with db.begin() as tx:
        number = tx.execute(
            insert(rehearsal)
            .values(campaign_id=campaign_id, state="waiting", asked_at=clock.now(), asked_by="ana@subsidios.example")
            .returning(rehearsal.c.id)
        ).scalar_one()
    slow = a_trunk(name="claro", calls_per_second=0.5, max_live_calls=7)
    trunks = Trunks((a_trunk(name="bogota", countries=frozenset({"CO"})), slow), {"claro": TARIFF})
    with db.begin() as tx:
        trunk = trunk_of(tx, trunks, number)
    env = place.runner_environment(PRODUCTION, production, REAL, trunk, trunks.tariff_of(trunk.name))
    assert (env["CALLS_PER_SECOND"], env["MAX_LIVE_CALLS"], env["TARIFF"]) == ("0.5", "7", "USD 0.085/60")
    watching = Settings.from_environment(env).trunks
    assert watching.tariff_of("claro") == TARIFF
