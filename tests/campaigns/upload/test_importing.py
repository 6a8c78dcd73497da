"""A received file becomes a campaign in the background: whole, or begun anew, or given back. Never half of it."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from campaigns import life
from campaigns.approval import approve
from campaigns.importing import Importer, import_campaign
from campaigns.receiving import receive
from campaigns.states import CampaignState
from campaigns.submission import submitted
from campaigns.tables import campaign, observation, recipient
from campaigns.upload import importing, progress
from campaigns.upload.checking import check
from campaigns.upload.tables import import_progress
from core import files
from core.countries import COUNTRIES
from core.database import Database, libpq_url
from core.roles import Role
from demo.invent import citizen, formato
from tests.campaigns.builders import COORDINATOR, LINES, people_of, running

ROOT = Path(__file__).resolve().parents[3]
A_PIECE = 40


@pytest.fixture
def small_pieces(monkeypatch):
    """Lists of a hundred go the way of lists of a million: through processes of their own."""
    monkeypatch.setattr(importing, "LONG", 1)
    monkeypatch.setattr(importing, "ROWS_A_PIECE", A_PIECE)


def take_in(db, vault, clock, data: bytes, name: str = "lista.csv", **more) -> int:
    return receive(db, vault, clock, LINES, COORDINATOR, name, data, **more)


def bring(db, vault, clock, campaign_id: int) -> CampaignState | None:
    return import_campaign(db, vault, clock, LINES, campaign_id)


def state(db, campaign_id: int) -> CampaignState:
    with db.begin() as tx:
        return life.state_of(tx, campaign_id)


def told(db, campaign_id: int):
    with db.begin() as tx:
        return submitted(tx, campaign_id)


def count(db, table) -> int:
    with db.begin() as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar_one()


def people(count: int, first: int = 0) -> list:
    return [citizen(number) for number in range(first, first + count)]


def first_row(data: bytes) -> int:
    """The number of the first person's row, as a spreadsheet shows it."""
    return next(n for n, line in enumerate(data.decode().split("\r\n"), start=1) if line.startswith("R-"))


class TestTwoSteps:
    def test_a_received_file_has_its_number_and_shows_nobody_yet(self, db, vault, clock):
        campaign_id = take_in(db, vault, clock, formato(people(3)))
        with db.begin() as tx:
            row = tx.execute(select(campaign)).one()
        assert (row.state, row.name, row.recipients) == ("submitted", "Aviso a nuevos beneficiarios", 0)
        assert row.filing_number == "CAMP-2026-0001"
        assert people_of(db, campaign_id) == []

    def test_its_job_is_left_in_the_same_transaction(self, db, vault, clock):
        campaign_id = take_in(db, vault, clock, formato(people(1)))
        with db.begin() as tx:
            jobs = tx.exec_driver_sql("select task_name, args from procrastinate_jobs").all()
        assert ("campaigns.import", {"campaign_id": campaign_id}) in [tuple(job) for job in jobs]

    def test_it_is_judged_by_the_moment_when_it_came(self, db, vault, clock):
        campaign_id = take_in(db, vault, clock, formato(people(2)))  # a week before its first day
        clock.advance(timedelta(days=2))
        assert bring(db, vault, clock, campaign_id) == "under_review"

    def test_of_the_same_bytes_twice_only_the_second_is_a_repetition(self, db, vault, clock):
        data = formato(people(1))
        first, second = take_in(db, vault, clock, data), take_in(db, vault, clock, data)
        assert bring(db, vault, clock, second) == "returned"
        assert bring(db, vault, clock, first) == "under_review"
        assert [each.code for each in told(db, second).observations] == ["E15"]

    def test_a_second_import_changes_nothing(self, db, vault, clock):
        campaign_id = take_in(db, vault, clock, formato(people(3)))
        assert bring(db, vault, clock, campaign_id) == "under_review"
        assert bring(db, vault, clock, campaign_id) is None
        assert len(people_of(db, campaign_id)) == 3

    def test_what_was_cancelled_meanwhile_keeps_nobody(self, db, vault, clock):
        campaign_id = take_in(db, vault, clock, formato(people(3)))
        with db.begin() as tx:
            life.cancel(tx, clock.now(), campaign_id, COORDINATOR)
        assert bring(db, vault, clock, campaign_id) is None
        assert (state(db, campaign_id), people_of(db, campaign_id)) == ("cancelled", [])


