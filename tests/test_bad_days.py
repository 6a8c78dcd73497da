"""A full disk, and a database with no connection left: whoever asks is told so in words, and when there is room again
everything goes on, with nothing started anew."""

import os
import pwd
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from flask import Flask

from app import create_app
from assembly import assemble
from core import migrate, postgres
from core.clock import FixedClock
from core.database import Database
from core.postgres_user import NAME
from core.privacy import Vault
from dialer.keeper import Means
from dialer.process import Dialer
from ivr.line import load_lines
from settings import Settings
from tests.campaigns.builders import attempts_of, running
from tests.dialer.builders import states
from tests.dialer.exchange import Exchange, an_exchange
from tests.service import Service, wait_for
from tests.trunks import a_trunk, in_use
from tests.webhooks import Webhooks

MOST_CONNECTIONS = 12
PEOPLE = 150  # more than there is room for their changes
JOBS = 400  # likewise


@pytest.fixture(scope="module")
def small_server() -> Iterator[str]:
    """A database of its own, on a server that takes few connections."""
    with TemporaryDirectory(prefix="pregonero-") as directory:
        data = Path(directory) / "var"
        url = postgres.ensure_running(data)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"alter system set max_connections = {MOST_CONNECTIONS}")
            for name in ("max_worker_processes", "max_wal_senders"):
                connection.execute(f"alter system set {name} = 2")
        postgres.stop(data)
        yield postgres.ensure_running(data)
        postgres.stop(data)


@pytest.fixture
def service(small_server: str, settings: Settings, vault: Vault, clock: FixedClock) -> Iterator[Flask]:
    """The application, which has not spoken to its database yet."""
    migrate.upgrade(small_server)
    database = Database(small_server, pool_size=2)
    yield create_app(assemble(settings, database, vault, clock))
    database.close()


@contextmanager
def no_connection_left(url: str) -> Iterator[None]:
    """Others hold them all."""
    with ExitStack() as held:
        for _ in range(MOST_CONNECTIONS + 1):
            try:
                held.enter_context(psycopg.connect(url, autocommit=True))
            except psycopg.OperationalError:
                break
        else:
            raise AssertionError("there was no end of connections")
        yield


def ring(app: Flask, settings: Settings, sid: str = "CA1") -> str:
    """The first webhook of a call; the document it is answered with."""
    line = next(iter(load_lines(None).values()))
    carrier = Webhooks(app, settings.public_url, "local")
    form = {"CallSid": sid, "From": "+50322220000", "To": line.numbers[0], "AccountSid": "AC" + "0" * 32}
    status, kind, document = carrier.post(f"{settings.public_url}/voice/incoming", form)
    assert (status, kind.split(";")[0]) == (200, "text/xml")
    return document


def sign_in(app: Flask) -> tuple[int, str]:
    app.config["WTF_CSRF_ENABLED"] = False
    answer = app.test_client().post("/entrar", data={"email": "ana@ejemplo.gob.sv", "password": "una contraseña"})
    return answer.status_code, answer.text


def test_with_no_connection_left_everybody_is_told_and_then_it_goes_on(
    service: Flask, small_server: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    browser = service.test_client()
    with no_connection_left(small_server):
        assert "<Dial" in ring(service, settings), "an apology, and a person"
        status, page = sign_in(service)
        assert (status, "La base de datos atiende ya a todos los que puede." in page) == (503, True)
        api = browser.get("/api/v1/campaigns", headers={"Authorization": "Bearer pregonero_x"})
        assert (api.status_code, api.get_json()["title"]) == (503, "Ahora no podemos atender")
        assert browser.get("/readyz").get_json()["missing"] == ["database"]
        assert browser.get("/healthz").status_code == 200
        assert "no connection left" in caplog.text
    assert "<Gather" in ring(service, settings, "CA2")
    assert sign_in(service)[0] == 401
    assert browser.get("/readyz").status_code == 200


FIRST_WRITTEN = ("call", "sign_in_failure", "attempt", "procrastinate_jobs", "procrastinate_events")


@pytest.fixture
def small_disk(small_server: str) -> Iterator[Path]:
    """With the tables in it that are written to first, empty."""
    with TemporaryDirectory(prefix="pregonero-disk-") as directory, ExitStack() as undone:
        disk = Path(directory)
        if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]).returncode:
            pytest.skip("only root may mount a small disk")
        undone.callback(lambda: subprocess.run(["umount", "--lazy", disk], check=True))
        tables, owner = disk / "tables", pwd.getpwnam(NAME)
        tables.mkdir()
        for path in (disk, tables):
            os.chown(path, owner.pw_uid, owner.pw_gid)
        migrate.upgrade(small_server)
        with psycopg.connect(small_server, autocommit=True) as connection:
            connection.execute(f"create tablespace small location '{tables}'")
            for table in FIRST_WRITTEN:
                connection.execute(f'truncate "{table}" cascade')
                connection.execute(f'alter table "{table}" set tablespace small')
        yield disk
        with psycopg.connect(small_server, autocommit=True) as connection:
            for table in FIRST_WRITTEN:
                connection.execute(f'alter table "{table}" set tablespace pg_default')
            connection.execute("drop tablespace small")


