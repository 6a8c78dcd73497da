"""One side of the bench of consultations: a database of so many, the application in this process, and two people who
are signed in to it."""

import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text

from app import create_app
from assembly import assemble
from cases.attentions import attentions
from cases.tables import case_
from core.clock import FixedClock
from core.database import Database
from core.privacy import Vault
from core.roles import Role
from drill import years
from drill.bench.place import Place
from drill.spent import Meter
from drill.visitor import signed_in, token_of
from settings import Settings

NOW = datetime(2028, 10, 17, 12, tzinfo=UTC)  # where the two years end
OPERATOR = "operador@ejemplo.gob.sv"
_COORDINATOR = "coordinador@ejemplo.gob.sv"
_ZONE = ZoneInfo("America/El_Salvador")


@dataclass(frozen=True)
class Sample:
    """A consultation that was drawn, and what it is searched by."""

    id: int
    document: str = field(repr=False)
    phone: str = field(repr=False)


class Side:
    """``cases``: how many there are."""

    def __init__(self, place: Place, cases: int) -> None:
        url = place.database(f"cases_{cases}")
        self.cases = cases
        self.db, self.vault, self.clock = Database(url), Vault("drill key"), FixedClock(NOW)
        made = assemble(Settings.from_environment(place.env(url)), self.db, self.vault, self.clock)
        years.filled(made, cases)
        self.meter = Meter(self.db)
        self.house, app = made.house, create_app(made)
        self.coordinator = signed_in(app, self.db, self.clock, _COORDINATOR, Role.COORDINADOR)
        self._operator = signed_in(app, self.db, self.clock, OPERATOR, Role.OPERADOR)
        self._tokens = {each: token_of(each, "/casos/buscar") for each in (self.coordinator, self._operator)}
        self._room = time.time_ns()  # of a conversation that no earlier run had

    def drawn(self, many: int, seed: int) -> list[Sample]:
        """At random, of a line that anybody may look at."""
        known = (case_.c.document_print.is_not(None), case_.c.phone_print.is_not(None), case_.c.line != "linea131")
        with self.db.begin() as tx:
            first = tx.execute(select(func.min(case_.c.id))).scalar_one()  # not 1 where filling was begun twice
            ids = random.Random(seed).sample(range(first, first + self.cases), min(8 * many, self.cases))
            rows = tx.execute(select(case_).where(case_.c.id.in_(ids), *known).limit(many)).all()
        opened = self.vault.open
        return [Sample(row.id, opened(row.document_sealed), opened(row.phone_sealed)) for row in rows]

    def answered(self, sample: Sample) -> int:
        """A call of whom this is about is answered: its draft."""
        self._room += 1
        call: dict[str, Any] = {"room_id": self._room, "line": "dgs", "call_sid": None, "zone": _ZONE}
        call |= {"phone": sample.phone, "document": sample.document, "operator": OPERATOR}
        with self.db.begin() as tx:
            return attentions.open_draft(tx, self.vault, NOW, **call)

    def looked(self, path: str) -> str:
        """A page, as the coordinator is shown it. Raises SystemExit."""
        answer = self.coordinator.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status_code}")
        return answer.text

    def searched(self, written: str) -> str:
        """What the coordinator finds: the list, or the only one."""
        return self._sent(self.coordinator, "/casos/buscar", {"who": written})

    def saved(self, draft_id: int, typed: dict[str, str]) -> str:
        """The operator's form, sent as it is when they save it."""
        return self._sent(self._operator, f"/casos/{draft_id}/guardar", typed, {"X-Part": "case-form"})

    def room_taken(self) -> dict[str, int]:
        """Bytes of each table with its indexes, and of all of it."""
        asked = """
            select relname, pg_total_relation_size(oid) from pg_class
            where relkind = 'r' and relnamespace = 'public'::regnamespace
            union all select '', pg_database_size(current_database())
        """
        with self.db.begin() as tx:
            return {name: size for name, size in tx.execute(text(asked))}

    def _sent(self, browser: Any, path: str, form: dict[str, str], headers: dict[str, str] | None = None) -> str:
        told = form | {"csrf_token": self._tokens[browser]}
        answer = browser.post(path, data=told, headers=headers, follow_redirects=True)
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status_code}")
        return answer.text
