"""A whole campaign rehearsed on real processes, beside the real one, which it leaves as it was."""

import json
import os
import time
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Row, select

import cli
from campaigns.rehearsals import book
from campaigns.rehearsals.report import Report
from campaigns.rehearsals.tables import rehearsal
from campaigns.rules.hours import Window
from campaigns.tables import attempt, campaign, exclusion, recipient
from core.clock import FixedClock
from core.countries import COUNTRIES
from core.database import Database, libpq_url
from core.post import post
from core.tariffs import Tariff
from rehearsal import place
from rehearsal.leaving import folder_of, give_up_abandoned, sweep
from rehearsal.running import Rehearsal
from rehearsal.starting import start
from settings import Settings
from tests.campaigns.builders import COORDINATOR, moment, running, submitted
from tests.slow import IS_WHOLE

PEOPLE = 40 if IS_WHOLE else 24
KEY = "a key for tests alone, of no use elsewhere"  # the vault's
SV = Window(COUNTRIES["SV"])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation whose trunk is a small one."""
    trunk = {"CALLS_PER_SECOND": "2", "MAX_LIVE_CALLS": "10"}
    return Settings.from_environment({"DATA_DIR": str(tmp_path), "DATA_KEY": KEY, **trunk})


@pytest.fixture
def pregonero(db, monkeypatch, capsys, tmp_path):
    """Runs the command as in that installation; answers (status, standard output, standard error)."""
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_URL", "BIND", "PUBLIC_URL", "LINES_DIR"):
        monkeypatch.delenv(name, raising=False)
    ours = {"DATABASE_URL": db.url, "DATA_DIR": str(tmp_path / "var"), "SECRET_KEY": KEY, "DATA_KEY": KEY}
    today = {"CLOCK_START": "2026-11-23T10:00:00-06:00", "TARIFF": "USD 0.06/60"}
    for name, value in (ours | today | {"CALLS_PER_SECOND": "2", "MAX_LIVE_CALLS": "10"}).items():
        monkeypatch.setenv(name, value)

    def run(*arguments: object) -> tuple[int, str, str]:
        status = cli.run([str(each) for each in arguments])
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


@pytest.fixture
def environ(settings: Settings, database_url: str) -> dict[str, str]:
    """That of a rehearsal's process."""
    tariff = Tariff("USD", Decimal("0.06"), 60)
    return place.runner_environment(os.environ, settings, database_url, settings.trunks.first, tariff)


def ask(db: Database, clock: FixedClock, campaign_id: int, people: int | None = None) -> int:
    with db.begin() as tx:
        return book.ask(tx, clock.now(), campaign_id, COORDINATOR, people, by_job=False)


def newest(db: Database, campaign_id: int) -> Row:
    with db.begin() as tx:
        row = book.latest(tx, campaign_id)
    assert row is not None
    return row


def copies(url: str) -> list[str]:
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        mine = place.copy_name(connection.info.dbname, "")
        found = connection.execute("select datname from pg_database where starts_with(datname, %s)", [mine])
        return [name for (name,) in found]


def everything(db: Database) -> list[Row]:
    """Whatever a campaign could change, and every letter."""
    with db.begin() as tx:
        return [
            row
            for table in (campaign, recipient, attempt, exclusion, post)
            for row in tx.execute(select(table).order_by(table.c.id))
        ]


@pytest.mark.slow(70)
@pytest.mark.timeout(400)
def test_it_is_dialled_to_its_end_and_nothing_of_the_real_one_changes(db, database_url, vault, clock, pregonero):
    campaign_id = submitted(db, vault, clock, PEOPLE).id
    before = everything(db)

    status, out, err = pregonero("campaign", "rehearse", campaign_id, "--json")

    row = newest(db, campaign_id)
    assert (row.state, row.problem, row.done, row.total) == (book.State.DONE, None, PEOPLE, PEOPLE), err
    assert everything(db) == before
    assert copies(database_url) == []
    assert list(Path(os.environ["DATA_DIR"]).glob("ensayos/*")) == []

    assert (status, json.loads(out)) == (0, row.report)
    assert f"{PEOPLE} de {PEOPLE} personas" in err
    report = Report.from_json(row.report)
    assert sum(report.outcomes.values()) == report.people == report.people_in_all == PEOPLE
    assert sum(hour.calls for hour in report.hours) == sum(report.call_outcomes.values()) == report.calls > PEOPLE
    assert report.began_at is not None and report.cost is not None
    assert moment("2026-11-30 08:00") <= report.began_at < moment("2026-11-30 08:10"), "on its own first day"
    assert all(SV.is_open(hour.at) or SV.is_open(hour.at.replace(minute=59)) for hour in report.hours)
    assert report.currency == "USD"
    assert 0.06 * report.seconds / 60 <= report.cost <= 0.06 * (report.seconds / 60 + report.answered)
    assert report.call_outcomes.keys() - report.odds.keys() <= {"no_contacto.buzon_con_mensaje"}, "as they were drawn"


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("4711",), 4, "No hay ninguna campaña"),
        (("{id}",), 3, "todavía no ha empezado"),
        (("{id}", "--people", "0"), 64, "--people"),
    ],
)
def test_what_the_command_refuses(db, vault, clock, pregonero, arguments, status, told):
    campaign_id = running(db, vault, clock)
    found, out, err = pregonero("campaign", "rehearse", *(each.format(id=campaign_id) for each in arguments))
    assert (found, out) == (status, "")
    assert told in err


@pytest.mark.slow(20)
@pytest.mark.timeout(200)
def test_what_a_killed_one_leaves_is_found_and_taken_away(db, database_url, vault, clock, settings):
    campaign_id = submitted(db, vault, clock).id
    number = ask(db, clock, campaign_id)
    process = start(os.environ, settings, db, settings.trunks, number)
    try:
        deadline = time.monotonic() + 120
        while not copies(database_url):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)
        assert sweep(database_url, settings.data_dir) == 0, "it lives: nobody touches it"
        assert not give_up_abandoned(db)
    finally:
        process.kill()
        process.wait(10)
    assert copies(database_url)
    assert give_up_abandoned(db)
    assert sweep(database_url, settings.data_dir) == 1
    assert copies(database_url) == []
    assert not folder_of(settings.data_dir, number).exists()
    with db.begin() as tx:
        row = tx.execute(select(rehearsal)).one()
    assert (row.state, row.is_going) == (book.State.FAILED, False)
    assert row.problem.startswith("Se interrumpió")


def test_one_that_nobody_wants_any_more_is_not_begun(db, vault, clock, environ):
    campaign_id = submitted(db, vault, clock).id
    number = ask(db, clock, campaign_id)
    with db.begin() as tx:
        assert book.stop(tx, clock.now(), number, campaign_id, COORDINATOR)
    assert Rehearsal(environ, number).run() == 0
    assert newest(db, campaign_id).state == book.State.STOPPED


def test_what_goes_wrong_is_a_sentence_and_leaves_nothing(db, database_url, vault, clock, environ):
    campaign_id = submitted(db, vault, clock).id
    number = ask(db, clock, campaign_id)
    with db.begin() as tx:  # meanwhile somebody cancels it
        tx.execute(campaign.update().values(state="cancelled"))
    assert Rehearsal(environ, number).run() == 0
    row = newest(db, campaign_id)
    assert (row.state, row.report) == (book.State.FAILED, None)
    assert row.problem == "Solo se ensaya una campaña revisada que todavía no ha empezado."
    assert copies(database_url) == []
