"""One rehearsal from its copy to its report, in a process of its own that holds a lock for as long as it lives."""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import Row

from assembly import Parts, parts
from campaigns.approval import approve
from campaigns.life import NotAllowed
from campaigns.rehearsals import book
from campaigns.rehearsals.report import Report
from core import migrate, postgres
from core.clock import Clock
from core.database import libpq_url
from core.logs import where
from core.processes.supervisor import Supervisor
from core.rehearsal import FRESH, RehearsalClock
from core.roles import Role
from core.trunks import DEFAULT
from dialer.jumping import ClockJumper
from rehearsal import copying, hurrying, measuring, place
from rehearsal.house import serving
from rehearsal.hurrying import Hurry
from rehearsal.leaving import discard, folder_of, holding, sweep
from rehearsal.play import Course, Play, play_of
from settings import Settings, SettingsError

log = logging.getLogger(__name__)

ACTOR = "ensayo"
_REASON = "Ensayo, en una copia"
_HURRIES_A_LOOK = 10  # two seconds: counting a large copy costs what some calls do
_STUCK_AFTER = 240.0  # without a call or an ending: something is wrong with this machine, not with the campaign
_MAY_NOT = "El usuario de la base de datos no puede crear otra: para ensayar hace falta el permiso CREATEDB."


class Unwanted(Exception):
    """Somebody asked to stop it."""


@dataclass(frozen=True)
class _Copy:
    """The campaign beside the real one: its parts, and what is played with it."""

    made: Parts
    play: Play
    campaign_id: int
    people: int
    hurry: Hurry


class Rehearsal:
    """What ``python -m rehearsal`` does with one that was asked for."""

    def __init__(self, environ: Mapping[str, str], rehearsal_id: int) -> None:
        """Raises SettingsError where the environment holds an account of the real world."""
        place.refuse_real_accounts(environ)
        self._environ, self._id = environ, rehearsal_id
        self._settings = Settings.from_environment(environ)
        self._url = postgres.address(self._settings)
        self._real = parts(self._settings, pool_size=2)
        self._begun = time.monotonic()

    def run(self) -> int:
        """0 once it is over, however it ended; 1 where another process is at it."""
        try:
            with holding(self._url, self._id) as is_ours:
                if not is_ours:
                    return 1
                sweep(self._url, self._settings.data_dir, but=self._id)
                with self._real.db.begin() as tx:
                    row = book.begin(tx, self._id)
                if row is not None:
                    self._run(row)
                return 0
        finally:
            self._real.db.close()

    def _run(self, row: Row) -> None:
        try:
            with self._copied(row) as copy:
                report = self._rehearse(copy)
            with self._real.db.begin() as tx:
                book.finish(tx, self._id, report)
        except Unwanted:
            with self._real.db.begin() as tx:
                book.stopped(tx, self._id)
        except Exception as error:
            log.error("rehearsal %s: %s", self._id, where(error))
            told = str(error) if isinstance(error, SettingsError | NotAllowed | postgres.PostgresError) else ""
            if isinstance(error, psycopg.errors.InsufficientPrivilege):
                told = _MAY_NOT
            with self._real.db.begin() as tx:
                book.fail(tx, self._id, told or "Falló algo nuestro. El registro del servicio dice qué fue.")

    @contextmanager
    def _copied(self, row: Row) -> Iterator[_Copy]:
        """The copy, and nothing of it afterwards."""
        folder = folder_of(self._settings.data_dir, self._id)
        discard(self._url, folder, self._id)  # what an earlier try left
        folder.mkdir(mode=0o700, parents=True)
        try:
            yield self._copy(row, folder)
        finally:
            discard(self._url, folder, self._id)

    def _copy(self, row: Row, folder: Path) -> _Copy:
        play = play_of(self._real, row)
        url = _create(self._url, self._id)
        migrate.upgrade(url)
        with psycopg.connect(libpq_url(self._url)) as real, psycopg.connect(libpq_url(url)) as copy:
            copying.copy_campaign(real, copy, row.campaign_id, row.asked_at, row.people, seed=self._id)
        env = place.service_environment(self._environ, self._settings, url, folder, play.start, play.tempo)
        settings = Settings.from_environment(env)
        place.refuse_the_real_world(settings, self._url)
        (folder / "personas.toml").write_text(play.personas(seed=self._id), "utf-8")
        self._env = env
        made = parts(settings, pool_size=2)
        people = copying.make_ready(made.db, made.vault, row.campaign_id, DEFAULT, play.right)
        return _Copy(made, play, row.campaign_id, people, _hurry(made, row.campaign_id))

    def _rehearse(self, copy: _Copy) -> Report:
        made = copy.made
        try:
            self._tell(measuring.Reached(0, copy.people, 0, False), None)
            with serving(made.settings, self._env, made.settings.data_dir / "service.log") as service:
                _begin_now(made.clock)
                dialling = time.monotonic()
                with made.db.begin() as tx:
                    approve(tx, made.clock.now(), copy.campaign_id, ACTOR, Role.SUPERVISOR, reason=_REASON)
                self._watch(service, copy)
                dialled = time.monotonic() - dialling
            return self._report(copy, dialled)
        finally:
            made.db.close()

    def _watch(self, service: Supervisor, copy: _Copy) -> None:
        """Until the campaign is over. Raises Unwanted, and NotAllowed where nothing moves any more."""
        moved, last = time.monotonic(), (0, 0)
        while True:
            found = self._look(copy)
            if found.is_over:
                return
            if (found.done, found.calls) != last:
                moved, last = time.monotonic(), (found.done, found.calls)
            if time.monotonic() - moved > _STUCK_AFTER:
                raise NotAllowed(f"El ensayo se quedó quieto con {found.done} de {found.total} personas.")
            for _ in range(_HURRIES_A_LOOK):
                service.tick()
                copy.hurry.look()
                time.sleep(hurrying.LOOK_EVERY)

    def _look(self, copy: _Copy) -> measuring.Reached:
        """How far it has come, for whoever watches."""
        now = copy.made.clock.now()
        with copy.made.db.begin() as tx:
            found = measuring.reached(tx, copy.campaign_id, copy.people)
        self._tell(found, now)
        return found

    def _tell(self, found: measuring.Reached, now: datetime | None) -> None:
        with self._real.db.begin() as tx:
            if not book.tell(tx, self._id, found.done, found.total, found.calls, now):
                raise Unwanted

    def _report(self, copy: _Copy, dialled: float) -> Report:
        course = Course(time.monotonic() - self._begun, dialled, copy.hurry.full)
        with copy.made.db.begin() as tx:
            return copy.play.report(tx, copy.campaign_id, copy.people, course)


def _hurry(made: Parts, campaign_id: int) -> Hurry:
    settings = made.settings
    assert isinstance(made.clock, RehearsalClock)
    trunk = settings.trunks.first
    tell_carrier = ClockJumper(made.clock, [trunk]).tell_carriers
    return Hurry(made.db, made.clock, campaign_id, trunk.name, trunk.max_live_calls, tell_carrier)


def _begin_now(clock: Clock) -> None:
    """The day begins when everybody is ready; those who have just looked at the clock look again first."""
    assert isinstance(clock, RehearsalClock)
    clock.begin()
    time.sleep(2 * FRESH)
    clock.begin()


def _create(url: str, rehearsal_id: int) -> str:
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        name = place.copy_name(connection.info.dbname, rehearsal_id)
        made = postgres.create_database(libpq_url(url), name)
        # It is thrown away at the end: nothing in it has to outlive a power cut.
        connection.execute(sql.SQL("alter database {} set synchronous_commit = off").format(sql.Identifier(name)))
    return made