def fill(disk: Path) -> Path:
    """The file that takes up all the room."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 4096):
                pass
        except OSError:
            return filler
    raise AssertionError("the disk never filled")


def test_on_a_full_disk_everybody_is_told_and_then_it_goes_on(
    small_disk: Path, service: Flask, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    filler = fill(small_disk)
    assert "<Dial" in ring(service, settings, "CA3"), "an apology, and a person"
    status, page = sign_in(service)
    assert (status, "No queda espacio en el disco" in page) == (503, True)
    assert "[53100] (disk full)" in caplog.text
    filler.unlink()
    assert "<Gather" in ring(service, settings, "CA4")
    assert sign_in(service)[0] == 401


@contextmanager
def dialling(db: Database, vault: Vault, clock: FixedClock, carrier: Exchange) -> Iterator[None]:
    trunks = in_use(a_trunk(api_url=carrier.address, calls_per_second=100, max_live_calls=PEOPLE))
    dialer = Dialer(Means(db, vault, clock, trunks, "http://127.0.0.1:1"))
    thread = threading.Thread(target=dialer.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        dialer.stop()
        thread.join(30)
        assert not thread.is_alive()


@pytest.mark.slow(10)
def test_on_a_full_disk_nobody_is_called_who_could_not_be_written_down_and_then_everybody_once(
    small_disk: Path, small_server: str, vault: Vault, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    db = Database(small_server, pool_size=5)
    campaign_id = running(db, vault, clock, PEOPLE)
    filler = fill(small_disk)
    with an_exchange() as carrier, dialling(db, vault, clock, carrier):
        wait_for(lambda: "[53100] (disk full)" in caplog.text, 20, "the disk to be full")
        called, rows = set(carrier.attempts), attempts_of(db, campaign_id)
        everybody = {each.id for each in rows}
        assert called <= {each.id for each in rows if each.state != "due"} < everybody
        filler.unlink()

        def are_all_called() -> bool:
            clock.advance(timedelta(seconds=1))  # who waited for longer than a claim may is put off by two seconds
            return len(carrier.attempts) == PEOPLE

        wait_for(are_all_called, 60, "the others' turn")
        wait_for(lambda: states(db, campaign_id) == ["placed"] * PEOPLE, 10, "all answers to be stored")
    assert set(carrier.attempts) == everybody
    db.close()


@pytest.mark.slow(20)
@pytest.mark.timeout(180)
def test_on_a_full_disk_no_job_is_lost_nor_left_for_dead(small_disk: Path, small_server: str, tmp_path: Path) -> None:
    """A worker that cannot write down what it did ends, and whoever keeps it running (a supervisor, systemd) starts it
    again."""
    with psycopg.connect(small_server, autocommit=True) as tx:
        tx.execute("truncate procrastinate_jobs cascade")
        tx.execute(
            "insert into procrastinate_jobs (queue_name, task_name, args)"
            " select 'default', 'core.remove_old_jobs', '{\"timestamp\": 0}' from generate_series(1, %s)",
            [JOBS],
        )
        filler = fill(small_disk)
        service = Service(tmp_path, small_server, "")

        def standing() -> dict[str, int]:
            if "worker" not in service.running or service.running["worker"].poll() is not None:
                service.start("worker")
            ours = "select status::text, count(*) from procrastinate_jobs where queueing_lock is null group by 1"
            return dict(tx.execute(ours).fetchall())

        try:
            wait_for(lambda: standing() and "DiskFull" in service.log.read_text("utf-8"), 60, "the disk to be full")
            assert "failed" not in standing()
            assert standing() != {"succeeded": JOBS}
            filler.unlink()
            wait_for(lambda: standing() == {"succeeded": JOBS}, 90, "every job to be done")
        finally:
            service.stop()