class TestDamaged:
    def test_a_row_far_down_gives_the_file_back_with_one_observation(self, db, vault, clock, small_pieces):
        data = formato(people(A_PIECE * 4)) + b'\r\nR-1;DUI;"never closed'
        campaign_id = take_in(db, vault, clock, data)
        assert bring(db, vault, clock, campaign_id) == "returned"
        (only,) = told(db, campaign_id).observations
        assert (only.code, only.level) == ("E01", "error")
        assert "comillas" in only.message
        assert people_of(db, campaign_id) == []

    def test_what_takes_its_process_with_it_again_and_again_is_given_back(self, db, vault, clock):
        campaign_id = take_in(db, vault, clock, formato(people(1)))
        with db.begin() as tx:
            for _ in range(progress.MOST_TRIES):
                progress.begin_try(tx, campaign_id)
        assert bring(db, vault, clock, campaign_id) == "returned"


def known_twice(spoilt: list[tuple[int, int, str]]) -> bytes:
    """A list in which, for each (row, other row, what), a row takes something from another."""
    lines = formato(people(12), cantidad_registros="12").decode().split("\r\n")
    cells = [line.split(";") for line in lines[-12:]]
    for row, other, what in spoilt:
        for position in {"person": (1, 2), "id": (0,), "phone": (6,), "second": (7,), "broken": ()}[what]:
            cells[row][position] = cells[other][position]
        if what == "broken":
            cells[row][2] = "1"
    return "\r\n".join([*lines[:-12], *(";".join(each) for each in cells)]).encode()


def legal(country: str) -> list:
    return [(span.weekdays, span.opens, span.closes) for span in COUNTRIES[country].spans]


class TestRepetitions:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        spoilt=st.lists(
            st.tuples(
                st.integers(0, 11),
                st.integers(0, 11),
                st.sampled_from(["person", "id", "phone", "second", "broken"]),
            ),
            max_size=8,
        )
    )
    def test_the_database_finds_what_reading_in_order_finds(self, db, vault, clock, spoilt):
        data = known_twice(spoilt)
        with db.begin() as tx:  # an example before this one handed in the same bytes
            tx.execute(update(campaign).values(sha256=""))
        campaign_id = take_in(db, vault, clock, data)
        bring(db, vault, clock, campaign_id)
        alone = check(
            data, "lista.csv", received=clock.now().date(), lines=[line.known for line in LINES], window=legal
        )
        found = told(db, campaign_id)
        assert sorted(map(repr, found.observations)) == sorted(map(repr, alone.observations()))
        assert (found.recipients, found.dialled) == (alone.recipients, alone.dialled)
        assert (found.state == "returned") == alone.returned

    def test_who_is_named_again_cannot_be_dialled(self, db, vault, clock):
        campaign_id = take_in(db, vault, clock, known_twice([(5, 2, "person")]))
        bring(db, vault, clock, campaign_id)
        again = people_of(db, campaign_id)[5]
        assert (again.outcome, again.is_final, again.phones) == ("no_marcable.registro_con_error", True, 0)
        assert (again.person_print, again.answers) == (None, None)

    def test_of_who_is_in_a_live_campaign_the_area_is_told_but_not_in_which(self, db, vault, clock):
        running(db, vault, clock, 3, nombre_campana="Otra")
        running(db, vault, clock, 3, nombre_campana="Y otra")
        data = formato(people(3, first=2))
        campaign_id = take_in(db, vault, clock, data)
        bring(db, vault, clock, campaign_id)
        (only,) = told(db, campaign_id).observations
        assert (only.code, only.level, only.column, only.row) == ("E08", "aviso", "numero_documento", first_row(data))
        assert only.message == "La persona ya está en otra campaña vigente."

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"kind": "TRANSACCIONES_INUSUALES"}, None),  # few may know who is on these lists (R43)
            ({"is_sensitive": True}, "en otra campaña vigente"),
            ({"state": "finished"}, None),
            ({"state": "under_review"}, None),
        ],
    )
    def test_of_some_campaigns_less_is_told(self, db, vault, clock, changes, says):
        running(db, vault, clock, 1)
        with db.begin() as tx:
            tx.execute(update(campaign).values(**changes))
        campaign_id = take_in(db, vault, clock, formato(people(1), nombre_campana="Nueva"))
        bring(db, vault, clock, campaign_id)
        found = [each.message for each in told(db, campaign_id).observations]
        assert (found == []) if says is None else (says in found[0])


