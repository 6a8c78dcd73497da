"""Everything real, in one process: the carrier, the web application, the desk's process, and a clock that is told."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, or_, select
from werkzeug.serving import BaseWSGIServer

from app import create_app
from assembly import Parts, assemble
from carrier.local.config import CarrierConfig
from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from desk import events
from desk.process import DeskProcess
from desk.states import LegState
from desk.tables import leg
from settings import Settings
from tests.desk.telephones import Exchange
from tests.ports import free_port
from tests.serving import listening

START = "2026-11-23T10:00:00-06:00"  # a Monday morning


class StageClock(FixedClock):
    """One clock for every scenario: each begins on its own morning."""

    def begin_at(self, moment: datetime) -> None:
        self._moment = moment


@dataclass
class House:
    """The carrier and the web application, kept for all scenarios of a run."""

    parts: Parts
    clock: StageClock
    exchange: Exchange
    port: int
    app: Any
    server: BaseWSGIServer | None = None

    @classmethod
    def build(cls, folder: Path, db: Database, vault: Vault) -> "House":
        web, carrier = free_port(), free_port()
        settings = Settings.from_environment(
            {
                "DATA_DIR": str(folder),
                "BIND": f"127.0.0.1:{web}",
                "PUBLIC_URL": f"http://127.0.0.1:{web}",
                "CARRIER_BIND": f"127.0.0.1:{carrier}",
            }
        )
        clock = StageClock(datetime.fromisoformat(START))
        parts = assemble(settings, db, vault, clock)
        voice, status = f"{settings.public_url}/voice/incoming", f"{settings.public_url}/voice/status"
        numbers = [(n, voice, status) for line in parts.lines.values() for n in (*line.numbers, *line.caller_ids)]
        exchange = Exchange(CarrierConfig(bind=settings.carrier_bind, numbers=numbers))
        house = cls(parts, clock, exchange, web, create_app(parts))
        house.start_web()
        return house

    def start_web(self) -> None:
        self.server = listening(self.app, self.port)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop_web(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def close(self) -> None:
        self.exchange.close()
        self.stop_web()


@dataclass
class Stage:
    """One scenario's: the desk's process, which can be stopped and begun again."""

    house: House
    is_whole: bool = True  #: nothing of it is stopped or failing: what is decided is carried out at once
    _process: DeskProcess | None = None
    _thread: threading.Thread | None = field(default=None, repr=False)

    @property
    def desk(self) -> Any:
        return self.house.parts.world.desk

    @property
    def db(self) -> Database:
        return self.house.parts.db

    def start_desk(self) -> None:
        self._process = DeskProcess(self.desk)
        self._thread = threading.Thread(target=self._process.run, name="desk", daemon=True)
        self._thread.start()

    def stop_desk(self) -> None:
        if self._process is not None and self._thread is not None:
            self._process.stop()
            self.wake()
            self._thread.join(10)
            self._process = None

    def wake(self) -> None:
        with self.db.begin() as tx:
            events.wake(tx)

    def reconcile(self) -> None:
        DeskProcess(self.desk).reconcile()

    def settle(self) -> None:
        """Waits until the carrier was told everything that was decided."""
        if self.is_whole and self._process is not None:
            self.house.exchange.until(lambda: not self._is_to_be_told(), "the carrier was told everything")

    def _is_to_be_told(self) -> bool:
        c = leg.c
        differs = or_(c.wants_out, c.wants_look, c.wants_hold != c.is_held, c.wants_mute != c.is_muted)
        coaches = c.coaches.is_not(None) != c.is_coaching
        is_new = c.state.in_([LegState.WANTED, LegState.ASKING])
        pending = select(func.count()).where(c.state != LegState.ENDED, or_(differs, coaches, is_new))
        with self.db.begin() as tx:
            return bool(tx.execute(pending).scalar_one())

    def until(self, is_so: Callable[[], object], what: str) -> None:
        self.house.exchange.until(is_so, what)

    def close(self) -> None:
        self.stop_desk()
        if self.house.server is None:
            self.house.start_web()
        self.house.exchange.clear()