class TestLong:
    def test_a_long_list_comes_in_whole_and_in_order(self, db, vault, clock, small_pieces):
        data = formato(people(A_PIECE * 7 + 3))
        campaign_id = take_in(db, vault, clock, data)
        assert bring(db, vault, clock, campaign_id) == "under_review"
        stored = people_of(db, campaign_id)
        first = first_row(data)
        assert sorted(person.row for person in stored) == list(range(first, first + A_PIECE * 7 + 3))
        assert told(db, campaign_id).recipients == A_PIECE * 7 + 3
        assert count(db, import_progress) == 0

    def test_what_is_stored_is_the_same_either_way(self, db, vault, clock, monkeypatch):
        data = known_twice([(3, 1, "person"), (4, 1, "phone"), (7, 7, "broken")])
        here = take_in(db, vault, clock, data)
        bring(db, vault, clock, here)
        monkeypatch.setattr(importing, "LONG", 1)
        monkeypatch.setattr(importing, "ROWS_A_PIECE", 5)
        with db.begin() as tx:
            tx.execute(update(campaign).values(sha256=""))
        apart = take_in(db, vault, clock, data)
        bring(db, vault, clock, apart)
        assert told(db, here).observations == told(db, apart).observations
        assert [told_of(vault, each) for each in people_of(db, here)] == [
            told_of(vault, each) for each in sorted(people_of(db, apart), key=lambda person: person.row)
        ]

    def test_two_at_once_do_not_mix(self, db, vault, clock, small_pieces):
        sizes = (A_PIECE * 5, A_PIECE * 4 + 1)
        ids = [
            take_in(db, vault, clock, formato(people(size, first=1000 * n), nombre_campana=f"Lista {n}"))
            for n, size in enumerate(sizes)
        ]
        with ThreadPoolExecutor() as pool:
            states = list(pool.map(lambda campaign_id: bring(db, vault, clock, campaign_id), ids))
        assert states == ["under_review", "under_review"]
        assert [len(people_of(db, campaign_id)) for campaign_id in ids] == list(sizes)
        with db.begin() as tx:
            numbers = tx.execute(select(campaign.c.filing_number).order_by(campaign.c.id)).scalars().all()
        assert numbers == ["CAMP-2026-0001", "CAMP-2026-0002"]

    def test_the_progress_counts_what_is_stored(self, db, vault, clock, small_pieces, monkeypatch):
        monkeypatch.setattr(importing, "_TOLD_EVERY_S", 0)
        campaign_id = take_in(db, vault, clock, formato(people(A_PIECE * 4)))
        seen = []
        tell = progress.tell

        def note(tx, campaign_id, tries, stage, done, total):
            tell(tx, campaign_id, tries, stage, done, total)
            seen.append((stage, done, total))

        monkeypatch.setattr(progress, "tell", note)
        bring(db, vault, clock, campaign_id)
        whole = A_PIECE * 4
        assert [each for each in seen if each[0] == "GUARDANDO"] == [
            ("GUARDANDO", n * A_PIECE, whole) for n in (1, 2, 3, 4)
        ]
        assert seen[-1] == ("DUPLICADOS", whole, whole)

    def test_who_may_not_leave_checks_out_can_import_too(self, db, vault, clock, small_pieces):
        """Where PostgreSQL is somebody else's, its users are not superusers (piece_child)."""
        campaign_id = take_in(db, vault, clock, formato(people(A_PIECE * 3)))
        with db.begin() as tx:
            tx.exec_driver_sql("create role importer login")
            tx.exec_driver_sql("grant all on all tables in schema public to importer")
            tx.exec_driver_sql("grant all on all sequences in schema public to importer")
        modest = Database(db.url.replace("postgres@", "importer@"))
        try:
            assert bring(modest, vault, clock, campaign_id) == "under_review"
        finally:
            modest.close()
            with db.begin() as tx:
                tx.exec_driver_sql("drop owned by importer")
                tx.exec_driver_sql("drop role importer")
        assert len(people_of(db, campaign_id)) == A_PIECE * 3

    def test_nothing_is_to_happen_when_a_person_is_stored(self, db):
        """For it would not: whoever stores pieces leaves triggers out (piece_child)."""
        asked = "select tgname from pg_trigger where tgrelid in (%s) and not tgisinternal and tgtype & 4 = 4"
        with db.begin() as tx:
            found = tx.exec_driver_sql(asked % "'recipient'::regclass, 'observation'::regclass").all()
        assert found == []


def told_of(vault, person) -> tuple:
    return (person.row, person.outcome, person.phones, person.is_final, vault.open(person.data_sealed))


_WORKER = """
import sys
from datetime import datetime
from campaigns.importing import import_campaign
from campaigns.upload import importing
from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from tests.campaigns.builders import LINES
importing.ROWS_A_PIECE = 200
db = Database(sys.argv[1])
clock = FixedClock(datetime.fromisoformat("2026-11-23T10:00:00-06:00"))
import_campaign(db, Vault(sys.stdin.readline().strip()), clock, LINES, int(sys.argv[2]))
"""


class TestKilled:
    def test_killed_in_the_middle_it_begins_anew_and_nobody_is_there_twice(self, db, vault, clock):
        size = 20_000
        campaign_id = take_in(db, vault, clock, formato(people(size)))
        worker = subprocess.Popen(
            [sys.executable, "-c", _WORKER, libpq_url(db.url), str(campaign_id)],
            stdin=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
        )
        assert worker.stdin
        worker.stdin.write(vault.key_for_a_child() + "\n")
        worker.stdin.flush()
        children = until_some_are_stored(db, worker)
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
        assert state(db, campaign_id) == "submitted"
        assert bring(db, vault, clock, campaign_id) == "under_review"
        assert count(db, recipient) == size
        psutil.wait_procs(children, timeout=10)
        assert not any(child.is_running() for child in children)
        assert count(db, recipient) == size

    @pytest.mark.parametrize("is_long", [False, True])
    @pytest.mark.parametrize("lost", [1, 3])  # in the middle, and the last
    def test_of_a_stored_file_that_lost_a_part_nobody_is_called(self, db, vault, clock, monkeypatch, is_long, lost):
        monkeypatch.setattr(importing, "LONG", 1 if is_long else 10**9)
        monkeypatch.setattr(files, "PIECE", 2_000)
        campaign_id = take_in(db, vault, clock, formato(people(A_PIECE * 2)))
        with db.begin() as tx:
            assert tx.execute(select(func.max(files.file_piece.c.number))).scalar_one() == 3
            tx.execute(delete(files.file_piece).where(files.file_piece.c.number == lost))
        assert bring(db, vault, clock, campaign_id) == "returned"
        assert count(db, recipient) == 0
        (only,) = told(db, campaign_id).observations
        assert (only.code, only.message) == (
            "E01",
            "El archivo guardado no está completo: se perdió o se dañó una parte.",
        )

    def test_the_sweep_brings_what_was_forgotten_and_only_that(self, db, vault, clock):
        left, fresh = (take_in(db, vault, clock, formato(people(1, first=n))) for n in (0, 5))
        with db.begin() as tx:
            long_ago = func.clock_timestamp() - progress.FORGOTTEN_AFTER - timedelta(seconds=1)
            mine = import_progress.c.campaign_id == left
            tx.execute(update(import_progress).where(mine).values(updated_at=long_ago))
        assert Importer(db, vault, clock, LINES).import_forgotten() == 1
        assert (state(db, left), state(db, fresh)) == ("under_review", "submitted")


def until_some_are_stored(db, worker: subprocess.Popen) -> list[psutil.Process]:
    """Waits until the first pieces are in; the processes that store them."""
    for _ in range(600):
        with db.begin() as tx:
            if tx.execute(select(recipient.c.id).limit(1)).first():
                return psutil.Process(worker.pid).children()
        assert worker.poll() is None, "it ended before anything was stored"
        time.sleep(0.02)
    raise AssertionError("nothing was stored")


def test_what_was_imported_can_be_approved(db, vault, clock, small_pieces):
    campaign_id = take_in(db, vault, clock, formato(people(A_PIECE * 3)))
    bring(db, vault, clock, campaign_id)
    with db.begin() as tx:
        approve(tx, clock.now(), campaign_id, COORDINATOR, Role.SUPERVISOR, at_once=True, reason="prueba")
    assert state(db, campaign_id) == "scheduled"
    assert count(db, observation) == 0
